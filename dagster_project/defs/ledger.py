"""The job `ledger`: between runs, a head signed and kept elsewhere, and old entries moved out."""

from __future__ import annotations

import dagster as dg

from dagster_project.annotations import resolved
from dagster_project.failures import plainly
from dagster_project.house import control_state
from dagster_project.ledger_heads import archive_step, sign_and_keep, trouble
from dagster_project.resources import HouseResource
from policy.errors import LakewardError


class HeadNotKept(LakewardError):
    """A head was signed and its second place did not take it."""


@dg.op(description="Signs the ledger, keeps the head in its second place, archives what is old enough.")
@plainly
@resolved
def keep_ledger(context: dg.OpExecutionContext, house: HouseResource) -> None:
    """Sign, keep and archive; fails where the ledger is not what was signed, or no head arrives."""
    settings = house.settings
    with control_state(settings) as engine:
        head, kept = sign_and_keep(engine, settings)
        archived = archive_step(engine, settings) if settings.ledger_keep is not None else []
    context.add_output_metadata(
        {"entries": head.size, "root": head.root, "signed_at": head.at, "segments": len(archived)}
    )
    if told := trouble(kept):
        raise HeadNotKept(told)


@dg.graph
def ledger() -> None:
    """The job's one step."""
    keep_ledger()


LEDGER = ledger.to_job(
    name="ledger",
    executor_def=dg.in_process_executor,
    description="The ledger's head signed and kept elsewhere; old entries into sealed segments.",
)


def ledger_hourly() -> dg.ScheduleDefinition:
    """The schedule; stopped until somebody starts it."""
    return dg.ScheduleDefinition(
        name="ledger_hourly",
        job=LEDGER,
        cron_schedule="0 * * * *",
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description="A signed head every hour, in its second place; starts no Spark.",
    )
