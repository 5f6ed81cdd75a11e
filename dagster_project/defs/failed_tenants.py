"""The sensor that has a tenant that failed among others run alone, where `lakeward run` does not do it."""

from __future__ import annotations

import dagster as dg

from dagster_project.alone import Alone, runs_due
from dagster_project.defs.jobs import LAKE
from dagster_project.failures import plainly
from dagster_project.house import control_state
from dagster_project.partitions import AFTER, FOLLOWS, TENANT, tenants_of
from dagster_project.settings import Settings

INTERVAL = 30


def failed_tenants(settings: Settings) -> dg.SensorDefinition:
    """The sensor; on from the start, because without it nothing shows whose failure it was."""

    @dg.sensor(
        name="failed_tenants",
        job=LAKE,
        minimum_interval_seconds=INTERVAL,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Has each tenant that failed in a run of several run alone: that run fails, and the "
        "tenant's partition turns red.",
    )
    @plainly
    def evaluate(context: dg.SensorEvaluationContext) -> list[dg.RunRequest] | dg.SkipReason:
        if not settings.control_db.exists():
            return dg.SkipReason("nothing has run yet")
        requests = [
            dg.RunRequest(run_key=f"{one.after}.{one.tenant}", tags=one.tags, asset_selection=one.assets)
            for one in _due(context.instance, settings)
        ]
        return requests or dg.SkipReason("no tenant has failed in a run of several")

    return evaluate


def _due(instance: dg.DagsterInstance, settings: Settings) -> list[Alone]:
    with control_state(settings) as engine:
        due = runs_due(engine)
    known = set(instance.get_dynamic_partitions("tenants"))
    return [
        one
        for run_id, runs in due.items()
        if _is_over_and_of_several(instance, run_id)
        for one in runs
        if one.tenant in known and not _made(instance, one)
    ]


def _is_over_and_of_several(instance: dg.DagsterInstance, run_id: str) -> bool:
    run = instance.get_run_by_id(run_id)
    if run is None or not run.is_finished or FOLLOWS in run.tags:
        return False
    of = tenants_of(run)
    return of is None or len(of) > 1


def _made(instance: dg.DagsterInstance, one: Alone) -> bool:
    same = dg.RunsFilter(tags={AFTER: one.after, TENANT: one.tenant})
    return bool(instance.get_runs(filters=same, limit=1))
