from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, text

from classifications.columns import ColumnProfile
from classifications.findings import FindingStatus, RunContext, findings_of, status_of
from classifications.ledger import FindingsLedger
from classifications.verdicts import Decision, Verdict
from policy.errors import LakewardError

EMAIL, NAME, PHONE = "user.contact.email", "user.name", "user.contact.phone_number"
RUN = RunContext("acme", "orders", "presidio/1", "digest-1", "run-1", datetime(2026, 1, 2, tzinfo=UTC))


def profile(column: str, data_class: str | None, hits: int = 5, inside: dict[str, int] | None = None):
    return ColumnProfile(
        column,
        data_class,
        bool(inside),
        inside or {},
        0.9,
        {"hits": hits, "free_text": int(bool(inside))},
        "why",
    )


def found(*profiles, declared=None, run=RUN, free_text=frozenset()):
    return findings_of(profiles, declared or {}, run, free_text)


@pytest.fixture
def ledger(tmp_path):
    return FindingsLedger(create_engine(f"sqlite:///{tmp_path}/control.db"))


def verdict(decision: Decision, data_class: str = EMAIL, new_class: str | None = None, column: str = "c"):
    at = datetime(2026, 1, 3, tzinfo=UTC)
    return Verdict(
        "acme", "orders", column, data_class, decision, "steward@lake", "looked at it", at, new_class
    )


@pytest.mark.parametrize(
    ("declared", "detected", "status"),
    [
        (None, EMAIL, FindingStatus.UNDECLARED),
        (EMAIL, EMAIL, FindingStatus.DECLARED),
        (NAME, "user.name.first", FindingStatus.DECLARED),
        ("user.name.first", NAME, FindingStatus.DECLARED),
        (PHONE, EMAIL, FindingStatus.DIFFERS),
        ("user.name.first", "user.name.last", FindingStatus.DIFFERS),
        ("user.names", NAME, FindingStatus.DIFFERS),
    ],
)
def test_declared_and_detected_classes_are_compared(declared, detected, status):
    assert status_of(declared, detected) is status


def test_a_declared_class_that_was_not_seen_is_a_finding_too():
    (finding,) = found(profile("c", None), declared={"c": EMAIL})
    assert (finding.status, finding.data_class, finding.confidence) == (FindingStatus.NOT_SEEN, EMAIL, 0.0)


def test_a_column_without_class_and_declaration_is_no_finding():
    assert found(profile("c", None)) == []


def test_what_stands_inside_declared_free_text_is_expected():
    inside = profile("notes", None, inside={EMAIL: 2, NAME: 1})
    assert {f.status for f in found(inside)} == {FindingStatus.UNDECLARED}
    declared = found(inside, free_text=frozenset({"notes"}))
    assert [(f.data_class, f.status) for f in declared] == [
        (EMAIL, FindingStatus.DECLARED),
        (NAME, FindingStatus.DECLARED),
    ]


def test_a_rerun_adds_nothing(ledger):
    findings = found(profile("c", EMAIL), profile("d", NAME))
    assert ledger.record(findings) == 2
    again = [replace(f, run_id="run-2", found_at=datetime(2026, 2, 2, tzinfo=UTC)) for f in findings]
    assert ledger.record(again) == 0
    assert ledger.current("acme", "orders") == findings


@pytest.mark.parametrize(
    "change", [{"detector_version": "2"}, {"policy_digest": "2"}, {"evidence": {"hits": 9}}]
)
def test_new_evidence_detector_or_policy_is_news(ledger, change):
    (finding,) = found(profile("c", EMAIL))
    ledger.record([finding])
    changed = replace(finding, **change)
    assert ledger.record([changed]) == 1
    assert ledger.current("acme", "orders") == [changed]
    assert ledger.history("acme", "orders", "c") == [finding, changed]


def test_evidence_that_comes_back_is_the_current_one_again(ledger):
    first, second = found(profile("c", EMAIL, 5)) + found(profile("c", EMAIL, 6))
    assert [ledger.record([f]) for f in (first, second, first)] == [1, 1, 1]
    assert ledger.current("acme", "orders") == [first]


def test_what_a_whole_judgement_no_longer_sees_is_gone(ledger):
    findings = found(profile("c", EMAIL), profile("d", NAME))
    ledger.record(findings)
    assert ledger.record(findings[1:], judged=[("acme", "orders")]) == 1
    assert ledger.current("acme", "orders") == findings[1:]
    assert ledger.history("acme", "orders", "c")[-1].status is FindingStatus.GONE
    assert ledger.record(findings[1:], judged=[("acme", "orders")]) == 0
    assert ledger.record(findings, judged=[("acme", "orders")]) == 1


