"""Old entries moved out of the database into sealed segments. Their hashes stay; proofs need no segment."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, func, select, update

from audit import ledger_tables as tables
from audit.clock import Clock, utc_now
from audit.errors import LedgerError
from audit.ledger import Ledger
from audit.ledger_entry import instant
from audit.ledger_segments import Segment, manifest
from audit.merkle import Frontier, leaf_hash
from policy.digest import sha256_of
from tenancy.durable import make_durable, publish
from tenancy.signing import SigningKey

LONGEST = 100_000
"""Entries in one segment, at most."""
PAGE = 1000


def archive(
    engine: Engine,
    key: SigningKey,
    before: datetime,
    folder: Path,
    clock: Clock = utc_now,
    longest: int = LONGEST,
) -> list[Segment]:
    """Move the entries from before a moment into segments in `folder`; which ones were written.

    Only from the oldest on without a gap, and only what a signed head covers; one is signed first. A segment
    is on the disk, whole, before its texts leave the database; who is killed between can do it again.

    Raises LedgerError where the ledger is not what was signed, the folder is not there, or it holds another
    segment under the same name.
    """
    if not folder.is_dir():
        raise LedgerError("the folder for segments is not there. To mend it: make it, or give another")
    ledger = Ledger(engine, clock)
    head = ledger.sign_head(key)
    written: list[Segment] = []
    while True:
        with engine.connect() as connection:
            first, end = _due(connection, before, head.size)
        if first >= end:
            return written
        last = min(end, first + longest) - 1
        written.append(_archive(engine, ledger.log, key, (first, last), folder, instant(clock())))


def _due(connection: Connection, before: datetime, signed: int) -> tuple[int, int]:
    """The first entry that is not archived, and the one before which to stop."""
    done = connection.execute(select(func.max(tables.segments.c.last))).scalar()
    first = 0 if done is None else done + 1
    entries = tables.entries
    young = select(func.min(entries.c.seq)).where(entries.c.seq >= first, entries.c.at >= instant(before))
    end = connection.execute(young).scalar()
    return first, signed if end is None else min(end, signed)


def _archive(
    engine: Engine, log: str, key: SigningKey, which: tuple[int, int], folder: Path, at: str
) -> Segment:
    first, last = which
    name = f"ledger-{log[:16]}-{first:012d}-{last:012d}"
    draft = folder / f".{name}.{os.getpid()}.new"
    frontier = Frontier()
    with draft.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed:
        for text, leaf in _texts(engine, first, last):
            packed.write(text + b"\n")
            frontier.add(leaf)
    digest = sha256_of(draft)
    segment = Segment(first, last, folder / f"{name}.jsonl.gz", digest)
    _publish(draft, segment.path)
    told = folder / f".{name}.{os.getpid()}.json.new"
    told.write_bytes(manifest(key, log, segment, frontier.root(), at) + b"\n")
    make_durable([told], folder)
    told.replace(folder / f"{name}.json")
    make_durable([folder], folder)
    row = {
        "first": first, "last": last, "file": segment.path.name, "folder": str(folder), "sha256": digest,
        "sealed_at": at,
    }  # fmt: skip
    entries = tables.entries
    with engine.begin() as connection:
        connection.execute(tables.segments.insert(), row)
        connection.execute(update(entries).where(entries.c.seq.between(first, last)).values(entry=None))
    return segment


def _texts(engine: Engine, first: int, last: int) -> Iterator[tuple[bytes, bytes]]:
    """The texts of these entries with their leaf hashes. Raises LedgerError where one was tampered with."""
    entries, nodes = tables.entries, tables.nodes
    query = (
        select(entries.c.seq, entries.c.entry, nodes.c.hash)
        .join(nodes, (nodes.c.level == 0) & (nodes.c.place == entries.c.seq))
        .order_by(entries.c.seq)
    )
    for start in range(first, last + 1, PAGE):
        end = min(start + PAGE - 1, last)
        with engine.connect() as connection:
            rows = connection.execute(query.where(entries.c.seq.between(start, end))).all()
        if [row.seq for row in rows] != list(range(start, end + 1)):
            raise LedgerError("entries are missing. To mend it: lakeward ledger check")
        for _, text, leaf in rows:
            if text is None or leaf_hash(text.encode()) != leaf:
                raise LedgerError("an entry is not what its hash says. To mend it: lakeward ledger check")
            yield text.encode(), leaf


def _publish(draft: Path, path: Path) -> None:
    make_durable([draft], path.parent)
    try:
        publish(draft, path)
    except FileExistsError:  # of a try that was killed, with the same bytes; or of another history
        same = sha256_of(path) == sha256_of(draft)
        draft.unlink()
        if not same:
            raise LedgerError(
                f"{path.name} is there already and holds something else. To mend it: move it away and look "
                "at whose it is"
            ) from None
