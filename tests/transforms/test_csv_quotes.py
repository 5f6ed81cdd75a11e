"""Quotes, lines and records of a CSV as the inspection counts them, beside Python's own CSV reader."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.csv_quotes import QuoteScan
from transforms.errors import UnreadableFile
from transforms.line_meter import MAX_RECORD, LineMeter


def scanned(text: str | bytes, delimiter: str = ",", size: int = 1 << 14) -> QuoteScan:
    data = text.encode() if isinstance(text, str) else text
    scan = QuoteScan(delimiter)
    for start in range(0, len(data), size):
        scan.feed(data[start : start + size])
    scan.finish()
    return scan


def refused(text: str | bytes, **given) -> str:
    with pytest.raises(UnreadableFile) as caught:
        scanned(text, **given)
    return caught.value.reason


def facts(scan: QuoteScan) -> tuple[object, ...]:
    meter = scan.meter
    return scan.breaks, meter.lines, meter.records, meter.blank_line, sorted(meter.line_ends())


def outcome(text: str, size: int) -> object:
    try:
        return facts(scanned(text, size=size))
    except UnreadableFile as error:
        return error.reason


def field(value: str, quoted: bool) -> str:
    """A field as a careful writer writes it; an unquoted one may hold quotes behind its first character."""
    if quoted or re.search(r'[,\r\n]|\A"', value):
        return '"' + value.replace('"', '""') + '"'
    return value


values = st.text(alphabet='ab ",\r\n\té', max_size=6)
rows = st.lists(st.builds(field, values, st.booleans()), min_size=1, max_size=4).map(",".join)
line_ends = st.sampled_from(["\n", "\r\n", "\r"])


@st.composite
def texts(draw: st.DrawFn) -> str:
    body = "".join(row + draw(line_ends) for row in draw(st.lists(rows, max_size=6)))
    return body.rstrip("\r\n") if draw(st.booleans()) and not body.endswith('"') else body


def read(text: str) -> list[list[str]]:
    return [row for row in csv.reader(io.StringIO(text, newline="")) if row]


@settings(deadline=None)
@given(texts())
def test_a_line_break_in_a_field_is_seen_wherever_pythons_reader_finds_one(text):
    found = any(re.search(r"[\r\n]", value) for row in read(text) for value in row)
    assert scanned(text).breaks == found


@settings(deadline=None)
@given(texts())
def test_there_are_at_least_as_many_records_as_rows(text):
    records = scanned(text).meter.records
    assert records >= len(read(text))
    assert records <= len(list(csv.reader(io.StringIO(text, newline=""))))


@settings(deadline=None)
@given(st.text(alphabet='a ",\r\n', max_size=30), st.integers(1, 5))
def test_where_the_file_is_cut_into_pieces_changes_nothing(text, size):
    assert outcome(text, size) == outcome(text, 1000)


@settings(deadline=None)
@given(texts(), st.integers(1, 3))
def test_lines_are_counted_as_an_editor_counts_them(text, size):
    assert scanned(text, size=size).meter.lines == len(re.findall(r"\r\n|\r|\n", text))


@settings(deadline=None)
@given(texts())
def test_a_blank_record_is_seen_and_an_empty_line_is_none(text):
    blank = any(not "".join(row).strip(" \t") and '"' not in text for row in read(text) if len(row) == 1)
    assert scanned(text).meter.blank_line >= blank


@pytest.mark.parametrize(
    ("text", "blank"),
    [
        ("a\n \nb\n", True),
        ("a\r\n\t\r\nb", True),
        ("a\r  \rb", True),
        ("a\n ", True),
        (" \na\n", True),
        ("a\n\x0b\nb\n", True),
        ("a\n\nb\n", False),
        ("a\r\n\r\nb\r\n", False),
        ("a\n,\n", False),
        ('a\n" "\n', False),
        ('a\n"x\n \ny"\n', False),
        ("a\n \xa0\n", False),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 1000])
def test_a_line_of_blanks_is_told_from_an_empty_one(text, blank, size):
    assert scanned(text, size=size).meter.blank_line is blank


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("a\nb\n", ["\n"]),
        ("a\r\nb\r\n", ["\r\n"]),
        ("a\rb\r", ["\r"]),
        ("a\r\nb\n", ["\n", "\r\n"]),
        ('a\r\n"x\ny"\r\n', ["\r\n"]),
        ('a\n"x\r\ny\rz"\n', ["\n"]),
        ("a", []),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_only_line_ends_outside_of_quotes_end_records(text, kinds, size):
    assert sorted(scanned(text, size=size).meter.line_ends()) == kinds


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('a,b\n1,"x\n2,y\n', 2),
        ('a,b\n1,"x', 2),
        ('a,b\n1,x\n2,"', 3),
        ('"a,b\n1,x\n', 1),
        ('a,b\n1,"x\n2,"y"\n3,z\n', 2),
        ('a,b\n1,"x\n2,"y",z\n', 2),
        ('"a","b"\n"1","x\n"2","y"\n', 2),
        ('a,b\n1,"x\n2,3,4" nail\n', 2),
        ('a,b\n"p\nq",x\n1,"x\n2,y\n', 4),
        ('a,b\r\n1,"x\r\n2,y\r\n', 2),
        ('a,b\r1,"x\r2,y\r', 2),
        ('a,b\n1,"x""\n2,y\n', 2),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_a_quote_that_does_not_close_refuses_the_file_with_the_line_where_it_opens(text, line, size):
    assert refused(text, size=size) == f"unclosed_quote:line {line}"


@pytest.mark.parametrize(
    "text",
    [
        'a,b\n5" nail,7"\n',
        'a,b\n"5"" nail",x\n',
        'a,b\n"5" nail,x\n2,y\n',
        'a,b\n1, "x"\n2,y"\n',
        'a,b\n1,"x\ny"  \n2,"p\nq" ,z\n',
        'a,b\n1,"x\n""y"""\n',
        'a,b\n1,""\n"",""\n',
        'a,b\n1,"x"',
        'a,b\n1,"x\ny"',
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_a_quote_within_a_value_or_well_closed_is_no_fault(text, size):
    assert scanned(text, size=size).meter.records >= 2


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_only_the_files_own_delimiter_begins_a_field(delimiter):
    assert scanned(f'a{delimiter}b\n1{delimiter}"x\ny"\n', delimiter).breaks
    others = "".join({",", ";", "|"} - {delimiter})
    assert not scanned(f'a{delimiter}b\n1{others}"x\ny"\n', delimiter).breaks


def test_a_record_above_the_limit_is_refused_with_the_line_where_it_begins():
    long = b"x" * MAX_RECORD
    assert scanned(b"a\n" + long + b"\n").meter.longest == MAX_RECORD
    assert refused(b"a\nb\n" + long + b"x\n") == "record_too_long:line 3"
    assert refused(b'a\n"' + long + b'"\n') == "record_too_long:line 2"
    assert refused(b"a\n" + long + b"x") == "record_too_long:line 2"


def test_a_quoted_field_that_goes_on_over_lines_beyond_the_limit_is_an_unclosed_quote():
    assert refused(b'a,b\n1,"x\n' + b"2,y\n" * (MAX_RECORD // 4)) == "unclosed_quote:line 2"


def test_a_meter_that_was_fed_nothing_has_counted_nothing():
    meter = LineMeter()
    meter.finish()
    assert (meter.lines, meter.records, meter.longest, meter.blank_line, meter.line_ends()) == (
        0,
        0,
        0,
        False,
        [],
    )
