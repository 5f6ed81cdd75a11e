"""Executing retention: what the plan says is due goes, dataset by dataset, and its past leaves the disk.

Then somebody else looks for it, and writes a receipt for each tenant. Resumable: what is due is told from the
tables as they are, and what is left to do after a commit (silver, the past, the proof) is told from the
effects that are not finished. A hold counts from the next dataset on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from policy.contracts import Contract
from policy.errors import LakewardError
from retention.effects import Effect, conclude, effects_of, note_purge, unfinished
from retention.expire_part import ExpiringParts
from retention.expired_ids import forget_abandoned
from retention.holds import Hold, all_holds
from retention.kept_up import has_part
from retention.plan import LAYERS, PlanLine, Standing, dataset_lines, standing_rules
from retention.receipt import Proof
from transforms.context import LakeContext
from transforms.delta_log import DeltaLog
from transforms.erased import settle_changes
from transforms.errors import DISK_FULL, SPARK_ERRORS, error_kind, words_of
from transforms.lake import Table
from transforms.protect import last_protections
from transforms.purge import Purged, has_past, purge
from transforms.recovery import recover

Remake = Callable[[str, Sequence[str]], Mapping[str, str]]
"""Makes silver of a dataset anew for these tenants; who failed, and by what kind of error."""
Progress = Callable[[str], None]
AT_ONCE = 1_000_000
"""Due rows of several tenants that one statement takes: their ids are in memory together."""


@dataclass
class Expired:
    """What a run came to.

    `lines` are the plan's, as each dataset stood when its turn came. `effects` are what was done to its end
    in this run and proved, whoever began it; `unproved` what waits for the verifier. `purged` and `versions`
    (before and after) are by table (`us/bronze/orders`), `failed` by tenant and dataset, `proofs` by tenant.
    """

    at: datetime
    lines: list[PlanLine] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    unproved: list[Effect] = field(default_factory=list)
    proofs: dict[str, Proof] = field(default_factory=dict)
    purged: dict[str, Purged] = field(default_factory=dict)
    versions: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)
    archives: int = 0
    archive_bytes: int = 0
    failed: dict[tuple[str, str], str] = field(default_factory=dict)


class Prover(Protocol):
    """Looks for what expired where nobody should find it any more, and writes receipts."""

    def __call__(self, ctx: LakeContext, told: Expired) -> Mapping[str, Proof]:
        """A proof of the effects in `told.unproved` for each of their tenants."""


def expire(
    ctx: LakeContext, tenants: Sequence[str], at: datetime, remake: Remake, prove: Prover,
    progress: Progress = lambda _step: None,
) -> Expired:  # fmt: skip
    """Do what the rules want done of these tenants' tables at `at` (with its zone), under the holds of now.

    A tenant or dataset that fails stops itself only. `remake` and `prove` are called without the dataset's
    lease.
    """
    told = Expired(at)
    standings = standing_rules(ctx.bundle, tenants)
    for region, members in ctx.by_region(tenants).items():
        for dataset in ctx.bundle.datasets:
            own = [one for one in standings if one.dataset == dataset and one.tenant in members]
            # What was begun is finished, also where its rule is gone by now.
            begun = {one.tenant for one in unfinished(ctx.engine, region, dataset)} & set(members)
            if (own or begun) and ctx.lake.exists(Table(region, "bronze", dataset)):
                progress(f"retention of {dataset} in {region}")
                whose = sorted({one.tenant for one in own} | begun)
                _Dataset(ctx, region, dataset, told).expire(own, whose, remake)
    if told.unproved:
        progress("verifying")
        _prove(ctx, told, prove)
    return told


def _prove(ctx: LakeContext, told: Expired, prove: Prover) -> None:
    """What the verifier finds nothing of is done; the rest is taken up by the next run."""
    why: dict[str, str] = {}
    try:
        told.proofs |= prove(ctx, told)
        for tenant, proof in told.proofs.items():
            own = [one for one in told.unproved if one.tenant == tenant]
            conclude(ctx.engine, tenant, own, proof, ctx.run_id)
            why[tenant] = proof.detail
    except (*SPARK_ERRORS, LakewardError) as error:
        why = {one.tenant: words_of(error) for one in told.unproved} | why
    for one in told.unproved:
        if why[one.tenant]:
            told.failed.setdefault((one.tenant, one.dataset), why[one.tenant])
    told.effects += effects_of(ctx.engine, {one.seq for one in told.unproved if not why[one.tenant]})


@dataclass(frozen=True)
class _Dataset:
    ctx: LakeContext
    region: str
    dataset: str
    told: Expired
    before: dict[Table, tuple[int | None, frozenset[str]]] = field(default_factory=dict)
    """Each table's version, and the names of its live files, before anything was changed."""

    def expire(self, standings: Sequence[Standing], tenants: Sequence[str], remake: Remake) -> None:
        try:
            with self.ctx.lake.lease(self.region, self.dataset):
                recover(self.ctx, self.region, self.dataset)
                forget_abandoned(self.ctx.engine)
                self._change(standings)
                begun = unfinished(self.ctx.engine, self.region, self.dataset)
            if begun:
                self._follow_up([one for one in begun if one.tenant in tenants], remake)
        except (*SPARK_ERRORS, LakewardError) as error:
            for tenant in tenants:
                self._failed(tenant, words_of(error))

    def _look(self) -> None:
        for table in (Table(self.region, layer, self.dataset) for layer in LAYERS):
            if self.ctx.lake.exists(table):
                live = DeltaLog(Path(self.ctx.lake.path(table))).live() or {}
                names = frozenset(Path(one).name for one in live)
                self.before[table] = (self.ctx.lake.version(table), names)

    def _change(self, standings: Sequence[Standing]) -> None:
        holds = all_holds(self.ctx.engine)
        lines = dataset_lines(self.ctx, self.region, self.dataset, standings, holds, self.told.at)
        self.told.lines += lines
        if any(one.due for one in lines) or unfinished(self.ctx.engine, self.region, self.dataset):
            self._look()
        for contract, alike in self.ctx.by_contract(self.dataset, list({one.tenant for one in standings})):
            for tenants in _together(alike, lines):
                own = [one for one in standings if one.tenant in tenants]
                self._expire_alike(contract, own, lines, holds)

    def _expire_alike(
        self, contract: Contract, standings: Sequence[Standing], lines: Sequence[PlanLine],
        holds: Sequence[Hold],
    ) -> None:  # fmt: skip
        """Tenants share each statement; where one fails, each gets its own, so that one stops itself only."""
        parts = ExpiringParts(self.ctx, contract, standings, lines, holds, self.told.at)
        try:
            parts.expire()
            files, size = parts.remove_archives()
        except (*SPARK_ERRORS, LakewardError) as error:
            settle_changes(self.ctx.engine, self.ctx.lake, self.region, self.dataset)
            # On a full disk every further try would only leave more half-written files.
            if len(parts.tenants) == 1 or error_kind(error) == DISK_FULL:
                for tenant in parts.tenants:
                    self._failed(tenant, words_of(error))
                return
            left = dataset_lines(self.ctx, self.region, self.dataset, standings, holds, self.told.at)
            for tenant in parts.tenants:
                own = [one for one in standings if one.tenant == tenant]
                self._expire_alike(contract, own, left, holds)
        else:
            self.told.archives += files
            self.told.archive_bytes += size

    def _follow_up(self, begun: Sequence[Effect], remake: Remake) -> None:
        """Silver anew where it may show what went; then the past of all tables goes."""
        silver = Table(self.region, "silver", self.dataset)
        tenants = sorted({one.tenant for one in begun})
        known = last_protections(self.ctx.engine, self.dataset)
        stale = [one for one in tenants if one not in known and has_part(self.ctx, silver, one)]
        for tenant, kind in (remake(self.dataset, stale) if stale else {}).items():
            self._failed(tenant, kind)
        with self.ctx.lake.lease(self.region, self.dataset):
            for table, (version, names) in self.before.items():
                if has_past(self.ctx.lake, table, tenants):
                    gone = purge(self.ctx.lake, table, names)
                    note_purge(self.ctx.engine, table, gone, self.ctx.run_id)
                    self.told.purged[table.name] = gone
                self.told.versions[table.name] = (version, self.ctx.lake.version(table))
        self.told.unproved += [one for one in begun if (one.tenant, self.dataset) not in self.told.failed]

    def _failed(self, tenant: str, why: str) -> None:
        self.told.failed.setdefault((tenant, self.dataset), why)


def _together(tenants: Sequence[str], lines: Sequence[PlanLine]) -> Iterator[list[str]]:
    """As many of the tenants at a time as have not more than `AT_ONCE` rows due together."""
    due: Counter[str] = Counter()
    for line in lines:
        due[line.standing.tenant] += line.due
    group: list[str] = []
    for tenant in tenants:
        if group and sum(due[one] for one in (*group, tenant)) > AT_ONCE:
            yield group
            group = []
        group.append(tenant)
    if group:
        yield group
