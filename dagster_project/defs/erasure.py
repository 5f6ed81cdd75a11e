"""The job `erasure`: answers open requests. Its config names tenants and requests, never a value."""

from __future__ import annotations

import dagster as dg
from pydantic import Field

from dagster_project.annotations import resolved
from dagster_project.erasing import Asked, erase_step, inbox_step
from dagster_project.exporting import expire_step
from dagster_project.failures import plainly
from dagster_project.resources import HouseResource
from dagster_project.tables import table
from policy.errors import LakewardError
from retention.inbox import Taken
from retention.requests import Request, State


class ErasureConfig(dg.Config):
    """What the launchpad asks for."""

    tenant: str | None = Field(default=None, description="Only this tenant's requests")
    request_ids: list[str] = Field(default=[], description="Only these requests; none: every open one")
    retry: bool = Field(default=False, description="Also requests that failed")


class NotAllDone(LakewardError):
    """Some requests are not done after a run: held, or failed."""


@dg.op(description="Takes down the inbox, then plans, erases, verifies and writes receipts.")
@plainly
@resolved
def answer_requests(context: dg.OpExecutionContext, house: HouseResource, config: ErasureConfig) -> None:
    """Answer what the launchpad asks for; fails where a request does."""
    ctx, settings = house.context(), house.settings
    expire_step(settings)
    taken = inbox_step(ctx, settings)
    asked = Asked(config.request_ids or None, config.tenant, retry=config.retry)
    answered = erase_step(ctx, settings, asked)
    context.add_output_metadata(_metadata(taken, answered))
    failed = sum(one.state is State.FAILED for one in answered)
    if failed:
        raise NotAllDone(
            f"{failed} requests failed. To mend it: see lakeward requests for what stopped each, mend that, "
            "then run the job again with retry"
        )


def _metadata(taken: Taken, answered: list[Request]) -> dict[str, dg.MetadataValue]:
    columns = ("request", "tenant", "state", "outcome", "due", "receipt")
    rows = [
        (r.request_id, r.tenant, str(r.state), str(r.outcome or ""), f"{r.due_at:%Y-%m-%d}", r.receipt or "")
        for r in answered
    ]
    refused = [(one.tenant, one.file, one.line, one.reason) for one in taken.refused]
    return {
        "requests": table(columns, rows),
        "refused": table(("tenant", "file", "line", "reason"), refused),
    }


@dg.graph
def erasure() -> None:
    """The job's one step."""
    answer_requests()


ERASURE = erasure.to_job(
    name="erasure",
    executor_def=dg.in_process_executor,
    description="Answers open erasure requests: found, erased, verified, receipted.",
)
