"""Every name under a place: files, folders, links, and what is neither; hidden ones too."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from retention.verify_result import Place

_TENANT = re.compile(r"[a-z0-9_]+")
_PARTITION = "tenant_id="
_SHOWN_FOLDER = re.compile(r"[a-z][a-z0-9_]*")
WITHHELD = "(name withheld)"


@dataclass(frozen=True)
class Entry:
    """One name: which place, its path there, and what the system says of it.

    `path` is relative to the place (`.` for the place itself), `status` is None where it cannot be read,
    `owner` is the tenant in whose folder it lies, None where that is nobody's.
    """

    place: Place
    path: str
    status: os.stat_result | None
    owner: str | None = None

    @property
    def full(self) -> Path:
        """Where it lies."""
        return self.place.path if self.path == "." else self.place.path / self.path

    @property
    def mode(self) -> int:
        """What it is, as `stat` tells; 0 where that cannot be read."""
        return self.status.st_mode if self.status else 0

    @property
    def state(self) -> tuple[str, str, int, int, int, int]:
        """What changes when the file or its content does."""
        one = self.status
        facts = (one.st_dev, one.st_ino, one.st_size, one.st_mtime_ns) if one else (0, 0, 0, 0)
        return self.place.name, self.path, *facts

    @property
    def name(self) -> bytes:
        """The last part of its path."""
        return os.fsencode(self.path.rsplit("/", 1)[-1])

    @property
    def parts(self) -> list[str]:
        """The parts of its path, as results may show them."""
        parts = self.path.split("/")
        if self.place.names_withheld and self.path != ".":
            folders = [one if _SHOWN_FOLDER.fullmatch(one) else WITHHELD for one in parts[:-1]]
            return [*folders, WITHHELD]
        return [os.fsencode(one).decode("utf-8", "backslashreplace") for one in parts]


def walk(place: Place, tenants: Collection[str] | None) -> Iterator[tuple[Entry, bool]]:
    """Each entry of a place, and whether it is to be read: of these tenants or nobody's (all for None)."""
    root = Entry(place, ".", _status(place.path))
    yield root, True
    if stat.S_ISDIR(root.mode):
        for entry in _folder(place, "", None):
            yield entry, tenants is None or entry.owner is None or entry.owner in tenants


def _folder(place: Place, folder: str, owner: str | None) -> Iterator[Entry]:
    try:
        names = sorted(one.name for one in (place.path / folder).iterdir())
    except OSError:
        yield Entry(place, folder or ".", None, owner)
        return
    for name in names:
        path = f"{folder}/{name}" if folder else name
        status = _status(place.path / path)
        is_folder = status is not None and stat.S_ISDIR(status.st_mode)
        whose = owner or (_owner(place, path) if is_folder else None)
        yield Entry(place, path, status, whose)
        if is_folder:
            yield from _folder(place, path, whose)


def _owner(place: Place, folder: str) -> str | None:
    """The tenant whose folder this is; None where it is nobody's own."""
    parts = folder.split("/")
    if parts[-1].startswith(_PARTITION):
        owner = parts[-1].removeprefix(_PARTITION)
    elif len(parts) - 1 == place.tenant_level and not parts[0].startswith("."):
        owner = parts[-1]
    else:
        return None
    return owner if _TENANT.fullmatch(owner) else None


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except OSError:
        return None
