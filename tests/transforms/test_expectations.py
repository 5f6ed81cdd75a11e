from __future__ import annotations

from great_expectations.expectations.core import expect_column_values_to_be_in_set

from transforms.expectations import broken_promises


def test_each_tenant_is_told_the_promises_that_its_own_rows_break():
    counts = {
        "globex": {"email filled": 0, "name dropped": 2, "state filled": 1},
        "initech": {"email filled": 0, "name dropped": 0},
        "acme": {"email filled": 1},
    }
    assert broken_promises(counts) == {
        "globex": ["name dropped", "state filled"],
        "initech": [],
        "acme": ["email filled"],
    }


def test_where_every_promise_holds_or_none_was_made_none_is_broken():
    assert broken_promises({"globex": {"email filled": 0}, "initech": {}}) == {"globex": [], "initech": []}
    assert broken_promises({"globex": {}}) == {"globex": []}


def test_where_the_counts_cannot_be_evaluated_every_promise_counts_as_broken(monkeypatch):
    known = expect_column_values_to_be_in_set.ExpectColumnValuesToBeInSet
    monkeypatch.setattr(
        expect_column_values_to_be_in_set,
        "ExpectColumnValuesToBeInSet",
        lambda value_set, **_: known(column="nowhere", value_set=value_set),
    )
    assert broken_promises({"globex": {"email filled": 0}}) == {"globex": ["email filled"]}
