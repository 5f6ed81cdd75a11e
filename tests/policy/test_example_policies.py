"""The policies in examples/ load, and say what they are meant to say."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
import yaml

from policy import (
    Clock,
    LoadMode,
    PolicyBundle,
    RetentionAction,
    TreatmentKind,
    contract_from_json,
    contract_to_json,
    load_policies,
)

FOLDER = Path(__file__).parents[2] / "examples" / "policies"


@cache
def bundle() -> PolicyBundle:
    return load_policies(FOLDER)


def test_the_example_has_three_tenants_in_two_regions():
    assert {each.id: (each.region, each.calling_code) for each in bundle().tenants.values()} == {
        "northwind": ("us", "1"),
        "acme": ("eu", "49"),
        "globex": ("us", "1"),
    }


def test_the_example_has_five_datasets():
    assert bundle().datasets == ("customers", "employees", "events", "orders", "tickets")


@pytest.mark.parametrize(
    ("tenant", "dataset", "mode", "key", "domain"),
    [
        ("northwind", "customers", LoadMode.MERGE, "customerid", "user.unique_id/customer"),
        ("northwind", "employees", LoadMode.SNAPSHOT, "employeeid", "user.unique_id/employee"),
        ("northwind", "orders", LoadMode.MERGE, "orderid", "user.unique_id/customer"),
        ("acme", "customers", LoadMode.MERGE, "customer_id", "user.unique_id/customer"),
        ("globex", "orders", LoadMode.APPEND, "order_id", "user.unique_id/customer"),
        ("acme", "tickets", LoadMode.APPEND, "ticket_id", "user.unique_id/customer"),
        ("globex", "events", LoadMode.APPEND, "event_id", "user.unique_id/customer"),
    ],
)
def test_each_contract_has_its_mode_key_and_subject(
    tenant: str, dataset: str, mode: LoadMode, key: str, domain: str
):
    contract = bundle().contract_for(tenant, dataset)
    assert contract is not None
    assert contract.subject_column is not None
    assert (contract.load_mode, contract.primary_key) == (mode, (key,))
    assert contract.column(contract.subject_column).token_domain == domain


def test_a_tenant_has_no_contract_for_what_it_does_not_deliver():
    assert bundle().contract_for("acme", "employees") is None


def test_an_employee_and_a_customer_of_one_number_are_two_people():
    orders = bundle().contract_for("northwind", "orders")
    assert orders is not None
    assert orders.column("employeeid").token_domain != orders.column("customerid").token_domain


def test_no_column_with_the_name_or_address_of_a_person_stays_in_the_clear():
    shown = {
        (tenant, dataset, column.name)
        for tenant in bundle().tenants
        for dataset in bundle().datasets
        if (contract := bundle().contract_for(tenant, dataset))
        for column in contract.columns
        if column.data_class
        and bundle().taxonomy[column.data_class].group
        in ("name", "email", "phone", "street", "city", "ip", "card")
        and bundle().treatment_for(tenant, dataset, column).kind is TreatmentKind.KEEP
    }
    assert shown == set()


def test_every_treatment_occurs_in_the_example():
    kinds = {rule.treatment.kind for rule in bundle().rules}
    assert kinds == set(TreatmentKind)


def test_every_dataset_and_every_tenant_has_an_override():
    assert {rule.dataset for rule in bundle().rules if rule.dataset} == set(bundle().datasets)
    assert {rule.tenant for rule in bundle().rules if rule.tenant} == set(bundle().tenants)


def test_the_example_has_rules_of_every_action_scope_and_clock():
    rules = bundle().retention.rules
    assert {rule.action for rule in rules} == set(RetentionAction)
    assert {rule.clock for rule in rules} == set(Clock)
    for scope in ("data_class", "dataset", "tenant", "tier", "region"):
        assert any(getattr(rule, scope) for rule in rules), scope


def test_everything_in_the_example_ends_some_day():
    assert any(
        rule.action is RetentionAction.ERASE and rule.scope == "everything"
        for rule in bundle().retention.rules
    )


def test_every_way_of_disposal_occurs_in_the_example():
    assert {str(contract.disposal) for contract in bundle().contracts} == {"delete", "keep", "archive-sealed"}


def test_every_example_contract_comes_back_from_json():
    for contract in bundle().contracts:
        assert contract_from_json(contract_to_json(contract)) == contract


@pytest.mark.parametrize("path", sorted((FOLDER / "datasets").glob("*.yaml")), ids=lambda path: path.name)
def test_every_example_contract_is_valid_by_the_standards_own_schema(path: Path):
    schema = json.loads((files("open_data_contract_standard") / "schema.json").read_text())
    faults = jsonschema.Draft201909Validator(schema).iter_errors(yaml.safe_load(path.read_text()))
    assert [fault.json_path for fault in faults] == []
