"""What the verifier needs of somebody who can open sealed cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol


class SealBroken(ValueError):
    """A cell or archive under a known key does not open: it was moved, cut or changed."""


class Opener(Protocol):
    """Opens what lies sealed, so that it can be searched; `retention.verify_sealed` has one."""

    def open_cell(self, table: str, row: Mapping[str, str], cell: bytes) -> bytes | None:
        """The plain bytes of one sealed cell; None where there is no key to it.

        `table` is the table's path in its place (`us/bronze/customers`), `row` holds `tenant_id`,
        `record_id`, `key_id` and `column` (its name in the table), `cell` is `nonce | ciphertext | tag`.
        Raises SealBroken where there is a key and the cell does not open.
        """

    def open_archive(self, path: Path) -> Iterator[bytes] | None:
        """The plain bytes of a sealed landing file, piece by piece; None where there is no key to it.

        The iterator raises SealBroken where a piece does not open.
        """