def test_a_partial_judgement_leaves_the_rest_alone(ledger):
    findings = found(profile("c", EMAIL), profile("d", NAME))
    ledger.record(findings)
    ledger.record(findings[1:])
    assert ledger.current("acme", "orders") == findings


def test_tenants_and_datasets_do_not_see_each_other(ledger):
    ledger.record(found(profile("c", EMAIL)))
    ledger.record(
        found(profile("c", NAME), run=replace(RUN, tenant_id="globex")), judged=[("globex", "orders")]
    )
    assert [f.data_class for f in ledger.current("acme", "orders")] == [EMAIL]
    assert ledger.current("acme", "tickets") == []


def test_two_ledgers_on_one_database_record_a_finding_once(tmp_path):
    url = f"sqlite:///{tmp_path}/control.db"
    first, second = FindingsLedger(create_engine(url)), FindingsLedger(create_engine(url))
    findings = found(profile("c", EMAIL))
    assert first.record(findings) + second.record(findings) == 1


def test_the_database_refuses_the_same_finding_twice(ledger, tmp_path):
    ledger.record(found(profile("c", EMAIL)))
    columns = (
        "tenant_id, dataset, column_name, data_class, confidence, evidence, evidence_digest, reason,"
        " detector_version, policy_digest, declared_class, status, run_id, found_at, follows"
    )
    engine = create_engine(f"sqlite:///{tmp_path}/control.db")
    with pytest.raises(Exception, match="UNIQUE"), engine.begin() as connection:
        connection.execute(text(f"insert into findings ({columns}) select {columns} from findings"))


def test_the_latest_verdict_holds(ledger):
    assert ledger.verdict_for("acme", "orders", "c") is None
    ledger.record_verdict(verdict(Decision.DEFER))
    ledger.record_verdict(verdict(Decision.CONFIRM))
    assert ledger.verdict_for("acme", "orders", "c") == verdict(Decision.CONFIRM)
    assert ledger.verdict_for("globex", "orders", "c") is None


@pytest.mark.parametrize(
    ("decision", "new_class", "classes", "undecided"),
    [
        (None, None, (EMAIL, PHONE), (EMAIL,)),
        (Decision.DEFER, None, (EMAIL, PHONE), (EMAIL,)),
        (Decision.CONFIRM, None, (EMAIL, PHONE), ()),
        (Decision.REJECT, None, (PHONE,), ()),
        (Decision.RECLASSIFY, NAME, (PHONE, NAME), ()),
    ],
)
def test_a_verdict_decides_what_a_column_counts_as(ledger, decision, new_class, classes, undecided):
    ledger.record(found(profile("c", EMAIL), declared={"c": PHONE}))
    if decision:
        ledger.record_verdict(verdict(decision, new_class=new_class))
    effective = ledger.effective_class("acme", "orders", "c", PHONE)
    assert set(effective.classes) == set(classes)
    assert effective.undecided == undecided


def test_a_reject_does_not_take_away_what_the_contract_declares(ledger):
    ledger.record(found(profile("c", EMAIL), declared={"c": EMAIL}))
    ledger.record_verdict(verdict(Decision.REJECT))
    assert ledger.effective_class("acme", "orders", "c", EMAIL).classes == (EMAIL,)


def test_undeclared_free_text_is_known_as_such(ledger):
    ledger.record(found(profile("notes", None, inside={EMAIL: 2})))
    effective = ledger.effective_classes("acme", "orders", {"notes": None, "plain": None})
    assert effective["notes"].free_text
    assert effective["notes"].classes == (EMAIL,)
    assert effective["plain"].classes == ()


@pytest.mark.parametrize("change", [{"reason": " "}, {"actor": ""}, {"new_class": NAME}])
def test_a_verdict_that_says_too_little_or_too_much_is_refused(change):
    with pytest.raises(LakewardError, match="To mend it"):
        replace(verdict(Decision.CONFIRM), **change)


def test_a_time_without_zone_is_refused(ledger):
    with pytest.raises(LakewardError, match="zone"):
        ledger.record([replace(f, found_at=datetime(2026, 1, 1)) for f in found(profile("c", EMAIL))])  # noqa: DTZ001
