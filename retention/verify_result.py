"""What a verification says: what was searched, what was found, what could not be searched. Never a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path


class Mode(StrEnum):
    """How much is read: everything, or only what can hold one tenant's subjects."""

    FULL = "full"
    TARGETED = "targeted"


class Verdict(StrEnum):
    """What a verification comes to."""

    VERIFIED = "verified"  # no hit, and everything was searched or is accounted for
    INCOMPLETE = "incomplete"  # no hit, and something could not be searched
    FAILED = "failed"  # a needle was found


class Why(StrEnum):
    """Why something could not be searched."""

    SEALED = "sealed"  # cells that only the tenant's key opens
    ENCRYPTED = "encrypted"  # a file that nothing here has a key to
    UNREADABLE = "unreadable"  # the system gives no bytes, or the format is damaged
    UNKNOWN_FORMAT = "unknown_format"  # packed in a way that this version cannot take apart
    TOO_LARGE = "too_large"  # a member of an archive that does not fit into memory, or lies too deep
    LINK_OUT = "link_out"  # a link that leads out of the searched places; it is not followed
    NOT_A_FILE = "not_a_file"  # a pipe, socket or device: it has no content to read
    CHANGING = "changing"  # it changed each time while it was read
    MISSING = "missing"  # a place that is not there


class NeedleKind(StrEnum):
    """What a needle is."""

    TOKEN = "token"  # noqa: S105 - a kind, not a secret
    VALUE = "value"
    ROW = "row"


@dataclass(frozen=True)
class Needle:
    """What is looked for: a subject's token, or a raw identifier. Its repr does not show it.

    A token is 32 hex digits, as `tenancy.tokens.token` gives them. A raw identifier is held in memory only.
    Raises ValueError for a token of another form and for an empty value.
    """

    kind: NeedleKind
    text: str = field(repr=False)

    def __post_init__(self) -> None:
        if self.kind is NeedleKind.TOKEN and not _is_token(self.text):
            raise ValueError("a token is 32 lower-case hex digits. To mend it: give tenancy.tokens.token's")
        if not self.text.strip():
            raise ValueError("a needle is empty. To mend it: leave it out")


ID_BYTES = 16


@dataclass(frozen=True)
class RowIds:
    """Rows that are looked for together, as one needle, however many. Its repr does not show them.

    `ids` are 16 bytes for each, one after the other: a record's id (`record_id` without its hex), or the
    first bytes of a row's sealed cell, which are random and no other cell's. There may be none. Raises
    ValueError for other lengths.
    """

    ids: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.ids) % ID_BYTES:
            raise ValueError("ids of rows have 16 bytes each. To mend it: give them whole")

    @property
    def kind(self) -> NeedleKind:
        """What it is, as of any needle."""
        return NeedleKind.ROW

    def __len__(self) -> int:
        return len(self.ids) // ID_BYTES


AnyNeedle = Needle | RowIds


def _is_token(text: str) -> bool:
    return len(text) == 32 and not set(text) - set("0123456789abcdef")


@dataclass(frozen=True)
class Place:
    """A root that is searched with everything under it.

    Args:
        name: how results name it, such as `lake` or `control`: without a slash.
        path: a folder or a single file.
        tenant_level: where whole folders belong to one tenant, the number of folders above the tenant's
            (1 in the landing zone: `<region>/<tenant>`); a targeted search passes other tenants' folders by.
            Folders named `tenant_id=<tenant>` are known anywhere.
        names_withheld: file names here are given by others and may tell a person: results do not show them.
    """

    name: str
    path: Path
    tenant_level: int | None = None
    names_withheld: bool = False


@dataclass(frozen=True)
class Known:
    """What the caller knows of something that cannot be searched: why that is so, and until when."""

    reason: str
    until: datetime | None = None


@dataclass(frozen=True, order=True)
class Searched:
    """A file that was read to its end.

    `kind` is what it was taken for (`parquet`, `sqlite`, `json`, `gzip`, `text`, `binary`, ...), `values` how
    many values were decoded from it beside its raw bytes, `size` in bytes.
    """

    place: str
    path: str
    size: int
    sha256: str
    kind: str
    values: int


@dataclass(frozen=True, order=True)
class Hit:
    """A needle that was found: its number (from 0), in which form, how often, and where.

    `where` is `row group 0, column email`, `table requests.token`, `footer`, `raw bytes`, `member a.csv`,
    `name` (the file's own name). `path` is withheld where it holds a needle itself.
    """

    place: str
    path: str
    where: str
    needle: int
    form: str
    count: int


@dataclass(frozen=True, order=True)
class Kept:
    """A token that was found where it is kept on purpose, and the reason for that."""

    place: str
    path: str
    where: str
    needle: int
    count: int
    reason: str


@dataclass(frozen=True)
class Unsearched:
    """What could not be searched: why, how much of it, and until when, if known.

    `accounted` says that it does not stand against a verdict: cells sealed under the tenant's key, which lie
    beside tokens that were searched, and what the caller accounted for.
    """

    place: str
    path: str
    why: Why
    detail: str
    count: int = 1
    until: datetime | None = None
    accounted: bool = False


@dataclass(frozen=True, order=True)
class PassedBy:
    """What a targeted search did not read: other tenants' own folders in a place, as files and bytes."""

    place: str
    files: int
    size: int


@dataclass(frozen=True)
class Verification:
    """The outcome of one search. Lists are sorted by place and path; nothing in it tells a value."""

    mode: Mode
    tenant: str | None
    started: datetime
    ended: datetime
    needles: Mapping[NeedleKind, int]
    """How many of each kind; of rows, how many ids."""
    places: tuple[str, ...]
    searched: tuple[Searched, ...]
    hits: tuple[Hit, ...]
    kept: tuple[Kept, ...]
    unsearched: tuple[Unsearched, ...]
    passed_by: tuple[PassedBy, ...]
    whole_only: tuple[int, ...]
    """Numbers of the values too short to be looked for inside texts: they were compared with whole cells."""

    @property
    def verdict(self) -> Verdict:
        """`failed` with a hit, `incomplete` with something unsearched that nobody accounts for."""
        if self.hits:
            return Verdict.FAILED
        return Verdict.INCOMPLETE if self.gaps else Verdict.VERIFIED

    @property
    def gaps(self) -> int:
        """How much could not be searched that nobody accounts for."""
        return sum(not one.accounted for one in self.unsearched)
