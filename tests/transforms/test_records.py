"""A record against its contract: which are refused, and for which reason."""

from __future__ import annotations

import json

import pytest
from pyspark.sql import functions as F

from transforms.records import RECORD, parsed, raw, reasons, typed

GOOD = {"customer_id": "C-1", "name": "Maria Anders", "changed": "2024-05-06T07:08:09Z"}

# what is changed in a good record, and the reasons that it then has
PEOPLE = [
    ({}, []),
    ({"customer_id": None}, ["missing:customer_id"]),
    ({"customer_id": ""}, ["missing:customer_id"]),
    ({"customer_id": "  "}, ["missing:customer_id"]),
    ({"customer_id": "C-"}, ["pattern:customer_id"]),
    ({"customer_id": "c-1"}, ["pattern:customer_id"]),
    ({"customer_id": "C-1x"}, ["pattern:customer_id"]),
    ({"name": None}, ["missing:name"]),
    ({"email": None}, []),
    ({"born": "2020-02-29"}, []),
    ({"born": "2021-02-29"}, ["type:born"]),
    ({"born": "29.02.2020"}, ["type:born"]),
    ({"born": "2020"}, ["type:born"]),
    ({"born": "2020-02"}, ["type:born"]),
    ({"born": "yesterday"}, ["type:born"]),
    ({"born": "today"}, ["type:born"]),
    ({"born": "0001-01-01"}, []),
    ({"born": "9999-12-31"}, []),
    ({"born": "0000-12-31"}, ["type:born"]),
    ({"born": "10000-01-01"}, ["type:born"]),
    ({"born": "-0044-03-15"}, ["type:born"]),
    ({"born": 45000}, ["type:born"]),
    ({"level": "1"}, []),
    ({"level": 5}, []),
    ({"level": "0"}, ["range:level"]),
    ({"level": "6"}, ["range:level"]),
    ({"level": "-1"}, ["range:level"]),
    ({"level": "2.5"}, ["type:level"]),
    ({"level": "2,5"}, ["type:level"]),
    ({"level": "two"}, ["type:level"]),
    ({"level": "99999999999999999999"}, ["type:level", "range:level"]),
    ({"ratio": "1e3"}, []),
    ({"ratio": "-0.5"}, []),
    ({"ratio": ".5"}, []),
    ({"ratio": " +5. "}, []),
    ({"ratio": "."}, ["type:ratio"]),
    ({"ratio": "1,5"}, ["type:ratio"]),
    ({"ratio": "5 EUR"}, ["type:ratio"]),
    ({"ratio": "NaN"}, ["type:ratio"]),
    ({"ratio": "Infinity"}, ["type:ratio"]),
    ({"ratio": "5d"}, ["type:ratio"]),
    ({"active": "true"}, []),
    ({"active": False}, []),
    ({"active": "ja"}, ["type:active"]),
    ({"state": "new"}, []),
    ({"state": "New"}, ["enum:state"]),
    ({"state": "new "}, ["enum:state"]),
    ({"code": "ab"}, []),
    ({"code": "a"}, ["length:code"]),
    ({"code": "abcd"}, []),
    ({"code": "🙂🙂🙂🙂"}, []),
    ({"code": "abcde"}, ["length:code"]),
    ({"changed": "2024-05-06 07:08:09.123456"}, []),
    ({"changed": "2024-05-06T07:08:09+02:00"}, []),
    ({"changed": "2024-05-06"}, []),
    ({"changed": "2024-05-06T25:00:00"}, ["type:changed"]),
    ({"changed": "06/05/2024"}, ["type:changed"]),
    ({"changed": "07:08:09"}, ["type:changed"]),
    ({"changed": 1714979289}, ["type:changed"]),
    ({"changed": "0001-01-01"}, []),
    ({"changed": "0001-01-01T00:00:00+00:01"}, ["type:changed"]),
    ({"changed": "0000-12-31T23:59:59"}, ["type:changed"]),
    ({"changed": "9999-12-31T23:59:59.999999"}, []),
    ({"changed": "9999-12-31T23:59:59-00:01"}, ["type:changed"]),
    ({"shoe": "44"}, []),
    ({"customer_id": "X", "level": 9, "state": "?"}, ["pattern:customer_id", "range:level", "enum:state"]),
]


