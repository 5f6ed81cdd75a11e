"""Lakeward's functions for Spark say what the slower ways say, on what is usual, rare and broken."""

from __future__ import annotations

import json
import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import functions as F

SHAPE = "struct<id: string, `full name`: string, note: string>"
NAMES = ["id", "full name", "note", "other", "", "Id"]
OBJECTS = [
    "{}", " { } ", "null", "", "[]", "{", "}", '{"id"}', '{"id":}', '{"id":"a"', '{"id":"a"}x', '{"id":"a"} ',
    '{"id":"a","id":"b"}', '{"id":"a",}', '{"id":null}', '{"id":nul}', '{"id":nullx}', '{"id":1}',
    '{"id":true}', '{"id":{"a":"b"}}', '{"id":["a"]}',
    '{"note":"\\"quoted\\" \\\\ \\/ \\b\\f\\n\\r\\t"}', '{"note":"\\u00e9"}',
    '{"note":"\\ud83d\\ude00"}', '{"note":"\\x"}', '{"note":"a\tb"}', '{"note":"\\"}', '{"i\\u0064":"a"}',
    '{"note":"ü€😀","id":""}', "{'id':'a'}", '{"full name":"Maria Anders","note":null,"id":"1"}',
]  # fmt: skip
NUMBERS = [
    "1", "-1", "+1.5", "1.", ".5", ".", "", "-", "1e5", "1e", "1E-5", "e5", "1.2.3", " 1 ", "\t1\n", "1 2",
    "5d", "NaN", "0x1", "1_000", "١",
]  # fmt: skip
DAYS = [
    "2020-01-31", "2020-1-3", "2020", "2020-01", "2020-01-", "0000-01-01", "0001-01-01", "12020-01-01",
    " 2020-01-31T10", "2020-001-01", "2020/01/31", "10:30", "-2020-01-01", "",
]  # fmt: skip
TOKENS = [
    "0" * 32,
    "0123456789abcdef" * 2,
    "0123456789ABCDEF" * 2,
    "0" * 31,
    "0" * 33,
    "g" + "0" * 31,
    " " * 32,
    "",
]
NUMBER = r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*"
DAY = r"\s*(?!0000)[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"

values = st.none() | st.text(max_size=6) | st.text('"\\/bnu\n é', max_size=6)
objects = st.dictionaries(st.sampled_from(NAMES), values | st.integers() | st.lists(values, max_size=1))


@st.composite
def objects_with_a_fault(draw):
    """JSON as a writer leaves it, and the same with one character lost, doubled or exchanged."""
    text = json.dumps(draw(objects), ensure_ascii=draw(st.booleans()))
    at, kind = (
        draw(st.integers(0, len(text) - 1)),
        draw(st.sampled_from(["whole", "lost", "doubled", "other"])),
    )
    instead = {
        "whole": text[at],
        "lost": "",
        "doubled": text[at] * 2,
        "other": draw(st.sampled_from('"{}:, x')),
    }
    return text[:at] + instead[kind] + text[at + 1 :]


def read(spark, texts):
    """Each text as `flat_texts` and as Spark's own `from_json` read it."""
    frame = spark.createDataFrame([(index, text) for index, text in enumerate(texts)], "i int, t string")
    flat = F.call_function("lakeward.flat_texts", F.col("t"), F.lit(None).cast(SHAPE))
    rows = frame.select("i", flat.alias("flat"), F.from_json("t", SHAPE).alias("whole")).collect()
    return [(row.flat, row.whole) for row in sorted(rows, key=lambda row: row.i)]


def looks_like(spark, kind, texts):
    frame = spark.createDataFrame([(index, text) for index, text in enumerate(texts)], "i int, t string")
    looks = F.call_function("lakeward.looks_like", F.lit(kind), F.col("t"))
    return [
        row.looks for row in sorted(frame.select("i", looks.alias("looks")).collect(), key=lambda row: row.i)
    ]


def test_a_flat_object_is_read_as_from_json_reads_it_or_left_to_it(spark):
    for text, (flat, whole) in zip(OBJECTS, read(spark, OBJECTS), strict=True):
        assert flat in (None, whole), text


def test_what_a_csv_file_becomes_is_read_here(spark):
    usual = ['{"id":"1","full name":"Łukasz \\"O\'Neil\\"","note":"a, b"}', '{"id":"2","note":null}', "{}"]
    assert all(flat is not None for flat, _ in read(spark, usual))


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(objects_with_a_fault(), min_size=60, max_size=60))
def test_any_object_is_read_as_from_json_reads_it_or_left_to_it(spark, texts):
    for text, (flat, whole) in zip(texts, read(spark, texts), strict=True):
        assert flat in (None, whole), text


def test_a_token_is_32_small_hex_digits(spark):
    assert looks_like(spark, "token", [*TOKENS, None]) == [True, True] + [False] * 7


def test_numbers_and_days_look_as_they_are_written(spark):
    assert looks_like(spark, "number", [*NUMBERS, None]) == [
        bool(re.fullmatch(NUMBER, n, re.ASCII)) for n in NUMBERS
    ] + [False]
    assert looks_like(spark, "day", [*DAYS, None]) == [bool(re.match(DAY, d, re.ASCII)) for d in DAYS] + [
        False
    ]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text("0123456789.-+eE \t", max_size=12), min_size=100, max_size=100))
def test_any_text_looks_like_a_number_or_day_where_a_pattern_says_so(spark, texts):
    assert looks_like(spark, "number", texts) == [bool(re.fullmatch(NUMBER, one, re.ASCII)) for one in texts]
    assert looks_like(spark, "day", texts) == [bool(re.match(DAY, one, re.ASCII)) for one in texts]
