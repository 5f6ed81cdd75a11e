"""A verdict holds until what was seen changes materially; then it is asked again and still holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine

from classifications.findings import Finding, FindingStatus
from classifications.ledger import FindingsLedger
from classifications.reviews import ReviewState, differences
from classifications.verdicts import Decision, Verdict

EMAIL = "user.contact.email"
FOUND = datetime(2026, 1, 2, tzinfo=UTC)
DAY = timedelta(days=1)
SEEN = Finding(
    "acme", "orders", "note", EMAIL, 0.6, {"sampled": 100, f"hits:{EMAIL}": 40}, "why", "detector/1",
    "policy-1", None, "run-1", FOUND, FindingStatus.UNDECLARED,
)  # fmt: skip


@pytest.fixture
def ledger(tmp_path):
    ledger = FindingsLedger(create_engine(f"sqlite:///{tmp_path}/control.db"))
    ledger.record([SEEN])
    return ledger


def say(ledger, decision: Decision, new_class: str | None = None) -> None:
    ledger.record_verdict(
        Verdict("acme", "orders", "note", EMAIL, decision, "dpo", "looked", FOUND + DAY, new_class)
    )


def later(ledger, **change) -> Finding:
    finding = replace(SEEN, found_at=FOUND + 2 * DAY, run_id="run-2", **change)
    ledger.record([finding])
    return finding


def state(ledger) -> ReviewState:
    [one] = ledger.reviews("acme", "orders")
    return one.state


def share(hits: int) -> dict[str, dict[str, int]]:
    return {"evidence": {"sampled": 100, f"hits:{EMAIL}": hits}}


def test_a_finding_that_nobody_judged_waits(ledger):
    assert state(ledger) is ReviewState.WAITS


@pytest.mark.parametrize("status", [FindingStatus.DECLARED, FindingStatus.NOT_SEEN])
def test_what_the_contract_says_too_does_not_wait(ledger, status):
    later(ledger, declared_class=EMAIL, status=status)
    assert state(ledger) is ReviewState.AS_DECLARED


@pytest.mark.parametrize(
    ("decision", "new_class", "expected"),
    [
        (Decision.CONFIRM, None, ReviewState.DECIDED),
        (Decision.REJECT, None, ReviewState.DECIDED),
        (Decision.RECLASSIFY, "user.name", ReviewState.DECIDED),
        (Decision.DEFER, None, ReviewState.DEFERRED),
    ],
)
def test_a_verdict_ends_the_waiting_unless_it_defers(ledger, decision, new_class, expected):
    say(ledger, decision, new_class)
    assert state(ledger) is expected


@pytest.mark.parametrize(
    ("decision", "change", "again"),
    [
        (Decision.REJECT, {"confidence": 0.8}, True),
        (Decision.REJECT, {"confidence": 0.79}, False),
        (Decision.REJECT, {"confidence": 0.1}, False),
        (Decision.REJECT, share(60), True),
        (Decision.REJECT, share(59), False),
        (Decision.CONFIRM, {"confidence": 0.4}, True),
        (Decision.CONFIRM, {"confidence": 1.0}, False),
        (Decision.CONFIRM, share(10), True),
        (Decision.RECLASSIFY, {"confidence": 0.4}, True),
        (Decision.RECLASSIFY, {"confidence": 0.8}, True),
        (Decision.RECLASSIFY, {"confidence": 0.7}, False),
        (Decision.REJECT, {"detector_version": "detector/2"}, False),
        (Decision.CONFIRM, {"declared_class": "user.name", "status": FindingStatus.DIFFERS}, True),
        (Decision.CONFIRM, {"evidence": SEEN.evidence | {"free_text": 1}}, True),
    ],
)
def test_it_is_asked_again_when_evidence_against_the_verdict_is_material(ledger, decision, change, again):
    say(ledger, decision, "user.name" if decision is Decision.RECLASSIFY else None)
    later(ledger, **change)
    assert state(ledger) is (ReviewState.ASKED_AGAIN if again else ReviewState.DECIDED)


def test_small_steps_add_up_to_a_material_change(ledger):
    say(ledger, Decision.REJECT)
    for hits in (50, 58, 66):
        later(ledger, **share(hits))
    assert state(ledger) is ReviewState.ASKED_AGAIN


def test_a_verdict_that_is_asked_again_still_holds_and_is_shown_as_undecided(ledger):
    say(ledger, Decision.REJECT)
    assert ledger.effective_class("acme", "orders", "note", None).undecided == ()
    later(ledger, confidence=0.9)
    counts_as = ledger.effective_class("acme", "orders", "note", None)
    assert (counts_as.classes, counts_as.undecided) == ((), (EMAIL,))
    [asked] = ledger.reviews("acme", "orders")
    assert asked.change == "since the verdict: confidence 0.60 → 0.90"


def test_a_verdict_given_anew_ends_the_asking(ledger):
    say(ledger, Decision.REJECT)
    later(ledger, confidence=0.9)
    ledger.record_verdict(
        Verdict("acme", "orders", "note", EMAIL, Decision.REJECT, "dpo", "looked", FOUND + 3 * DAY)
    )
    assert state(ledger) is ReviewState.DECIDED


def test_retention_keeps_what_a_standing_verdict_was_about(ledger):
    say(ledger, Decision.REJECT)
    later(ledger, **share(50))
    later(ledger, **share(66))
    gone = ledger.forget(FOUND + 9 * DAY, {("acme", "orders", "note")})
    assert (gone, state(ledger)) == (1, ReviewState.ASKED_AGAIN)


def test_the_difference_between_detectors_is_told_in_words():
    now = replace(SEEN, detector_version="detector/2", declared_class="user.name", **share(55))
    assert differences(SEEN, now) == [
        "share of values 40% → 55%",
        "declared nothing → user.name",
        "detector detector/1 → detector/2",
    ]


def test_several_verdicts_are_recorded_together_or_not_at_all(ledger):
    good = Verdict("acme", "orders", "note", EMAIL, Decision.REJECT, "dpo", "looked", FOUND + DAY)
    bad = replace(good, decided_at=datetime(2026, 1, 5))  # noqa: DTZ001
    with pytest.raises(Exception, match="zone"):
        ledger.record_verdicts([good, bad])
    assert ledger.verdict_history() == []
    ledger.record_verdicts([good, replace(good, decision=Decision.CONFIRM)])
    assert [one.decision for one in ledger.verdict_history("acme")] == [Decision.REJECT, Decision.CONFIRM]
    assert ledger.verdict_history("globex") == []
