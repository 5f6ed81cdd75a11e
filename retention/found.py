"""What a look for persons found: rows of tables, and whose request each is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from policy.contracts import Contract

UNREADABLE = "unreadable"
"""The rows of quarantine that no contract takes apart: the reason that they carry, and their place here."""


@dataclass(frozen=True, order=True)
class Row:
    """One row of a table that holds a person, and which request asks for that person.

    `batch_id` is empty in silver; `file` is the data file's own name.
    """

    request_id: str
    record_id: str
    batch_id: str = ""
    position: int = 0
    file: str = ""


@dataclass(frozen=True)
class Found:
    """What a tenant's dataset holds of the persons sought.

    `rows` are theirs, by layer; those in `UNREADABLE` lie in quarantine, hold them somewhere, and may be
    somebody else's. `named` are the requests and records of others that name them, by layer of the sealed
    row. `unreadable` is how many rows of quarantine could not be taken apart.
    """

    contract: Contract
    rows: dict[str, list[Row]] = field(default_factory=dict)
    named: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    unreadable: int = 0

    def count(self, request_id: str) -> Counter[str]:
        """Rows by table and what is there, for one request: names of tables and numbers."""
        name = self.contract.dataset
        counts: Counter[str] = Counter()
        for layer, rows in self._by_request.get(request_id, {}).items():
            counts[f"{layer}.{name}"] = len({(one.record_id, one.batch_id, one.position) for one in rows})
        counts[f"named.{name}"] = self.naming[request_id]
        return +counts

    @cached_property
    def naming(self) -> Counter[str]:
        """How many records of others name the person, by request."""
        return Counter(request_id for records in self.named.values() for request_id, _ in records)

    def held_in(self, layer: str) -> list[Row]:
        """The persons' rows in the table of a layer, those that could not be taken apart among them."""
        return [row for part in _parts(layer) for row in self.rows[part]]

    def files_in(self, layer: str, request_id: str) -> set[str]:
        """The data files of a layer's table that hold the person."""
        own = self._by_request.get(request_id, {})
        return {row.file for part in _parts(layer) for row in own.get(part, ())}

    @cached_property
    def _by_request(self) -> Mapping[str, Mapping[str, list[Row]]]:
        """Rows by request and layer: asked for once a request, of which there can be a thousand."""
        told: dict[str, dict[str, list[Row]]] = {}
        for layer, rows in self.rows.items():
            for row in rows:
                told.setdefault(row.request_id, {}).setdefault(layer, []).append(row)
        return told


def _parts(layer: str) -> tuple[str, ...]:
    return (layer, UNREADABLE) if layer == "quarantine" else (layer,)
