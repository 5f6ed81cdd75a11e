"""The job `quarantine_retry`: what is in quarantine is checked against today's policies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dagster as dg

from dagster_project.annotations import resolved
from dagster_project.defs.record_verdict import EVERY
from dagster_project.failures import plainly
from dagster_project.mends import mend_of_kind
from dagster_project.resources import HouseResource
from dagster_project.tables import table
from policy import PolicyBundle
from policy.errors import LakewardError
from transforms.quarantine import QuarantineGroup, RetryOutcome, list_quarantine, retry_quarantine
from transforms.refusals import mend_of

EVERY_DATASET = "every_dataset"


class RetryFailed(LakewardError):
    """Some records could not even be tried again; the others were."""


def quarantine_retry(bundle: PolicyBundle) -> dg.JobDefinition:
    """The job. It takes every tenant and dataset unless the launchpad names one."""
    tenants = dg.Enum("RetryTenant", [dg.EnumValue(one) for one in (EVERY, *sorted(bundle.tenants))])
    datasets = dg.Enum("RetryDataset", [dg.EnumValue(one) for one in (EVERY_DATASET, *bundle.datasets)])

    @dg.op(
        name="try_again",
        config_schema={
            "tenant": dg.Field(tenants, default_value=EVERY, description="Whose records"),
            "dataset": dg.Field(datasets, default_value=EVERY_DATASET, description="Of which dataset"),
            "only_list": dg.Field(
                bool, default_value=False, description="Change nothing: show what waits, and why"
            ),
        },
        description="Opens quarantined records in memory; those that keep today's contract go to bronze.",
    )
    @plainly
    @resolved
    def try_again(context: dg.OpExecutionContext, house: HouseResource) -> None:
        ctx = house.context()
        tenant, dataset = context.op_config["tenant"], context.op_config["dataset"]
        outcomes: list[RetryOutcome] = []
        if not context.op_config["only_list"]:
            named = None if dataset == EVERY_DATASET else dataset
            outcomes = retry_quarantine(ctx, named, None if tenant == EVERY else [tenant])
        context.add_output_metadata(_metadata(outcomes, list_quarantine(ctx)))
        failed = [one for one in outcomes if one.failed is not None]
        if failed:
            told = "; ".join(f"{o.tenant} {o.dataset}: {o.failed}" for o in failed)
            raise RetryFailed(f"not tried: {told}. To mend it: {mend_of_kind(failed[0].failed or '')}")

    @dg.graph(name="quarantine_retry")
    def graph() -> None:
        try_again()

    return graph.to_job(
        name="quarantine_retry",
        executor_def=dg.in_process_executor,
        description="After a contract was mended: quarantined records are tried again. Then: the job lake.",
    )


def _metadata(outcomes: Sequence[RetryOutcome], left: Sequence[QuarantineGroup]) -> dict[str, Any]:
    tried = [(o.tenant, o.dataset, o.retried, o.accepted, o.remaining) for o in outcomes]
    stay = [(g.tenant, g.dataset, g.reason, g.rows, mend_of(g.reason)) for g in left]
    return {
        "tried_again": table(("tenant", "dataset", "tried", "accepted", "remaining"), tried),
        "still_there": table(("tenant", "dataset", "reason", "rows", "to mend it"), stay),
        "what_next": "accepted records are in bronze; the job lake brings them to silver"
        if any(o.accepted for o in outcomes)
        else "mend the contract and run this job, or ask the tenant for a corrected file",
    }
