from __future__ import annotations

from datetime import UTC, datetime

import pytest

from classifications.offices import LONGEST_REASON, WordsRefused, check_form, check_office
from classifications.precision import Precision, precision
from classifications.verdicts import Decision, Verdict


@pytest.mark.parametrize(
    "name",
    [
        "dpo",
        "data-steward",
        "privacy-office",
        "acme-steward",
        "Legal",
        "security.team",
        "dpo-2",
        "head-of-data",
    ],
)
def test_a_name_of_office_is_taken(name):
    check_office(name)


@pytest.mark.parametrize(
    "name",
    [
        "maria.anders", "maria-steward", "jsmith", "john", "", "dpo@example.org", "data steward", "-dpo",
        "dpo-", "office" * 11,
    ],
)  # fmt: skip
def test_a_person_s_name_or_no_name_of_office_is_refused_and_not_repeated(name):
    with pytest.raises(WordsRefused, match="an office and not a person") as refused:
        check_office(name)
    assert not name or name not in str(refused.value).split("such as")[0]


@pytest.mark.parametrize("reason", ["", "  ", "two\nlines", "x" * (LONGEST_REASON + 1)])
def test_a_reason_is_one_line(reason):
    with pytest.raises(WordsRefused, match="To mend it"):
        check_form(reason)
    check_form("x" * LONGEST_REASON)


def said(decision: Decision, column: str = "c", month: int = 1, day: int = 1) -> Verdict:
    new = "user.name" if decision is Decision.RECLASSIFY else None
    at = datetime(2026, month, day, tzinfo=UTC)
    return Verdict("acme", "orders", column, "user.contact.email", decision, "dpo", "looked", at, new)


def test_precision_counts_approvals_against_the_rest_by_month():
    verdicts = [
        said(Decision.CONFIRM, "a"), said(Decision.CONFIRM, "b"), said(Decision.RECLASSIFY, "c"),
        said(Decision.DEFER, "d"), said(Decision.REJECT, "a", month=2),
    ]  # fmt: skip
    assert precision(verdicts) == [
        Precision("2026-01", "acme", "user.contact.email", 2, 1),
        Precision("2026-02", "acme", "user.contact.email", 0, 1),
    ]


def test_who_changes_their_mind_within_a_month_counts_once():
    [one] = precision([said(Decision.REJECT), said(Decision.CONFIRM, day=2)])
    assert (one.right, one.wrong, one.share) == (1, 0, 1.0)
    assert precision([said(Decision.REJECT), said(Decision.DEFER, day=2)]) == []
