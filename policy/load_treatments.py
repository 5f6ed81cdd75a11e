"""`treatments.yaml`: what is done to each data class, with overrides by tenant, dataset, class or column; and
how many findings may wait for a verdict.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from policy.bundle import TreatmentRule, UndecidedLimit
from policy.contracts import Contract
from policy.load_names import silver_name
from policy.load_node import Node, close_match, quoted
from policy.load_treatment import parse_treatment
from policy.taxonomy import Taxonomy

MOST_UNDECIDED = 100_000


def load_treatments(
    root: Node, taxonomy: Taxonomy, tenants: Collection[str] | None, contracts: list[Contract] | None
) -> dict[TreatmentRule, Node]:
    """All rules, those for classes first, each with its place; faults go to the node's list.

    `tenants` or `contracts` is None where their files had faults: what an override names is then not
    looked up, so that one fault is not told twice.
    """
    top = root.fields(["classes"], ["overrides", "undecided"])
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


def load_undecided(
    root: Node, tenants: Collection[str] | None, contracts: list[Contract] | None
) -> list[UndecidedLimit]:
    """How many findings may wait, by tenant and dataset; faults go to the node's list.

    `tenants` or `contracts` is None where their files had faults.
    """
    node = root.child("undecided") if isinstance(root.value, dict) else root
    limits: dict[tuple[str | None, str | None], UndecidedLimit] = {}
    for entry in node.items() if isinstance(root.value, dict) and node.value is not None else []:
        limit = _limit(entry, tenants, contracts)
        if limit is None:
            continue
        if (limit.tenant, limit.dataset) in limits:
            entry.fault("another limit is set for the same scope", "keep one of the two")
        limits[limit.tenant, limit.dataset] = limit
    return list(limits.values())


def _limit(
    entry: Node, tenants: Collection[str] | None, contracts: list[Contract] | None
) -> UndecidedLimit | None:
    got = entry.fields(["at_most", "reason"], ["from_confidence", "tenant", "dataset"])
    before = len(entry.faults.problems)
    at_most = got["at_most"].integer(0, MOST_UNDECIDED) if "at_most" in got else None
    confidence = got["from_confidence"].share() if "from_confidence" in got else 0.0
    if "reason" in got:
        got["reason"].text()
    tenant, dataset = _scope(got, tenants, contracts)
    own = {one.dataset for one in contracts or () if one.tenant in (tenant, None)}
    if contracts is not None and tenant is not None and dataset is not None and dataset not in own:
        entry.fault(f"{tenant} has no contract for {quoted(dataset)}", close_match(dataset, own))
    if at_most is None or confidence is None or len(entry.faults.problems) > before:
        return None
    return UndecidedLimit(at_most, confidence, dataset, tenant)


def _override(
    entry: Node, taxonomy: Taxonomy, tenants: Collection[str] | None, contracts: list[Contract] | None
) -> TreatmentRule | None:
    got = entry.fields(["treatment", "reason"], ["tenant", "dataset", "column", "class"])
    before = len(entry.faults.problems)
    tenant, dataset = _scope(got, tenants, contracts)
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


def _scope(
    got: Mapping[str, Node], tenants: Collection[str] | None, contracts: list[Contract] | None
) -> tuple[str | None, str | None]:
    """The tenant and the dataset that an entry is about; None for any."""
    datasets = {contract.dataset for contract in contracts} if contracts is not None else None
    return _known(got.get("tenant"), tenants, "tenant"), _known(got.get("dataset"), datasets, "dataset")


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
