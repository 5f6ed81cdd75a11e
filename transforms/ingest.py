"""Landing files become rows of bronze and quarantine, each content once, each tenant on its own."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Row

from policy.contracts import Contract, Disposal
from transforms import deliveries
from transforms.arrivals import STILL_WRITTEN, Arrival, Known, LeftOut, arrive
from transforms.batch import WRITER, Landed, Places, commit_batch
from transforms.context import LakeContext
from transforms.errors import DISK_FULL, SPARK_ERRORS, UnreadableFile, error_kind
from transforms.headers import showable
from transforms.landing import Inventory, LandingFile
from transforms.readers import read_staged
from transforms.recovery import close_batch, recover, undo_batch
from transforms.room import Room
from transforms.staging import stage, staging_folder
from transforms.trial import fault_in


@dataclass(frozen=True)
class Settled:
    """A landing file whose content is in the lake, and what its contract says becomes of it."""

    file: LandingFile
    delivery_id: int
    content_token: str
    disposal: Disposal


@dataclass
class TenantIngest:
    """What one tenant's share of an ingest came to. `failed` is the kind of error that stopped it."""

    tenant: str
    files: int = 0
    files_known: int = 0
    files_refused: Counter[str] = field(default_factory=Counter)
    files_waiting: Counter[str] = field(default_factory=Counter)
    rows_landed: int = 0
    rows_bronze: int = 0
    rows_quarantined: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    undeclared: set[str] = field(default_factory=set)
    settled: list[Settled] = field(default_factory=list)
    failed: str | None = None


def ingest_dataset(
    ctx: LakeContext, dataset: str, tenants: Sequence[str], inventory: Inventory
) -> list[TenantIngest]:
    """Bring every waiting file of these tenants into the dataset's tables. One outcome a tenant.

    Raises LakeStateError where tables and control database contradict each other.
    """
    outcomes = {id_: TenantIngest(id_) for id_ in tenants}
    for region, members in ctx.by_region(tenants).items():
        with ctx.lake.lease(region, dataset):
            _Ingest(ctx, region, dataset, inventory, outcomes).run(members)
    return [outcomes[id_] for id_ in sorted(outcomes)]


