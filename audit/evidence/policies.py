"""Policies of a time, as far as they are this tenant's: whole files, or what remains without the others."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from audit.evidence.others import Others
from policy.load_folder import TENANTS, is_dataset, read_folder
from policy.load_node import Faults

CURRENT = "policy/current"
OLDER = "policy/older"
EXTRACT = (
    "# Made from {name}: what concerns others was taken out. The whole file has the SHA-256\n# {sha256}\n"
)


@dataclass
class CopiedPolicies:
    """What became of each file: `whole`, `extract` or left out; with the SHA-256 of the whole file."""

    files: dict[str, dict[str, str]] = field(default_factory=dict)
    left_out: int = 0

    def how(self, how: str) -> list[str]:
        """The files of one kind."""
        return sorted(name for name, told in self.files.items() if told["how"] == how)


def copy_policies(source: Path, tenant: str, others: Others, folder: Path) -> CopiedPolicies:
    """Copy a policies folder into `folder`, without what concerns other tenants."""
    told = CopiedPolicies()
    for name, content in sorted(read_folder(source, Faults()).items()):
        text = content.decode(errors="replace")
        digest = hashlib.sha256(content).hexdigest()
        if not _named(name, text, others):
            _write(folder / name, content)
            told.files[name] = {"how": "whole", "sha256": digest}
            continue
        extract = None if is_dataset(name) else _extract(name, text, tenant, others)
        if extract is None or _named(name, extract, others):
            told.left_out += 1
            continue
        head = EXTRACT.format(name=name, sha256=digest)
        _write(folder / name, (head + extract).encode())
        told.files[name] = {"how": "extract", "sha256": digest}
    return told


def _named(name: str, text: str, others: Others) -> bool:
    return others.named_in(name) or others.named_in(text)


def _extract(name: str, text: str, tenant: str, others: Others) -> str | None:
    """The YAML without list items that are of another tenant; None where it is no YAML."""
    try:
        root = yaml.safe_load(text)
    except yaml.YAMLError:
        return None
    own = _without(root, tenant, others, of_tenants=name == TENANTS)
    return yaml.safe_dump(own, sort_keys=False, allow_unicode=True)


def _without(value: Any, tenant: str, others: Others, *, of_tenants: bool) -> Any:
    if isinstance(value, Mapping):
        return {key: _without(one, tenant, others, of_tenants=of_tenants) for key, one in value.items()}
    if isinstance(value, list):
        kept = [one for one in value if not _of_another(one, tenant, others, of_tenants)]
        return [_without(one, tenant, others, of_tenants=of_tenants) for one in kept]
    return value


def _of_another(item: Any, tenant: str, others: Others, of_tenants: bool) -> bool:
    if not isinstance(item, Mapping):
        return False
    if of_tenants and "id" in item:
        return bool(item["id"] != tenant)
    whose = item.get("tenant")
    return (whose is not None and whose != tenant) or others.named_in(str(item.get("dataset") or ""))


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_bytes(content)
