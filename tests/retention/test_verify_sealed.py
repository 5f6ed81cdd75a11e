"""Values inside sealed cells are found with the tenant's key, and those that Delta itself spreads too."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from needles import CUSTOMER, EMAIL, SHORT, TOKEN
from pyspark.sql import functions as F

from policy.tenants import Tenant
from retention.archive import seal_file
from retention.verify import Mode, Place, Verdict, Why, tokens_and_values, verify
from retention.verify_sealed import TenantOpener
from tenancy.keyring import DataKey, TenantKeys
from transforms.seal import seal_cell, seal_row
from transforms.tokens import key_table, with_keys


def keys_of(tenant):
    return TenantKeys(
        tenant, (DataKey(f"{tenant}.data.1", tenant, 1, tenant.encode().ljust(32, b"k")),), b"t" * 32
    )


ACME = TenantOpener([keys_of("acme")], {("people", "full_name"): "Full Name"})


@pytest.fixture(scope="module")
def table(spark, tmp_path_factory):
    """A lake of two tenants as Spark and Delta write it: sealed bronze, and a silver table that leaks.

    Silver keeps an e-mail in the clear, with Delta's own statistics and a change data feed; the value is
    changed, then deleted by a literal.
    """
    root = tmp_path_factory.mktemp("lake")
    people = [("acme", "r1", EMAIL), ("globex", "r2", f"x{EMAIL}")]
    payloads = [(*row, json.dumps({"email": row[2], "id": CUSTOMER, "code": SHORT})) for row in people]
    names = "tenant_id string, record_id string, email string, payload string"
    keys = key_table(
        spark, [(Tenant(one, one, "us", "gold", "1"), keys_of(one)) for one in ("acme", "globex")]
    )
    rows = with_keys(spark.createDataFrame(payloads, names), keys)
    bronze = rows.select(
        "tenant_id", "record_id", "key_id", seal_row(F.col("payload"), "bronze", "people").alias("sealed")
    )
    silver = rows.select(
        "tenant_id", "record_id", "email", seal_cell(F.col("email"), "people", "Full Name").alias("full_name")
    )
    for layer, frame in (("bronze", bronze), ("silver", silver)):
        frame.coalesce(1).write.format("delta").partitionBy("tenant_id").option(
            "delta.enableChangeDataFeed", "true"
        ).save(str(root / "us" / layer / "people"))
    path = root / "us" / "silver" / "people"
    spark.sql(f"UPDATE delta.`{path}` SET email = 'gone' WHERE record_id = 'r1'")
    return root


def search(root, **more):
    needles = tokens_and_values([TOKEN], [EMAIL, CUSTOMER, SHORT])
    return verify([Place("lake", root)], needles, **more)


def test_a_delta_table_leaks_into_log_checksum_and_change_data_and_each_is_found(table):
    found = {hit.path for hit in search(table, tenant="acme").hits if hit.needle == 1}
    for part in (
        "_delta_log/00000000000000000000.json",
        "_delta_log/00000000000000000000.crc",
        "_change_data/",
    ):
        assert any(f"us/silver/people/{part}" in path for path in found)
    assert any("/silver/people/tenant_id=acme/" in path for path in found)


def test_values_in_sealed_rows_are_found_with_the_key(table):
    hits = {(hit.where, hit.needle) for hit in search(table, opener=ACME).hits if "/bronze/" in hit.path}
    assert hits == {("row group 0, column sealed, opened", needle) for needle in (1, 2, 3)}


def test_values_in_sealed_silver_cells_are_found_with_the_key_under_the_contracts_name(table):
    hits = {hit.where for hit in search(table, opener=ACME).hits if "tenant_id=acme" in hit.path}
    assert "row group 0, column full_name, opened" in hits


def test_another_tenants_cells_stay_sealed_and_are_told_by_table(table):
    told = {(one.path, one.why, one.accounted) for one in search(table, opener=ACME).unsearched}
    assert told == {
        ("us/bronze/people", Why.SEALED, True),
        ("us/silver/people", Why.SEALED, True),
    }


def test_without_a_key_nothing_in_the_sealed_rows_is_found_and_they_are_counted(table):
    result = verify([Place("bronze", table / "us" / "bronze")], tokens_and_values([TOKEN], [EMAIL, CUSTOMER]))
    assert result.hits == ()
    assert [(one.why, one.count) for one in result.unsearched] == [(Why.SEALED, 2)]
    assert result.verdict is Verdict.VERIFIED


def test_a_targeted_search_opens_the_tenants_cells_and_leaves_nothing_sealed(table):
    result = search(table, mode=Mode.TARGETED, tenant="acme", opener=ACME)
    assert not [one for one in result.unsearched if one.why is Why.SEALED and "bronze" in one.path]
    assert any(hit.where.endswith("opened") for hit in result.hits)
    assert result.passed_by[0].files >= 2


def _bronze(root, place, record_id="r1", sealed_for="r1"):
    """One sealed row in a Parquet file, made by hand."""
    key = keys_of("acme").current
    bound = f"lakeward/1|bronze|people|acme|{sealed_for}|{key.key_id}".encode()
    cell = b"n" * 12 + AESGCM(key.key).encrypt(b"n" * 12, json.dumps({"email": EMAIL}).encode(), bound)
    (root / place).parent.mkdir(parents=True)
    rows = {"record_id": [record_id], "key_id": [key.key_id], "sealed": [cell]}
    pq.write_table(pa.table(rows), root / place)


def test_a_table_whose_cells_are_all_empty_has_nothing_sealed(tmp_path):
    rows = {"record_id": ["r"], "key_id": ["k"], "sealed": pa.array([None], pa.binary())}
    pq.write_table(pa.table(rows), tmp_path / "f")
    assert search(tmp_path).unsearched == ()


def test_a_row_that_does_not_open_under_its_key_leaves_the_verdict_open(tmp_path):
    _bronze(tmp_path, "us/bronze/people/tenant_id=acme/a.parquet", record_id="r2")
    result = search(tmp_path, opener=ACME)
    assert [(one.why, one.detail) for one in result.unsearched] == [
        (Why.UNREADABLE, "a sealed cell does not open under its key")
    ]
    assert result.verdict is Verdict.INCOMPLETE


def test_an_orphan_in_a_hidden_folder_of_the_partition_opens_too(tmp_path):
    _bronze(tmp_path, "us/bronze/people/tenant_id=acme/.old/_a")
    assert {hit.needle for hit in search(tmp_path, opener=ACME).hits} == {1}


@pytest.fixture
def archived(tmp_path):
    """A landing file of acme, sealed whole: two pieces, the value over their border."""
    source = tmp_path / "plain.csv"
    source.write_text("x" * ((1 << 20) - 10) + f"\n{EMAIL}\n")
    folder = tmp_path / "lake" / "us" / "archive" / "people" / "tenant_id=acme"
    seal_file(source, folder / "000000000001.sealed", "people", keys_of("acme").current)
    return SimpleNamespace(root=tmp_path / "lake", path=folder / "000000000001.sealed")


def test_a_value_in_a_sealed_landing_file_is_found_with_the_key(archived):
    result = search(archived.root, opener=ACME)
    assert {(hit.where, hit.needle) for hit in result.hits} == {("opened archive, raw bytes", 1)}
    assert result.unsearched == ()


@pytest.mark.parametrize(("tenant", "verdict"), [("acme", Verdict.INCOMPLETE), ("globex", Verdict.VERIFIED)])
def test_without_its_key_a_sealed_landing_file_stands_against_its_own_tenants_verdict_only(
    archived, tenant, verdict
):
    result = search(archived.root, tenant=tenant)
    assert [one.why for one in result.unsearched] == [Why.ENCRYPTED]
    assert result.verdict is verdict


def test_a_changed_sealed_landing_file_is_told(archived):
    data = bytearray(archived.path.read_bytes())
    data[-1] ^= 1
    archived.path.write_bytes(data)
    result = search(archived.root, opener=ACME)
    assert [one.why for one in result.unsearched] == [Why.UNREADABLE]
