"""A verification and what a receipt says beside it, for the tests of receipts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from needles import TOKEN

from retention.receipt import Facts, OutOfReach, RemovedFile, TableChange, write_receipt
from retention.verify import Mode, NeedleKind, Searched, Verification
from tenancy.signing import open_signing_key

MOMENT = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
SEARCHED = (
    Searched("lake", "us/silver/people/a.parquet", 100, "0" * 64, "parquet", 7),
    Searched("lake", "z\u00fcrich \U0001f600", 20, "1" * 64, "text", 0),
)


def verification(**more) -> Verification:
    given = {"hits": (), "kept": (), "unsearched": (), "passed_by": (), "whole_only": ()} | more
    needles = {NeedleKind.TOKEN: 1, NeedleKind.VALUE: 0}
    return Verification(Mode.FULL, "acme", MOMENT, MOMENT, needles, ("lake",), SEARCHED, **given)


def facts(**more) -> Facts:
    given = {
        "tables": (TableChange("us/silver/people", 3, 7),),
        "removed": (RemovedFile("lake", "us/silver/people/b.parquet", 5, "2" * 64),),
        "out_of_reach": (OutOfReach("backups", "kept by the storage", datetime(2026, 6, 1, tzinfo=UTC)),),
    } | more
    return Facts("lake-1", "acme", "r-1", "erase", (TOKEN,), MOMENT, MOMENT, "sha256:0", **given)


def written(folder: Path, **more) -> Path:
    """A receipt in `folder/receipts`, signed by `folder/signing.key`; `more` goes to the verification."""
    key = open_signing_key(folder / "signing.key")
    return write_receipt(folder / "receipts", facts(), verification(**more), key)
