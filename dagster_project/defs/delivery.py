"""`lineage/delivery`: lineage events leave the outbox, at the end of a run and, by a sensor, between runs."""

from __future__ import annotations

from typing import Any

import dagster as dg

from audit.relay import DeliveryReport, RelayLimits
from dagster_project.annotations import resolved
from dagster_project.defs.help import help_metadata
from dagster_project.defs.landing import INVENTORY
from dagster_project.failures import plainly
from dagster_project.house import control_state
from dagster_project.lineage_delivery import SetAside, relay_step, set_aside, troubles
from dagster_project.resources import HouseResource
from dagster_project.settings import Settings
from dagster_project.tables import table
from policy import PolicyBundle, load_policies

DELIVERY = dg.AssetKey(["lineage", "delivery"])
ARRIVES = "lineage_arrives"
INTERVAL = 60

BETWEEN_RUNS = RelayLimits(budget=30.0)
"""A tick may take longer than a run's last step: nothing waits for it. Dagster ends one after a minute."""


# It hangs on the inventory alone, so that the events of a run that failed or was blocked leave too; its
# low priority makes it the last step of a run.
@dg.asset(
    key=DELIVERY,
    deps=[INVENTORY],
    group_name="lineage",
    op_tags={"dagster/priority": "-100"},
    kinds={"openlineage"},
    description="Delivers waiting OpenLineage events to file and endpoint, at least once and in order.",
    check_specs=[
        dg.AssetCheckSpec(
            ARRIVES,
            asset=DELIVERY,
            description="No event was set aside, none waits for more than an hour, no thousand of them wait",
        )
    ],
)
@plainly
@resolved
def delivery(house: HouseResource) -> dg.MaterializeResult[Any]:
    """Relay the outbox; a sink that is down is told here and loses nothing."""
    report, aside = _relay(house.settings)
    told = troubles(report)
    verdict = dg.AssetCheckResult(
        passed=not told,
        check_name=ARRIVES,
        severity=dg.AssetCheckSeverity.WARN,
        metadata=_trouble(told, aside, load_policies(house.settings.policies)),
    )
    return dg.MaterializeResult(metadata=_metadata(report), check_results=[verdict])


def lineage_delivery(settings: Settings, bundle: PolicyBundle) -> dg.SensorDefinition:
    """The sensor that delivers between runs; stopped until somebody starts it."""

    @dg.sensor(
        name="lineage_delivery",
        minimum_interval_seconds=INTERVAL,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description="Delivers lineage events that wait, without a run: after an outage, or of a large run.",
    )
    @plainly
    def evaluate(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        if not settings.control_db.exists():
            return dg.SkipReason("nothing has run yet")
        report, aside = _relay(settings, BETWEEN_RUNS)
        told = troubles(report)
        # Told only when something changed: Dagster keeps what it is told, and an outage has many ticks.
        verdict = "; ".join(told)
        news: list[dg.AssetMaterialization | dg.AssetObservation | dg.AssetCheckEvaluation] = []
        if any(one.delivered or one.set_aside for one in report.sinks):
            news.append(dg.AssetMaterialization(DELIVERY, metadata=_metadata(report)))
        if bool(verdict) != bool(context.cursor):
            news.append(
                dg.AssetCheckEvaluation(
                    DELIVERY,
                    ARRIVES,
                    passed=not told,
                    metadata=_trouble(told, aside, bundle),
                    severity=dg.AssetCheckSeverity.WARN,
                )
            )
        moved = sum(one.delivered for one in report.sinks)
        skip = f"{moved} events delivered; {verdict or 'lineage arrives'}"
        return dg.SensorResult(skip_reason=skip, asset_events=news, cursor=verdict)

    return evaluate


def _relay(settings: Settings, limits: RelayLimits | None = None) -> tuple[DeliveryReport, list[SetAside]]:
    with control_state(settings) as engine:
        return relay_step(engine, settings, limits), set_aside(engine, settings)


def _metadata(report: DeliveryReport) -> dict[str, Any]:
    rows = [(s.sink, s.delivered, s.lag.pending, s.lag.dead, s.stopped_by or "") for s in report.sinks]
    columns = ("sink", "delivered now", "still waiting", "set aside", "stopped by")
    return {
        "lag": dg.MetadataValue.int(sum(one.lag.pending for one in report.sinks)),
        "set_aside": dg.MetadataValue.int(sum(one.lag.dead for one in report.sinks)),
        "sinks": table(columns, rows),
    }


def _trouble(told: list[str], aside: list[SetAside], bundle: PolicyBundle) -> dict[str, Any]:
    rows = [(one.sink, one.tenant, one.step, one.reason, one.events) for one in aside]
    return {
        "look_at": "; ".join(told) or "nothing",
        "set_aside": table(("sink", "tenant", "step", "refused with", "events"), rows),
        "to_mend_it": "mend the sink, then: lakeward lineage retry",
        **help_metadata("docs/lineage-delivery.md", bundle),
    }
