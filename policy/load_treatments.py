"""`treatments.yaml`: what is done to each data class, with overrides by tenant, dataset, class or column."""

from __future__ import annotations

from collections.abc import Collection

from policy.bundle import TreatmentRule
from policy.contracts import Contract
from policy.load_names import silver_name
from policy.load_node import Node, close_match, quoted
from policy.load_treatment import parse_treatment
from policy.taxonomy import Taxonomy


def load_treatments(
    root: Node, taxonomy: Taxonomy, tenants: Collection[str] | None, contracts: list[Contract] | None
) -> dict[TreatmentRule, Node]:
    """All rules, those for classes first, each with its place; faults go to the node's list.

    `tenants` or `contracts` is None where their files had faults: what an override names is then not
    looked up, so that one fault is not told twice.
    """
    top = root.fields(["classes"], ["overrides"])
    scopes: set[tuple[str | None, ...]] = set()
    places: dict[TreatmentRule, Node] = {}
    if "classes" in top:
        node = top["classes"]
        if not isinstance(node.value, dict):
            node.fault(
                "a mapping of classes is expected here", "write lines such as user.contact.email: token"
            )
        for key in node.value if isinstance(node.value, dict) else []:
            entry = node.child(key)
            if key not in taxonomy:
                entry.fault(f"{quoted(key)} is no data class", close_match(key, taxonomy.classes))
                continue
            if treatment := parse_treatment(entry):
                rule = TreatmentRule(treatment, data_class=key)
                scopes.add((key, None, None, None))
                places[rule] = entry
    for entry in top["overrides"].items() if "overrides" in top else []:
        override = _override(entry, taxonomy, tenants, contracts)
        if override is None:
            continue
        scope = (override.data_class, override.column, override.dataset, override.tenant)
        if (override.data_class, None, override.dataset, override.tenant) in scopes or scope in scopes:
            entry.fault("another rule says the same thing for the same scope", "keep one of the two")
            continue
        scopes.add(scope)
        places[override] = entry
    return places


def _override(
    entry: Node, taxonomy: Taxonomy, tenants: Collection[str] | None, contracts: list[Contract] | None
) -> TreatmentRule | None:
    got = entry.fields(["treatment", "reason"], ["tenant", "dataset", "column", "class"])
    before = len(entry.faults.problems)
    tenant = _known(got.get("tenant"), tenants, "tenant")
    datasets = {contract.dataset for contract in contracts} if contracts is not None else None
    dataset = _known(got.get("dataset"), datasets, "dataset")
    data_class = _known(got.get("class"), taxonomy.classes, "data class")
    if "reason" in got:
        got["reason"].text()
    if ("column" in got) == ("class" in got):
        entry.fault("an override is for a column or for a class", "give one of the two")
    elif "class" in got and tenant is None and dataset is None and len(entry.faults.problems) == before:
        entry.fault(
            "an override for a class names no tenant and no dataset", "write it under classes instead"
        )
    column = _column(got["column"], tenant, dataset, contracts) if "column" in got else None
    treatment = parse_treatment(got["treatment"]) if "treatment" in got else None
    if treatment is None or len(entry.faults.problems) > before:
        return None
    return TreatmentRule(treatment, data_class, column, dataset, tenant)


def _known(node: Node | None, known: Collection[str] | None, what: str) -> str | None:
    text = node.text() if node is not None else None
    if node is not None and text is not None and known is not None and text not in known:
        node.fault(f"the {what} {quoted(text)} is not declared", close_match(text, known))
        return None
    return text


def _column(
    node: Node, tenant: str | None, dataset: str | None, contracts: list[Contract] | None
) -> str | None:
    text = node.text()
    if text is None or contracts is None:
        return text and silver_name(text)
    names = {
        column.name
        for contract in contracts
        if (dataset is None or contract.dataset == dataset)
        and (tenant is None or contract.tenant in (tenant, None))
        for column in contract.columns
    }
    if silver_name(text) not in names:
        node.fault(
            f"no dataset that this is about has a column {quoted(text)}",
            close_match(silver_name(text), names),
        )
        return None
    return silver_name(text)
