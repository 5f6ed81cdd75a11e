"""The job every night, over all tenants."""

from __future__ import annotations

import dagster as dg

from dagster_project.defs.jobs import LAKE
from dagster_project.failures import plainly
from dagster_project.partitions import CHECK_ALL, span, sync_tenants
from dagster_project.settings import Settings
from policy import load_policies


def nightly(settings: Settings) -> dg.ScheduleDefinition:
    """The schedule; stopped until somebody starts it."""

    @dg.schedule(
        name="nightly",
        job=LAKE,
        cron_schedule="0 2 * * *",
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description="Every tenant, every night at two (UTC). Checks read every row again.",
    )
    @plainly
    def evaluate(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        tenants = sync_tenants(context.instance, load_policies(settings.policies).tenants)
        return (
            dg.RunRequest(tags=span(tenants, tenants) | CHECK_ALL)
            if tenants
            else dg.SkipReason("the policies name no tenant")
        )

    return evaluate
