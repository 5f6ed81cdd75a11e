"""However the bytes are cut, the same needles are found in them."""

from __future__ import annotations

import base64
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from needles import CUSTOMER, EMAIL, NEAR_TOKEN, NEEDLES, PHONE, SHORT, TOKEN

from retention.verify import tokens_and_values
from retention.verify_matcher import Context, Matcher

MATCHER = Matcher(NEEDLES)
PIECES = st.sampled_from(
    [
        TOKEN,
        NEAR_TOKEN,
        EMAIL,
        PHONE,
        CUSTOMER,
        SHORT,
        "x",
        " ",
        ",",
        "0",
        "-",
        "\\n",
        '"',
        "Zo\u00eb Bl\u00e4x",
    ]
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)


@settings(deadline=None)
@given(TEXTS, st.lists(st.integers(1, 60), max_size=20), st.sampled_from(Context))
def test_a_stream_holds_what_the_whole_holds_wherever_it_is_cut(text, cuts, context):
    data, chunks = text.encode(), []
    for cut in cuts:
        chunks.append(data[:cut])
        data = data[cut:]
    chunks.append(data)
    assert MATCHER.stream(chunks, context) == MATCHER.search(text.encode(), context)


@settings(deadline=None)
@given(st.lists(TEXTS, max_size=6))
def test_cells_side_by_side_hold_what_each_of_them_holds(texts):
    apart = sum(
        (MATCHER.search(text.encode(), Context.TEXT) for text in texts), MATCHER.search(b"", Context.TEXT)
    )
    assert MATCHER.texts([text.encode() for text in texts]) == apart


@settings(deadline=None)
@given(st.binary(max_size=40), st.binary(max_size=40))
def test_a_token_is_found_as_text_as_bytes_and_in_base64_whatever_stands_beside_it(before, after):
    for inner in (TOKEN.encode(), bytes.fromhex(TOKEN), TOKEN.upper().encode("utf-16-le")):
        found = MATCHER.search(before + inner + after, Context.BINARY)
        assert 0 in {needle for needle, _ in found}
    encoded = base64.b64encode(before + TOKEN.encode() + after)
    assert (0, "base64") in MATCHER.search(encoded, Context.TEXT)


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_random_bytes_hold_no_needle(data):
    assert not MATCHER.search(data, Context.BINARY)


@pytest.mark.parametrize(
    "text",
    [
        "+49 30 4711-0815",
        "+493047110815",
        "0049 30 4711 0815",
        "+49 (0) 30 4711.0815",
        "tel:+49-30-47110815;",
    ],
)
def test_a_phone_number_is_found_however_its_digits_are_grouped(text):
    assert {needle for needle, _ in MATCHER.search(text.encode(), Context.TEXT)} == {2}


@pytest.mark.parametrize("text", ["ZX42", "a;ZX42;b", '"zx42"', "a\tZX42\n"])
def test_a_short_value_is_found_as_a_whole_field(text):
    assert {needle for needle, _ in MATCHER.search(text.encode(), Context.TEXT)} == {5}


@pytest.mark.parametrize("text", [":ZX42}", " ZX42 ", "ZX420", "/ZX42/"])
def test_a_short_value_elsewhere_is_chance(text):
    assert not MATCHER.search(text.encode(), Context.TEXT)


def test_thousands_of_needles_are_told_apart():
    tokens = [f"{number:032x}" for number in range(1, 3001)]
    matcher = Matcher(tokens_and_values(tokens))
    found = matcher.search(f"a {tokens[1234]} b {tokens[2999]} c".encode(), Context.TEXT)
    assert {needle for needle, _ in found} == {1234, 2999}


def test_the_verifier_loads_nothing_of_what_erases_nor_spark_nor_delta():
    code = (
        "import sys, retention.verify, retention.verify_sealed, retention.receipt, retention.receipt_check\n"
        "print(*(name if name.startswith('retention.') else name.split('.')[0] for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"pyspark", "delta", "transforms", "classifications", "dagster", "deltalake"}
    assert all(
        name.startswith(("retention.verify", "retention.receipt"))
        for name in loaded
        if name.startswith("retention.")
    )
