"""Runs the job in this process, against the lake's own Dagster home, so that the UI shows the run."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import dagster as dg

from dagster_project.alone import Alone, runs_due
from dagster_project.build import build_definitions
from dagster_project.defs.bronze import REFUSED
from dagster_project.defs.delivery import ARRIVES
from dagster_project.defs.landing import VIOLATIONS
from dagster_project.house import control_state
from dagster_project.instance import open_instance
from dagster_project.partitions import CHECK_ALL, FOLLOWS_UP, span, sync_tenants
from dagster_project.run_locks import alone, hold_run
from dagster_project.settings import Settings
from dagster_project.undecided import WAITING
from policy import load_policies
from policy.errors import LakewardError

ADVICE = frozenset({REFUSED, VIOLATIONS, ARRIVES, WAITING})
"""Checks that tell a steward what to look at and say nothing against the run."""

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
ERROR = dg.AssetCheckSeverity.ERROR
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
    """One asset check of the run. `asset` is like `silver/customers`; `error`: a failure is no warning."""

    asset: str
    name: str
    passed: bool
    error: bool = False

    @property
    def advice(self) -> bool:
        """Whether a failure says nothing against the run."""
        return self.name in ADVICE and not self.error


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

    def followed_by(self, later: RunSummary) -> RunSummary:
        """This run with one of some of its tenants after it: a check's later word counts, it is of all."""
        checks = {(one.asset, one.name): one for one in (*self.checks, *later.checks)}
        failures = (*self.failures, *later.failures)
        return replace(self, checks=tuple(checks.values()), failures=failures)


def run_pipeline(
    settings: Settings, progress: Progress = lambda _step, _done, _all: None, *, check_all: bool = False
) -> RunSummary:
    """Take every tenant's files through the lake, in one run; then each tenant that failed in it, alone.

    `check_all` has the checks read every row, whatever was checked before.
    Raises LakewardError where nothing can be run: policies refused, no tenant, no landing folder.
    A step's failure is in the summary.
    """
    tenants = load_policies(settings.policies).tenants
    if not tenants:
        raise LakewardError("the policies name no tenant. To mend it: add one to tenants.yaml")
    job = build_definitions(settings).resolve_job_def("lake")
    with alone(settings.leases / "dagster.lock"):  # Dagster makes its databases when it first opens them
        opened = open_instance(settings.dagster_home)
    with opened as instance:
        order = sync_tenants(instance, tenants)
        one_run = _OneRun(settings, instance, job, progress, CHECK_ALL if check_all else {})
        summary = one_run.of(order, span(order, order) | FOLLOWS_UP)
        if len(order) > 1:
            for one in _due(settings, summary.run_id):
                summary = summary.followed_by(one_run.of([one.tenant], one.tags, one.assets))
        return summary


@dataclass(frozen=True)
class _OneRun:
    """Runs the job in this process."""

    settings: Settings
    instance: dg.DagsterInstance
    job: dg.JobDefinition
    progress: Progress
    tags: Mapping[str, str]

    def of(
        self, tenants: Sequence[str], tags: Mapping[str, str], assets: Sequence[dg.AssetKey] | None = None
    ) -> RunSummary:
        """One run of these tenants under these tags, through all assets or some."""
        run_id = str(uuid.uuid4())
        # Before Dagster knows of the run, so that its death is never missed.
        hold_run(self.settings.leases, run_id)
        job = self.job if assets is None else self.job.get_subset(asset_selection=set(assets))
        self.instance.add_event_listener(run_id, _Watch(self.progress, len(job.graph.node_dict)))
        result = self.job.execute_in_process(
            instance=self.instance,
            run_id=run_id,
            run_config=QUIET,
            tags=dict(tags) | dict(self.tags),
            raise_on_error=False,
            asset_selection=assets,
        )
        return _summary(run_id, tenants, job, result)


def _due(settings: Settings, run_id: str) -> list[Alone]:
    with control_state(settings) as engine:
        return runs_due(engine).get(run_id, [])


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
    run_id: str, tenants: Sequence[str], job: dg.JobDefinition, result: dg.ExecuteInProcessResult
) -> RunSummary:
    events = result.all_events
    verdicts = [event.asset_check_evaluation_data for event in events if event.event_type_value == CHECKED]
    begun = {event.step_key for event in events if event.is_step_start}
    return RunSummary(
        run_id,
        tuple(tenants),
        tuple(
            CheckOutcome(one.asset_key.to_user_string(), one.check_name, one.passed, one.severity is ERROR)
            for one in verdicts
        ),
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
