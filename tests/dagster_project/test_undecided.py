"""Findings that wait beyond the limit of the policies: what counts, and what is written down."""

from __future__ import annotations

from dataclasses import replace

import dagster as dg
import pytest
from findings import finding, record

from classifications.verdicts import Decision
from dagster_project.defs.reviews import reviews_check
from dagster_project.house import open_control_state
from dagster_project.reviewing import Asked, all_reviews, decide
from dagster_project.settings import Settings
from dagster_project.undecided import record_undecided
from policy import PolicyBundle, UndecidedLimit, load_policies
from transforms.standings import CheckResult, Standings

NAME, EMAIL = "user.name", "user.contact.email"


@pytest.fixture
def engine(settings: Settings):
    engine = open_control_state(settings)
    record(
        engine,
        finding("acme", "orders", "status", NAME, confidence=0.6),
        finding("acme", "orders", "note", EMAIL, confidence=0.59),
        finding("acme", "orders", "amount", "system", confidence=0.9),
        finding("globex", "orders", "status", NAME, confidence=0.6),
    )
    return engine


def limited(settings: Settings, *limits: UndecidedLimit) -> PolicyBundle:
    return replace(load_policies(settings.policies), undecided=limits)


def recorded(engine, bundle: PolicyBundle, *tenants: str) -> dict[str, bool]:
    reviews = all_reviews(engine, bundle, dataset="orders")
    results = record_undecided(engine, bundle, "orders", reviews, tenants or ("acme", "globex"), "run-1")
    return {one.tenant: one.success for one in results}


def failing(engine) -> list[CheckResult]:
    return Standings(engine).failing()


@pytest.mark.parametrize(
    ("limit", "passes"),
    [
        (UndecidedLimit(2), True),  # two wait, and two may
        (UndecidedLimit(1), False),
        (UndecidedLimit(0, 0.6), False),
        (UndecidedLimit(1, 0.6), True),
        (UndecidedLimit(0, 0.61), True),  # nothing that sure waits
        (UndecidedLimit(0, 0.0, "customers"), None),  # of another dataset
        (UndecidedLimit(0, 0.0, None, "globex"), None),  # of another tenant
    ],
)
def test_as_many_as_the_limit_says_may_wait_and_no_more(settings, engine, limit, passes) -> None:
    assert recorded(engine, limited(settings, limit)).get("acme") is passes
    assert bool(failing(engine)) == (False in recorded(engine, limited(settings, limit)).values())


def test_a_class_that_is_not_personal_does_not_count(settings, engine) -> None:
    recorded(engine, limited(settings, UndecidedLimit(1)))
    [one] = failing(engine)
    assert one.detail == "2 personal findings wait for a verdict, and at most 1 may"


@pytest.mark.parametrize(
    ("decision", "fails"), [(Decision.CONFIRM, False), (Decision.REJECT, False), (Decision.DEFER, True)]
)
def test_a_verdict_ends_it_at_once_and_putting_it_off_does_not(settings, engine, decision, fails) -> None:
    bundle = limited(settings, UndecidedLimit(0, 0.6))
    recorded(engine, bundle)
    decide(engine, bundle, [Asked(None, "orders", "status", NAME, decision, "dpo", "looked at the source")])
    assert bool(failing(engine)) is fails


def test_a_limit_that_is_taken_away_stops_nobody_any_more(settings, engine) -> None:
    recorded(engine, limited(settings, UndecidedLimit(0)))
    assert failing(engine)
    assert recorded(engine, limited(settings)) == {"acme": True, "globex": True}
    assert failing(engine) == []


def test_only_who_was_asked_for_is_written_down(settings, engine) -> None:
    assert recorded(engine, limited(settings, UndecidedLimit(0)), "globex") == {"globex": False}


def test_beyond_the_limit_the_check_is_an_error_that_says_who_and_the_mend(settings, engine) -> None:
    told = reviews_check(engine, limited(settings, UndecidedLimit(1)), "orders")
    assert (told.passed, told.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert "acme is held back: 2 personal findings wait for a verdict, and at most 1 may" in told.description
    assert "globex is held back" not in told.description
    assert "To mend it: decide what waits, by lakeward review" in told.description
    assert told.metadata["limit"].text == "acme 2 of at most 1, globex 1 of at most 1"


@pytest.mark.parametrize("limits", [(), (UndecidedLimit(2),)])
def test_within_the_limit_or_without_one_what_waits_is_a_warning(settings, engine, limits) -> None:
    told = reviews_check(engine, limited(settings, *limits), "orders")
    assert (told.passed, told.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert "held back" not in told.description
