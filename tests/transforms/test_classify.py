"""What detection sees in bronze changes what silver shows, until a steward decides."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from classifications.detector import Detector
from classifications.ledger import FindingsLedger
from classifications.verdicts import Decision, Verdict
from transforms import classify
from transforms.classify import classify_dataset, needs_classify

ROWS = "".join(f"E-{number},person{number}@example.org\n" for number in range(30))
FILE = "event_id,items\n" + ROWS


@pytest.fixture
def lake(small_lake):
    """`items`, which the contract calls a plain array, holds e-mail addresses."""
    classify.metadata.create_all(small_lake.ctx.engine)
    small_lake.drop("acme", "events", "a.csv", FILE)
    small_lake.ingest("events")
    return small_lake


def found(lake):
    (acme,) = classify_dataset(lake.ctx, "events", ["acme"], Detector.default())
    return acme


def silver(lake):
    lake.protect("events")
    return {row["items"] for row in lake.rows("silver", "events", "acme")}


def test_an_undeclared_class_is_treated_by_the_stricter_until_a_steward_rejects_it(lake):
    (finding,) = [one for one in found(lake).findings if one.column == "items"]
    assert (finding.data_class, finding.status) == ("user.contact.email", "undeclared")
    treated = silver(lake)
    assert not any("@" in value for value in treated)
    assert len(treated) == 30
    ledger = FindingsLedger(lake.ctx.engine)
    verdict = Verdict(
        "acme",
        "events",
        "items",
        "user.contact.email",
        Decision.REJECT,
        "steward",
        "test data",
        datetime.now(UTC),
    )
    ledger.record_verdict(verdict)
    assert all("@" in value for value in silver(lake))


def test_findings_hold_counts_and_reasons_and_no_value(lake):
    told = repr(found(lake).findings)
    assert "items" in told
    assert "@" not in told
    assert "person1" not in told


def test_what_was_classified_under_the_same_policies_and_detector_is_not_looked_at_again(lake):
    detector = Detector.default()
    assert needs_classify(lake.ctx, "events", ["acme"], detector) == ["acme"]
    assert found(lake).new > 0
    assert needs_classify(lake.ctx, "events", ["acme"], detector) == []
    assert found(lake).new == 0
