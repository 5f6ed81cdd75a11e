"""What is known of checks that a run planned and never came to, because something before them failed.

Dagster shows such a check as one that could not be executed, and so hides who fails, why, and the mend.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import dagster as dg

from dagster_project.defs.help import help_metadata
from dagster_project.defs.reviews import reviews_check
from dagster_project.defs.verdicts import DONE, HELD, standing_of, verdict
from dagster_project.mends import PLAYBOOK
from dagster_project.undecided import WAITING
from tenancy.control import now
from transforms.context import LakeContext
from transforms.standings import CheckResult, Standings

LAYERS = ("bronze", "findings", "silver")
PLANNED = dg.DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED
BEGUN = dg.DagsterEventType.STEP_START


def tell_untold(instance: dg.DagsterInstance, ctx: LakeContext, held: Mapping[tuple[str, str], str]) -> None:
    """At a run's end, give each check that it did not come to what is known of all tenants.

    `held`: dataset and tenant to why the tenant was held back in this run, which is written down for each
    step that it did not come to. Where nobody was held back in a dataset, something else went wrong.
    """
    standings, stopped = Standings(ctx.engine), {dataset for dataset, _ in held}
    for key in _untold(instance, ctx.run_id) if held else ():
        layer, dataset = key.asset_key.path
        if dataset not in stopped:
            continue
        if key.name == DONE:
            standings.record(_held_back(ctx.run_id, layer, dataset, held))
        if key.name == WAITING:  # what waits is known without the step
            _report(instance, key, reviews_check(ctx.engine, ctx.bundle, dataset))
            continue
        known = standings.named(key.name, layer, dataset)
        if standing := standing_of(known, ctx.bundle):
            severity = dg.AssetCheckSeverity.ERROR if key.name == DONE else dg.AssetCheckSeverity.WARN
            more = help_metadata(PLAYBOOK, ctx.bundle, dataset)
            _report(instance, key, verdict(key, standing, ctx.run_id, severity, more))


def _untold(instance: dg.DagsterInstance, run_id: str) -> Iterator[dg.AssetCheckKey]:
    records = instance.get_records_for_run(run_id, of_type={PLANNED, BEGUN}).records
    events = [record.event_log_entry.dagster_event for record in records]
    begun = {event.step_key for event in events if event is not None and event.is_step_start}
    for event in events:
        if event is None or event.is_step_start or event.step_key in begun:
            continue
        planned = event.asset_check_planned_data
        if planned.asset_key.path[0] in LAYERS:
            yield dg.AssetCheckKey(planned.asset_key, planned.check_name)


def _held_back(
    run_id: str, layer: str, dataset: str, held: Mapping[tuple[str, str], str]
) -> list[CheckResult]:
    moment = now()
    return [
        CheckResult(DONE, layer, dataset, tenant, False, f"{HELD}{why}", run_id, moment)
        for (of, tenant), why in held.items()
        if of == dataset
    ]


def _report(instance: dg.DagsterInstance, key: dg.AssetCheckKey, result: dg.AssetCheckResult) -> None:
    evaluation = dg.AssetCheckEvaluation(
        asset_key=key.asset_key,
        check_name=key.name,
        passed=result.passed,
        metadata=result.metadata,
        severity=result.severity,
        description=result.description,
    )
    instance.report_runless_asset_event(evaluation)
