"""Looking into a landing file before Spark does: header forms, encodings, cut files, JSON layouts."""

from __future__ import annotations

import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from policy.contracts import Column, Contract, LoadMode, LogicalType
from transforms.errors import UnreadableFile
from transforms.formats import Shape, content_token, inspect
from transforms.landing import LandingFile

CONTRACT = Contract(
    "people", None, "1.0.0", "team", LoadMode.MERGE,
    (
        Column(("id",), "id", LogicalType.STRING, required=True),
        Column(("Name",), "Name", LogicalType.STRING, required=True),
        Column(("note",), "note", LogicalType.STRING),
    ),
)  # fmt: skip


@pytest.fixture
def look(tmp_path):
    """`look(content, "csv")` → the shape; `gz` packs it as uploaded."""

    def inspected(content, form="csv", name="x", gzipped=False, contract=CONTRACT):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return inspect(LandingFile("us", "globex", "people", path, form, gzipped), contract)

    return inspected


def reason_of(look, *args, **kwargs):
    with pytest.raises(UnreadableFile) as caught:
        look(*args, **kwargs)
    return caught.value.reason


@pytest.mark.parametrize(
    ("header", "columns", "delimiter"),
    [
        ("id,Name,note", ("id", "Name", "note"), ","),
        ("\ufeffid,Name", ("id", "Name"), ","),
        ("id;Name;note", ("id", "Name", "note"), ";"),
        ("id\tName", ("id", "Name"), "\t"),
        ("id|Name", ("id", "Name"), "|"),
        ("ID,NAME,Note", ("id", "Name", "note"), ","),
        (" id , Name ", ("id", "Name"), ","),
        ('"id","Name"', ("id", "Name"), ","),
        ("Name,id", ("Name", "id"), ","),
        ("id,Name,Shoe Size", ("id", "Name", "Shoe Size"), ","),
        ('id;Name;"a,b,c,d,e"', ("id", "Name", "a,b,c,d,e"), ";"),
        ('id,Name,"two\nlines"', ("id", "Name", "two\nlines"), ","),
    ],
)  # fmt: skip
def test_a_csv_header_is_known_in_every_common_form(look, header, columns, delimiter):
    line_end = "\r\n" if "\n" in header else ""
    assert look(f"{header}\r\n1,2\r\n") == Shape("csv", columns, delimiter, line_end=line_end)


def test_a_header_without_rows_is_a_good_file(look):
    assert look("id,Name").columns == ("id", "Name")


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("id,note", "missing_columns:Name"),
        ("note", "missing_columns:Name,id"),
        ("id Name", "missing_columns:Name,id"),
        ("id,Name2", "missing_columns:Name"),
        ("id,Name,id", "duplicate_or_empty_header"),
        ("id,Name,NAME", "duplicate_or_empty_header"),
        ("id,Name,", "duplicate_or_empty_header"),
        ("C-1,Maria Anders,hello", "missing_columns:Name,id"),
    ],
)
def test_a_header_that_cannot_serve_refuses_the_file_by_the_contracts_words(look, header, reason):
    assert reason_of(look, f"{header}\n1,2\n") == reason


def test_a_file_without_a_header_is_refused_without_quoting_its_first_row(look):
    with pytest.raises(UnreadableFile) as caught:
        look("C-1,Maria Anders,hello\n")
    assert "Maria" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"  ", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n"])
@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_file_with_nothing_in_it_is_refused_as_empty(look, content, form):
    assert reason_of(look, content, form) == "empty_file"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("id,Name\n1,José\n".encode("latin-1"), "not_utf8:line 2"),
        ("id,Name\n1,José\n".encode("utf-16"), "not_utf8:line 1"),
        ("id,Name\n1,Jose\n".encode("utf-16-le"), "nul_byte:line 1"),
        (b"id,Name\n1,\xe2\x82", "not_utf8:line 2"),
        (b"id,Name\n1,x\n2,\0\n", "nul_byte:line 3"),
        (b"id,Name\n" + b"1,x\n" * 600_000 + b"2,\xff\n", "not_utf8:line 600002"),
        (b"id,Name\n" + b"1,x\n" * 600_000 + b"2,\0\n", "nul_byte:line 600002"),
    ],
    ids=[
        "Latin-1",
        "UTF-16",
        "UTF-16 unmarked",
        "cut within a character",
        "NUL",
        "far behind",
        "NUL far behind",
    ],
)
@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_file_that_is_not_utf8_text_is_refused_with_its_first_bad_line(look, content, reason, form):
    assert reason_of(look, content, form) == reason


def test_a_character_across_the_border_of_two_reads_is_no_fault(look):
    assert look("id,Name\n1," + "x" * ((1 << 20) - 11) + "é\n").columns == ("id", "Name")


