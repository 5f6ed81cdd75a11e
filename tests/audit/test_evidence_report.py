"""The pictures and words of the report."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from evidence import BEGIN, EXAMPLES, check_fact, lineage_facts

from audit.evidence.draw_journey import draw_journey
from audit.evidence.journey import Journey
from audit.evidence.processing import rules_of
from audit.evidence.story import SHOWN, Asked, Story
from audit.ledger import Entry, Fact
from audit.pages.draw_time import draw_detections, draw_requests, draw_retention
from audit.pages.svg import picture, text
from audit.pages.words import class_words, treatment_words
from policy import load_policies
from policy.treatments import TreatmentKind

NOW = "2026-06-01T00:00:00.000000Z"


def shapes(svg, kind):
    return list(ElementTree.fromstring(svg).iter(kind))  # noqa: S314 - drawn here, by us


def words(svg):
    return [one.text or "" for one in shapes(svg, "text")]


def story_of(*facts: Fact, at="2026-03-01T12:00:00.000000Z"):
    story = Story()
    for seq, fact in enumerate(facts):
        story.take(Entry(seq, at, fact.kind, fact.tenant, fact.region, fact.source, fact.body, "00" * 16))
    return story


@pytest.fixture(scope="module")
def journey():
    return story_of(*lineage_facts("acme", "eu", "orders", "run-1", BEGIN)).journey


def test_the_journey_shows_a_lane_for_each_personal_class_with_treatment_and_reader(journey):
    shown = words(draw_journey(journey))
    for line in ("e-mail addresses", "orders: email", "pseudonym: orders.email", "analysts: a code only"):
        assert line in shown
    assert "removed: orders.diagnosis" in shown
    assert "nobody" in shown


def test_a_column_that_detection_gives_another_class_is_followed_under_both(journey):
    other = Journey({key: replace(one) for key, one in journey.stops.items()})
    other.stops["silver.orders.remark"].data_class = "user.contact.organization"
    for data_class in ("user.content", "user.contact.organization"):
        steps = other.of_class(data_class)
        assert [one.column for one in steps["landing"]] == ["remark"]
        assert [one.treatment for one in steps["silver"]] == ["redact"]
        assert "dropped" not in steps


def test_a_lake_without_a_personal_class_has_no_picture():
    assert draw_journey(Journey()) == ""


def test_a_request_in_time_one_late_and_one_open_look_different():
    def asked(name, due, state, changed):
        return Asked(name, "2026-03-01T00:00:00Z", due, state, changed)

    svg = draw_requests(
        [
            asked("a" * 32, "2026-04-01T00:00:00Z", "done", "2026-03-20T00:00:00Z"),
            asked("b" * 32, "2026-04-01T00:00:00Z", "done", "2026-04-20T00:00:00Z"),
            asked("c" * 32, "2026-07-01T00:00:00Z", "received", "2026-03-01T00:00:00Z"),
        ],
        NOW,
    )
    fills = [one.get("fill") for one in shapes(svg, "rect")]
    assert len(set(fills)) == 3
    assert "due 2026-04-01" in words(svg)


def test_each_retention_rule_of_the_tenant_is_a_bar_with_its_period_in_words():
    bundle = load_policies(EXAMPLES)
    shown = words(draw_retention(rules_of(bundle, "acme")))
    assert "6 months, then erased" in shown
    assert "3 years, then made anonymous" in shown
    assert not any("1 year, then" in line for line in shown)  # globex's


def test_detections_of_a_long_period_are_drawn_by_month_and_rare_classes_as_one():
    found = Counter({(f"2026-0{month}-01", f"user.c{n}"): 10 - n for month in (1, 6) for n in range(8)})
    shown = words(draw_detections(found))
    assert "2026-01" in shown
    assert any(line.startswith("other kinds: ") for line in shown)


def test_a_text_in_a_picture_is_escaped():
    assert words(picture(10, 10, 'a"<b>', [text(0, 0, "<script>&")])) == ["<script>&"]


def test_every_treatment_has_words():
    assert all(treatment_words(str(kind)) != str(kind) for kind in TreatmentKind)
    assert treatment_words("generalise to year") == "made coarser"


def test_what_no_lineage_tells_is_not_taken_for_readable(journey):
    assert treatment_words(None) == treatment_words("unheard_of") == "not told"
    untold = Journey({key: replace(one, treatment=None) for key, one in journey.stops.items()})
    shown = words(draw_journey(untold))
    assert "not told: orders.email" in shown
    assert not any(line.startswith("readable") for line in shown)


def test_a_dropped_column_is_in_the_table_s_schema_and_still_removed(journey):
    assert journey.stops["silver.orders.diagnosis"].treatment == "drop"
    assert "silver" not in journey.of_class("user.health_and_medical")


def test_a_class_without_words_of_its_own_is_told_by_its_last_part():
    assert class_words("user.behavior.browsing_history") == "browsing history"


def test_requests_are_told_by_their_last_state_and_counted_whole():
    due = "2026-02-01T00:00:00.000000Z"
    late = [
        Fact(
            "request",
            "r/0",
            {"request_id": "r", "request": "erase", "state": "received", "due_at": due},
            "acme",
        ),
        Fact("request", "r/1", {"request_id": "r", "state": "done", "outcome": "erased"}, "acme"),
    ]
    story = story_of(*late)
    assert (story.asked, story.answered, story.late) == (1, 1, 1)
    assert story.requests["r"].outcome == "erased"


def test_a_request_that_left_the_control_database_is_told_as_it_was_answered():
    states = (
        {"request_id": "r-1", "state": "done", "outcome": "erased"},
        {"request_id": "r-1", "state": "gone"},
    )
    story = story_of(*(Fact("request", f"r-1/{one['state']}", one, "acme") for one in states))
    assert (story.requests["r-1"].state, story.requests["r-1"].outcome, story.answered) == (
        "done",
        "erased",
        1,
    )


def test_of_very_many_requests_the_report_keeps_those_that_changed_last():
    body = {"request": "erase", "state": "received", "due_at": NOW}
    facts = [Fact("request", f"r{n}", body | {"request_id": f"r{n}"}, "acme") for n in range(SHOWN + 10)]
    story = story_of(*facts)
    assert len(story.requests) == SHOWN
    assert story.asked == SHOWN + 10
    assert f"r{SHOWN + 9}" in story.requests


def test_a_check_that_passes_again_is_shown_as_passed_and_its_failure_is_counted():
    story = story_of(check_fact("a", passed=False), check_fact("b"))
    assert story.checks["silver.orders", "unique_key"][1]
    assert story.failed_checks == 1
