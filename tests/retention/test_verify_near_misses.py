"""What only looks like a needle is none, and a clean place is verified."""

from __future__ import annotations

import gzip
import json
import sqlite3

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from needles import CUSTOMER, EMAIL, NEAR_TOKEN, NUMBER, PHONE, SHORT, TOKEN, look

from retention.verify import Verdict

TEXTS = {
    "token of another subject": NEAR_TOKEN,
    "half of a token": TOKEN[:31],
    "longer customer id": f"{CUSTOMER}7",
    "customer id with a letter before": f"X{CUSTOMER}",
    "address that ends like it": f"anna.{EMAIL}",
    "longer domain": f"{EMAIL}ization",
    "longer phone number": f"{PHONE}9",
    "phone number of another country": f"1{PHONE.removeprefix('+')}",
    "short value inside a word": f"A{SHORT}B and {SHORT}-1",
    "longer number": f"1{NUMBER}",
    "name that begins like it": "Zoë Bläxer",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
@pytest.mark.parametrize("shape", ["text", "json", "gzip", "parquet"])
def test_a_near_miss_is_no_hit(tmp_path, text, shape):
    path = tmp_path / "file"
    if shape == "text":
        path.write_text(f"a line with {text} in it")
    elif shape == "json":
        path.write_text(json.dumps({"a": f"with {text} in it", "b": json.dumps([text])}))
    elif shape == "gzip":
        path.write_bytes(gzip.compress(f"a line with {text} in it".encode()))
    else:
        pq.write_table(pa.table({"a": [text, f"with {text}"]}), path, write_page_index=True)
    result = look(tmp_path)
    assert result.hits == ()
    assert result.verdict is Verdict.VERIFIED


def test_halves_of_a_token_in_two_cells_are_no_hit(tmp_path):
    pq.write_table(pa.table({"a": [TOKEN[:16], TOKEN[16:]]}), tmp_path / "file", write_statistics=False)
    assert look(tmp_path).hits == ()


def test_halves_of_a_token_in_two_database_cells_are_no_hit(tmp_path):
    with sqlite3.connect(tmp_path / "file") as connection:
        connection.execute("CREATE TABLE t (v)")
        connection.executemany("INSERT INTO t VALUES (?)", [(f"{TOKEN[:16]}-",), (TOKEN[16:],)])
    assert look(tmp_path).hits == ()


@pytest.mark.parametrize("number", [int(NUMBER) + 1, -int(NUMBER)])
def test_another_number_in_a_number_column_is_no_hit(tmp_path, number):
    pq.write_table(pa.table({"a": [number], "b": [float(number) + 0.5]}), tmp_path / "file")
    assert look(tmp_path).hits == ()


def test_a_number_column_too_narrow_for_the_needle_is_searched_without_error(tmp_path):
    pq.write_table(
        pa.table({"a": pa.array([1], pa.int8()), "b": pa.array([2.0], pa.float32())}), tmp_path / "f"
    )
    assert look(tmp_path).verdict is Verdict.VERIFIED
