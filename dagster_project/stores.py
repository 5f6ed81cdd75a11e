"""The stores beside the tables, each shortened to the period that the policies give it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import dagster as dg

from audit.errors import LineageError
from audit.lineage_file import drop_lines
from audit.outbox import Outbox
from audit.sinks import FileSink
from audit.turns import turn
from classifications.ledger import FindingsLedger
from dagster_project.lineage_delivery import lineage_sinks
from dagster_project.settings import Settings
from policy.retention import Period, Store
from retention.settled import (
    expire_exports,
    expire_holds,
    expire_receipts,
    expire_requests,
    expire_restrictions,
    expire_suppressions,
)
from retention.stores import StoreResult, expire_archive, expire_landing, note_store
from tenancy.control import now
from transforms.context import LakeContext
from transforms.errors import words_of

ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
RUNS_AT_ONCE = 5000
"""The next run of retention takes what is more."""


def stores_step(
    ctx: LakeContext, settings: Settings, instance: dg.DagsterInstance, tenants: Sequence[str]
) -> list[StoreResult]:
    """Shorten each store that has a period; one that fails stops itself only.

    Exports have an end of their own, and need no period for that.
    Archive and landing zone are looked into for these tenants; the other stores are everybody's.
    """
    at, told = now(), []
    periods: dict[Store, Period | None] = {Store.EXPORTS: None, **ctx.bundle.retention.stores}
    work: dict[Store, Callable[[Any], StoreResult]] = {
        Store.EXPORTS: lambda period: expire_exports(ctx.engine, settings.exports, period, at),
        Store.ARCHIVE: lambda period: expire_archive(ctx, tenants, period, at),
        Store.LANDING: lambda period: expire_landing(ctx, tenants, period, at),
        Store.REQUESTS: lambda period: expire_requests(ctx.engine, period, at),
        Store.RECEIPTS: lambda period: expire_receipts(ctx.engine, settings.receipts, period, at),
        Store.HOLDS: lambda period: expire_holds(ctx.engine, period, at),
        Store.RESTRICTIONS: lambda period: expire_restrictions(ctx.engine, period, at),
        Store.SUPPRESSIONS: lambda period: expire_suppressions(ctx.engine, period, at),
        Store.FINDINGS: lambda period: _findings(ctx, period.start(at)),
        Store.LINEAGE: lambda period: _lineage(ctx, settings, period.start(at)),
        Store.DAGSTER_RUNS: lambda period: _runs(instance, period.start(at)),
    }
    for store, period in sorted(periods.items()):
        if store is Store.VERSIONS:
            continue  # by maintenance, under the tables' leases
        try:
            one = work[store](period)
        except Exception as error:  # noqa: BLE001 - of each kind of storage; its text may quote data
            one = StoreResult(store, failed=words_of(error))
        note_store(ctx, one)
        told.append(one)
    return told


def _findings(ctx: LakeContext, before: datetime) -> StoreResult:
    bundle = ctx.bundle
    contracts = [
        (tenant, contract)
        for tenant in bundle.tenants
        for dataset in bundle.datasets
        if (contract := bundle.contract_for(tenant, dataset)) is not None
    ]
    declared = {(tenant, one.dataset, column.name) for tenant, one in contracts for column in one.columns}
    return StoreResult(Store.FINDINGS, FindingsLedger(ctx.engine).forget(before, declared))


def _lineage(ctx: LakeContext, settings: Settings, before: datetime) -> StoreResult:
    """What waits for a sink stays, however old."""
    sinks = [sink.name for sink in lineage_sinks(settings)]
    gone = Outbox(ctx.engine).prune(sinks, 0, before)
    file = settings.lineage_file
    with turn(settings.leases, FileSink(file).name) as ours:
        if not ours:
            raise LineageError("the file of lineage is being written. To mend it: none, the next run does it")
        return StoreResult(Store.LINEAGE, gone + drop_lines(file, before))


def _runs(instance: dg.DagsterInstance, before: datetime) -> StoreResult:
    """Runs that ended before then, with their events and logs."""
    old = dg.RunsFilter(statuses=ENDED, updated_before=before)
    run_ids = [record.dagster_run.run_id for record in instance.get_run_records(old, limit=RUNS_AT_ONCE)]
    for run_id in run_ids:
        instance.compute_log_manager.delete_logs(prefix=[run_id])
        instance.delete_run(run_id)
    return StoreResult(Store.DAGSTER_RUNS, len(run_ids))
