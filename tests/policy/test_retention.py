"""What retention.yaml is read as, and when a period ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy import (
    Clock,
    Period,
    PolicyError,
    Retention,
    RetentionAction,
    RetentionRule,
    Store,
    load_policies,
)

ERASE, ANONYMISE = RetentionAction.ERASE, RetentionAction.ANONYMISE
PERIODS = st.builds(Period, st.integers(0, 1200), st.integers(0, 36525))
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive


def test_rules_are_read_in_the_order_of_the_file(folder: Path):
    assert load_policies(folder).retention == Retention(
        (
            RetentionRule(ERASE, Period(120), Clock.INGESTED, "the longest duty"),
            RetentionRule(
                ERASE, Period(18), Clock.OCCURRED, "promised", "user.contact", "people", "acme"
            ),
            RetentionRule(
                ANONYMISE, Period(days=17), Clock.OCCURRED, "asked for", tier="standard", region="us"
            ),
        ),
        grace_days=7,
    )  # fmt: skip


def test_without_the_file_nothing_ends(folder: Path):
    (folder / "retention.yaml").unlink()
    assert load_policies(folder).retention == Retention((), 30)


def test_rules_are_part_of_the_digest(folder: Path):
    before = load_policies(folder).digest
    path = folder / "retention.yaml"
    path.write_text(path.read_text().replace("P10Y", "P9Y"))
    assert load_policies(folder).digest != before


def test_a_store_has_a_period_where_the_file_gives_it_one(folder: Path):
    path = folder / "retention.yaml"
    path.write_text("stores: {archive: P1Y, versions: P30D}\n" + path.read_text())
    assert load_policies(folder).retention.stores == {
        Store.ARCHIVE: Period(12), Store.VERSIONS: Period(days=30),
    }  # fmt: skip


def test_one_scope_can_have_a_rule_of_each_action(folder: Path):
    (folder / "retention.yaml").write_text(
        "rules:\n"
        "  - {dataset: people, action: anonymise, period: P1Y, from: occurred_at, reason: a}\n"
        "  - {dataset: people, action: erase, period: P2Y, from: occurred_at, reason: b}\n"
    )
    assert [rule.action for rule in load_policies(folder).retention.rules] == [ANONYMISE, ERASE]


def test_a_tier_without_a_tenant_can_have_a_rule_and_a_tier_of_a_faulty_file_is_not_looked_up(folder: Path):
    path = folder / "retention.yaml"
    path.write_text(path.read_text().replace("tier: standard", "tier: premium"))
    assert load_policies(folder).retention.rules[2].tier == "premium"
    (folder / "tiers.yaml").write_text("tiers: [premium]")
    with pytest.raises(PolicyError) as refused:
        load_policies(folder)
    assert {problem.file for problem in refused.value.problems} == {"tiers.yaml"}


def test_a_rule_for_a_dataset_that_the_tenant_does_not_deliver_is_refused(folder: Path):
    people = folder / "datasets" / "people.yaml"
    own = people.read_text().replace("customProperties:\n", "tenant: acme\ncustomProperties:\n", 1)
    people.write_text(own)
    path = folder / "retention.yaml"
    path.write_text(path.read_text().replace("tenant: acme", "tenant: globex"))
    with pytest.raises(PolicyError, match="globex has no contract for 'people'"):
        load_policies(folder)


@pytest.mark.parametrize(
    ("period", "text"),
    [
        (Period(120), "P10Y"), (Period(18), "P1Y6M"), (Period(days=90), "P90D"),
        (Period(13, 3), "P1Y1M3D"), (Period(1), "P1M"),
    ],
)  # fmt: skip
def test_a_period_is_written_in_years_months_and_days(period: Period, text: str):
    assert str(period) == text


@pytest.mark.parametrize(
    ("begin", "period", "end"),
    [
        ("2024-02-29", Period(12), "2025-02-28"),
        ("2024-01-31", Period(1), "2024-02-29"),
        ("2023-01-31", Period(1), "2023-02-28"),
        ("2023-01-31", Period(1, 1), "2023-03-01"),
        ("2024-12-31", Period(2), "2025-02-28"),
        ("2026-03-29", Period(days=1), "2026-03-30"),
    ],
)
def test_a_period_ends_on_the_calendar_day(begin: str, period: Period, end: str):
    assert period.end(datetime.fromisoformat(begin)) == datetime.fromisoformat(end)


@given(MOMENTS, MOMENTS, PERIODS)
def test_what_began_earlier_never_ends_later(one: datetime, other: datetime, period: Period):
    first, second = sorted((one, other))
    assert period.end(first) <= period.end(second)


@given(MOMENTS, PERIODS, PERIODS)
def test_a_nominally_longer_period_never_ends_more_than_three_days_sooner(
    begin: datetime, one: Period, other: Period
):
    shorter, longer = sorted((one, other), key=lambda period: period.nominal)
    assert shorter.end(begin) - longer.end(begin) <= timedelta(days=3)
