"""The token function of `tenancy/tokens.py` as Spark expressions, and the table that brings keys in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from policy.taxonomy import Normaliser
from policy.tenants import Tenant
from tenancy.keyring import TenantKeys
from tenancy.normalise import GROUPING, INVISIBLE, PHONE_EXTENSION, PHONE_TRUNK_HINT, SPACES
from tenancy.tokens import TOKEN_LENGTH

BLOCK = 64  # bytes in a SHA-256 block (FIPS 180-4)
ASCII = "^[\\x00-\\x7F]*$"


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
        inner, outer = (bytearray(pad) for pad in hmac_pads(keys.token_key))
        current = keys.current
        token_key, data_key = bytearray(keys.token_key), bytearray(current.key)
        rows.append((tenant.id, tenant.calling_code, current.key_id, data_key, token_key, inner, outer))
    schema = (
        "key_tenant string, key_code string, key_id string, key_data binary, "
        "key_token binary, key_inner binary, key_outer binary"
    )
    return spark.createDataFrame(rows, schema)


def with_keys(frame: DataFrame, keys: DataFrame) -> DataFrame:
    """`frame` with the key columns of each row's `tenant_id` (rows of other tenants are dropped)."""
    return frame.join(F.broadcast(keys), frame.tenant_id == keys.key_tenant)


def without_keys(frame: DataFrame) -> DataFrame:
    """`frame` without the key columns; `key_id` stays, because rows carry it."""
    return frame.drop("key_tenant", "key_code", "key_data", "key_token", "key_inner", "key_outer")


def token_column(domain: str, normalised: Column) -> Column:
    """The token (32 hex digits) of a normalised value; null for null or empty.

    Needs `key_inner` and `key_outer` in the frame (see `with_keys`).
    """
    message = F.encode(F.concat(F.lit(f"{domain}|"), normalised), "UTF-8")
    token = hmac_column(message)
    return F.when(F.length(normalised) > 0, F.substring(token, 1, TOKEN_LENGTH))


def hmac_column(message: Column) -> Column:
    """HMAC-SHA-256 of a binary column as 64 hex digits, composed from Spark's own `sha2`."""
    inner = F.unhex(F.sha2(F.concat(F.col("key_inner"), message), 256))
    return F.sha2(F.concat(F.col("key_outer"), inner), 256)


@dataclass(frozen=True)
class _Icu:
    """ICU's static functions, which Spark ships for its collations."""

    @staticmethod
    def nfkc(text: Column) -> Column:
        return F.reflect(F.lit("com.ibm.icu.text.Normalizer"), F.lit("compose"), text, F.lit(True))

    @staticmethod
    def fold(text: Column) -> Column:
        return F.reflect(F.lit("com.ibm.icu.lang.UCharacter"), F.lit("foldCase"), text, F.lit(True))


def normalise_column(how: Normaliser, value: Column) -> Column:
    """`tenancy.normalise.normalise` for a string column; PHONE needs `key_code` in the frame.

    Plain ASCII, the bulk of all values, takes the cheap path: NFKC leaves it as it is and
    case folding is lower case.
    """
    # ICU does not take a null, so no branch may be open to one.
    unicode = _Icu.nfkc(_Icu.fold(_Icu.nfkc(value)))
    folded = F.when(value.rlike(ASCII), F.lower(value)).when(value.isNotNull(), unicode)
    text = F.regexp_replace(folded, F.lit(INVISIBLE), F.lit(""))
    text = F.trim(F.regexp_replace(text, F.lit(SPACES), F.lit(" ")))
    if how is Normaliser.PHONE:
        return _phone(text)
    if how is Normaliser.COMPACT:
        text = F.regexp_replace(text, F.lit(GROUPING), F.lit(""))
    # What was dropped may have stood between a letter and its accent.
    return F.when(text.rlike(ASCII), text).when(text.isNotNull(), _Icu.nfkc(text))


def _phone(text: Column) -> Column:
    code = F.col("key_code")
    number = F.regexp_replace(text, F.lit(PHONE_EXTENSION), F.lit(""))
    number = F.regexp_replace(number, F.lit(PHONE_TRUNK_HINT), F.lit(""))
    digits = F.regexp_replace(number, F.lit("[^0-9]"), F.lit(""))
    national = F.regexp_replace(digits, F.lit("^0"), F.lit(""))
    return (
        F.when(number.startswith("+"), digits)
        .when(digits.startswith("00"), F.substring(digits, 3, 1000))
        .when((code == "1") & (F.length(digits) == 11) & digits.startswith("1"), digits)
        .when(national != "", F.concat(code, national))
        .otherwise(F.lit(""))
    )
