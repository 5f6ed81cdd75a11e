"""Landing files become rows of bronze and quarantine, each content once, each tenant on its own."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from policy.contracts import Contract, Disposal
from transforms import deliveries
from transforms.batch import WRITER, Landed, Places, commit_batch
from transforms.context import LakeContext
from transforms.errors import DISK_FULL, SPARK_ERRORS, UnreadableFile, error_kind
from transforms.formats import Shape, content_token, inspect
from transforms.headers import showable
from transforms.landing import STAGING, Inventory, LandingFile
from transforms.readers import StagedFile, read_staged
from transforms.recovery import close_batch, recover, undo_batch


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
    rows_landed: int = 0
    rows_bronze: int = 0
    rows_quarantined: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    undeclared: set[str] = field(default_factory=set)
    settled: list[Settled] = field(default_factory=list)
    failed: str | None = None


@dataclass(frozen=True)
class _Arrival:
    file: LandingFile
    delivery_id: int
    content_token: str
    batch_id: str
    shape: Shape


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
        for folder in (self.ctx.landing / STAGING).glob(f"{self.region}.{self.dataset}.*"):
            shutil.rmtree(folder)  # links of a run that died; the lease says that nobody reads them
        recover(self.ctx, self.region, self.dataset)
        for contract, members in self.ctx.by_contract(self.dataset, tenants):
            arrivals = [
                a for file in self.inventory.of(self.dataset, members) if (a := self._arrive(file, contract))
            ]
            if arrivals:
                self._bring(contract, arrivals)
                self._compact([id_ for id_ in members if self.outcomes[id_].failed is None])

    def _arrive(self, file: LandingFile, contract: Contract) -> _Arrival | None:
        """The file as a delivery that waits for a batch; None where it is known or refused."""
        ctx, outcome = self.ctx, self.outcomes[file.tenant]
        token = content_token(file, ctx.keyring.tenant_keys(file.tenant).token_key)
        size = file.path.stat().st_size
        row = deliveries.register(
            ctx.engine, file.tenant, self.region, self.dataset, token, size, ctx.bundle.digest, ctx.run_id
        )
        if row.state == "ingested":
            outcome.files_known += 1
            outcome.settled.append(Settled(file, row.id, token, contract.disposal))
            return None
        if row.state == "refused":
            outcome.files_refused[row.reason] += 1
            return None
        try:
            shape = inspect(file, contract)
        except UnreadableFile as error:
            deliveries.refuse(ctx.engine, row.id, error.reason, ctx.bundle.digest)
            outcome.files_refused[error.reason] += 1
            return None
        return _Arrival(file, row.id, token, deliveries.batch_id(row.id, token), shape)

    def _bring(self, contract: Contract, arrivals: list[_Arrival]) -> None:
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
        staging = ctx.landing / STAGING / f"{self.region}.{self.dataset}.{seq}"
        try:
            records = read_staged(ctx.spark, _stage(staging, unique), contract)
            landed = commit_batch(ctx, self.places, contract, batch, records, tenants)
        except SPARK_ERRORS as error:
            kind = error_kind(error)
            committed = ctx.lake.committed(self.places.bronze, WRITER) >= seq
            if committed:  # failed after the commit: rows are in
                close_batch(ctx, self.places, seq)
            else:
                undo_batch(ctx, self.places, seq)
            parts = _split(unique)
            # On a full disk every further try would only leave more half-written files.
            if committed or len(parts) == 1 or kind == DISK_FULL:
                for tenant in tenants:
                    self.outcomes[tenant].failed = kind
            else:
                for part in parts:
                    self._bring(contract, part)
            return
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        self._tell(contract, unique, landed, close_batch(ctx, self.places, seq))

    def _compact(self, tenants: Sequence[str]) -> None:
        """Keep the number of files bounded. Rows are in whether or not it works; the next run tries again."""
        for table in (self.places.bronze, self.places.quarantine):
            try:
                self.ctx.lake.compact(table, tenants)
            except SPARK_ERRORS as error:
                kind = error_kind(error)
                if len(tenants) == 1 or kind == DISK_FULL:
                    for tenant in tenants:
                        self.outcomes[tenant].failed = kind
                else:
                    for tenant in tenants:
                        self._compact([tenant])
                return

    def _tell(
        self,
        contract: Contract,
        arrivals: list[_Arrival],
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


def _stage(folder: Path, arrivals: list[_Arrival]) -> list[StagedFile]:
    """Neutral names for the files: links inside the landing zone, so that no copy is made."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    staged = []
    for arrival in arrivals:
        ending = ".gz" if arrival.file.gzipped else ""
        link = folder / f"{arrival.delivery_id}.{arrival.shape.format}{ending}"
        link.symlink_to(arrival.file.path.resolve())
        staged.append(StagedFile(link, arrival.file.tenant, arrival.batch_id, arrival.shape))
    return staged


def _split(arrivals: list[_Arrival]) -> list[list[_Arrival]]:
    tenants = sorted({arrival.file.tenant for arrival in arrivals})
    if len(tenants) > 1:
        return [[arrival for arrival in arrivals if arrival.file.tenant == id_] for id_ in tenants]
    return [[arrival] for arrival in arrivals]