def test_a_gzipped_file_is_looked_into_like_a_plain_one(look):
    assert look(gzip.compress(b"id;Name\n1;x\n"), gzipped=True) == Shape("csv", ("id", "Name"), ";")


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(b"id,Name\n" * 5000)[:-9],
        b"id,Name\n1,x\n",
        b"\x1f\x8b",
        gzip.compress(b"id,Name\n")[:-4] + b"abcd",
    ],
    ids=["cut", "not gzip at all", "only the magic", "wrong length"],
)
def test_a_damaged_gzip_file_is_refused(look, content):
    assert reason_of(look, content, gzipped=True) == "broken_gzip"


def test_gzip_damaged_in_the_middle_is_refused(look):
    packed = bytearray(gzip.compress(bytes(range(32, 127)) * 3000))
    packed[len(packed) // 2] ^= 0xFF
    assert reason_of(look, bytes(packed), gzipped=True) == "broken_gzip"


@pytest.mark.parametrize(
    ("content", "layout"),
    [
        ('{"id": 1}\n{"id": 2}\n', "lines"),
        ('{"id": 1}', "lines"),
        ('\ufeff{"id": 1}\n', "lines"),
        ('\n\n{"id": 1}\n', "lines"),
        ('{"id": 1}\r\n{"id": 2}\r\n', "lines"),
        ('[{"id": 1},\n {"id": 2}]', "array"),
        ('  [\n{"id": 1}]', "array"),
        ('{\n  "id": 1\n}\n', "document"),
        ('{"note": "' + "x" * 70_000 + '"}\n{"id": 2}\n', "lines"),
    ],
    ids=[
        "lines",
        "one line",
        "BOM",
        "blank lines first",
        "CRLF",
        "array",
        "indented array",
        "document",
        "long first line",
    ],
)
def test_the_layout_of_json_is_told_from_its_beginning(look, content, layout):
    assert look(content, "json").layout == layout


@pytest.mark.parametrize("name", ["x.jsonl", "x.ndjson", "x.JSONL", "x.jsonl.gz"])
def test_a_file_named_for_json_lines_is_lines_even_where_the_first_is_broken(look, name):
    content = b'{"id": 1, "na\n{"id": 2}\n'
    packed = name.endswith(".gz")
    assert look(gzip.compress(content) if packed else content, "json", name, packed).layout == "lines"


def parquet(tmp_path, **columns):
    path = tmp_path / "made.parquet"
    pq.write_table(pa.table(columns), path)
    return path.read_bytes()


def test_a_whole_parquet_file_is_taken(look, tmp_path):
    assert look(parquet(tmp_path, id=["1"], Name=["x"]), "parquet").format == "parquet"


def test_a_parquet_file_without_a_required_column_is_refused(look, tmp_path):
    assert reason_of(look, parquet(tmp_path, id=["1"]), "parquet") == "missing_columns:Name"


def test_a_parquet_file_with_times_finer_than_spark_reads_is_refused(look, tmp_path):
    moments = {unit: pa.array([1], pa.timestamp(unit)) for unit in ("ns", "us")}
    files = {unit: parquet(tmp_path, id=["1"], Name=["x"], at=at) for unit, at in moments.items()}
    assert reason_of(look, files["ns"], "parquet") == "nanoseconds"
    assert look(files["us"], "parquet").format == "parquet"


def test_a_parquet_header_in_another_case_is_known_by_the_contracts_names(look, tmp_path):
    assert look(parquet(tmp_path, ID=["1"], NAME=["x"]), "parquet").columns == ("id", "Name")


def test_a_parquet_file_with_two_columns_of_one_name_is_refused(look, tmp_path):
    content = parquet(tmp_path, id=["1"], Name=["x"], name=["y"])
    assert reason_of(look, content, "parquet") == "duplicate_or_empty_header"


def test_a_cut_or_made_up_parquet_file_is_refused(look, tmp_path):
    whole = parquet(tmp_path, id=["1"], Name=["x"])
    for content in (whole[:-5], b"", b"PAR1", b"id,Name\n1,x\n"):
        assert reason_of(look, content, "parquet") == "broken_parquet"


def test_a_name_that_tells_no_format_is_refused(look):
    assert reason_of(look, "id,Name\n", None) == "unknown_format"


def test_equal_bytes_have_one_name_whatever_the_file_is_called(tmp_path):
    def name(content, key=b"t" * 32, dataset="people", file="a.csv"):
        (tmp_path / file).write_bytes(content)
        return content_token(LandingFile("us", "globex", dataset, tmp_path / file, "csv", False), key)

    base = name(b"id\n1\n")
    assert name(b"id\n1\n", file="b.csv") == base
    others = {name(b"id\n2\n"), name(b"id\n1\n", key=b"u" * 32), name(b"id\n1\n", dataset="orders")}
    assert base not in others
    assert len(others) == 3
