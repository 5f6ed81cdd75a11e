"""What must agree across files: variants of a dataset, and treatments with the columns they meet."""

from __future__ import annotations

from collections.abc import Mapping

from policy.bundle import PolicyBundle, TreatmentRule
from policy.contracts import Column
from policy.load_contracts import LoadedContract
from policy.load_node import Node, quoted
from policy.load_treatment import misfit
from policy.treatments import TreatmentKind


def check_variants(loaded: list[LoadedContract]) -> None:
    """One contract per dataset and tenant; one type per column: silver is one table."""
    seen: dict[tuple[str, str | None], LoadedContract] = {}
    types: dict[tuple[str, str], tuple[Column, str]] = {}
    for each in loaded:
        contract = each.contract
        other = seen.setdefault((contract.dataset, contract.tenant), each)
        if other is not each:
            who = f"the tenant {contract.tenant}" if contract.tenant else "all tenants"
            each.root.child("schema").child(0).child("name").fault(
                f"{other.root.file} describes {quoted(contract.dataset)} for {who} already",
                "remove one of the two, or give this one a tenant",
            )
            continue
        for column in contract.columns:
            first, file = types.setdefault((contract.dataset, column.name), (column, each.root.file))
            if first.logical_type is not column.logical_type:
                each.leaves.places[column.name].child("logicalType").fault(
                    f"{quoted(column.name)} is {column.logical_type} here and {first.logical_type} in {file}",
                    "use one type, or another name (physicalName can hold the name in the file)",
                )
            elif first.text_in_silver is not column.text_in_silver:
                each.leaves.places[column.name].fault(
                    f"{quoted(column.name)} is text in silver for one of this contract and {file}, and "
                    f"{column.logical_type} for the other, as only one gives it a class or a treatment",
                    "give it a class or a treatment in both or in neither, or another name",
                )


def check_treatments(
    bundle: PolicyBundle, loaded: list[LoadedContract], places: Mapping[TreatmentRule, Node]
) -> None:
    """Every column's treatment fits its type, and every personal column has one.

    `places` says where in treatments.yaml each of the bundle's rules stands.
    """
    by_contract = {id(each.contract): each for each in loaded}
    for tenant in bundle.tenants:
        for dataset in bundle.datasets:
            contract = bundle.contract_for(tenant, dataset)
            if contract is None:
                continue
            for column in contract.columns:
                if column.text_in_silver:
                    _check(bundle, by_contract[id(contract)], tenant, column)
                else:
                    _check_typed(bundle, by_contract[id(contract)], tenant, column, places)


def _check_typed(
    bundle: PolicyBundle,
    loaded: LoadedContract,
    tenant: str,
    column: Column,
    places: Mapping[TreatmentRule, Node],
) -> None:
    """A column that silver types takes nothing but itself: any other treatment would end as a drop."""
    rule = bundle.rule_for_column(tenant, loaded.contract.dataset, column.name)
    if rule is None or rule.treatment.kind in (TreatmentKind.KEEP, TreatmentKind.DROP):
        return
    fact = f"{rule.treatment} would leave nothing in silver: {loaded.root.file} types {quoted(column.name)}"
    places[rule].child("treatment").fault(
        f"{fact} as {column.logical_type}, without a class or a treatment of its own",
        "give the column a classification or lakeward.treatment in its contract, or choose keep or drop here",
    )


def _check(bundle: PolicyBundle, loaded: LoadedContract, tenant: str, column: Column) -> None:
    dataset, at = loaded.contract.dataset, loaded.leaves.places[column.name]
    treatment = bundle.treatment_for(tenant, dataset, column)
    reason = None if treatment == column.treatment else misfit(treatment, column.logical_type)
    if reason is not None:
        fact = f"the treatment of {quoted(column.name)} for {tenant} does not fit: {reason}"
        at.fault(fact, "add an override in treatments.yaml, or change the class or logicalType")
    if column.data_class is None or not bundle.taxonomy[column.data_class].personal or column.free_text:
        return
    ruled = (
        column.treatment is not None
        or bundle.treatment_for_class(tenant, dataset, column.data_class) is not None
    )
    if not ruled and not any(
        _names(rule.column, column, rule.tenant, tenant, rule.dataset, dataset) for rule in bundle.rules
    ):
        fact = f"{column.data_class} has no treatment, so {quoted(column.name)} would stay in the clear"
        at.fault(fact, f"add {column.data_class} to the classes in treatments.yaml (keep, if that is meant)")


def _names(
    named: str | None,
    column: Column,
    for_tenant: str | None,
    tenant: str,
    for_dataset: str | None,
    dataset: str,
) -> bool:
    return named == column.name and for_tenant in (tenant, None) and for_dataset in (dataset, None)
