"""The receipts that a tenant's entries name, as files; what names others stays behind, and is counted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from audit.evidence.others import Others
from policy.digest import sha256_of

RECEIPTS = "receipts"


@dataclass
class CopiedReceipts:
    """What became of receipts: copied, not found under their hash, or naming others; and of their lists."""

    copied: list[str] = field(default_factory=list)
    missing: int = 0
    withheld: int = 0
    lists_withheld: int = 0


def copy_receipts(source: Path, wanted: Mapping[str, str], others: Others, folder: Path) -> CopiedReceipts:
    """Copy each wanted receipt with its list of searched files into `folder/receipts`.

    Args:
        source: The lake's folder of receipts.
        wanted: SHA-256 of each receipt that the ledger names, and its request.
        others: Who must not be named.
        folder: The bundle's folder.
    """
    told = CopiedReceipts()
    target = folder / RECEIPTS
    for digest, request in sorted(wanted.items(), key=lambda one: one[1]):
        found = next((one for one in _of_request(source, request) if sha256_of(one) == digest), None)
        if found is None:
            told.missing += 1
        elif others.named_in(found.read_text()):
            told.withheld += 1
        else:
            target.mkdir(exist_ok=True, mode=0o700)
            (target / found.name).write_bytes(found.read_bytes())
            told.copied.append(found.name)
            _copy_list(source, found, others, target, told)
    return told


def _copy_list(source: Path, receipt: Path, others: Others, target: Path, told: CopiedReceipts) -> None:
    """The list names every file that was searched, of all tenants: with others in it, its hash has to do."""
    name = json.loads(receipt.read_bytes())["body"]["search"]["list"]["name"]
    path = source / Path(name).name
    if not path.is_file():
        return
    with path.open(encoding="utf-8") as lines:
        if any(others.named_in(line) for line in lines):
            told.lists_withheld += 1
            return
    (target / path.name).write_bytes(path.read_bytes())


def _of_request(source: Path, request: str) -> list[Path]:
    return sorted(source.glob(f"{request}.*.json"))
