"""Names in the lineage graph: the same for a re-delivered event, and never shared by two tenants."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

import rfc8785

from audit.steps import DatasetRef, StepRun

_RUNS = uuid5(NAMESPACE_URL, "urn:lakeward:run")
PIPELINE_JOB = "pipeline"


def _run_uuid(*parts: str) -> str:
    # As a JSON array, because joined texts can meet: ("a-b", "c") and ("a", "b-c").
    return str(uuid5(_RUNS, rfc8785.dumps(list(parts)).decode()))


def step_run_uuid(step: StepRun) -> str:
    """The OpenLineage run id of a step: UUID version 5 of pipeline run, step, dataset and tenant.

    A step that is tried again inside one pipeline run keeps its id.
    """
    return _run_uuid(step.run_id, step.step, step.dataset, step.tenant_id)


def pipeline_run_uuid(step: StepRun) -> str:
    """The parent's run id: the tenant's own share of the pipeline run.

    It is not the pipeline's id itself, because one run may carry many tenants and would join them.
    """
    return _run_uuid(step.run_id, PIPELINE_JOB, step.tenant_id)


def job_namespace(step: StepRun) -> str:
    """`lakeward.<tenant>`."""
    return f"{step.job_namespace}.{step.tenant_id}"


def job_name(step: StepRun) -> str:
    """`protect.orders`."""
    return f"{step.step}.{step.dataset}"


def dataset_namespace(step: StepRun, dataset: DatasetRef) -> str:
    """`lakeward://<region>/<tenant>`; the dataset's `name` is unique within it."""
    return f"lakeward://{dataset.region}/{step.tenant_id}"
