"""Contracts and treatments drafted from files can be loaded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from classifications import draft
from classifications.catalogue import ColumnRecord
from policy import load_policies


def record(
    column: str, data_class: str | None = None, form: str = "string", table: str = "people"
) -> ColumnRecord:
    return ColumnRecord(
        table, column, data_class, "other", data_class is not None, 0.9, "because", "token", {}, form
    )


def load(folder: Path, text: str):
    (folder / "datasets").mkdir()
    (folder / "tenants.yaml").write_text(draft.tenants("acme"))
    (folder / "treatments.yaml").write_text(draft.treatments())
    (folder / "datasets" / "people.acme.yaml").write_text(text)
    return load_policies(folder).contract_for("acme", "people")


def test_a_draft_holds_as_a_policy(tmp_path):
    records = [
        record("id", form="integer"),
        record("E-Mail", "user.contact.email"),
        record("born", "user.demographic.date_of_birth", "date"),
        record("note", "user.content"),
    ]
    contract = load(tmp_path, draft.contract(records, "acme", nested=False))
    assert [(c.name, str(c.logical_type), c.data_class, c.free_text) for c in contract.columns] == [
        ("id", "integer", None, False),
        ("e_mail", "string", "user.contact.email", False),
        ("born", "date", "user.demographic.date_of_birth", False),
        ("note", "string", "user.content", True),
    ]


def test_nested_names_become_objects(tmp_path):
    records = [
        record("user.email", "user.contact.email"),
        record("user.home.city", "user.contact.address.city"),
    ]
    contract = load(tmp_path, draft.contract(records, "acme", nested=True))
    assert [column.path for column in contract.columns] == [("user", "email"), ("user", "home", "city")]


def test_a_name_that_no_contract_can_hold_is_left_out_and_not_shown(tmp_path):
    records = [record("ann@example.com"), record("tenant_id"), record("a b"), record("A-B"), record("ok")]
    text = draft.contract(records, "acme", nested=False)
    assert "ann@example.com" not in text
    assert [column.name for column in load(tmp_path, text).columns] == ["a_b", "ok"]


def test_a_column_name_cannot_break_out_of_its_line(tmp_path):
    assert json.dumps("a b") in draft.contract([record("a b")], "acme", nested=False)
    assert "evil" not in draft.contract([record('x"\nevil: 1'), record("ok")], "acme", nested=False)


@pytest.mark.parametrize(
    ("table", "name"),
    [("People 2024", "people_2024"), ("2024", "t_2024"), ("Ünïcode", "n_code"), ("???", "t_")],
)
def test_a_files_name_becomes_a_datasets_name(table, name):
    assert draft.dataset_name(table) == name.rstrip("_")
