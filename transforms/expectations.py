"""What a contract and a plan promise of silver, said to Great Expectations. No value is ever stored."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame

from policy.treatments import TreatmentKind
from transforms.plan import ColumnPlan
from transforms.quiet_import import not_a_doctest

TOKEN_SHAPE = "^[0-9a-f]{32}$"  # noqa: S105 - a pattern, no password
SEALED_SHAPE = "^[a-z0-9_]+\\.data\\.[0-9]+:[A-Za-z0-9+/=]+$"
MASK_SHAPE = "[*]{8}"


@dataclass(frozen=True)
class Expectation:
    """One promise: a Great Expectations class by name, its arguments, and the check that it belongs to."""

    check: str
    kind: str
    arguments: Mapping[str, object]

    @property
    def about(self) -> str:
        """The column or table that the promise is about, and what it says: `email token shape`."""
        listed = self.arguments.get("column_list")
        column = self.arguments.get("column") or (", ".join(listed) if isinstance(listed, list) else "")
        return f"{self.kind} {column}".strip()


def silver_expectations(plan: Sequence[ColumnPlan], tenants: Sequence[str]) -> list[Expectation]:
    """The promises of a silver table for the tenants that share `plan`."""
    promises = [
        Expectation(
            "keys_unique", "ExpectCompoundColumnsToBeUnique", {"column_list": ["tenant_id", "record_id"]}
        ),
        Expectation("contract_holds", "ExpectColumnValuesToNotBeNull", {"column": "record_id"}),
        Expectation("contract_holds", "ExpectColumnValuesToNotBeNull", {"column": "policy_digest"}),
        Expectation(
            "contract_holds",
            "ExpectColumnValuesToBeInSet",
            {"column": "tenant_id", "value_set": list(tenants)},
        ),
    ]
    for one in plan:
        promises.extend(_column_promises(one))
    return promises


def _column_promises(plan: ColumnPlan) -> list[Expectation]:
    name, kind, bounds = plan.column.name, plan.treatment.kind, plan.column.constraints
    shapes = {
        TreatmentKind.TOKEN: TOKEN_SHAPE,
        TreatmentKind.SEAL: SEALED_SHAPE,
        TreatmentKind.MASK: MASK_SHAPE,
    }
    found = [Expectation("contract_holds", "ExpectColumnToExist", {"column": name})]
    if plan.column.required and kind in (TreatmentKind.KEEP, TreatmentKind.SEAL, TreatmentKind.REDACT):
        found.append(Expectation("contract_holds", "ExpectColumnValuesToNotBeNull", {"column": name}))
    if kind in shapes:
        shape = {"column": name, "regex": shapes[kind]}
        found.append(Expectation("contract_holds", "ExpectColumnValuesToMatchRegex", shape))
    if kind is TreatmentKind.KEEP and bounds.allowed:
        allowed = {"column": name, "value_set": list(bounds.allowed)}
        found.append(Expectation("contract_holds", "ExpectColumnValuesToBeInSet", allowed))
    return found


def failed_expectations(frame: DataFrame, expectations: Sequence[Expectation]) -> list[Expectation]:
    """The promises that `frame` breaks. An expectation that cannot be evaluated counts as broken."""
    # Importing takes seconds; only a run that checks should pay.
    with not_a_doctest():
        import great_expectations as gx
        from great_expectations import expectations as gxe

    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    # persist=False: by default every frame would be cached, on disk too.
    source = context.data_sources.add_spark("silver", persist=False)
    batch = source.add_dataframe_asset("rows").add_batch_definition_whole_dataframe("all")
    suite = context.suites.add(gx.ExpectationSuite(name="promises"))
    for number, one in enumerate(expectations):
        suite.add_expectation(getattr(gxe, one.kind)(**one.arguments, meta={"number": number}))
    definition = gx.ValidationDefinition(data=batch, suite=suite, name="silver")
    context.validation_definitions.add(definition)
    outcome = definition.run(batch_parameters={"dataframe": frame}, result_format="BOOLEAN_ONLY")
    configs = [result.expectation_config for result in outcome.results if not result.success]
    broken = {config.meta["number"] for config in configs if config is not None and config.meta is not None}
    if len(outcome.results) != len(expectations) or len(broken) < len(configs):
        return list(expectations)
    return [one for number, one in enumerate(expectations) if number in broken]
