"""Which next versions of a contract are taken, and how a version is remembered."""

# ruff: noqa: E501  a case of the table is one line
from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy import (
    Column,
    Constraints,
    Contract,
    Disposal,
    GeneraliseTo,
    LoadMode,
    LogicalType,
    PolicyError,
    Treatment,
    TreatmentKind,
    contract_from_json,
    contract_to_json,
    incompatibilities,
)

ID = Column(
    ("Id",), "id", LogicalType.STRING, required=True, data_class="user.unique_id", namespace="customer"
)
MAIL = Column(("Mail",), "mail", LogicalType.STRING, data_class="user.contact.email")
NOTE = Column(("note",), "note", LogicalType.STRING, description="as told")
NEW = Column(("new",), "new", LogicalType.INTEGER)
OLD = Contract(
    dataset="customers",
    tenant=None,
    version="1.4.2",
    owner="sales",
    load_mode=LoadMode.MERGE,
    columns=(ID, MAIL, NOTE),
    primary_key=("id",),
    subject_column="id",
)


def with_column(column: Column, **changes: object) -> tuple[Column, ...]:
    return tuple(replace(each, **changes) if each is column else each for each in OLD.columns)


FINE: list[tuple[str, Callable[[Contract], Contract]]] = [
    ("nothing changed", lambda old: old),
    ("an optional column with a minor version", lambda old: replace(old, version="1.5.0", columns=(*old.columns, NEW))),
    ("an optional column with a major version", lambda old: replace(old, version="2.0.0", columns=(*old.columns, NEW))),
    ("a repair that changes a bound", lambda old: replace(old, version="1.4.3", columns=with_column(NOTE, constraints=Constraints(max_length=9)))),
    ("another order of columns with a repair", lambda old: replace(old, version="1.4.3", columns=old.columns[::-1])),
    ("a required column that became optional", lambda old: replace(old, version="1.4.3", columns=with_column(ID, required=False))),
    ("another class on a column that identifies nobody", lambda old: replace(old, version="1.5.0", columns=with_column(MAIL, data_class="user.name"))),
    ("a description under the same version", lambda old: replace(old, columns=with_column(NOTE, description="other"), description="x")),
    ("another owner under the same version", lambda old: replace(old, owner="marketing")),
    ("another contact under the same version", lambda old: replace(old, contact="#marketing")),
    ("a tenant's own variant that says the same", lambda old: replace(old, tenant="acme")),
    ("version 1.10 after 1.9", lambda old: replace(old, version="1.10.0")),
]  # fmt: skip

WRONG: list[tuple[str, str, Callable[[Contract], Contract]]] = [
    ("mail", "the column is gone", lambda old: replace(old, columns=(ID, NOTE))),
    ("note", "logical type changed from string to array", lambda old: replace(old, columns=with_column(NOTE, logical_type=LogicalType.ARRAY))),
    ("mail", "place in the file changed from Mail to mail", lambda old: replace(old, columns=with_column(MAIL, path=("mail",)))),
    ("primary key", "changed from id to id, mail", lambda old: replace(old, primary_key=("id", "mail"))),
    ("primary key", "changed from id to none", lambda old: replace(old, primary_key=())),
    ("load mode", "changed from merge to snapshot", lambda old: replace(old, load_mode=LoadMode.SNAPSHOT)),
    ("subject column", "changed from id to none", lambda old: replace(old, subject_column=None)),
    ("id", "user.unique_id/customer became user.unique_id/person", lambda old: replace(old, columns=with_column(ID, namespace="person"))),
    ("id", "user.unique_id/customer became user.name/customer", lambda old: replace(old, columns=with_column(ID, data_class="user.name"))),
    ("new", "a new column is required", lambda old: replace(old, columns=(*old.columns, replace(NEW, required=True)))),
    ("mail", "an optional column became required", lambda old: replace(old, columns=with_column(MAIL, required=True))),
]  # fmt: skip


@pytest.mark.parametrize("change", [change for _, change in FINE], ids=[name for name, _ in FINE])
def test_a_change_that_files_and_silver_survive_is_taken(change: Callable[[Contract], Contract]):
    assert incompatibilities(OLD, change(OLD)) == ()


