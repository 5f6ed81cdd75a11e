"""Which treatment each column of a tenant's dataset gets, and why."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Engine

from classifications.effective import EffectiveClass
from classifications.ledger import FindingsLedger
from policy.bundle import PolicyBundle
from policy.contracts import Column, Contract, LogicalType
from policy.treatments import REDACT, Treatment, TreatmentKind, stricter


@dataclass(frozen=True)
class ColumnPlan:
    """One column's treatment. `because` says in words what decided it; `undecided` that a steward should."""

    column: Column
    treatment: Treatment
    data_class: str | None
    because: str
    undecided: bool = False

    @property
    def silver_type(self) -> str:
        """The column's type in silver, the same for every tenant and treatment.

        What a contract calls personal, or gives a treatment of its own, is text there, so that a
        changed treatment never changes a table's schema; everything else keeps its logical type.
        """
        if self.column.text_in_silver:
            return "string"
        return _TYPES.get(self.column.logical_type, "string")


_TYPES = {
    LogicalType.INTEGER: "bigint",
    LogicalType.NUMBER: "double",
    LogicalType.BOOLEAN: "boolean",
    LogicalType.DATE: "date",
    LogicalType.TIMESTAMP: "timestamp",
}


def plan_now(engine: Engine, bundle: PolicyBundle, tenant: str, contract: Contract) -> tuple[ColumnPlan, ...]:
    """The plan from contract, findings and verdicts as they stand now."""
    return plan_columns(bundle, tenant, contract, _effective_now(engine, tenant, contract))


def contract_as_found(engine: Engine, bundle: PolicyBundle, tenant: str, contract: Contract) -> Contract:
    """The contract with what detection found where it declares nothing: a class, or that a text is prose.

    By it a person is looked for; how silver shows a column is the plan's to say.
    """
    effective = _effective_now(engine, tenant, contract)
    plans = plan_columns(bundle, tenant, contract, effective)
    columns = tuple(_as_found(plan, effective.get(plan.column.name)) for plan in plans)
    return replace(contract, columns=columns)


def _effective_now(engine: Engine, tenant: str, contract: Contract) -> Mapping[str, EffectiveClass]:
    declared = {column.name: column.data_class for column in contract.columns}
    return FindingsLedger(engine).effective_classes(tenant, contract.dataset, declared)


def _as_found(plan: ColumnPlan, effective: EffectiveClass | None) -> Column:
    column = plan.column
    told = column.data_class is not None or column.free_text
    if told or effective is None or not effective.classes:
        return column
    if effective.free_text or plan.treatment.kind is TreatmentKind.REDACT:
        return replace(column, free_text=True)
    return replace(column, data_class=plan.data_class or effective.classes[0])


def plan_columns(
    bundle: PolicyBundle, tenant: str, contract: Contract, effective: Mapping[str, EffectiveClass]
) -> tuple[ColumnPlan, ...]:
    """The plan of every column in contract order.

    Where detection saw a class that the contract does not declare, the stricter of the two
    treatments holds until a steward decides (`effective` carries the verdicts).
    """
    return tuple(
        _plan(bundle, tenant, contract.dataset, column, effective.get(column.name))
        for column in contract.columns
    )


def _plan(
    bundle: PolicyBundle, tenant: str, dataset: str, column: Column, effective: EffectiveClass | None
) -> ColumnPlan:
    treatment = bundle.treatment_for(tenant, dataset, column)
    chosen = ColumnPlan(column, treatment, column.data_class, "declared" if column.data_class else "contract")
    if effective is None:
        return chosen
    extra = [
        key for key in effective.classes if key != column.data_class and not _related(key, column.data_class)
    ]
    for key in extra:
        ruled = bundle.treatment_for_class(tenant, dataset, key)
        wanted = REDACT if effective.free_text else ruled or REDACT
        if effective.free_text and column.free_text:
            continue  # personal values inside prose are what redaction is there for
        if wanted.kind.strictness > chosen.treatment.kind.strictness:
            chosen = ColumnPlan(column, stricter(chosen.treatment, wanted), key, f"detected {key}")
    if effective.undecided:
        chosen = ColumnPlan(column, chosen.treatment, chosen.data_class, chosen.because, undecided=True)
    return _fitting(chosen)


def _fitting(plan: ColumnPlan) -> ColumnPlan:
    """A number or date that turns out to be personal cannot hold a token: it is dropped until declared."""
    if plan.silver_type == "string" or plan.treatment.kind is TreatmentKind.KEEP:
        return plan
    drop = Treatment(TreatmentKind.DROP)
    return ColumnPlan(
        plan.column, drop, plan.data_class, f"{plan.because}, and the contract types it", plan.undecided
    )


def _related(key: str, declared: str | None) -> bool:
    return declared is not None and (key.startswith(f"{declared}.") or declared.startswith(f"{key}."))


def plan_digest(plans: tuple[ColumnPlan, ...], contract: Contract, detector_version: str) -> str:
    """32 hex digits that change whenever the same bronze rows would give other silver rows.

    The detector counts where a column is redacted.
    """
    parts = [
        (
            plan.column.name,
            str(plan.column.path),
            plan.column.token_domain,
            repr(plan.treatment),
            plan.silver_type,
        )
        for plan in plans
    ]
    reads = any(plan.treatment.kind is TreatmentKind.REDACT for plan in plans)
    whole = [parts, str(contract.load_mode), contract.version_column, detector_version if reads else None]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:32]
