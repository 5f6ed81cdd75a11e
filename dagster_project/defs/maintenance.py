"""The job `maintenance`: rows of bronze by person, and old versions of tables off the disk."""

from __future__ import annotations

import dagster as dg

from dagster_project.annotations import resolved
from dagster_project.failures import plainly
from dagster_project.resources import HouseResource
from dagster_project.tables import table
from policy.errors import LakewardError
from retention.maintain import Maintained, maintain
from tenancy.control import now


class MaintenanceFailed(LakewardError):
    """Maintenance of some tables failed; the others are done."""


@dg.op(description="Clusters bronze by subject where it changed enough; ends old versions. Changes no row.")
@plainly
@resolved
def maintain_tables(context: dg.OpExecutionContext, house: HouseResource) -> None:
    """Maintain all tenants' tables; fails where one of them does."""
    ctx = house.context()
    told = maintain(ctx, list(ctx.bundle.tenants), now())
    context.add_output_metadata(_metadata(told))
    if told.failed:
        listed = "; ".join(f"{whose} {dataset}: {why}" for (whose, dataset), why in told.failed.items())
        raise MaintenanceFailed(f"{listed}. To mend it: mend that, then run the job again")


def _metadata(told: Maintained) -> dict[str, dg.MetadataValue]:
    clustered = [(whose, name, *depths) for (name, whose), depths in told.clustered.items()]
    purged = [(name, one.files, one.bytes, one.log_files) for name, one in told.purged.items()]
    return {
        "clustered": table(("tenant", "table", "files of a person before", "now"), clustered),
        "left_the_disk": table(("table", "files", "bytes", "files of the log"), purged),
    }


@dg.graph
def maintenance() -> None:
    """The job's one step."""
    maintain_tables()


MAINTENANCE = maintenance.to_job(
    name="maintenance",
    executor_def=dg.in_process_executor,
    description="Files put in order by person, and old versions of tables ended.",
)


def maintenance_weekly() -> dg.ScheduleDefinition:
    """The schedule; stopped until somebody starts it."""
    return dg.ScheduleDefinition(
        name="maintenance_weekly",
        job=MAINTENANCE,
        cron_schedule="0 5 * * 0",
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description="Every Sunday at five (UTC). Changes no row.",
    )
