"""Runs the job in this process, against the lake's own Dagster home, so that the UI shows the run."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

import dagster as dg

from dagster_project.build import build_definitions
from dagster_project.defs.bronze import REFUSED
from dagster_project.defs.delivery import ARRIVES
from dagster_project.defs.landing import VIOLATIONS
from dagster_project.instance import open_instance
from dagster_project.partitions import span, sync_tenants
from dagster_project.run_locks import alone, hold_run
from dagster_project.settings import Settings
from policy import load_policies
from policy.errors import LakewardError

ADVICE = frozenset({REFUSED, VIOLATIONS, ARRIVES})
"""Checks that tell a steward what to look at and say nothing against the run."""

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
CHECKED = "ASSET_CHECK_EVALUATION"
OURS = (
    "audit.",
    "classifications.",
    "dagster.",
    "dagster_project.",
    "policy.",
    "retention.",
    "tenancy.",
    "transforms.",
)
Progress = Callable[[str, int, int], None]
"""Told the step that begins, how many are done, and how many there are."""


@dataclass(frozen=True)
class CheckOutcome:
    """One asset check of the run. `asset` is like `silver/customers`."""

    asset: str
    name: str
    passed: bool

    @property
    def advice(self) -> bool:
        """Whether a failure says nothing against the run."""
        return self.name in ADVICE


@dataclass(frozen=True)
class RunSummary:
    """What a run came to. `failures` are step and message, safe to show."""

    run_id: str
    tenants: tuple[str, ...]
    checks: tuple[CheckOutcome, ...]
    failures: tuple[tuple[str, str], ...]
    skipped: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """True if no step failed and every check passed that is more than advice."""
        return not self.failures and all(check.passed or check.advice for check in self.checks)


def run_pipeline(settings: Settings, progress: Progress = lambda _step, _done, _all: None) -> RunSummary:
    """Take every tenant's files through the lake.

    Raises LakewardError where nothing can be run: policies refused, no tenant, no landing folder.
    A step's failure is in the summary.
    """
    tenants = load_policies(settings.policies).tenants
    if not tenants:
        raise LakewardError("the policies name no tenant. To mend it: add one to tenants.yaml")
    job = build_definitions(settings).resolve_job_def("lake")
    run_id = str(uuid.uuid4())
    hold_run(settings.leases, run_id)  # before Dagster knows of the run, so that its death is never missed
    with alone(settings.leases / "dagster.lock"):  # Dagster makes its databases when it first opens them
        opened = open_instance(settings.dagster_home)
    with opened as instance:
        order = sync_tenants(instance, tenants)
        watch = _Watch(progress, len(job.graph.node_dict))
        instance.add_event_listener(run_id, watch)
        result = job.execute_in_process(
            instance=instance,
            run_id=run_id,
            run_config=QUIET,
            tags=span(order, order),
            raise_on_error=False,
        )
        return _summary(run_id, order, job, result)


class _Watch:
    """Turns Dagster's events into progress."""

    def __init__(self, progress: Progress, steps: int) -> None:
        self.progress, self.steps, self.done = progress, steps, 0

    def __call__(self, entry: dg.EventLogEntry) -> None:
        event = entry.dagster_event
        if event is None or event.step_key is None:
            return
        if event.is_step_start:
            self.progress(event.step_key, self.done, self.steps)
        elif event.is_step_success or event.is_step_failure or event.is_step_skipped:
            self.done += 1
            self.progress(event.step_key, self.done, self.steps)


def _summary(
    run_id: str, order: list[str], job: dg.JobDefinition, result: dg.ExecuteInProcessResult
) -> RunSummary:
    events = result.all_events
    verdicts = [event.asset_check_evaluation_data for event in events if event.event_type_value == CHECKED]
    begun = {event.step_key for event in events if event.is_step_start}
    return RunSummary(
        run_id,
        tuple(order),
        tuple(CheckOutcome(one.asset_key.to_user_string(), one.check_name, one.passed) for one in verdicts),
        tuple((str(event.step_key), _message(event)) for event in events if event.is_step_failure),
        tuple(sorted(set(job.graph.node_dict) - begun)),
    )


def _message(event: dg.DagsterEvent) -> str:
    """The innermost error's text where it is our own or Dagster's; of any other only its class."""
    error = event.step_failure_data.error
    while error is not None and error.cause is not None:
        error = error.cause
    if error is None:
        return "it failed"
    kind, _, text = error.message.strip().partition(": ")
    return text if kind.startswith(OURS) and text else f"it failed with {error.cls_name}"