def judged(spark, contract, payloads, tenant="globex"):
    rows = [(number, tenant, text, False) for number, text in enumerate(payloads)]
    frame = spark.createDataFrame(rows, "i int, tenant_id string, payload string, broken boolean")
    return frame.withColumn(RECORD, parsed(F.col("payload"), contract))


@pytest.fixture(scope="module")
def people_reasons(spark, small_policies):
    contract = small_policies.contract_for("globex", "people")
    payloads = [
        json.dumps({k: v for k, v in (GOOD | change).items() if v is not None}) for change, _ in PEOPLE
    ]
    rows = judged(spark, contract, payloads).select("i", reasons(contract).alias("r")).collect()
    return [row.r for row in sorted(rows)]


@pytest.mark.parametrize("number", range(len(PEOPLE)), ids=[repr(change) for change, _ in PEOPLE])
def test_a_record_has_exactly_the_reasons_it_gives(people_reasons, number):
    assert people_reasons[number] == PEOPLE[number][1]


def test_every_reason_names_a_column_of_the_contract_and_no_value(people_reasons, small_policies):
    names = {column.name for column in small_policies.contract_for("globex", "people").columns}
    for code in (code for found in people_reasons for code in found):
        kind, _, column = code.partition(":")
        assert kind in {"missing", "type", "pattern", "length", "range", "enum"}
        assert column in names


def test_a_row_that_names_another_tenant_is_refused(spark, small_policies):
    contract = small_policies.contract_for("globex", "visits")
    payloads = [
        json.dumps({"place": "x"} | extra) for extra in ({}, {"owner": "globex"}, {"owner": "initech"})
    ]
    frame = judged(spark, contract, payloads)
    rows = frame.select("i", reasons(contract).alias("r")).collect()
    assert [row.r for row in sorted(rows)] == [[], [], ["other_tenant"]]


def test_a_broken_record_is_unreadable_and_nothing_else(spark, small_policies):
    contract = small_policies.contract_for("globex", "people")
    frame = judged(spark, contract, ['{"unreadable": "C-1"}']).withColumn("broken", F.lit(True))
    assert frame.select(reasons(contract).alias("r")).first().r == ["unreadable"]


NESTED = [
    (
        {"event_id": "1", "customer": {"id": "C-1", "contact": {"email": "a@b.example"}}},
        ("C-1", "a@b.example", None),
    ),
    ({"event_id": "1", "customer": {"id": 7}}, ("7", None, None)),
    ({"event_id": "1", "customer": None}, (None, None, None)),
    ({"event_id": "1", "customer": {"id": "C-1", "contact": "flat"}}, ("C-1", None, None)),
    ({"event_id": "1", "items": [{"sku": "a", "n": 2}]}, (None, None, '[{"sku":"a","n":2}]')),
    ({"event_id": "1", "items": []}, (None, None, "[]")),
]


def test_nested_values_are_found_by_their_path_and_lists_are_kept_as_json(spark, small_policies):
    contract = small_policies.contract_for("globex", "events")
    names = ("customer_id", "customer_contact_email", "items")
    values = [raw(contract.column(name)).alias(name) for name in names]
    rows = (
        judged(spark, contract, [json.dumps(record) for record, _ in NESTED]).select("i", *values).collect()
    )
    assert [tuple(row)[1:] for row in sorted(rows, key=lambda row: row.i)] == [
        expected for _, expected in NESTED
    ]


def test_values_come_out_in_their_declared_types(spark, small_policies):
    contract = small_policies.contract_for("globex", "people")
    record = GOOD | {"born": "2020-02-29", "level": " 3 ", "ratio": "1e3", "active": "yes"}
    values = [
        typed(contract.column(name)).alias(name) for name in ("born", "level", "ratio", "active", "changed")
    ]
    row = judged(spark, contract, [json.dumps(record)]).select(*values).first()
    assert (str(row.born), row.level, row.ratio, row.active, row.changed.isoformat()) == (
        "2020-02-29", 3, 1000.0, True, row.changed.isoformat(),
    )  # fmt: skip
    assert [value for _, value in row.asDict().items()].count(None) == 0
