"""A first contract, and first policies, drafted from what the columns of a file hold."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from classifications.catalogue import FREE_TEXT, ColumnRecord
from classifications.suggested import TREATMENTS
from policy.load_names import PATH_SEGMENT, RESERVED_NAMES, silver_name
from policy.tenants import DATASET_NAME

_HEAD = (
    "# Drafted by `lakeward onboard` from the values of a file. Read every line before anything runs by it.\n"
)


@dataclass
class _Object:
    """The properties inside one object of a record, by name."""

    leaves: list[ColumnRecord] = field(default_factory=list)
    objects: dict[str, _Object] = field(default_factory=dict)


def dataset_name(table: str) -> str:
    """The table's name as a dataset may be called."""
    name = re.sub(r"[^a-z0-9]+", "_", table.lower()).strip("_")[:60]
    return name if DATASET_NAME.fullmatch(name) else f"t_{name}"[:60].rstrip("_")


def contract(records: Sequence[ColumnRecord], tenant: str, *, nested: bool) -> str:
    """An Open Data Contract Standard document, as YAML, for one file's columns.

    `nested` says that a dot in a column's name parts objects, as in JSON. Columns whose names no
    contract can hold are told by position, not by name: a file without a header has values there.
    """
    dataset = dataset_name(records[0].table)
    lines = [
        _HEAD.rstrip(),
        "# The confidence and the reason stand behind each class. loadMode append keeps every row; merge and",
        "# snapshot need a column with primaryKey: true.",
        "apiVersion: v3.2.0",
        "kind: DataContract",
        f"id: {tenant}-{dataset.replace('_', '-')}",
        "version: 1.0.0",
        "status: draft",
        f"tenant: {tenant}",
        "team:",
        f"  name: {tenant}",
        "customProperties:",
        "  - {property: lakeward.loadMode, value: append}",
        "  - {property: lakeward.landingDisposal, value: keep}",
        "schema:",
        f"  - name: {dataset}",
        "    logicalType: object",
        "    properties:",
    ]
    taken: set[str] = set(RESERVED_NAMES)
    root = _Object()
    for position, record in enumerate(records, start=1):
        path = record.column.split(".") if nested else [record.column]
        name = silver_name(*path)
        if not all(map(PATH_SEGMENT.fullmatch, path)) or name in taken:
            lines.append(f"      # column {position} is left out: its name cannot be a column's, or is taken")
            continue
        taken.add(name)
        at = root
        for segment in path[:-1]:
            at = at.objects.setdefault(segment, _Object())
        at.leaves.append(record)
    return "\n".join([*lines, *_properties(root, 6, nested=nested)]) + "\n"


def _properties(at: _Object, indent: int, *, nested: bool) -> list[str]:
    blank = " " * indent
    lines: list[str] = []
    for record in at.leaves:
        name = record.column.rpartition(".")[2] if nested else record.column
        lines += [f"{blank}- name: {json.dumps(name)}", f"{blank}  logicalType: {_type(record)}"]
        if record.data_class is not None and (record.personal or record.data_class != FREE_TEXT):
            lines.append(f"{blank}  # {record.confidence:.2f}: {record.reason}")
            lines.append(f"{blank}  classification: {record.data_class}")
        if record.data_class == FREE_TEXT and record.personal:
            lines += [
                f"{blank}  customProperties:",
                f"{blank}    - {{property: lakeward.freeText, value: true}}",
            ]
    for name, inner in at.objects.items():
        lines += [
            f"{blank}- name: {json.dumps(name)}",
            f"{blank}  logicalType: object",
            f"{blank}  properties:",
        ]
        lines += _properties(inner, indent + 4, nested=nested)
    return lines


def _type(record: ColumnRecord) -> str:
    """A personal value is text in silver whatever it is; a date that all values are is checked as one."""
    if record.data_class is None or record.form in {"date", "timestamp"}:
        return record.form
    return "string"


def tenants(tenant: str) -> str:
    """tenants.yaml with one tenant; region, tier and calling code are placeholders to be set."""
    lines = [
        f"{_HEAD}# Set name, region, calling_code and contacts.",
        "tenants:",
        f"  - id: {tenant}",
        f"    name: {tenant}",
        "    region: local",
        "    tier: standard",
        "    calling_code: 1",
        "    contacts: []",
    ]
    return "\n".join(lines) + "\n"


def treatments() -> str:
    """treatments.yaml: a line for each class with a suggestion; the others take their nearest ancestor's."""
    lines = [f"  {key}: {treatment}" for key, treatment in TREATMENTS.items()]
    return f"{_HEAD}classes:\n" + "\n".join(lines) + "\n"
