"""A person's own records, opened in memory: what an answer to a request for access is made of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from policy.contracts import Contract
from retention.age_file import ExportError
from retention.find import Finder
from retention.found import Row
from retention.look import LOOK, contracts_of, sought_by
from transforms.context import LakeContext
from transforms.frames import frame_of
from transforms.lake import Table
from transforms.seal import opened_row
from transforms.tokens import with_keys

LARGEST = 64 << 20
"""Bytes of sealed records that one export may have: they are held in memory."""
PLACE = ("record_id", "batch_id", "position")


@dataclass(frozen=True)
class Kept:
    """One record as it arrived: the table's layer, when it came (UTC), when it happened, its JSON text."""

    layer: str
    arrived: datetime
    occurred: datetime | None
    payload: str


@dataclass(frozen=True)
class Part:
    """What one dataset holds of the person.

    `named` is how many records of others name them; `unreadable` how many rows of quarantine could not be
    taken apart, and so not be looked into.
    """

    contract: Contract
    records: tuple[Kept, ...]
    named: int
    unreadable: int


@dataclass(frozen=True)
class Dossier:
    """All parts, and the person's tokens by which they were found, with their domains."""

    parts: tuple[Part, ...]
    tokens: frozenset[tuple[str, str]]

    @property
    def records(self) -> int:
        """How many records there are."""
        return sum(len(part.records) for part in self.parts)


def gather(
    ctx: LakeContext, tenant: str, tokens: Mapping[str, str], datasets: Collection[str] = ()
) -> Dossier:
    """The person with these tokens by domain: every version of their records, in bronze and in quarantine.

    `datasets` are those to open; none: all. Reads only. Raises ExportError where the records are more than
    `LARGEST`, before any is opened.
    """
    sought = sought_by(ctx, tenant, tokens)
    found = []
    for contract in contracts_of(ctx, tenant):
        if not datasets or contract.dataset in datasets:
            finder = Finder(ctx, contract, sought)
            found.append((finder, finder.find()))
    rows = [
        (finder, table, _of(finder, table, told.rows[table.layer]))
        for finder, told in found
        for table in (finder.places.bronze, finder.places.quarantine)
        if told.rows[table.layer]
    ]
    _refuse_too_much(sum(_size(frame) for _, _, frame in rows))
    parts = []
    for finder, told in found:
        own = [one for who, table, frame in rows if who is finder for one in _opened(finder, table, frame)]
        parts.append(Part(finder.contract, tuple(own), told.count(LOOK)[f"named.{finder.contract.dataset}"],
                          told.unreadable))  # fmt: skip
    return Dossier(tuple(parts), frozenset(sought.tokens(LOOK)))


def _of(finder: Finder, table: Table, rows: Collection[Row]) -> DataFrame:
    places = sorted({(one.record_id, one.batch_id, one.position) for one in rows})
    wanted = frame_of(finder.ctx.spark, places, "record_id string, batch_id string, position long")
    kept = finder.ctx.lake.read(table, [finder.tenant])
    return kept.join(F.broadcast(wanted), list(PLACE), "left_semi")


def _size(rows: DataFrame) -> int:
    [total] = rows.agg(F.coalesce(F.sum(F.length("sealed")), F.lit(0)).alias("bytes")).collect()
    return int(total["bytes"])


def _refuse_too_much(size: int) -> None:
    if size > LARGEST:
        raise ExportError(
            f"the person's records have {size >> 20} MiB, and one export holds {LARGEST >> 20} MiB at most. "
            "To mend it: export some datasets at a time, with --dataset"
        )


def _opened(finder: Finder, table: Table, rows: DataFrame) -> list[Kept]:
    """A row that does not open stops it: an answer that leaves one out would be a wrong one."""
    keyed = with_keys(rows.drop("key_id"), finder.ctx.keys([finder.tenant]))
    payload = opened_row(table.layer, table.dataset).alias("payload")
    occurred = F.col("occurred_at") if "occurred_at" in rows.columns else F.lit(None).cast("timestamp")
    told = keyed.select(
        F.unix_micros("ingested_at").alias("arrived"), F.unix_micros(occurred).alias("occurred"), payload,
        "batch_id", "position",
    )  # fmt: skip
    return [
        Kept(table.layer, _moment(one.arrived), _moment(one.occurred) if one.occurred is not None else None,
             one.payload)
        for one in told.orderBy("batch_id", "position").collect()
    ]  # fmt: skip


def _moment(micros: int) -> datetime:
    return datetime.fromtimestamp(micros / 1_000_000, UTC)
