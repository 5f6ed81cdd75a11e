"""The token function of `tenancy/tokens.py` as Spark expressions, and the table that brings keys in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from policy.taxonomy import Normaliser
from policy.tenants import Tenant
from tenancy.keyring import TenantKeys
from tenancy.normalise import GROUPING, INVISIBLE, PHONE_EXTENSION, PHONE_TRUNK_HINT, SPACES
from tenancy.tokens import TOKEN_LENGTH

BLOCK = 64  # bytes in a SHA-256 block (FIPS 180-4)
PHONE_EXTRAS = ("x", "#", ";", ",", "(0)")
"""What a telephone number holds that has an extension or a trunk hint."""


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


TOKEN_KEYS = ("key_code", "key_inner", "key_outer")
"""The key columns that tokens need."""


def with_keys(frame: DataFrame, keys: DataFrame) -> DataFrame:
    """`frame` with the key columns of each row's `tenant_id` (rows of other tenants are dropped)."""
    return frame.join(F.broadcast(keys), frame.tenant_id == keys.key_tenant)


def without_keys(frame: DataFrame) -> DataFrame:
    """`frame` without the key columns; `key_id` stays, because rows carry it."""
    return frame.drop("key_tenant", "key_code", "key_data", "key_token", "key_inner", "key_outer")


def token_column(domain: str, normalised: Column) -> Column:
    """The token (32 hex digits) of a normal form (see `with_normal_forms`); null for null or empty.

    Needs `key_inner` and `key_outer` in the frame (see `with_keys`). Names `normalised` twice, so
    it should be a column that is there already and not an expression.
    """
    token = hmac_column(F.concat(F.lit(f"{domain}|"), normalised))
    return F.when(F.length(normalised) > 0, F.substring(token, 1, TOKEN_LENGTH))


def hmac_column(message: Column) -> Column:
    """HMAC-SHA-256 of a text column's UTF-8 as 64 hex digits, composed from Spark's own `sha2`."""
    # A cast takes the bytes as they lie there; `encode` would decode and encode each value.
    inner = F.unhex(F.sha2(F.concat(F.col("key_inner"), message.cast("binary")), 256))
    return F.sha2(F.concat(F.col("key_outer"), inner), 256)


def with_normal_forms(frame: DataFrame, texts: Mapping[str, Normaliser]) -> DataFrame:
    """`frame` with its text columns named in `texts` in normal form (`tenancy.normalise.normalise`).

    PHONE needs `key_code` in the frame. Each step is a projection of its own over columns that are
    there: Spark writes an expression out at every mention, and ICU's functions, which it takes for
    random, it computes at every mention too.
    """
    phones = [name for name, how in texts.items() if how is Normaliser.PHONE]
    steps: list[dict[str, Column]] = [
        {name: _text(how, F.col(name)) for name, how in texts.items()},
        {name: _dialled(F.col(name)) for name in phones},
        {_digits(name): F.regexp_replace(name, F.lit("[^0-9]"), F.lit("")) for name in phones},
        {name: _phone(F.col(name), F.col(_digits(name))) for name in phones},
    ]
    for step in filter(None, steps):
        frame = frame.withColumns(step)
    return frame.drop(*map(_digits, phones))


@dataclass(frozen=True)
class _Icu:
    """ICU's static functions, which Spark ships for its collations."""

    @staticmethod
    def nfkc(text: Column) -> Column:
        return F.reflect(F.lit("com.ibm.icu.text.Normalizer"), F.lit("compose"), text, F.lit(True))

    @staticmethod
    def fold(text: Column) -> Column:
        return F.reflect(F.lit("com.ibm.icu.lang.UCharacter"), F.lit("foldCase"), text, F.lit(True))


def _text(how: Normaliser, value: Column) -> Column:
    """The normal form up to what is special to telephone numbers.

    ASCII without odd blanks, the bulk of all values, takes the cheap path: NFKC leaves
    it as it is and case folding is lower case.
    """
    compact = how is Normaliser.COMPACT
    plain, any_text = F.lower(value), _unicode(value)
    if compact:
        plain, any_text = _ungrouped(plain), _ungrouped(any_text)
    if how is not Normaliser.PHONE:
        # What was dropped may have stood between a letter and its accent.
        any_text = _Icu.nfkc(any_text)
    # ICU does not take a null, so its branch may not be open to one.
    return F.when(_needs_icu(value), any_text).otherwise(plain)


def _needs_icu(value: Column) -> Column:
    """Whether more than lower case stands between a value and its normal form; null for null.

    Searches for bytes, which cost a tenth of one regular expression.
    """
    spaces = [F.contains(value, F.lit(found)) for found in ("  ", "\t", "\n", "\r")]
    found = [F.length(value) != F.octet_length(value), value.startswith(" "), value.endswith(" "), *spaces]
    return reduce(Column.__or__, found)


def _unicode(value: Column) -> Column:
    folded = _Icu.nfkc(_Icu.fold(_Icu.nfkc(value)))
    text = F.regexp_replace(folded, F.lit(INVISIBLE), F.lit(""))
    return F.trim(F.regexp_replace(text, F.lit(SPACES), F.lit(" ")))


def _ungrouped(text: Column) -> Column:
    return F.regexp_replace(text, F.lit(GROUPING), F.lit(""))


def _dialled(text: Column) -> Column:
    number = F.regexp_replace(text, F.lit(PHONE_EXTENSION), F.lit(""))
    bare = F.regexp_replace(number, F.lit(PHONE_TRUNK_HINT), F.lit(""))
    extras = reduce(Column.__or__, [F.contains(text, F.lit(found)) for found in PHONE_EXTRAS])
    return F.when(extras, bare).otherwise(text)


def _digits(name: str) -> str:
    return f"{name}__digits"


def _phone(number: Column, digits: Column) -> Column:
    code = F.col("key_code")
    national = F.when(digits.startswith("0"), F.substring(digits, 2, 1000)).otherwise(digits)
    return (
        F.when(number.startswith("+"), digits)
        .when(digits.startswith("00"), F.substring(digits, 3, 1000))
        .when((code == "1") & (F.length(digits) == 11) & digits.startswith("1"), digits)
        .when(~digits.isin("", "0"), F.concat(code, national))
        .otherwise(F.when(digits.isNotNull(), F.lit("")))
    )
