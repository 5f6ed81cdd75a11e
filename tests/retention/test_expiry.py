"""When a row goes: never before its period ends, and never while a hold could cover it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy import Clock, Period, RetentionAction, RetentionRule
from retention.expiry import RowFacts, begins, goes, is_due, kept_by
from retention.holds import Hold, Scope

NOW = datetime(2026, 6, 1, tzinfo=UTC)
RULE = RetentionRule(RetentionAction.ERASE, Period(12), Clock.OCCURRED, "why")
ROW = RowFacts("acme", "orders", NOW - timedelta(days=30), NOW - timedelta(days=400), "a" * 32)

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive
TOKENS = st.sampled_from(["a" * 32, "b" * 32])
TENANTS, DATASETS = st.sampled_from(["acme", "globex"]), st.sampled_from(["orders", "tickets"])
SCOPES = st.builds(
    Scope, TENANTS, st.none() | DATASETS, st.lists(TOKENS, max_size=2).map(tuple), st.none() | MOMENTS,
    st.none() | MOMENTS,
)  # fmt: skip
HOLDS = st.builds(
    Hold, st.just("h"), SCOPES, st.just("CASE-1"), st.just("counsel"), st.just("why"), st.none() | MOMENTS,
    MOMENTS, st.none() | MOMENTS,
)  # fmt: skip
ROWS = st.builds(RowFacts, TENANTS, DATASETS, MOMENTS, st.none() | MOMENTS, st.none() | TOKENS)
RULES = st.builds(
    RetentionRule, st.sampled_from(list(RetentionAction)), st.builds(Period, st.integers(0, 40)),
    st.sampled_from(list(Clock)), st.just("why"),
)  # fmt: skip


def hold(**scope: object) -> Hold:
    return Hold("h", Scope("acme", **scope), "CASE-1", "counsel", "why", None, NOW)


def test_a_row_is_due_in_the_moment_its_period_ends():
    end = Period(12).end(ROW.occurred_at)
    assert is_due(ROW, RULE, end)
    assert not is_due(ROW, RULE, end - timedelta(microseconds=1))


def test_a_row_without_occurred_at_counts_from_ingest():
    row = RowFacts("acme", "orders", NOW)
    assert begins(row, RULE) == NOW
    assert begins(ROW, RULE) == ROW.occurred_at


@pytest.mark.parametrize(
    ("scope", "keeps"),
    [
        ({}, True),
        ({"dataset": "orders"}, True),
        ({"dataset": "tickets"}, False),
        ({"subject_tokens": ("b" * 32, "a" * 32)}, True),
        ({"subject_tokens": ("b" * 32,)}, False),
        ({"occurred_from": ROW.occurred_at}, True),
        ({"occurred_from": ROW.occurred_at + timedelta(microseconds=1)}, False),
        ({"occurred_before": ROW.occurred_at}, False),
        ({"occurred_before": ROW.occurred_at + timedelta(microseconds=1)}, True),
    ],
)
def test_a_hold_keeps_the_rows_of_its_scope(scope: dict[str, object], keeps: bool):
    assert bool(kept_by(ROW, [hold(**scope)], NOW)) is keeps


@pytest.mark.parametrize(
    "scope", [{"subject_tokens": ("b" * 32,)}, {"occurred_from": NOW}, {"occurred_before": NOW}]
)
def test_a_hold_keeps_a_row_of_which_it_cannot_be_told(scope: dict[str, object]):
    assert kept_by(RowFacts("acme", "orders", NOW), [hold(**scope)], NOW)


def test_a_hold_keeps_nothing_of_another_tenant():
    assert not kept_by(RowFacts("globex", "orders", NOW), [hold()], NOW)


@given(ROWS, RULES, st.lists(HOLDS, max_size=4), HOLDS, MOMENTS)
def test_one_more_hold_never_lets_more_go(row, rule, holds, another, at):
    assert goes(row, rule, holds, at) or not goes(row, rule, [*holds, another], at)


@given(ROWS, RULES, st.lists(HOLDS, max_size=4), MOMENTS)
def test_what_goes_is_due_and_kept_by_nobody(row, rule, holds, at):
    lifted = [one for one in holds if one.lifted_at is not None]
    assert goes(row, rule, lifted, at) == is_due(row, rule, at)
    if goes(row, rule, holds, at):
        assert rule.period.end(row.occurred_at or row.ingested_at) <= at or rule.clock is Clock.INGESTED
        assert kept_by(row, holds, at) == []


@given(ROWS, RULES, st.lists(HOLDS, max_size=4), MOMENTS)
def test_lifting_every_hold_re_opens_all_that_they_stopped(row, rule, holds, at):
    assert goes(row, rule, [replace(one, lifted_at=at) for one in holds], at) == is_due(row, rule, at)
