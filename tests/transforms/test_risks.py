"""Groups of people in silver, by what its columns show together."""

from __future__ import annotations

import pytest

from classifications.risks import Combination
from policy.treatments import KEEP, REDACT, Treatment, TreatmentKind
from transforms.plan import ColumnPlan
from transforms.risks import asked_of, group_sizes, known_risks

SILVER = (
    "tenant_id string, record_id string, subject_token string, born string, `post code` string, sex string"
)
ROWS = [
    *[("acme", f"r{n}", f"p{n}", "1980", "481", "F") for n in range(5)],
    *[("acme", f"s{n}", "p9", "1981", "122", "M") for n in range(7)],  # seven rows of one person
    ("acme", "t1", None, "1980", "481", None),
    ("acme", "t2", None, None, None, "M"),
    ("acme", "t3", None, None, None, None),
    ("globex", "r1", "p1", "1980", "481", "F"),
]


def test_groups_are_counted_in_people_tenant_by_tenant_and_without_empty_rows(spark):
    counted = group_sizes(spark.createDataFrame(ROWS, SILVER), ("born", "post code", "sex")).collect()
    assert {(row.tenant_id, row.size): (row.smallest, row.below, row.people) for row in counted} == {
        ("acme", 2): (1, 1, 7),
        ("acme", 3): (1, 3, 8),
        ("globex", 2): (1, 1, 1),
        ("globex", 3): (1, 1, 1),
    }


def test_only_what_silver_shows_of_people_is_asked(small_policies):
    columns = {column.name: column for column in small_policies.contract_for("acme", "people").columns}
    month = Treatment(TreatmentKind.GENERALISE)
    plans = [
        ColumnPlan(columns["name"], KEEP, "user.name", ""),
        ColumnPlan(columns["code"], KEEP, "user.contact.address.postal_code", ""),
        ColumnPlan(columns["state"], REDACT, "user.demographic.gender", ""),
        ColumnPlan(columns["born"], month, "user.demographic.date_of_birth", ""),
    ]
    assert asked_of(plans) == ("born", "code")
    assert asked_of(plans[:3]) == ()


@pytest.fixture
def people(changed_policies, small_lake):
    """A lake whose `people` show a year of birth and a postal code."""
    code = "{name: code, logicalType: string, "
    bundle = changed_policies(
        {
            "datasets/people.yaml": [(code, code + "classification: user.contact.address.postal_code, ")],
            "treatments.yaml": [("classes:\n", "classes:\n  user.contact.address.postal_code: keep\n")],
        }
    )
    return small_lake.with_policies(bundle)


def test_protect_writes_down_how_small_the_groups_are(people):
    head = "customer_id,name,born,code,changed\n"
    rows = [f"C-{n},Ann Lee,1980-0{n}-02,48a,2024-01-01\n" for n in range(1, 7)]
    people.drop("globex", "people", "a.csv", head + "".join(rows) + "C-9,Bo Li,1981-01-01,48a,2024-01-01\n")
    people.ingest("people")
    people.protect("people")
    assert known_risks(people.ctx.engine, "people", ["globex", "acme"]) == [
        ("globex", Combination("people", ("born", "code"), 1, 1, 7))
    ]
