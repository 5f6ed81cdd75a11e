"""Silver is sound only if it has bronze's present records, each once, and every row keeps its promises."""

from __future__ import annotations

import pytest

from policy.contracts import Column, LogicalType
from policy.treatments import Treatment, TreatmentKind
from transforms.frames import frame_of
from transforms.plan import ColumnPlan
from transforms.silver_passes import is_sound

A, B, C, D = (letter * 32 for letter in "abcd")
TOKEN, KEEP = (
    (ColumnPlan(Column(("name",), "name", LogicalType.STRING), Treatment(kind), None, ""),)
    for kind in (TreatmentKind.TOKEN, TreatmentKind.KEEP)
)
BRONZE = [("globex", A, "1"), ("globex", B, "1"), ("initech", C, "1"), ("initech", D, "1")]
SILVER = [("globex", A), ("globex", B), ("initech", C), ("initech", D)]


@pytest.fixture
def judge(spark, small_policies):
    def sound(bronze, silver, dataset="people", rows=None, plans=None):
        """`silver`: tenant and record, then policy digest and name where a test gives them."""
        full = [(*row, "sha256:1", A)[:4] for row in silver]
        noted = {
            tenant: sum(row[0] == tenant for row in silver) if rows is None else rows
            for tenant in ("globex", "initech")
        }
        return is_sound(
            frame_of(spark, bronze, "tenant_id string, record_id string, batch_id string"),
            frame_of(spark, full, "tenant_id string, record_id string, policy_digest string, name string"),
            small_policies.contract_for("globex", dataset),
            plans or {"globex": TOKEN, "initech": TOKEN},
            noted,
        )

    return sound


def test_the_same_records_in_another_order_are_sound(judge):
    assert judge(BRONZE, SILVER[::-1])


def test_no_rows_at_all_are_sound(judge):
    assert judge([], [])


@pytest.mark.parametrize(
    "silver",
    [
        pytest.param(SILVER[1:], id="one lost"),
        pytest.param([], id="all lost"),
        pytest.param([*SILVER, ("globex", "e" * 32)], id="one foreign"),
        pytest.param([*SILVER[1:], ("globex", "e" * 32)], id="one in another's place"),
        pytest.param([*SILVER, SILVER[0]], id="one doubled"),
        pytest.param([*SILVER[1:], SILVER[1]], id="one doubled and another lost"),
        pytest.param([*SILVER, *SILVER[:2]], id="two doubled"),
        pytest.param([*SILVER[2:], SILVER[2], SILVER[2]], id="one three times and two lost"),
        pytest.param([SILVER[0], ("globex", C), ("initech", B), SILVER[3]], id="two tenants' swapped"),
        pytest.param([*SILVER[:3], ("globex", D)], id="one moved to another tenant"),
        pytest.param([*SILVER[:3], ("initech", None)], id="one without its id"),
    ],
)
def test_records_that_are_lost_foreign_doubled_or_swapped_are_found(judge, silver):
    assert not judge(BRONZE, silver)


def test_later_versions_of_a_record_in_bronze_are_sound(judge):
    assert judge([*BRONZE, ("globex", A, "2"), ("globex", A, "3"), ("initech", D, "2")], SILVER)


def test_a_record_that_is_in_silver_as_often_as_its_versions_are_in_bronze_is_found(judge):
    assert not judge([*BRONZE, ("globex", A, "2")], [*SILVER, SILVER[0]])


def test_a_lost_record_is_found_where_bronze_has_later_versions_of_others(judge):
    assert not judge([*BRONZE, ("globex", A, "2")], [SILVER[0], *SILVER[2:]])


def test_of_a_snapshot_dataset_records_of_the_latest_file_are_sound_and_earlier_ones_are_found(judge):
    later = [*BRONZE, ("globex", A, "2")]
    assert judge(later, [SILVER[0], *SILVER[2:]], "staff")
    assert not judge(later, SILVER, "staff")
    assert not judge(later, SILVER[1:], "staff")


def test_other_rows_than_protect_noted_are_not_sound(judge):
    assert judge(BRONZE, SILVER, rows=2)
    assert not judge(BRONZE, SILVER, rows=3)


def test_one_value_without_its_treatment_is_found_and_no_value_is_none(judge):
    assert judge(BRONZE, [*SILVER[:3], ("initech", D, "sha256:1", None)])
    assert not judge(BRONZE, [*SILVER[:3], ("initech", D, "sha256:1", A[1:])])


def test_a_row_without_a_policy_digest_is_found(judge):
    assert not judge(BRONZE, [*SILVER[:3], ("initech", D, None)])


def test_a_tenant_is_judged_by_its_own_plan(judge):
    readable = [*SILVER[:3], ("initech", D, "sha256:1", "Ana")]
    assert judge(BRONZE, readable, plans={"globex": TOKEN, "initech": KEEP})
    assert not judge(BRONZE, readable, plans={"globex": KEEP, "initech": TOKEN})
