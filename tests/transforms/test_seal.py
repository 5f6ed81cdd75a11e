"""A sealed row opens where it belongs and nowhere else."""

from __future__ import annotations

import base64

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pyspark.sql import functions as F

from policy.tenants import Tenant
from tenancy.keyring import DataKey, TenantKeys
from transforms.seal import seal_cell, seal_row, unseal_row
from transforms.tokens import key_table, with_keys


def keys_of(name: str) -> TenantKeys:
    return TenantKeys(name, (DataKey(f"{name}.data.1", name, 1, name.encode().ljust(32, b"k")),), b"t" * 32)


@pytest.fixture
def keyed(spark):
    table = key_table(
        spark, [(Tenant(name, name, "eu", "gold", "49"), keys_of(name)) for name in ("acme", "globex")]
    )
    rows = spark.createDataFrame(
        [("acme", "r1", "Maria Anders")], "tenant_id string, record_id string, payload string"
    )
    return table, with_keys(rows, table)


def opened(frame, table, layer, dataset, **changes):
    bare = frame.select("tenant_id", "record_id", "sealed").withColumns(
        {k: F.lit(v) for k, v in changes.items()}
    )
    return with_keys(bare, table).select(unseal_row(layer, dataset).alias("x")).first().x


def test_a_sealed_row_opens_in_its_own_place(keyed):
    table, frame = keyed
    sealed = frame.withColumn("sealed", seal_row(F.col("payload"), "bronze", "customers"))
    assert opened(sealed, table, "bronze", "customers") == "Maria Anders"


@pytest.mark.parametrize(
    ("layer", "dataset", "changes"),
    [
        ("bronze", "customers", {"tenant_id": "globex"}),
        ("bronze", "orders", {}),
        ("quarantine", "customers", {}),
        ("bronze", "customers", {"record_id": "r2"}),
    ],
    ids=["another tenant", "another dataset", "another layer", "another record"],
)
def test_a_sealed_row_moved_elsewhere_does_not_open(keyed, layer, dataset, changes):
    table, frame = keyed
    sealed = frame.withColumn("sealed", seal_row(F.col("payload"), "bronze", "customers"))
    assert opened(sealed, table, layer, dataset, **changes) is None


def test_a_silver_cell_opens_with_its_own_key_and_place_only(keyed):
    _, frame = keyed
    cell = frame.select(seal_cell(F.col("payload"), "customers", "name").alias("c")).first().c
    key_id, _, body = cell.partition(":")
    blob = base64.b64decode(body)
    aead = AESGCM(keys_of("acme").current.key)
    place = b"lakeward/1|silver|customers|acme|r1|acme.data.1|name"
    assert key_id == "acme.data.1"
    assert aead.decrypt(blob[:12], blob[12:], place) == b"Maria Anders"
    with pytest.raises(InvalidTag):
        aead.decrypt(blob[:12], blob[12:], place.replace(b"|name", b"|city"))


def test_a_silver_cell_is_the_same_every_time_and_another_for_another_record(keyed):
    _, frame = keyed
    cell = seal_cell(F.col("payload"), "customers", "name")
    again = [frame.select(cell.alias("c")).first().c for _ in range(2)]
    other = frame.withColumn("record_id", F.lit("r2")).select(cell.alias("c")).first().c
    assert again[0] == again[1] != other