@pytest.mark.parametrize(("where", "fact", "change"), WRONG)
@pytest.mark.parametrize("version", ["1.5.0", "2.0.0"])
def test_a_change_that_breaks_them_is_refused_under_any_version(
    where: str, fact: str, change: Callable[[Contract], Contract], version: str
):
    (problem,) = incompatibilities(OLD, replace(change(OLD), version=version))
    assert (problem.file, problem.where) == ("dataset customers", where)
    assert fact in problem.fact
    assert problem.mend


@pytest.mark.parametrize("version", ["1.4.1", "1.3.9", "0.9.9"])
def test_a_version_below_the_accepted_one_is_refused(version: str):
    (problem,) = incompatibilities(OLD, replace(OLD, version=version))
    assert problem.fact == f"version {version} is below 1.4.2, that is accepted already"


def test_a_change_under_the_same_version_is_refused():
    (problem,) = incompatibilities(OLD, replace(OLD, columns=(*OLD.columns, NEW)))
    assert problem.fact == "the contract changed, but its version is still 1.4.2"


def test_an_added_column_asks_for_more_than_a_repair():
    (problem,) = incompatibilities(OLD, replace(OLD, version="1.4.3", columns=(*OLD.columns, NEW)))
    assert problem.mend == "give it version 1.5.0"


def test_every_reason_is_told_at_once():
    new = replace(OLD, columns=(ID,), primary_key=(), load_mode=LoadMode.APPEND, tenant="acme")
    problems = incompatibilities(OLD, new)
    assert [each.where for each in problems] == ["mail", "note", "primary key", "load mode", "version"]
    assert {each.file for each in problems} == {"dataset customers of acme"}


TYPED = [
    LogicalType.INTEGER,
    LogicalType.NUMBER,
    LogicalType.BOOLEAN,
    LogicalType.DATE,
    LogicalType.TIMESTAMP,
]
TEXTS = [LogicalType.STRING, LogicalType.ARRAY]
MAKES_TEXT: list[dict[str, object]] = [
    {"data_class": "user.demographic"},
    {"free_text": True},
    {"treatment": Treatment(TreatmentKind.KEEP)},
]


def of_one_column(column: Column, version: str) -> Contract:
    return replace(OLD, version=version, columns=(*OLD.columns, column))


@pytest.mark.parametrize("logical", TYPED)
@pytest.mark.parametrize("marks", MAKES_TEXT, ids=lambda marks: next(iter(marks)))
def test_what_turns_a_typed_column_into_text_is_refused(logical: LogicalType, marks: dict[str, object]):
    column = replace(NEW, logical_type=logical)
    old, new = of_one_column(column, "1.5.0"), of_one_column(replace(column, **marks), "2.0.0")
    (problem,) = incompatibilities(old, new)
    assert (problem.where, problem.mend) == (
        "new",
        "publish it under a new column name, or in a dataset of another name",
    )
    assert f"would change from {logical} to text" in problem.fact


@pytest.mark.parametrize("logical", TYPED)
@pytest.mark.parametrize("marks", MAKES_TEXT, ids=lambda marks: next(iter(marks)))
def test_what_turns_text_back_into_a_typed_column_is_refused(logical: LogicalType, marks: dict[str, object]):
    column = replace(NEW, logical_type=logical)
    old, new = of_one_column(replace(column, **marks), "1.5.0"), of_one_column(column, "2.0.0")
    (problem,) = incompatibilities(old, new)
    assert f"would change from text to {logical}" in problem.fact
    assert "new column name" in problem.mend


@pytest.mark.parametrize("logical", TEXTS)
@pytest.mark.parametrize("marks", MAKES_TEXT, ids=lambda marks: next(iter(marks)))
def test_a_text_may_gain_and_lose_class_free_text_and_treatment(
    logical: LogicalType, marks: dict[str, object]
):
    bare, marked = replace(NEW, logical_type=logical), replace(NEW, logical_type=logical, **marks)
    assert incompatibilities(of_one_column(bare, "1.5.0"), of_one_column(marked, "1.6.0")) == ()
    assert incompatibilities(of_one_column(marked, "1.5.0"), of_one_column(bare, "1.6.0")) == ()


