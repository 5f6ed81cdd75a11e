"""Spark's answer to what is due and what is kept is the one that plain Python gives, row by row."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from policy import Clock, Period, RetentionAction, RetentionRule
from retention.due import hold_table, judged, rule_table
from retention.expiry import RowFacts, is_due, kept_by
from retention.holds import Hold, Scope

pytestmark = pytest.mark.spark

AT = datetime(2025, 2, 28, tzinfo=UTC)
TENANTS, TOKENS = ("acme", "globex", "initech"), ("a" * 32, "b" * 32, "c" * 32)
SCHEMA = (
    "tenant_id string, record_id string, subject_token string, occurred_at timestamp, ingested_at timestamp"
)
PERIODS = (Period(1), Period(12), Period(13, 1), Period(days=1), Period(days=28), Period(48), Period(1200))


def moments(pick: random.Random) -> datetime:
    """Near the ends of months, where the calendar is not even, and the very moment that is asked about."""
    edges = [Period(months).end(AT) - timedelta(days=days) for months in (0, 1, 11) for days in range(4)]
    wide = [datetime(2020, 2, 29, 23, 59, 59, 999999, tzinfo=UTC), datetime(1969, 12, 31, tzinfo=UTC)]
    near = [AT - timedelta(days=days, microseconds=pick.choice((0, 1))) for days in (1, 28, 29, 31, 365, 366)]
    return pick.choice([AT, *edges, *wide, *near])


def facts(pick: random.Random) -> RowFacts:
    occurred = pick.choice((None, moments(pick), moments(pick)))
    return RowFacts(pick.choice(TENANTS), "orders", moments(pick), occurred, pick.choice((None, *TOKENS)))


def hold(pick: random.Random, number: int) -> Hold:
    tokens = tuple(pick.sample(TOKENS, pick.choice((0, 1, 1, 2))))
    begin, end = pick.choice((None, moments(pick))), pick.choice((None, moments(pick)))
    scope = Scope(pick.choice(TENANTS[:2]), pick.choice((None, "orders", "tickets")), tokens, begin, end)
    until, lifted = pick.choice((None, None, AT, AT + timedelta(days=1))), pick.choice((None, None, AT))
    return Hold(str(number), scope, f"M-{number}", "counsel", "why", until, AT, lifted)


@pytest.mark.parametrize("seed", range(2))
def test_spark_and_python_judge_alike(spark, seed):
    pick = random.Random(seed)
    rows = [facts(pick) for _ in range(400)]
    rules = [
        RetentionRule(RetentionAction.ERASE, period, clock, "why") for period in PERIODS for clock in Clock
    ]
    holds = [hold(pick, number) for number in range(12)]
    columns = [
        (row.tenant, str(number), row.subject_token, row.occurred_at, row.ingested_at)
        for number, row in enumerate(rows)
    ]
    numbered = [(tenant, number, rule) for tenant in TENANTS for number, rule in enumerate(rules)]
    table = rule_table(spark, numbered)
    found = judged(spark.createDataFrame(columns, SCHEMA), table, hold_table(spark, holds, "orders", AT), AT)
    told = {
        (row.record_id, row.rule): (row.due, sorted(row.matters), row.undated)
        for row in found.select("record_id", "rule", "due", "matters", "undated").collect()
    }
    assert told == {
        (str(number), index): (
            is_due(row, rule, AT),
            sorted(one.matter for one in kept_by(row, holds, AT)),
            rule.clock is Clock.OCCURRED and row.occurred_at is None,
        )
        for number, row in enumerate(rows)
        for index, rule in enumerate(rules)
    }


def test_a_tenant_without_a_rule_has_no_row_judged(spark):
    rows = spark.createDataFrame([("globex", "1", None, AT, AT)], SCHEMA)
    rule = RetentionRule(RetentionAction.ERASE, Period(1), Clock.OCCURRED, "why")
    table = rule_table(spark, [("acme", 0, rule)])
    assert judged(rows, table, hold_table(spark, [], "orders", AT), AT).isEmpty()
