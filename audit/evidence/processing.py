"""The record of processing activities, as far as policies and lineage know it (GDPR article 30(1))."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from audit.evidence.journey import Journey
from audit.evidence.tables import write_table
from policy.bundle import PolicyBundle
from policy.contracts import Contract
from policy.retention import RetentionRule

UNKNOWN = "not stated in the policies: to be filled in by the controller"
MEASURES = (
    "each row is encrypted under the tenant's own key (AES-256-GCM), bound to tenant, dataset and record",
    "columns of a personal class are treated by policy before analysts can read them",
    "pseudonyms are made with the tenant's own key (HMAC-SHA-256) and never match another tenant's",
    "tenants lie in partitions, regions in folders of their own",
    "this ledger: append-only, signed, to be checked offline",
)


def processing_record(tenant: str, bundle: PolicyBundle, journey: Journey) -> list[dict[str, Any]]:
    """One activity for each dataset of the tenant, with the fields of article 30(1)."""
    who = bundle.tenants[tenant]
    found = (bundle.contract_for(tenant, dataset) for dataset in bundle.datasets)
    return [
        {
            "activity": contract.dataset,
            "controller": who.name,
            "contacts": [f"{one.role}: {one.address}" for one in who.contacts] or [UNKNOWN],
            "purpose": contract.description or UNKNOWN,
            "data_subjects": _subjects(contract),
            "categories_of_data": _classes(contract, bundle),
            "recipients": _recipients(contract, journey),
            "third_countries": f"none by this lake, which lies in the region {who.region}",
            "time_limits": [_words(rule) for rule in _rules(bundle, tenant, contract)] or [UNKNOWN],
            "security_measures": list(MEASURES),
        }
        for contract in found
        if contract is not None
    ]


def write_processing(folder: Path, record: Sequence[dict[str, Any]]) -> None:
    """Write it as `processing-record.json` and as a table of the same name."""
    text = json.dumps(list(record), indent=1, ensure_ascii=False)
    (folder / "processing-record.json").write_text(text + "\n", encoding="utf-8")
    head = list(record[0]) if record else ["activity"]
    rows = ([_joined(one[name]) for name in head] for one in record)
    write_table(folder / "processing-record.csv", head, rows)


def _joined(value: Any) -> Any:
    return "; ".join(value) if isinstance(value, list) else value


def _subjects(contract: Contract) -> str:
    if contract.subject_column is None:
        return UNKNOWN
    namespace = contract.column(contract.subject_column).namespace
    return f"persons of the kind “{namespace}”" if namespace else "persons"


def _classes(contract: Contract, bundle: PolicyBundle) -> list[str]:
    held = {column.data_class for column in contract.columns if column.data_class is not None}
    return sorted(key for key in held if bundle.taxonomy[key].personal)


def _recipients(contract: Contract, journey: Journey) -> list[str]:
    leaving = sorted(
        {
            flow.target.partition(".")[0]
            for flow in journey.exports()
            if flow.target.endswith(f".{contract.dataset}")
        }
    )
    return ["the tenant's analysts (treated tables)", *(one.replace("_", " ") for one in leaving)]


def rules_of(bundle: PolicyBundle, tenant: str) -> list[RetentionRule]:
    """Every retention rule whose scope covers a dataset of the tenant, in the order of the policies."""
    found = (bundle.contract_for(tenant, dataset) for dataset in bundle.datasets)
    covering = [_rules(bundle, tenant, one) for one in found if one is not None]
    return [rule for rule in bundle.retention.rules if any(rule in rules for rules in covering)]


def _rules(bundle: PolicyBundle, tenant: str, contract: Contract) -> list[RetentionRule]:
    """The rules whose scope covers the tenant's dataset; which holds, `lakeward retention explain` says."""
    held = {column.data_class for column in contract.columns if column.data_class is not None}
    about = {None, *(key for one in held for key in bundle.taxonomy.lineage(one))}
    return [
        rule
        for rule in bundle.retention.rules
        if rule.covers(bundle.tenants[tenant], contract.dataset) and rule.data_class in about
    ]


def _words(rule: RetentionRule) -> str:
    what = f"values of the class {rule.data_class}" if rule.data_class else "rows"
    when = "they happened" if rule.clock == "occurred_at" else "they came in"
    return f"{what}: {rule.action} {rule.period} after {when} ({rule.reason})"