class _Ingest:
    def __init__(
        self,
        ctx: LakeContext,
        region: str,
        dataset: str,
        inventory: Inventory,
        outcomes: dict[str, TenantIngest],
    ) -> None:
        self.ctx, self.region, self.dataset = ctx, region, dataset
        self.inventory, self.outcomes = inventory, outcomes
        self.places = Places.of(region, dataset)

    def run(self, tenants: list[str]) -> None:
        recover(self.ctx, self.region, self.dataset)
        for contract, members in self.ctx.by_contract(self.dataset, tenants):
            rooms = {id_: Room(self.ctx.bundle.tier_of(id_)) for id_ in members}
            files = self.inventory.of(self.dataset, members)
            keys = self.ctx.keyring.keys_of(file.tenant for file in files)
            arrivals = [
                arrival
                for file in files
                if (arrival := self._arrive(file, contract, rooms[file.tenant], keys[file.tenant].token_key))
            ]
            if arrivals:
                self._bring(contract, arrivals)
                self._compact([id_ for id_ in members if self.outcomes[id_].failed is None])

    def _arrive(self, file: LandingFile, contract: Contract, room: Room, token_key: bytes) -> Arrival | None:
        """The file as one that comes into a batch; any other is told in its tenant's outcome."""
        outcome = self.outcomes[file.tenant]
        found = arrive(self.ctx, file, contract, room, token_key)
        match found:
            case Known():
                outcome.files_known += 1
                outcome.settled.append(
                    Settled(file, found.delivery_id, found.content_token, contract.disposal)
                )
            case LeftOut(reason, waits):
                (outcome.files_waiting if waits else outcome.files_refused)[reason] += 1
            case Arrival():
                return found
        return None

    def _bring(self, contract: Contract, arrivals: list[Arrival]) -> None:
        """One batch for all; where it fails, one a tenant, then one a file: a bad file stops itself only."""
        ctx = self.ctx
        # A content that lies there under two names is one delivery.
        unique = list({arrival.delivery_id: arrival for arrival in arrivals}.values())
        tenants = sorted({arrival.file.tenant for arrival in unique})
        ids = [arrival.delivery_id for arrival in unique]
        seq = deliveries.open_batch(
            ctx.engine, self.region, self.dataset, "ingest", ids, tenants, ctx.bundle.digest, ctx.run_id
        )
        batch = deliveries.open_batches(ctx.engine, self.region, self.dataset)[-1]
        staging = staging_folder(ctx.landing, self.region, self.dataset, seq)
        try:
            self._bring_batch(contract, unique, batch, staging)
        finally:
            shutil.rmtree(staging, ignore_errors=True)

    def _bring_batch(
        self, contract: Contract, arrivals: list[Arrival], batch: Row[Any], staging: Path
    ) -> None:
        ctx, tenants = self.ctx, sorted({arrival.file.tenant for arrival in arrivals})
        try:
            records = read_staged(ctx.spark, stage(staging, arrivals), contract)
            landed = commit_batch(ctx, self.places, contract, batch, records, tenants)
        except SPARK_ERRORS as error:
            if ctx.lake.committed(self.places.bronze, WRITER) >= batch.seq:  # failed after it: rows are in
                self._close(batch.seq, arrivals)
                self._fail(tenants, error_kind(error))
            else:
                undo_batch(ctx, self.places, batch.seq)
                self._again(contract, arrivals, error_kind(error))
            return
        unchanged, reasons = self._close(batch.seq, arrivals)
        self._tell(contract, unchanged, landed, reasons)

    def _close(self, seq: int, arrivals: list[Arrival]) -> tuple[list[Arrival], dict[str, Counter[str]]]:
        """Settle a committed batch, without the files that changed as they were read; returns the others."""
        unchanged = self._unchanged(arrivals)
        changed = {one.delivery_id for one in arrivals} - {one.delivery_id for one in unchanged}
        deliveries.withdraw(self.ctx.engine, seq, changed)
        return unchanged, close_batch(self.ctx, self.places, seq)

    def _unchanged(self, arrivals: list[Arrival]) -> list[Arrival]:
        changed = [arrival for arrival in arrivals if arrival.changed]
        for arrival in changed:
            self.outcomes[arrival.file.tenant].files_waiting[STILL_WRITTEN] += 1
        return [arrival for arrival in arrivals if arrival not in changed]

    def _again(self, contract: Contract, arrivals: list[Arrival], kind: str) -> None:
        """Try without the files that cannot be read or are not what they were; else in smaller parts."""
        # On a full disk every further try would only leave more half-written files.
        faults = {} if kind == DISK_FULL else self._faults(contract, arrivals)
        steady = [arrival for arrival in self._unchanged(arrivals) if arrival.file.path.exists()]
        good = [arrival for arrival in steady if arrival.delivery_id not in faults]
        for arrival in steady:
            if arrival not in good:
                self._refuse(arrival, faults[arrival.delivery_id])
        if kind == DISK_FULL or len(good) == len(arrivals) == 1:
            self._fail({arrival.file.tenant for arrival in good}, kind)
            return
        for part in _split(good) if len(good) == len(arrivals) else [good]:
            if part:
                self._bring(contract, part)

    def _faults(self, contract: Contract, arrivals: list[Arrival]) -> dict[int, str]:
        """What is wrong with the files that Spark cannot read, by delivery."""
        folder = staging_folder(self.ctx.landing, self.region, self.dataset, 0)  # no batch has this number
        found = {one.delivery_id: fault_in(self.ctx, one, contract, folder) for one in arrivals}
        return {delivery_id: fault for delivery_id, fault in found.items() if fault is not None}

    def _refuse(self, arrival: Arrival, fault: str) -> None:
        reason = UnreadableFile("parquet_not_read", fault).reason
        deliveries.refuse(self.ctx.engine, arrival.delivery_id, reason, self.ctx.bundle.digest)
        self.outcomes[arrival.file.tenant].files_refused[reason] += 1

    def _fail(self, tenants: Iterable[str], kind: str) -> None:
        for tenant in tenants:
            self.outcomes[tenant].failed = kind

    def _compact(self, tenants: Sequence[str]) -> None:
        """Keep the number of files bounded. Rows are in whether or not it works; the next run tries again."""
        for table in (self.places.bronze, self.places.quarantine):
            try:
                self.ctx.lake.compact(table, tenants)
            except SPARK_ERRORS as error:
                kind = error_kind(error)
                if len(tenants) == 1 or kind == DISK_FULL:
                    self._fail(tenants, kind)
                else:
                    for tenant in tenants:
                        self._compact([tenant])
                return

    def _tell(
        self,
        contract: Contract,
        arrivals: list[Arrival],
        landed: dict[str, Landed],
        reasons: dict[str, Counter[str]],
    ) -> None:
        for arrival in arrivals:
            outcome = self.outcomes[arrival.file.tenant]
            counts = landed.get(arrival.batch_id, Landed(0, 0, ()))
            outcome.files += 1
            outcome.rows_landed += counts.rows
            outcome.rows_quarantined += counts.bad
            outcome.rows_bronze += counts.rows - counts.bad
            undeclared = {*counts.undeclared, *arrival.shape.columns} - contract.fields
            outcome.undeclared.update(showable(name) for name in undeclared)
            outcome.reasons.update(reasons.get(arrival.batch_id, {}))
            settled = Settled(arrival.file, arrival.delivery_id, arrival.content_token, contract.disposal)
            outcome.settled.append(settled)


def _split(arrivals: list[Arrival]) -> list[list[Arrival]]:
    tenants = sorted({arrival.file.tenant for arrival in arrivals})
    if len(tenants) > 1:
        return [[arrival for arrival in arrivals if arrival.file.tenant == id_] for id_ in tenants]
    return [[arrival] for arrival in arrivals]
