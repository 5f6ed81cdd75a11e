from __future__ import annotations

import csv

import pytest

from audit.evidence.tables import Tables, cell, write_table
from audit.ledger import Entry


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "=cmd|' /C calc'!A0",
    ],
)
def test_what_a_spreadsheet_takes_for_a_formula_becomes_a_text(text):
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["orders", "sha256:ab", "1-2", "a=b", "2026-03-01T12:00:00Z", "'quoted", ""])
def test_any_other_text_stays_as_it_is(text):
    assert cell(text) == text


@pytest.mark.parametrize(("value", "told"), [(None, ""), (True, "true"), (-3, -3), (0.5, 0.5)])
def test_numbers_stay_numbers_and_nothing_is_empty(value, told):
    assert cell(value) == told


def test_lists_and_objects_become_json():
    assert cell({"b": 1, "a": ["x"]}) == '{"a": ["x"], "b": 1}'


def test_what_has_no_column_of_its_own_stands_in_more(tmp_path):
    entry = Entry(
        7, "2026-03-01T12:00:00.000000Z", "check", "acme", "eu", "s", {"passed": False, "=x": 1}, "00"
    )
    with Tables(tmp_path, {"check": ("passed", "why")}) as tables:
        tables.add(entry)
        tables.add(entry)
    with (tmp_path / "check.csv").open(encoding="utf-8-sig", newline="") as file:
        head, first, _ = csv.reader(file)
    assert head == ["seq", "at", "region", "source", "passed", "why", "more"]
    assert first == ["7", entry.at, "eu", "s", "false", "", '{"=x": 1}']


def test_a_kind_without_an_entry_has_no_table(tmp_path):
    with Tables(tmp_path, {"check": ("passed",)}):
        pass
    assert not list(tmp_path.iterdir())


def test_a_table_begins_with_the_mark_by_which_spreadsheets_know_utf_8(tmp_path):
    write_table(tmp_path / "t.csv", ["a"], [["größe"]])
    assert (tmp_path / "t.csv").read_bytes() == b"\xef\xbb\xbfa\r\n" + "größe".encode() + b"\r\n"
