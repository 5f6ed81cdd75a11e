"""What lies in the landing zone, and whose it is. Reads names only; never follows a link."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from policy.bundle import PolicyBundle
from policy.tenants import DATASET_NAME, REGION_ID, TENANT_ID

SUFFIXES = {".csv": "csv", ".jsonl": "json", ".ndjson": "json", ".json": "json", ".parquet": "parquet"}
STAGING = ".lakeward-staging"


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
        """Files are taken in this order."""
        return self.path.stat().st_mtime_ns, self.path.name


@dataclass(frozen=True)
class Violation:
    """Something that lies where it must not. `place` names only ids that match our own patterns."""

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
    for region in _folders(landing, violations):
        for tenant in _folders(region, violations):
            known = bundle.tenants.get(tenant.name)
            place = f"{_safe(region.name, REGION_ID)}/{_safe(tenant.name, TENANT_ID)}"
            if known is None or known.region != region.name:
                kind = "unregistered_tenant" if known is None else "wrong_region"
                violations.append(Violation(kind, place, _count(tenant)))
                continue
            for dataset in _folders(tenant, violations):
                if bundle.contract_for(tenant.name, dataset.name) is None:
                    where = f"{place}/{_safe(dataset.name, DATASET_NAME)}"
                    violations.append(Violation("no_contract", where, _count(dataset)))
                    continue
                files.extend(_files(region.name, tenant.name, dataset, violations))
    return Inventory(tuple(files), tuple(violations))


def _folders(parent: Path, violations: list[Violation]) -> Iterator[Path]:
    if not parent.is_dir():
        return
    for entry in sorted(parent.iterdir()):
        if entry.is_symlink():
            violations.append(Violation("symbolic_link", "a folder of the landing zone", 1))
        elif entry.is_dir() and not entry.name.startswith("."):
            yield entry
        elif entry.is_file() and not entry.name.startswith("."):
            violations.append(Violation("misplaced_file", "a folder of the landing zone", 1))


def _files(region: str, tenant: str, dataset: Path, violations: list[Violation]) -> Iterator[LandingFile]:
    for entry in sorted(dataset.iterdir()):
        if entry.name.startswith("."):
            continue  # half-written uploads and editors' files, by the convention of every upload tool
        if entry.is_symlink() or not entry.is_file():
            kind = "symbolic_link" if entry.is_symlink() else "not_a_file"
            violations.append(Violation(kind, f"{region}/{tenant}/{dataset.name}", 1))
            continue
        gzipped = entry.suffix.lower() == ".gz"
        name = Path(entry.stem) if gzipped else entry
        form = SUFFIXES.get(name.suffix.lower())
        yield LandingFile(region, tenant, dataset.name, entry, form, gzipped)


def _safe(name: str, pattern: re.Pattern[str]) -> str:
    return name if pattern.fullmatch(name) else "(name withheld)"


def _count(folder: Path) -> int:
    return sum(1 for entry in folder.rglob("*") if entry.is_file())
