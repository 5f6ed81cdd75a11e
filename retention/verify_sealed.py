"""Opens sealed cells and sealed landing files for the verifier, with the tenants' keys.

Written from the format in docs/architecture.md (Seal), not from the code that seals: where the two differ, a
cell does not open, and the verification says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from retention.verify_opener import SealBroken
from tenancy.keyring import TenantKeys

NONCE, TAG, PIECE = 12, 16, 1 << 20
ROW_LAYERS = frozenset(("bronze", "quarantine"))


class TenantOpener:
    """A `retention.verify_opener.Opener` with the keys of some tenants.

    Args:
        keys: the keys of each tenant whose cells are to be opened.
        columns: the contract's name of a silver column, by dataset and silver name, where the two differ.
    """

    def __init__(
        self, keys: Iterable[TenantKeys], columns: Mapping[tuple[str, str], str] | None = None
    ) -> None:
        self._keys = {key.key_id: AESGCM(key.key) for one in keys for key in one.data_keys}
        self._columns = columns or {}

    def open_cell(self, table: str, row: Mapping[str, str], cell: bytes) -> bytes | None:
        """The cell's plain bytes; None without its key. Raises SealBroken where it does not open."""
        if row["key_id"] not in self._keys:
            return None
        _, layer, dataset = table.split("/") if table.count("/") == 2 else ("", "", table)
        parts = ["lakeward/1", layer, dataset, row["tenant_id"], row["record_id"], row["key_id"]]
        if layer not in ROW_LAYERS:
            parts.append(self._columns.get((dataset, row["column"]), row["column"]))
        return self._open(row["key_id"], cell, "|".join(parts).encode())

    def open_archive(self, path: Path) -> Iterator[bytes] | None:
        """The sealed file's bytes in pieces; None without its key. Its iterator raises SealBroken."""
        with path.open("rb") as file:
            head = json.loads(file.readline())
        return self._pieces(path, head) if head["key_id"] in self._keys else None

    def _pieces(self, path: Path, head: dict[str, object]) -> Iterator[bytes]:
        name = path.with_suffix(".sealed").name  # a draft that a killed run left is bound to its target
        with path.open("rb") as file:
            file.readline()
            for number in range(int(str(head["pieces"]))):
                bound = json.dumps([head, name, number], sort_keys=True).encode()
                yield self._open(str(head["key_id"]), _piece(file), bound)

    def _open(self, key_id: str, cell: bytes, bound: bytes) -> bytes:
        try:
            return self._keys[key_id].decrypt(cell[:NONCE], cell[NONCE:], bound)
        except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
            raise SealBroken("a sealed cell does not open under its key") from None


def _piece(file: BinaryIO) -> bytes:
    return file.read(NONCE + PIECE + TAG)
