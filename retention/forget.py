"""Deleting what was found: out of silver, quarantine and bronze, their past, and the archive.

Bronze goes last: all the rest is found by way of it, so who comes after a kill finds what is left. Nothing
here says that anything is gone; that is the verifier's to say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from policy.digest import digest_of
from retention.find import Finder
from retention.found import UNREADABLE, Found, Row
from retention.kept_up import archived, remove_archives, silver_kept_up
from retention.requests import note_found
from transforms.context import LakeContext
from transforms.erased import begin_change, end_change
from transforms.frames import frame_of
from transforms.identify import identifying_columns, normaliser_of
from transforms.lake import Table
from transforms.mentions import Cell, forget_in_payloads
from transforms.present import latest_rows
from transforms.protect import plan_for, silver_rows
from transforms.purge import Purged, has_past, purge
from transforms.recovery import recover
from transforms.seal import opened_row, seal_row
from transforms.tokens import with_keys

PLACE = ("batch_id", "position")
ARCHIVE_ERASED = "archive-erased"


@dataclass
class Forgotten:
    """What one dataset's erasure came to: what was found, and what was done.

    By table (`us/bronze/orders`): its Delta versions before and after, and what left the disk.
    """

    found: Found
    versions: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)
    purged: dict[str, Purged] = field(default_factory=dict)
    archives: int = 0
    left: Counter[str] = field(default_factory=Counter)
    """What was found and is still there, by request."""


def forget_dataset(ctx: LakeContext, finder: Finder, may_go_on: Callable[[str], None]) -> Forgotten:
    """Take the persons of a finder out of its dataset's tables. Waits for the dataset's lease.

    `may_go_on` is asked with the dataset's name once the lease is held, and stops it by raising. Can die at
    any point and be called again. Raises FilesRemain where a file could not be removed.
    """
    dataset = finder.contract.dataset
    with ctx.lake.lease(finder.region, dataset):
        recover(ctx, finder.region, dataset)
        may_go_on(dataset)
        return _Dataset(ctx, finder).forget()


class _Dataset:
    def __init__(self, ctx: LakeContext, finder: Finder) -> None:
        self.ctx, self.finder = ctx, finder
        self.tenant, self.region, self.contract = finder.tenant, finder.region, finder.contract
        self._changed: set[Table] = set()

    def forget(self) -> Forgotten:
        finder, found = self.finder, self.finder.find()
        told = Forgotten(found)
        tables = [
            one for one in (finder.silver, finder.places.quarantine, finder.places.bronze) if finder.has(one)
        ]
        before = {one: self.ctx.lake.version(one) for one in tables}
        self._note(found)
        told.archives = self._archives(found)
        # Only the same requests take out of silver what they took out of bronze before a kill.
        doubt = f"erasure {digest_of(dict.fromkeys(self.finder.sought.request_ids, b''))}"
        with silver_kept_up(self.ctx, self.contract, [self.tenant], self._changed, doubt):
            self._unname(found.named)
            self._delete(finder.silver, found.rows["silver"], ("record_id",))
            self._delete(finder.places.quarantine, found.held_in("quarantine"), PLACE)
            self._delete(finder.places.bronze, found.rows["bronze"], PLACE)
        for table in tables:
            if table in self._changed or has_past(self.ctx.lake, table, [self.tenant]):
                named = {row.file for row in found.held_in(table.layer)}
                told.purged[table.name] = purge(self.ctx.lake, table, named)
            told.versions[table.name] = (before[table], self.ctx.lake.version(table))
        if any(found.named.values()):
            told.left = finder.find().naming
        return told

    def _note(self, found: Found) -> None:
        """Keep what the first look found: after a kill, a second one finds less."""
        for request_id in self.finder.sought.request_ids:
            note_found(self.ctx.engine, request_id, found.count(request_id))

    def _delete(self, table: Table, rows: Sequence[Row], on: tuple[str, ...]) -> None:
        """Remove these rows by their surrogates, accounted for by batch."""
        places = sorted({tuple(getattr(row, name) for name in on) for row in rows})
        if not places:
            return
        types = {"record_id": "string", "batch_id": "string", "position": "long"}
        keys = frame_of(self.ctx.spark, places, ", ".join(f"{name} {types[name]}" for name in on))
        counts = Counter(place[0] for place in places) if on == PLACE else Counter()
        numbers = begin_change(self.ctx.engine, table, {self.tenant: counts})
        self.ctx.lake.delete_matching(table, keys, on, numbers)
        self._end(table, numbers)

    def _unname(self, named: Mapping[str, Collection[tuple[str, str]]]) -> None:
        """Take the persons out of records of others: silver comes last, since it shows where they are."""
        for sealed in (self.finder.places.quarantine, self.finder.places.bronze):
            if named[sealed.layer] and self.finder.has(sealed):
                self._update(sealed, self._unnamed(sealed, self._ids(named[sealed.layer])), PLACE)
        if named["bronze"] and self.finder.has(self.finder.silver):
            ids = self._ids(named["bronze"])
            self._update(self.finder.silver, self._unnamed_silver(ids), ("record_id",))

    def _ids(self, named: Collection[tuple[str, str]]) -> DataFrame:
        records = sorted({record for _, record in named})
        return frame_of(self.ctx.spark, [(one,) for one in records], "record_id string")

    def _update(self, table: Table, rows: DataFrame, on: Sequence[str]) -> None:
        numbers = begin_change(self.ctx.engine, table, {self.tenant: {}})
        self.ctx.lake.update_matching(table, rows, on, numbers)
        self._end(table, numbers)

    def _unnamed(self, table: Table, ids: DataFrame) -> DataFrame:
        """Rows of these records in bronze or quarantine, sealed anew, without what names the persons."""
        taxonomy, dataset = self.ctx.bundle.taxonomy, self.contract.dataset
        cells = [
            Cell(c.path, c.token_domain, normaliser_of(c, taxonomy))
            for c in identifying_columns(self.finder.as_found, taxonomy)
            if c is not self.finder.subject
        ]
        rows = self.ctx.lake.read(table, [self.tenant]).join(F.broadcast(ids), "record_id")
        if "reasons" in rows.columns:
            rows = rows.where(~F.array_contains("reasons", UNREADABLE))  # these go whole
        keyed = with_keys(rows.drop("key_id"), self.ctx.keys([self.tenant]))
        opened = keyed.withColumn("payload", opened_row(table.layer, dataset))
        gone, detector = self.finder.sought.gone(), self.ctx.detector_of(self.tenant)
        told = opened.withColumn("payload", forget_in_payloads(self.finder.prose(), cells, gone, detector))
        sealed = told.withColumn("sealed", seal_row(F.col("payload"), table.layer, dataset))
        return sealed.select(*PLACE, "key_id", "sealed")

    def _unnamed_silver(self, ids: DataFrame) -> DataFrame:
        """Silver's rows of these records, made anew from bronze."""
        ctx, contract = self.ctx, self.contract
        # Which file of a snapshot is the latest, all rows together say.
        bronze = latest_rows(ctx.lake.read(self.finder.places.bronze, [self.tenant]), contract)
        bronze = bronze.join(F.broadcast(ids), "record_id", "left_semi")
        plan = plan_for(ctx, self.tenant, contract)
        keys = ctx.keys([self.tenant])
        rows = silver_rows(bronze, contract, plan, keys, ctx.rules_of(self.tenant))
        there = set(ctx.lake.read(self.finder.silver, [self.tenant]).columns)
        return rows.drop("tenant_id").select(
            *[name for name in rows.columns if name in there - {"tenant_id"}]
        )

    def _end(self, table: Table, numbers: Mapping[str, int]) -> None:
        self._changed.add(table)
        end_change(self.ctx.engine, numbers)

    def _archives(self, found: Found) -> int:
        """Remove the sealed landing files of the deliveries that brought or named the persons; how many."""
        dataset, finder = self.contract.dataset, self.finder
        if not archived(self.ctx, self.tenant, dataset):
            return 0
        batches = {row.batch_id for layer in ("bronze", "quarantine") for row in found.held_in(layer)}
        for table in (finder.places.quarantine, finder.places.bronze):
            if found.named[table.layer] and finder.has(table):
                rows = self.ctx.lake.read(table, [self.tenant])
                rows = rows.join(F.broadcast(self._ids(found.named[table.layer])), "record_id")
                batches |= {row.batch_id for row in rows.select("batch_id").distinct().collect()}
        numbers = {int(batch.split("-")[0]) for batch in batches}
        files, _ = remove_archives(self.ctx, self.tenant, dataset, numbers, ARCHIVE_ERASED)
        return files
