"""The token function of `tenancy/tokens.py` on Spark's columns, and the table that brings keys in.

The functions `lakeward.*` are those of `transforms/jvm`.
"""

from __future__ import annotations

from collections.abc import Iterable

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from policy.taxonomy import Normaliser
from policy.tenants import Tenant
from tenancy.keyring import TenantKeys
from transforms.frames import frame_of

BLOCK = 64  # bytes in a SHA-256 block (FIPS 180-4)


def hmac_pads(key: bytes) -> tuple[bytes, bytes]:
    """The inner and outer padded key of HMAC (RFC 2104 section 2), 64 bytes each."""
    padded = key.ljust(BLOCK, b"\0")
    return bytes(byte ^ 0x36 for byte in padded), bytes(byte ^ 0x5C for byte in padded)


def key_table(spark: SparkSession, tenants: Iterable[tuple[Tenant, TenantKeys]]) -> DataFrame:
    """One row a tenant with its present data key, token key and calling code.

    Keys come into a job as rows of a broadcast table, never as literals, so that no plan,
    log or event can show one.
    """
    rows = []
    for tenant, keys in tenants:
        current, pads = keys.current, hmac_pads(keys.token_key)
        rows.append((tenant.id, tenant.calling_code, current.key_id, current.key, keys.token_key, *pads))
    schema = (
        "key_tenant string, key_code string, key_id string, key_data binary, "
        "key_token binary, key_inner binary, key_outer binary"
    )
    return frame_of(spark, rows, schema)


def with_keys(frame: DataFrame, keys: DataFrame) -> DataFrame:
    """`frame` with the key columns of each row's `tenant_id` (rows of other tenants are dropped)."""
    return frame.join(F.broadcast(keys), frame.tenant_id == keys.key_tenant)


def without_keys(frame: DataFrame) -> DataFrame:
    """`frame` without the key columns; `key_id` stays, because rows carry it."""
    return frame.drop("key_tenant", "key_code", "key_data", "key_token", "key_inner", "key_outer")


def value_token(domain: str, how: Normaliser, value: Column) -> Column:
    """The token (32 hex digits) of a text's normal form; null for null, and where nothing is left of it.

    Needs the key columns in the frame (see `with_keys`).
    """
    key = F.col("key_inner"), F.col("key_outer")
    about = F.lit(f"{domain}|"), F.lit(how.value), F.col("key_code")
    return F.call_function("lakeward.value_token", *about, value, *key)


def text_token(message: Column) -> Column:
    """The token of a text column as it stands, without a domain; null for null. Needs the key columns."""
    return F.call_function("lakeward.token", message, F.col("key_inner"), F.col("key_outer"))
