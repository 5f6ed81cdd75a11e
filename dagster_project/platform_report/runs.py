"""What only Dagster's record of runs tells: why rows were quarantined, what retention's last plan found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import dagster as dg

from audit.pages.platform import Row
from dagster_project.defs.retention import PLAN
from dagster_project.instance import open_instance
from dagster_project.run_locks import alone
from dagster_project.settings import Settings
from policy import PolicyBundle

AT_ONCE = 1000


@dataclass(frozen=True)
class ToldByRuns:
    """Rows as `audit.pages.platform` takes them. `known`: whether there is a record at all.

    `planned_at`: when retention was planned, empty where it never was; of several plans from when to when.
    """

    known: bool = False
    reasons: tuple[Row, ...] = ()
    planned_at: str = ""
    due: tuple[Row, ...] = ()
    coming: tuple[Row, ...] = ()
    not_planned: tuple[str, ...] = ()


TOLD_NOTHING = ToldByRuns()


def told_by_runs(settings: Settings, bundle: PolicyBundle) -> ToldByRuns:
    """Read it from the Dagster home that the settings name."""
    with alone(settings.leases / "dagster.lock"):  # Dagster makes its databases when it first opens them
        opened = open_instance(settings.dagster_home)
    with opened as instance:
        return _told(instance, bundle)


def _told(instance: dg.DagsterInstance, bundle: PolicyBundle) -> ToldByRuns:
    reasons: Counter[tuple[str, str, str]] = Counter()
    for dataset in bundle.datasets:
        for metadata in _of_each_run(instance, dg.AssetKey(["bronze", dataset])):
            for one in _records(metadata, "quarantine_reasons"):
                reasons[one["tenant"], dataset, one["reason"]] += int(one["rows"])
    plans = {tenant: plan for tenant in bundle.tenants if (plan := _plan(instance, tenant)) is not None}
    moments = sorted({str(plan["as_of"].value) for plan in plans.values()})
    return ToldByRuns(
        known=True,
        reasons=tuple((*key, rows) for key, rows in sorted(reasons.items()) if key[0] in bundle.tenants),
        planned_at=" to ".join(dict.fromkeys((moments[0], moments[-1]))) if moments else "",
        due=tuple(_own(plans, "due", ("table", "what", "due", "held"))),
        coming=tuple(_own(plans, "next", ("table", "what", "date"))),
        not_planned=tuple(tenant for tenant in bundle.tenants if tenant not in plans),
    )


def _of_each_run(instance: dg.DagsterInstance, key: dg.AssetKey) -> Iterator[Any]:
    """An asset's metadata, once a run: a run over many partitions records it with each of them."""
    seen, cursor, more = set(), None, True
    while more:
        page = instance.fetch_materializations(key, limit=AT_ONCE, cursor=cursor)
        for record in page.records:
            if record.run_id not in seen and record.asset_materialization is not None:
                seen.add(record.run_id)
                yield record.asset_materialization.metadata
        cursor, more = page.cursor, page.has_more


def _plan(instance: dg.DagsterInstance, tenant: str) -> Any:
    wanted = dg.AssetRecordsFilter(asset_key=PLAN, asset_partitions=[tenant])
    records = instance.fetch_materializations(wanted, limit=1).records
    found = records[0].asset_materialization if records else None
    return found.metadata if found is not None else None


def _own(plans: dict[str, Any], name: str, columns: tuple[str, ...]) -> Iterator[Row]:
    """Of each tenant's last plan its own rows: a plan tells of all tenants of its run."""
    for tenant, plan in plans.items():
        for one in _records(plan, name):
            if one["tenant"] == tenant:
                yield (tenant, *(one[column] for column in columns))


def _records(metadata: Any, name: str) -> list[Any]:
    return [record.data for record in metadata[name].records] if name in metadata else []
