"""Which treatment a column gets: the contract's, or a stricter one where detection saw more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from classifications.effective import EffectiveClass
from policy.contracts import Column, LogicalType
from policy.treatments import REDACT, Treatment, TreatmentKind
from transforms.plan import ColumnPlan, plan_columns, plan_digest

EMAIL, NAME, BORN = "user.contact.email", "user.name", "user.demographic.date_of_birth"


@pytest.fixture
def planned(small_policies):
    """`planned("people", level=EffectiveClass(…))` → the plans by column name."""

    def run(dataset, **effective):
        plans = plan_columns(
            small_policies, "globex", small_policies.contract_for("globex", dataset), effective
        )
        return {one.column.name: one for one in plans}

    return run


def seen(*classes, free_text=False, undecided=()):
    return EffectiveClass(tuple(sorted(classes)), free_text, tuple(undecided))


def test_without_findings_each_column_gets_its_contracts_treatment(planned):
    kinds = {name: one.treatment.kind for name, one in planned("people").items()}
    assert (kinds["email"], kinds["born"], kinds["remark"], kinds["state"]) == (
        TreatmentKind.TOKEN, TreatmentKind.GENERALISE, TreatmentKind.REDACT, TreatmentKind.KEEP,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("column", "effective", "kind", "because"),
    [
        ("state", seen(EMAIL), TreatmentKind.TOKEN, f"detected {EMAIL}"),
        ("state", seen(BORN), TreatmentKind.GENERALISE, f"detected {BORN}"),
        ("state", seen(NAME, EMAIL, free_text=True), TreatmentKind.REDACT, "detected user.contact.email"),
        ("state", seen(), TreatmentKind.KEEP, "contract"),
        ("born", seen(BORN, EMAIL), TreatmentKind.TOKEN, f"detected {EMAIL}"),
        ("email", seen(EMAIL, BORN), TreatmentKind.TOKEN, "declared"),
        ("email", seen(EMAIL, NAME), TreatmentKind.TOKEN, "declared"),
        ("name", seen(NAME, "user.name.first"), TreatmentKind.TOKEN, "declared"),
        ("remark", seen("user.content", EMAIL, free_text=True), TreatmentKind.REDACT, "declared"),
        ("level", seen(EMAIL), TreatmentKind.DROP, f"detected {EMAIL}, and the contract types it"),
        ("level", seen(), TreatmentKind.KEEP, "contract"),
    ],
)
def test_of_two_treatments_the_stricter_holds_and_says_why(planned, column, effective, kind, because):
    one = planned("people", **{column: effective})[column]
    assert (one.treatment.kind, one.because) == (kind, because)


def test_what_a_steward_has_not_judged_is_told_as_undecided(planned):
    assert planned("people", state=seen(EMAIL, undecided=[EMAIL]))["state"].undecided
    assert not planned("people", state=seen(EMAIL))["state"].undecided


def test_no_treatment_changes_the_silver_type_of_a_column(planned):
    before = {name: one.silver_type for name, one in planned("people").items()}
    every = {name: seen(EMAIL, free_text=True) for name in before}
    assert {name: one.silver_type for name, one in planned("people", **every).items()} == before
    assert (before["level"], before["born"]) == ("bigint", "string")


@pytest.mark.parametrize("logical", list(LogicalType))
@pytest.mark.parametrize("kind", list(TreatmentKind))
def test_the_silver_type_depends_on_the_contract_alone(logical, kind):
    column = Column(("v",), "v", logical)
    bare = ColumnPlan(column, _treatment(kind), None, "contract")
    assert (
        bare.silver_type == ColumnPlan(column, _treatment(TreatmentKind.KEEP), None, "contract").silver_type
    )
    personal = replace(bare, column=replace(column, data_class=EMAIL))
    assert personal.silver_type == "string"


def _treatment(kind):
    return Treatment(kind)


def test_the_digest_of_a_plan_changes_with_its_treatments_only(planned, small_policies):
    contract = small_policies.contract_for("globex", "people")
    digest = {
        case: plan_digest(tuple(planned("people", **effective).values()), contract, "detector/1")
        for case, effective in {
            "none": {}, "again": {},
            "no stricter": {"email": seen(EMAIL, BORN)}, "stricter": {"state": seen(EMAIL)},
        }.items()
    }  # fmt: skip
    assert digest["none"] == digest["again"] == digest["no stricter"] != digest["stricter"]


def test_the_digest_of_a_plan_changes_with_the_detector_where_prose_is_redacted(planned, small_policies):
    contract = small_policies.contract_for("globex", "people")
    redacted = tuple(planned("people").values())
    none = tuple(plan for plan in redacted if plan.treatment != REDACT)
    assert len(none) < len(redacted)
    one, two = ("detector/1", "detector/2")
    assert plan_digest(redacted, contract, one) != plan_digest(redacted, contract, two)
    assert plan_digest(none, contract, one) == plan_digest(none, contract, two)
