"""The job `record_verdict`: a steward's verdict from the launchpad.

Its config is all choices, no free text: Dagster keeps a run's config for ever, before anything of ours can
look at it. A reason in one's own words is for `lakeward review`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import dagster as dg

from classifications.verdicts import Decision
from dagster_project.annotations import resolved
from dagster_project.defs.reviews import reviews_check
from dagster_project.failures import plainly
from dagster_project.house import control_state
from dagster_project.resources import HouseResource
from dagster_project.reviewing import Asked, Decided, decide
from dagster_project.tables import table
from dagster_project.verdict_file import WORDS
from policy import PolicyBundle, load_policies

EVERY = "every_tenant"
OFFICES = ("data-steward", "privacy-office", "dpo", "legal", "security-office", "tenant-data-owner")
REASONS = {
    "looked_at_the_source": "looked at the source of the data",
    "the_header_misleads": "the column's name misleads, its values are something else",
    "values_only_look_like_it": "the values only look like it",
    "values_of_things_not_persons": "the values name things or firms, not persons",
    "the_tenant_confirmed": "the tenant says so",
    "a_contract_will_declare_it": "the contract will declare it with its next version",
    "to_be_looked_at": "somebody has to look at the source first",
}


def record_verdict(bundle: PolicyBundle) -> dg.JobDefinition:
    """The job. What can be chosen is what the policies know."""

    @dg.op(
        name="take_down",
        config_schema=_config(bundle),
        description="Records the verdict in the ledger of findings, and says what changes at the next run.",
    )
    @plainly
    @resolved
    def take_down(context: dg.OpExecutionContext, house: HouseResource) -> None:
        now = load_policies(house.settings.policies)
        with control_state(house.settings) as engine:
            decided = decide(engine, now, [_asked(context.op_config)])
            datasets = sorted({one.verdict.dataset for one in decided})
            told = [(one, reviews_check(engine, now, one)) for one in datasets]
        context.add_output_metadata({"recorded": _recorded(decided)})
        for dataset, check in told:
            _tell(context.instance, dg.AssetKey(["findings", dataset]), check)

    @dg.graph(name="record_verdict")
    def graph() -> None:
        take_down()

    return graph.to_job(
        name="record_verdict",
        executor_def=dg.in_process_executor,
        description="A steward's verdict on a finding. What waits: the check reviews_waiting of the findings "
        "assets, or lakeward review. In words of one's own: lakeward review approve, reject, set, defer.",
    )


def _config(bundle: PolicyBundle) -> dict[str, dg.Field]:
    columns = {
        f"{contract.dataset}.{column.name}" for contract in bundle.contracts for column in contract.columns
    }
    classes = sorted(bundle.taxonomy.classes)
    return {
        "tenant": _choice("VerdictTenant", [EVERY, *sorted(bundle.tenants)], "Whose finding"),
        "column": _choice("VerdictColumn", sorted(columns), "dataset.column, as reviews_waiting lists it"),
        "found": _choice("VerdictFound", classes, "The class that was found, which is judged"),
        "verdict": _choice(
            "VerdictWord",
            WORDS,
            "approve: the class is right. reject: the column does not hold it. set: it is new_class. "
            "defer: not yet; the stricter treatment stays",
        ),
        "new_class": _choice("VerdictNewClass", classes, "The right class; with set only", required=False),
        "by": _choice("VerdictOffice", OFFICES, "The office that decides; no name of a person"),
        "why": _choice("VerdictReason", REASONS, "What it rests on"),
    }


def _choice(name: str, values: Iterable[str], text: str, *, required: bool = True) -> dg.Field:
    choices = dg.Enum(name, [dg.EnumValue(value) for value in values])
    return dg.Field(choices, description=text, is_required=required)


def _asked(chosen: Mapping[str, Any]) -> Asked:
    dataset, _, column = str(chosen["column"]).partition(".")
    tenant = None if chosen["tenant"] == EVERY else str(chosen["tenant"])
    decision: Decision = WORDS[chosen["verdict"]]
    reason = REASONS[chosen["why"]]
    return Asked(
        tenant, dataset, column, chosen["found"], decision, chosen["by"], reason, chosen.get("new_class")
    )


def _recorded(decided: Sequence[Decided]) -> dg.TableMetadataValue:
    rows = [
        (
            v.tenant_id, f"{v.dataset}.{v.column}", v.data_class, v.said, v.actor, one.effect,
        )
        for one in decided
        for v in (one.verdict,)
    ]  # fmt: skip
    columns = ("tenant", "column", "found", "verdict", "by", "what changes at the next run")
    return table(columns, rows)


def _tell(instance: dg.DagsterInstance, key: dg.AssetKey, told: dg.AssetCheckResult) -> None:
    """The check of the findings says at once what waits now."""
    instance.report_runless_asset_event(
        dg.AssetCheckEvaluation(
            asset_key=key,
            check_name=str(told.check_name),
            passed=told.passed,
            severity=told.severity,
            description=told.description,
            metadata=told.metadata,
        )
    )
