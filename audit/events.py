"""OpenLineage run events of one step for one tenant: START, then COMPLETE, FAIL or ABORT.

Pure functions: the same arguments give the same bytes. The facets follow the OpenLineage spec 2-0-2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import rfc8785
from openlineage.client.event_v2 import Job, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    JobFacet,
    RunFacet,
    error_message_run,
    job_type_job,
    parent_run,
    processing_engine_run,
    tags_run,
)
from openlineage.client.serde import Serde

from audit.clock import stamp
from audit.datasets import TAG_SOURCE, input_dataset, output_dataset
from audit.errors import LineageError
from audit.facets import GOVERNANCE_KEY, PRODUCER, LakewardGovernanceRunFacet
from audit.identity import (
    PIPELINE_JOB,
    job_name,
    job_namespace,
    pipeline_run_uuid,
    step_run_uuid,
)
from audit.steps import Assertion, ColumnEdge, DatasetRef, StepRun, require_code

T = TypeVar("T")


@dataclass(frozen=True)
class _Outcome:
    edges: Sequence[ColumnEdge] = ()
    assertions: Sequence[Assertion] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    error_kind: str | None = None


_NOTHING_YET = _Outcome()


def start_event(step: StepRun, inputs: Sequence[DatasetRef], outputs: Sequence[DatasetRef]) -> RunEvent:
    """The step begins, at `step.started_at`. Raises LineageError for a dataset of another region."""
    return _event(RunState.START, step, step.started_at, inputs, outputs)


def complete_event(
    step: StepRun,
    inputs: Sequence[DatasetRef],
    outputs: Sequence[DatasetRef],
    edges: Sequence[ColumnEdge] = (),
    assertions: Sequence[Assertion] = (),
    counts: Mapping[str, int] | None = None,
    *,
    at: datetime,
) -> RunEvent:
    """The step is done, at `at` (with a zone). `counts` are rows by what became of them, by code.

    Raises LineageError if inputs or outputs are empty (consumers draw no edge then), or an edge or
    assertion names a dataset that the step does not have.
    """
    if not inputs or not outputs:
        raise LineageError(
            "a completed step needs an input and an output. To mend it: name what it read and what it wrote."
        )
    return _event(RunState.COMPLETE, step, at, inputs, outputs, _Outcome(edges, assertions, counts or {}))


def fail_event(
    step: StepRun,
    inputs: Sequence[DatasetRef],
    outputs: Sequence[DatasetRef],
    error_kind: str,
    *,
    at: datetime,
) -> RunEvent:
    """The step failed, at `at`. `error_kind` is a code, never an error's text."""
    kind = require_code(error_kind, "the error kind")
    return _event(RunState.FAIL, step, at, inputs, outputs, _Outcome(error_kind=kind))


def abort_event(step: StepRun, *, at: datetime) -> RunEvent:
    """The step was cut off at some time before `at`: its process is gone, and nothing more is known of it."""
    return _event(RunState.ABORT, step, at, (), ())


def to_json(event: RunEvent) -> str:
    """The event as canonical JSON (RFC 8785): one line, the same bytes for the same event."""
    return rfc8785.dumps(Serde.to_dict(event)).decode()


def _event(
    state: RunState,
    step: StepRun,
    at: datetime,
    inputs: Sequence[DatasetRef],
    outputs: Sequence[DatasetRef],
    outcome: _Outcome = _NOTHING_YET,
) -> RunEvent:
    for dataset in (*inputs, *outputs):
        if dataset.region != step.region:
            raise LineageError(
                f"{dataset.name} lies in {dataset.region}, the step runs in {step.region}. "
                "To mend it: run a step in the region of its data."
            )
    checks = _by_dataset([(one.dataset, one) for one in outcome.assertions], inputs, "an assertion")
    lineage = _by_dataset([(one.output_dataset, one) for one in outcome.edges], outputs, "an edge")
    return RunEvent(
        eventType=state,
        eventTime=stamp(at),
        run=Run(runId=step_run_uuid(step), facets=_run_facets(step, outcome)),
        job=Job(namespace=job_namespace(step), name=job_name(step), facets=_job_facets(step)),
        inputs=[input_dataset(step, one, checks[one.name]) for one in inputs],
        outputs=[output_dataset(step, one, inputs, lineage[one.name]) for one in outputs],
        producer=PRODUCER,
    )


def _by_dataset(
    pairs: list[tuple[str | None, T]], known: Sequence[DatasetRef], what: str
) -> dict[str, list[T]]:
    found: dict[str, list[T]] = {dataset.name: [] for dataset in known}
    if len(found) != len(known):
        raise LineageError("a dataset is named twice. To mend it: name each input and each output once.")
    for name, item in pairs:
        place = known[0].name if name is None else name
        if place not in found:
            raise LineageError(
                f"{what} names a dataset that the step does not have. To mend it: pass that dataset too."
            )
        found[place].append(item)
    return found


def _run_facets(step: StepRun, outcome: _Outcome) -> dict[str, RunFacet]:
    namespace, parent = job_namespace(step), pipeline_run_uuid(step)
    tags = {"tenant": step.tenant_id, "region": step.region, "pipeline_run_id": step.run_id}
    facets: dict[str, RunFacet] = {
        "parent": parent_run.ParentRunFacet(
            run=parent_run.Run(runId=parent, facets=None),
            job=parent_run.Job(namespace=namespace, name=PIPELINE_JOB, facets=None),
            root=parent_run.Root(
                run=parent_run.RootRun(runId=parent, facets=None),
                job=parent_run.RootJob(namespace=namespace, name=PIPELINE_JOB, facets=None),
            ),
            producer=PRODUCER,
        ),
        "processing_engine": processing_engine_run.ProcessingEngineRunFacet(
            version=step.engine_version, name=step.engine_name, producer=PRODUCER
        ),
        "tags": tags_run.TagsRunFacet(
            tags=[
                tags_run.TagsRunFacetFields(key=key, value=value, source=TAG_SOURCE)
                for key, value in tags.items()
            ],
            producer=PRODUCER,
        ),
        GOVERNANCE_KEY: LakewardGovernanceRunFacet(
            tenant=step.tenant_id,
            region=step.region,
            step=step.step,
            contractVersion=step.contract_version,
            policyDigest=step.policy_digest,
            keyEpoch=step.key_epoch,
            treatments=dict(Counter(str(edge.kind) for edge in outcome.edges)),
            counts={
                require_code(name, "the name of a count"): int(number)
                for name, number in outcome.counts.items()
            },
            producer=PRODUCER,
        ),
    }
    if outcome.error_kind is not None:
        facets["errorMessage"] = error_message_run.ErrorMessageRunFacet(
            message=outcome.error_kind, programmingLanguage="PYTHON", producer=PRODUCER
        )
    return facets


def _job_facets(step: StepRun) -> dict[str, JobFacet]:
    return {
        "jobType": job_type_job.JobTypeJobFacet(
            processingType="BATCH",
            integration="LAKEWARD",
            jobType=step.step.upper(),
            emissionPattern=job_type_job.EmissionPattern(
                eventTrigger="EVENT_BASED", eventContentMode="ACCUMULATIVE"
            ),
            producer=PRODUCER,
        )
    }
