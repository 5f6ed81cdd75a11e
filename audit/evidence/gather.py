"""One walk through the ledger: what is the tenant's goes into files, line by line; the story is told on."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import rfc8785

from audit.errors import EvidenceError
from audit.evidence.others import Others
from audit.evidence.reading import Proved
from audit.evidence.tables import Tables
from audit.ledger import Entry, Ledger, SignedHead
from audit.ledger_entry import EVENT
from audit.standalone.verify_bundle import ENTRIES, EVENTS, HEAD, HEADS, PROOFS

TABLES = "tables"
RECEIPT = "receipt_sha256"
"""The field of a body that names a receipt by its hash."""


@dataclass
class Gathered:
    """What was written, and what was withheld for naming others, by kind. `own`: the tenant's of both."""

    entries: Counter[str] = field(default_factory=Counter)
    own: Counter[str] = field(default_factory=Counter)
    withheld: Counter[str] = field(default_factory=Counter)


def gather(
    found: Iterable[Proved],
    others: Others,
    folder: Path,
    columns: Mapping[str, Sequence[str]],
    tell: Callable[[Entry], None],
) -> Gathered:
    """Write entries, proofs, events and a table a kind; `tell` is called with each entry that is written.

    Raises EvidenceError where a lineage entry's event is not the one that its digest names.
    """
    told = Gathered()
    with ExitStack() as open_files:
        entries, proofs, events = (_new(open_files, folder / name) for name in (ENTRIES, PROOFS, EVENTS))
        tables = open_files.enter_context(Tables(_folder(folder / TABLES), columns))
        for one in found:
            entry = one.entry
            if entry.tenant is not None:
                told.own[entry.kind] += 1
            if others.named_in(one.line.decode()):
                told.withheld[entry.kind] += 1
                continue
            entries.write(one.line + b"\n")
            proof: dict[str, Any] = {"seq": entry.seq, "proof": [step.hex() for step in one.proof]}
            proofs.write(rfc8785.dumps(proof) + b"\n")
            if entry.kind == "lineage":
                events.write(_event(entry) + b"\n")
            else:
                tables.add(entry)
            told.entries[entry.kind] += 1
            tell(entry)
    return told


def write_heads(ledger: Ledger, head: SignedHead, folder: Path) -> int:
    """Write the heads up to `head`, each with the proof that it begins with the one before; how many."""
    with ExitStack() as open_files:
        heads = _new(open_files, folder / HEADS)
        number, size = 0, 0
        for one in _heads_to(ledger, head):
            proof = [step.hex() for step in ledger.consistency_proof(size, one.size)]
            line: dict[str, Any] = {"head": one.document(), "consistency": proof}
            heads.write(rfc8785.dumps(line) + b"\n")
            number, size = number + 1, one.size
        _new(open_files, folder / HEAD).write(head.to_json() + b"\n")
    return number


def _heads_to(ledger: Ledger, head: SignedHead) -> Iterator[SignedHead]:
    for one in ledger.heads():
        if one.size > head.size:
            return
        yield one
        if one == head:
            return


def _event(entry: Entry) -> bytes:
    event: Any = entry.body[EVENT]
    line = rfc8785.dumps(event)
    if hashlib.sha256(line).hexdigest() != entry.body["sha256"]:
        raise EvidenceError(
            f"the event in entry {entry.seq} of the ledger is not the one that its digest names. "
            "To mend it: lakeward ledger check, and restore the control folder from its backup"
        )
    return line


def _new(open_files: ExitStack, path: Path) -> BinaryIO:
    _folder(path.parent)
    return open_files.enter_context(path.open("xb"))


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path
