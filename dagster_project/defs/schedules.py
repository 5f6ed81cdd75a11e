"""The jobs every night, over all tenants."""

from __future__ import annotations

from collections.abc import Mapping

import dagster as dg

from dagster_project.defs.jobs import LAKE, REQUEST_DESK, RETENTION
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
        return _everybody(context, settings, CHECK_ALL)

    return evaluate


def retention_daily(settings: Settings) -> dg.ScheduleDefinition:
    """The schedule of retention; stopped until somebody starts it."""

    @dg.schedule(
        name="retention_daily",
        job=RETENTION,
        cron_schedule="0 4 * * *",
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description="Does what is due, of every tenant, every morning at four (UTC). It deletes.",
    )
    @plainly
    def evaluate(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        return _everybody(context, settings, {})

    return evaluate


def requests_daily() -> dg.ScheduleDefinition:
    """The schedule of the look at requests; stopped until somebody starts it."""
    return dg.ScheduleDefinition(
        name="requests_daily",
        job=REQUEST_DESK,
        cron_schedule="0 5 * * *",
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description="Deadlines and proofs of all requests, every morning at five (UTC).",
    )


def _everybody(
    context: dg.ScheduleEvaluationContext, settings: Settings, tags: Mapping[str, str]
) -> dg.RunRequest | dg.SkipReason:
    tenants = sync_tenants(context.instance, load_policies(settings.policies).tenants)
    if not tenants:
        return dg.SkipReason("the policies name no tenant")
    return dg.RunRequest(tags=span(tenants, tenants) | dict(tags))
