"""One value, one token: in a Spark column, in free text, and in an erasure request."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import functions as F

from policy.taxonomy import Normaliser
from policy.tenants import Tenant
from tenancy.keyring import DataKey, TenantKeys
from tenancy.normalise import normalise
from tenancy.tokens import token
from transforms.tokens import key_table, value_token, with_keys

TENANT = Tenant("acme", "Acme", "eu", "gold", "49")
KEYS = TenantKeys("acme", (DataKey("acme.data.1", "acme", 1, b"d" * 32),), b"t" * 32)


ASSIGNED = st.text(st.characters(exclude_categories=("Cn", "Cs")), max_size=12)
"""Characters that Python's and ICU's Unicode versions both know; their foldings are stable ever after."""


SPELLINGS = [
    "Straße", "STRASSE", "ＡＢＣ", "abc", "e\u0301", "\u00e9", "ﬁn", "a\u00a0b", " a  b ", "İstanbul", "ΣΑΣ",
    "Maria\u200b Anders", "MARIA ANDERS", "\tline\r\nend", "(206) 555-9857", "+1 206.555.9857",
    "1-206-555-9857",
    "030 / 0074321", "+49 (0)30 0074321", "0049 30 0074321", "020 7946 0000 ext. 5",
    "DE89 3704 0044 0532 0130 00",
    "de89370400440532013000", "a+b@Example.ORG", "\u2028x", "\u1680y", "٣٤", "²", "½", "", "  ", "+",
]  # fmt: skip


def spark_tokens(spark, how, values):
    frame = spark.createDataFrame(
        [(index, "acme", value) for index, value in enumerate(values)], "i int, tenant_id string, v string"
    )
    keyed = with_keys(frame, key_table(spark, [(TENANT, KEYS)]))
    rows = keyed.select("i", value_token("user.name", how, F.col("v")).alias("t")).collect()
    return [row.t for row in sorted(rows, key=lambda row: row.i)]


def python_token(how, value):
    normal = normalise(how, value, "49")
    return token(KEYS.token_key, "user.name", normal) if normal else None


def test_spark_and_python_agree_on_known_spellings(spark):
    for how in Normaliser:
        assert spark_tokens(spark, how, SPELLINGS) == [python_token(how, value) for value in SPELLINGS]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ASSIGNED, min_size=80, max_size=80))
def test_spark_and_python_agree_on_any_text(spark, values):
    for how in Normaliser:
        assert spark_tokens(spark, how, values) == [python_token(how, value) for value in values]


def test_spellings_of_one_phone_number_give_one_token():
    spellings = [
        "030 0074321",
        "+49 30 0074321",
        "+49 (0)30 0074321",
        "0049-30-0074321",
        "(030) 0074321 ext. 12",
    ]
    assert len({python_token(Normaliser.PHONE, value) for value in spellings}) == 1


def test_two_phone_numbers_that_differ_in_one_digit_do_not_meet():
    assert python_token(Normaliser.PHONE, "030 0074321") != python_token(Normaliser.PHONE, "030 0074322")
