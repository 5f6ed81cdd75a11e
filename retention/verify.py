"""An independent search for a subject: every file under given roots, decoded, and as raw bytes.

It shares nothing with what erases: no Delta reader, no Spark, only pyarrow, sqlite3 and the standard library.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from retention.verify_result import (
    Hit,
    Kept,
    Known,
    Mode,
    Needle,
    NeedleKind,
    PassedBy,
    Place,
    Searched,
    Unsearched,
    Verdict,
    Verification,
    Why,
)

__all__ = [
    "Hit",
    "Kept",
    "Known",
    "Mode",
    "Needle",
    "NeedleKind",
    "Opener",
    "PassedBy",
    "Place",
    "Searched",
    "Unsearched",
    "Verdict",
    "Verification",
    "Why",
    "tokens_and_values",
    "verify",
]


class Opener(Protocol):
    """Opens what lies sealed, so that it can be searched; `retention.verify_sealed` has one."""

    def open_cell(self, table: str, row: Mapping[str, str], cell: bytes) -> bytes | None:
        """The plain bytes of one sealed cell; None where there is no key to it.

        `table` is the table's path in its place (`us/bronze/customers`), `row` holds `tenant_id`, `record_id`,
        `key_id` and `column`, `cell` is `nonce | ciphertext | tag`.
        """

    def open_archive(self, path: Path) -> Iterator[bytes] | None:
        """The plain bytes of a sealed landing file, piece by piece; None where there is no key to it."""


def tokens_and_values(tokens: Iterable[str], values: Iterable[str] = ()) -> list[Needle]:
    """Needles for `verify`: tokens first, then raw identifiers, each numbered by its place in the list."""
    return [Needle(NeedleKind.TOKEN, text) for text in tokens] + [
        Needle(NeedleKind.VALUE, text) for text in values
    ]


def verify(
    places: Sequence[Place],
    needles: Sequence[Needle],
    *,
    mode: Mode = Mode.FULL,
    tenant: str | None = None,
    keep: Mapping[str, str] | None = None,
    known: Mapping[str, Known] | None = None,
    opener: Opener | None = None,
) -> Verification:
    """Look for `needles` in every file under `places`.

    Args:
        places: the roots: lake, control folder, Dagster's home, landing zone, lineage file, exports, staging.
        needles: what to look for; results name them by their place in this list.
        mode: `FULL` reads everything; `TARGETED` passes by the folders that belong to tenants other than
            `tenant`, and reads their logs and everything that is not partitioned.
        tenant: whose subject it is; needed for `TARGETED`.
        keep: where a token is kept on purpose, with the reason: `control/control.db#suppressions` is a table
            of a database, `control/receipts/*` are files; the first part is the place's name. It excuses
            tokens only, never a raw value.
        known: what the caller knows of files that cannot be searched (`control/spark/*`), as in `keep`.
        opener: opens sealed cells and archives, so that values inside are found.

    Returns:
        What was searched, found, kept and not searched; `.verdict` says what it comes to.

    Raises:
        ValueError: no needle, two places of one name, or `TARGETED` without a tenant.
    """
    raise NotImplementedError
