"""Checked records as sealed rows: what is readable in them, what opens, and what stays the same."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from pyspark.sql import functions as F

from tenancy.keyring import DataKey, TenantKeys
from tenancy.tokens import token
from transforms.bronze import BRONZE, QUARANTINE, bronze_rows, checked, quarantine_rows
from transforms.seal import unseal_row
from transforms.tokens import key_table, with_keys

MOMENT = dt.datetime(2024, 5, 6, tzinfo=dt.UTC)
FIRST, SECOND = "000000000001-aaaaaaaa", "000000000002-bbbbbbbb"


def keys_of(name: str) -> TenantKeys:
    return TenantKeys(
        name, (DataKey(f"{name}.data.1", name, 1, name.encode().ljust(32, b"k")),), name[:1].encode() * 32
    )


@pytest.fixture(scope="module")
def keys(spark, small_policies):
    return key_table(spark, [(small_policies.tenants[name], keys_of(name)) for name in ("globex", "initech")])


@pytest.fixture
def made(spark, small_policies, keys):
    """`made("people", [(tenant, batch, position, record)])` → bronze rows, quarantine rows, opened."""

    def make(dataset, records):
        contract = small_policies.contract_for("globex", dataset)
        rows = [(*place, json.dumps(record), record.get("broken", False)) for *place, record in records]
        schema = "tenant_id string, batch_id string, position long, payload string, broken boolean"
        frame = checked(spark.createDataFrame(rows, schema), contract)
        good = bronze_rows(
            frame.where(F.size("reasons") == 0), contract, small_policies.taxonomy, keys, MOMENT, "digest"
        )
        bad = quarantine_rows(frame.where(F.size("reasons") > 0), contract, keys, MOMENT, "digest")
        assert (tuple(good.columns), tuple(bad.columns)) == (BRONZE, QUARANTINE)
        return [
            with_keys(table.drop("key_id"), keys)
            .withColumn("opened", unseal_row(layer, dataset))
            .orderBy("batch_id", "position")
            .collect()
            for table, layer in ((good, "bronze"), (bad, "quarantine"))
        ]

    return make


def person(**change):
    return {"customer_id": "C-1", "name": "Maria Anders", "changed": "2024-05-06T07:08:09Z"} | change


def test_a_bronze_row_shows_surrogates_only_and_opens_to_the_whole_payload(made):
    record = person(email="maria@example.org", shoe_size="44")
    [row], bad = made("people", [("globex", FIRST, 0, record)])
    assert bad == []
    assert json.loads(row.opened) == record
    shown = {name: row[name] for name in BRONZE if name != "sealed"}
    assert "Maria" not in repr(shown)
    assert "maria@example.org" not in repr(shown)
    assert b"Maria" not in bytes(row.sealed)
    assert (row.subject_token, row.occurred_at.isoformat()) == (
        token(keys_of("globex").token_key, "user.unique_id/customer", "c-1"), "2024-05-06T07:08:09",
    )  # fmt: skip


def test_a_refused_row_is_sealed_with_its_reasons_in_the_open(made):
    good, [row] = made("people", [("globex", FIRST, 0, person(level="9", state="Maria"))])
    assert good == []
    assert row.reasons == ["range:level", "enum:state"]
    assert json.loads(row.opened)["state"] == "Maria"
    assert "Maria" not in repr({name: row[name] for name in QUARANTINE if name != "sealed"})


def test_one_key_has_one_record_id_whatever_else_the_row_says(made):
    rows, _ = made(
        "people",
        [
            ("globex", FIRST, 0, person()),
            ("globex", SECOND, 5, person(name="M. Anders")),
            ("globex", SECOND, 6, person(customer_id="C-2")),
            ("initech", SECOND, 7, person()),
        ],
    )
    ids = [row.record_id for row in rows]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert all(len(id_) == 32 for id_ in ids)


def test_a_number_as_key_is_one_record_however_it_is_written(made):
    records = [
        ("globex", FIRST, place, {"staff_id": written})
        for place, written in enumerate([7, "7", "07", " 7 ", 8])
    ]
    rows, _ = made("staff", records)
    assert [row.record_id == rows[0].record_id for row in rows] == [True, True, True, True, False]


def test_without_a_key_a_record_is_known_by_content_and_place_not_by_delivery_number(made):
    same = {"place": "x"}
    rows, _ = made(
        "visits",
        [
            ("globex", "000000000001-aaaaaaaa", 10, same),
            ("globex", "000000000001-aaaaaaaa", 20, same),
            ("globex", "000000000009-aaaaaaaa", 3, same),
            ("globex", "000000000010-bbbbbbbb", 3, same),
        ],
    )
    ids = [row.record_id for row in rows]
    assert ids[0] == ids[2]
    assert len(set(ids)) == 3
    assert [row.position for row in rows] == [1, 2, 1, 1]


def test_rows_of_a_tenant_without_keys_in_the_job_are_not_made(made):
    rows, bad = made("people", [("acme", FIRST, 0, person()), ("acme", FIRST, 1, person(level="9"))])
    assert (rows, bad) == ([], [])
