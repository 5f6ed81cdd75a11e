"""What lies in the landing zone, and whose it is. Reads names only; never follows a link."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path

from policy.bundle import PolicyBundle
from policy.tenants import DATASET_NAME, REGION_ID, TENANT_ID

SUFFIXES = {".csv": "csv", ".jsonl": "json", ".ndjson": "json", ".json": "json", ".parquet": "parquet"}
STAGING = ".lakeward-staging"
GONE = (FileNotFoundError, NotADirectoryError)
"""What opening a file ends in that was taken away, or whose folder was."""


@dataclass(frozen=True)
class LandingFile:
    """One file at its drop-off. `format` is csv, json, parquet, or None where the name does not tell."""

    region: str
    tenant: str
    dataset: str
    path: Path
    format: str | None
    gzipped: bool

    @property
    def modified(self) -> tuple[int, str]:
        """Files are taken in this order; one that is gone or shut by now comes first, and is told later."""
        try:
            return self.path.lstat().st_mtime_ns, self.path.name
        except OSError:
            return 0, self.path.name

    @property
    def in_its_place(self) -> bool:
        """Whether the path still leads to a regular file and, from the landing zone on, by no link.

        The inventory followed none, and whoever may write there may have put one since.
        """
        landing, *place = self.path.parents[3], *self.path.parts[-4:]
        found = self.path.resolve(strict=True) == landing.resolve().joinpath(*place)
        return found and stat.S_ISREG(self.path.lstat().st_mode)


@dataclass(frozen=True)
class Stamp:
    """What the file system says of a file: two that are equal say that nothing was written in between."""

    device: int
    inode: int
    size: int
    modified: int
    changed: int

    @classmethod
    def of(cls, path: Path) -> Stamp:
        """The stamp of a file or link as it is now. Raises FileNotFoundError."""
        now = os.lstat(path)
        return cls(now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns)

    @property
    def mark(self) -> str:
        """16 hex digits that stand for it in a name."""
        return hashlib.sha256(repr(astuple(self)).encode()).hexdigest()[:16]


def changed_from(mark: str, path: Path) -> bool:
    """Whether `path` is another file than the one of that mark, or was written to.

    One that is gone was not: who took it away left its rows to us. One that cannot be looked at was.
    """
    try:
        return Stamp.of(path).mark != mark
    except GONE:
        return False
    except OSError:
        return True


@dataclass(frozen=True)
class Violation:
    """What lies where it must not: `kind` is a word of `transforms.refusals`, `place` is made of our ids."""

    kind: str
    place: str
    amount: int


@dataclass(frozen=True)
class Inventory:
    """Everything found in a landing zone."""

    files: tuple[LandingFile, ...]
    violations: tuple[Violation, ...]

    def of(self, dataset: str, tenants: list[str]) -> list[LandingFile]:
        """The files of a dataset and these tenants, in the order in which they are taken."""
        found = [file for file in self.files if file.dataset == dataset and file.tenant in tenants]
        return sorted(found, key=lambda file: (file.tenant, *file.modified))


def take_inventory(landing: Path, bundle: PolicyBundle) -> Inventory:
    """Walk `landing/<region>/<tenant>/<dataset>/<file>` and sort what belongs from what does not."""
    files: list[LandingFile] = []
    violations: list[Violation] = []
    for region in _folders(landing, "the landing zone", violations):
        area = _safe(region.name, REGION_ID)
        for tenant in _folders(region, area, violations):
            known = bundle.tenants.get(tenant.name)
            place = f"{area}/{_safe(tenant.name, TENANT_ID)}"
            if known is None or known.region != region.name:
                kind = "unregistered_tenant" if known is None else "wrong_region"
                violations.append(Violation(kind, place, _count(tenant)))
                continue
            for dataset in _folders(tenant, place, violations):
                if bundle.contract_for(tenant.name, dataset.name) is None:
                    where = f"{place}/{_safe(dataset.name, DATASET_NAME)}"
                    violations.append(Violation("no_contract", where, _count(dataset)))
                    continue
                files.extend(_files(region.name, tenant.name, dataset, violations))
    return Inventory(tuple(files), _summed(violations))


def _summed(violations: list[Violation]) -> tuple[Violation, ...]:
    """One of each kind and place: places whose names are withheld look alike."""
    amounts: Counter[tuple[str, str]] = Counter()
    for one in violations:
        amounts[one.kind, one.place] += one.amount
    return tuple(Violation(*which, amount) for which, amount in amounts.items())


def _folders(parent: Path, place: str, violations: list[Violation]) -> Iterator[Path]:
    for entry in _entries(parent, place, violations):
        if entry.is_symlink():
            violations.append(Violation("symbolic_link", place, 1))
        elif entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."):
            yield Path(entry)
        elif entry.is_file(follow_symlinks=False) and not entry.name.startswith("."):
            violations.append(Violation("misplaced_file", place, 1))


def _files(region: str, tenant: str, dataset: Path, violations: list[Violation]) -> Iterator[LandingFile]:
    for entry in _entries(dataset, f"{region}/{tenant}/{dataset.name}", violations):
        if entry.name.startswith("."):
            continue  # half-written uploads and editors' files, by the convention of every upload tool
        if not entry.is_file(follow_symlinks=False):
            kind = "symbolic_link" if entry.is_symlink() else "not_a_file"
            violations.append(Violation(kind, f"{region}/{tenant}/{dataset.name}", 1))
            continue
        path = Path(entry)
        gzipped = path.suffix.lower() == ".gz"
        name = Path(path.stem) if gzipped else path
        form = SUFFIXES.get(name.suffix.lower())
        yield LandingFile(region, tenant, dataset.name, path, form, gzipped)


def _entries(folder: Path, place: str, violations: list[Violation]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except GONE:
        return []  # no landing zone yet, or taken away while we looked
    except OSError:
        violations.append(Violation("not_readable", place, 1))
        return []


def _safe(name: str, pattern: re.Pattern[str]) -> str:
    return name if pattern.fullmatch(name) else "(name withheld)"


def _count(folder: Path) -> int:
    return sum(len(files) for _, _, files in os.walk(folder))
