"""The ledger alone: entries a second, one at a time and many at once, a root, a proof, a whole check.

What the ledger costs of a run is in the part `runs`, under `ledger`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from audit.ledger import Fact, Ledger
from audit.ledger_check import check_ledger
from benchmarks.figures import Figure
from benchmarks.world import Stage
from tenancy.control import open_control
from tenancy.signing import open_signing_key, public_key_file, read_public_key

PART = "ledger"
ENTRIES, SINGLE, PROOFS = 50_000, 200, 200
AT_ONCE = 100
"""Facts in one transaction, as a step over many tenants tells them."""


def ledger(stage: Stage) -> list[Figure]:
    """Append, sign, prove, check."""
    stage.tell(f"{PART}: appending")
    folder = stage.folder / "ledger"
    engine = open_control(folder / "control.db")
    book, key = Ledger(engine), open_signing_key(folder / "signing.key")
    many = _seconds(lambda: [book.append(_facts(at, AT_ONCE)) for at in range(0, ENTRIES, AT_ONCE)])
    single = _seconds(lambda: [book.append(_facts(ENTRIES + at, 1)) for at in range(SINGLE)])
    size = book.size()
    stage.tell(f"{PART}: signing, proving, checking")
    head = _seconds(lambda: book.sign_head(key))
    places = range(0, size, size // PROOFS)
    proof = _seconds(lambda: [book.inclusion_proof(seq, size) for seq in places]) / len(places)
    public = read_public_key(public_key_file(folder / "signing.key"))
    check = _seconds(lambda: check_ledger(engine, book.heads(), public))
    engine.dispose()
    return [
        Figure(PART, f"append, {AT_ONCE} at once", "one transaction each time", many, "s", ENTRIES),
        Figure(
            PART, "append, one at a time", "one transaction an entry, put on the disk", single, "s", SINGLE
        ),
        Figure(PART, "head", f"root over {size:,} entries, signed and stored", head * 1000, "ms"),
        Figure(PART, "inclusion proof", f"in {size:,} entries", proof * 1000, "ms"),
        Figure(PART, "check", "every entry, hash and head", check, "s", size),
    ]


def _facts(start: int, count: int) -> list[Fact]:
    """Facts as long as a check's."""
    return [
        Fact(
            "check",
            f"acme/silver/orders/{number}",
            {"passed": True, "run_id": "run-1", "rows": number},
            "acme",
        )
        for number in range(start, start + count)
    ]


def _seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