@pytest.mark.parametrize("logical", TYPED)
def test_a_number_or_date_that_stays_text_may_change_what_makes_it_so(logical: LogicalType):
    old = replace(NEW, logical_type=logical, data_class="user.demographic")
    for new in (
        replace(old, data_class="user.name"),
        replace(old, treatment=Treatment(TreatmentKind.DROP)),
        replace(old, data_class=None, treatment=Treatment(TreatmentKind.TOKEN)),
    ):
        assert incompatibilities(of_one_column(old, "1.5.0"), of_one_column(new, "1.6.0")) == ()


def test_a_new_column_may_be_a_number_with_a_class():
    new = replace(NEW, data_class="user.demographic")
    assert incompatibilities(OLD, of_one_column(new, "1.5.0")) == ()


def test_a_typed_column_may_change_its_bounds():
    bounded = replace(NEW, constraints=Constraints(minimum=1.0))
    assert incompatibilities(of_one_column(NEW, "1.5.0"), of_one_column(bounded, "1.5.1")) == ()


def test_a_changed_logical_type_with_a_new_class_is_told_once():
    new = replace(NEW, logical_type=LogicalType.DATE, data_class="user.demographic")
    (problem,) = incompatibilities(of_one_column(NEW, "1.5.0"), of_one_column(new, "2.0.0"))
    assert problem.fact == "the logical type changed from integer to date"


def test_two_datasets_are_not_compared():
    with pytest.raises(ValueError, match="two datasets"):
        incompatibilities(OLD, replace(OLD, dataset="orders"))


texts = st.text(max_size=8)
treatments = st.builds(
    Treatment,
    kind=st.sampled_from(TreatmentKind),
    to=st.none() | st.sampled_from(GeneraliseTo),
    size=st.none() | st.integers(1, 9),
    show_last=st.integers(0, 8),
)
numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False)
bounds = st.builds(
    Constraints,
    pattern=st.none() | texts,
    max_length=st.none() | st.integers(0, 9),
    minimum=numbers,
    allowed=st.lists(texts, max_size=3).map(tuple),
)
columns = st.builds(
    Column,
    path=st.lists(texts, min_size=1, max_size=3).map(tuple),
    name=texts,
    logical_type=st.sampled_from(LogicalType),
    required=st.booleans(),
    data_class=st.none() | texts,
    namespace=st.none() | texts,
    free_text=st.booleans(),
    treatment=st.none() | treatments,
    constraints=bounds,
    description=texts,
)
contracts = st.builds(
    Contract,
    dataset=texts,
    tenant=st.none() | texts,
    version=st.just("1.0.0"),
    owner=texts,
    contact=texts,
    load_mode=st.sampled_from(LoadMode),
    columns=st.lists(columns, max_size=3).map(tuple),
    primary_key=st.lists(texts, max_size=2).map(tuple),
    subject_column=st.none() | texts,
    disposal=st.sampled_from(Disposal),
)


@given(contracts)
def test_a_contract_comes_back_from_json_as_it_was(contract: Contract):
    text = contract_to_json(contract)
    assert contract_from_json(text) == contract
    assert contract_to_json(contract_from_json(text)) == text


def test_the_json_form_has_sorted_keys_and_a_format():
    body = json.loads(contract_to_json(OLD))
    assert list(body) == sorted(body)
    assert body["format"] == 1


GOOD = json.loads(contract_to_json(OLD))


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", "{}", "{", json.dumps({**GOOD, "format": 2}), json.dumps({**GOOD, "load_mode": "upsert"}),
     json.dumps({**GOOD, "more": 1}), json.dumps({key: GOOD[key] for key in GOOD if key != "version"})],
)  # fmt: skip
def test_a_text_that_is_no_remembered_contract_is_refused(text: str):
    with pytest.raises(PolicyError, match="this is no contract in format 1"):
        contract_from_json(text)
