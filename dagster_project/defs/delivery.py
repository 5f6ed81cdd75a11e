"""`lineage/delivery`: lineage events leave the outbox."""

from __future__ import annotations

from typing import Any

import dagster as dg

from audit.relay import DeliveryReport
from dagster_project.annotations import resolved
from dagster_project.defs.landing import INVENTORY
from dagster_project.failures import plainly
from dagster_project.house import open_control_state
from dagster_project.resources import HouseResource
from dagster_project.steps import relay_step
from dagster_project.tables import table

COLUMNS = ("sink", "delivered now", "still waiting", "set aside", "stopped by")


# It hangs on the inventory alone, so that the events of a run that failed or was blocked leave too; its
# low priority makes it the last step of a run.
@dg.asset(
    key=["lineage", "delivery"],
    deps=[INVENTORY],
    group_name="lineage",
    op_tags={"dagster/priority": "-100"},
    kinds={"openlineage"},
    description="Delivers waiting OpenLineage events to file and endpoint, at least once and in order.",
)
@plainly
@resolved
def delivery(house: HouseResource) -> dg.MaterializeResult[Any]:
    """Relay the outbox; a sink that is down is told here and loses nothing."""
    engine = open_control_state(house.settings)
    try:
        report = relay_step(engine, house.settings)
    finally:
        engine.dispose()
    return dg.MaterializeResult(metadata=_metadata(report))


def _metadata(report: DeliveryReport) -> dict[str, Any]:
    rows = [(s.sink, s.delivered, s.lag.pending, s.lag.dead, s.stopped_by or "") for s in report.sinks]
    return {
        "lag": dg.MetadataValue.int(sum(one.lag.pending for one in report.sinks)),
        "set_aside": dg.MetadataValue.int(sum(one.lag.dead for one in report.sinks)),
        "sinks": table(COLUMNS, rows),
    }
