"""Landing files as records: what arrives is what is read, in order, and nothing is lost on the way."""

from __future__ import annotations

import datetime as dt
import decimal
import gzip
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from policy.contracts import Column, Contract, LoadMode, LogicalType
from transforms.formats import inspect
from transforms.landing import LandingFile
from transforms.readers import StagedFile, read_staged
from transforms.records import RECORD

CONTRACT = Contract(
    "people",
    None,
    "1.0.0",
    "team",
    LoadMode.MERGE,
    (Column(("id",), "id", LogicalType.STRING, required=True), Column(("note",), "note", LogicalType.STRING)),
)


def table(**columns) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


TYPED = table(
    id=[5],
    note=["x"],
    day=[dt.date(2020, 1, 2)],
    price=[decimal.Decimal("1.50")],
    ok=[True],
    moment=[dt.datetime(2020, 1, 2, 3, 4, 5, 600_000, dt.UTC)],
    parts=[[1, 2]],
    inner=[{"a": "b"}],
    none=[None],
)

UNREADABLE = "unreadable"
"""Stands for a record that could not be taken apart."""

# name of the case: (file name, content, the records in file order)
CASES = {
    "plain CSV": ("a.csv", "id,note\n1,x\n2,y\n", [{"id": "1", "note": "x"}, {"id": "2", "note": "y"}]),
    "CSV without a last line end": (
        "a.csv",
        "id,note\n1,x\n2,y",
        [{"id": "1", "note": "x"}, {"id": "2", "note": "y"}],
    ),
    "CSV with CRLF": ("a.csv", "id,note\r\n1,x\r\n", [{"id": "1", "note": "x"}]),
    "CSV with a BOM": ("a.csv", "\ufeffid,note\n1,x\n", [{"id": "1", "note": "x"}]),
    "CSV with semicolons": ("a.csv", "id;note\n1;x,y\n", [{"id": "1", "note": "x,y"}]),
    "CSV with tabs": ("a.csv", "id\tnote\n1\tx y\n", [{"id": "1", "note": "x y"}]),
    "CSV header in other case": ("a.csv", "ID,Note\n1,x\n", [{"id": "1", "note": "x"}]),
    "CSV header in another order": ("a.csv", "note,id\nx,1\n", [{"id": "1", "note": "x"}]),
    "CSV delimiter in quotes": ("a.csv", 'id,note\n1,"x,y"\n', [{"id": "1", "note": "x,y"}]),
    "CSV doubled quotes": ("a.csv", 'id,note\n1,"say ""hi"""\n', [{"id": "1", "note": 'say "hi"'}]),
    "CSV line end in quotes": (
        "a.csv",
        'id,note\n1,"x\ny"\n2,z\n',
        [{"id": "1", "note": "x\ny"}, {"id": "2", "note": "z"}],
    ),
    "CSV both line ends in quotes": (
        "a.csv",
        'id,note\r\n1,"x\r\ny\nz"\r\n2,"w"\r\n',
        [{"id": "1", "note": "x\r\ny\nz"}, {"id": "2", "note": "w"}],
    ),
    "CSV with CR, line end in quotes": (
        "a.csv",
        'id,note\r1,"x\ry"\r2,"w"\r',
        [{"id": "1", "note": "x\ry"}, {"id": "2", "note": "w"}],
    ),
    "CSV line end in the header": ("a.csv", 'id,"a\nb"\r\n1,x\r\n', [{"id": "1", "a\nb": "x"}]),
    "CSV line end in a header with a BOM": ("a.csv", '\ufeff"id","a\nb"\n1,x\n', [{"id": "1", "a\nb": "x"}]),
    "CSV of mixed line ends": (
        "a.csv",
        "id,note\n1,x\r\n2,y\r3,z\n",
        [{"id": "1", "note": "x"}, {"id": "2", "note": "y"}, {"id": "3", "note": "z"}],
    ),
    "CSV line of blanks": ("a.csv", "id,note\n  \n1,x\n", [UNREADABLE, {"id": "1", "note": "x"}]),
    "CSV line of tabs between tabs": ("a.csv", "id\tnote\n\t\n1\tx\n", [{}, {"id": "1", "note": "x"}]),
    "CSV empty lines": ("a.csv", "\n\nid,note\n\n1,x\n\n", [{"id": "1", "note": "x"}]),
    "CSV quotes inside of values": (
        "a.csv",
        'id,note\n5" nail,7"\n"6"" nail", "x"\n',
        [{"id": '5" nail', "note": '7"'}, {"id": '6" nail', "note": ' "x"'}],
    ),
    "CSV headers that only Spark finds alike": (
        "a.csv",
        "id,\u0131d,note\n1,x,y\n",
        [{"id": "1", "\u0131d": "x", "note": "y"}],
    ),
    "CSV headers of our own": (
        "a.csv",
        "id,_metadata,__lakeward_corrupt,link,c0\n1,x,y,z,w\n",
        [{"id": "1", "_metadata": "x", "__lakeward_corrupt": "y", "link": "z", "c0": "w"}],
    ),
    "CSV backslash": (
        "a.csv",
        'id,note\n1,"C:\\"\n2,\\n\n',
        [{"id": "1", "note": "C:\\"}, {"id": "2", "note": "\\n"}],
    ),
    "CSV empty fields": ("a.csv", 'id,note\n1,\n2,""\n', [{"id": "1"}, {"id": "2"}]),
    "CSV leading zeros and words for nothing": (
        "a.csv",
        "id,note\n007,null\n",
        [{"id": "007", "note": "null"}],
    ),
    "CSV comment marks are values": ("a.csv", "id,note\n#1,x\n", [{"id": "#1", "note": "x"}]),
    "CSV undeclared column": (
        "a.csv",
        "id,note,Shoe Size\n1,x,44\n",
        [{"id": "1", "note": "x", "Shoe Size": "44"}],
    ),
    "CSV undeclared column with odd name": ("a.csv", "id,a`b.c\n1,x\n", [{"id": "1", "a`b.c": "x"}]),
    "CSV short and long rows": (
        "a.csv",
        "id,note\n1\n2,y,z\n3,w\n",
        [UNREADABLE, UNREADABLE, {"id": "3", "note": "w"}],
    ),
    "CSV header only": ("a.csv", "id,note\n", []),
    "CSV packed": ("a.csv.gz", "id,note\n1,x\n", [{"id": "1", "note": "x"}]),
    "CSV in many scripts": ("a.csv", "id,note\n1,Łódź 東京 🙂\n", [{"id": "1", "note": "Łódź 東京 🙂"}]),
    "JSON lines": (
        "a.jsonl",
        '{"id": 1, "note": {"a": [1]}}\n\n{"id": "2"}\n',
        [{"id": 1, "note": {"a": [1]}}, {"id": "2"}],
    ),
    "JSON lines with CRLF": ("a.jsonl", '{"id": 1}\r\n{"id": 2}\r\n', [{"id": 1}, {"id": 2}]),
    "JSON lines with a BOM": ("a.jsonl", '\ufeff{"id": 1}\n{"id": 2}\n', [{"id": 1}, {"id": 2}]),
    "JSON lines packed": ("a.ndjson.gz", '{"id": 1}\n{"id": 2}\n', [{"id": 1}, {"id": 2}]),
    "JSON lines, some no record": (
        "a.jsonl",
        '{"id": 1}\n{"id": 2\n5\n"x"\n[{"id": 3}]\nnull\n{"id": 4}\n',
        [{"id": 1}, *[UNREADABLE] * 5, {"id": 4}],
    ),
    "JSON lines, a name twice": (
        "a.jsonl",
        '{"id": 1, "id": 2}\n{"id": 3, "Id": 4, "in": {"id": 5}}\n',
        [UNREADABLE, {"id": 3, "Id": 4, "in": {"id": 5}}],
    ),
    "JSON lines, two records on one": (
        "a.jsonl",
        '{"id": 1}{"id": 2}\n{"id": 3}, {"id": 4}\n',
        [UNREADABLE] * 2,
    ),
    "JSON lines, the first over 64 KiB": (
        "a.json",
        json.dumps({"id": 1, "note": "x" * 70_000}) + '\n{"id": 2}\n',
        [{"id": 1, "note": "x" * 70_000}, {"id": 2}],
    ),
    "JSON array": ("a.json", '[{"id": 1},\n{"id": 2}]\n', [{"id": 1}, {"id": 2}]),
    "JSON array with a BOM": ("a.json", '\ufeff[{"id": 1}]', [{"id": 1}]),
    "JSON array packed": ("a.json.gz", '[{"id": 1}]', [{"id": 1}]),
    "JSON array, empty": ("a.json", "[]", []),
    "JSON array, some no record": ("a.json", '[{"id": 1}, null, 5, "x"]', [{"id": 1}, *[UNREADABLE] * 3]),
    "JSON array, cut": ("a.json", '[{"id": 1}, {"id": ', [UNREADABLE]),
    "JSON array, then another": ("a.json", '[{"id": 1}]\n[{"id": 2}]', [UNREADABLE]),
    "JSON document over many lines": (
        "a.json",
        '{\n  "id": 1,\n  "note": "x"\n}\n',
        [{"id": 1, "note": "x"}],
    ),
    "JSON documents one after another": ("a.json", '{\n"id": 1\n}\n{\n"id": 2\n}\n', [UNREADABLE]),
    "Parquet of texts": (
        "a.parquet",
        table(id=["1", "2"], note=["x", None]),
        [{"id": "1", "note": "x"}, {"id": "2"}],
    ),
    "Parquet header in other case": ("a.parquet", table(ID=["1"], Note=["x"]), [{"id": "1", "note": "x"}]),
    "Parquet of real types": (
        "a.parquet",
        TYPED,
        [
            {
                "id": 5,
                "note": "x",
                "day": "2020-01-02",
                "price": 1.5,
                "ok": True,
                "moment": "2020-01-02T03:04:05.600Z",
                "parts": [1, 2],
                "inner": {"a": "b"},
            }
        ],
    ),
    "Parquet with undeclared odd names": (
        "a.parquet",
        table(**{"id": ["1"], "a`b.c": ["x"]}),
        [{"id": "1", "a`b.c": "x"}],
    ),
    "Parquet that says it is another file": (
        "a.parquet",
        table(id=["1"], _metadata=[{"file_path": "x/0.csv", "row_index": 5}]),
        [{"id": "1", "_metadata": {"file_path": "x/0.csv", "row_index": 5}}],
    ),
    "Parquet without rows": ("a.parquet", table(id=pa.array([], pa.string())), []),
}


@pytest.fixture(scope="module")
def read(spark, tmp_path_factory):
    """All cases, read in one job: case → records in file order."""
    folder = tmp_path_factory.mktemp("staged")
    staged = []
    for number, (case, (name, content, _)) in enumerate(CASES.items()):
        raw = content if isinstance(content, bytes) else content.encode()
        gzipped = name.endswith(".gz")
        path = folder / f"{number}.{name.partition('.')[2]}"
        path.write_bytes(gzip.compress(raw) if gzipped else raw)
        ending = name.removesuffix(".gz").rpartition(".")[2]
        form = {"csv": "csv", "parquet": "parquet"}.get(ending, "json")
        shape = inspect(LandingFile("us", "globex", "people", path, form, gzipped), CONTRACT)
        staged.append(StagedFile(path, "globex", case, shape))
    records = {case: [] for case in CASES}
    for row in sorted(
        read_staged(spark, staged, CONTRACT).collect(), key=lambda row: (row.batch_id, row.position)
    ):
        assert row.tenant_id == "globex"
        records[row.batch_id].append(row)
    return records


@pytest.mark.parametrize("case", CASES)
def test_a_file_gives_its_records_in_order(read, case):
    assert [UNREADABLE if row.broken else json.loads(row.payload) for row in read[case]] == CASES[case][2]


def test_no_two_records_of_a_file_have_one_place(read):
    for rows in read.values():
        assert len({row.position for row in rows}) == len(rows)


def test_a_record_that_cannot_be_taken_apart_is_kept_as_it_arrived(read):
    assert [json.loads(row.payload) for row in read["CSV short and long rows"][:2]] == [
        {"unreadable": "1"},
        {"unreadable": "2,y,z"},
    ]
    assert [row.payload for row in read["JSON lines, some no record"]][1:3] == ['{"id": 2', "5"]
    assert read["JSON documents one after another"][0].payload == CASES["JSON documents one after another"][1]


def test_every_unreadable_record_still_has_a_payload_to_seal(read):
    assert all(row.payload for rows in read.values() for row in rows)


@pytest.fixture
def small_splits(spark):
    """Spark takes a file apart at every megabyte."""
    old = spark.conf.get("spark.sql.files.maxPartitionBytes")
    spark.conf.set("spark.sql.files.maxPartitionBytes", str(1 << 20))
    yield
    spark.conf.set("spark.sql.files.maxPartitionBytes", old)


SPLIT = {
    "1.jsonl": "".join(json.dumps({"id": f"{n}", "note": "x" * 2000}) + "\n" for n in range(4000)),
    "1.csv": "id,note\r\n" + "".join(f'{n},"{"x" * 1999},"\r\n' for n in range(4000)),
}


@pytest.mark.parametrize("name", SPLIT)
def test_records_keep_their_order_where_spark_splits_a_file(spark, tmp_path, small_splits, name):
    path = tmp_path / name
    path.write_text(SPLIT[name], newline="")
    form = "csv" if name.endswith("csv") else "json"
    shape = inspect(LandingFile("us", "globex", "people", path, form, gzipped=False), CONTRACT)
    frame = read_staged(spark, [StagedFile(path, "globex", "1", shape)], CONTRACT)
    assert frame.rdd.getNumPartitions() > 4
    rows = frame.select("position", "payload").collect()
    assert [json.loads(row.payload)["id"] for row in sorted(rows)] == [str(n) for n in range(4000)]
    assert len({row.position for row in rows}) == 4000
    assert shape.rows in {4000, 4001}


def test_a_record_that_no_json_parser_takes_is_unreadable_and_not_empty(spark, tmp_path):
    path = tmp_path / "1.csv"
    path.write_text("id,note\n1," + "\x01" * 4_000_000 + "\n2,x\n")  # grows sixfold as JSON
    shape = inspect(LandingFile("us", "globex", "people", path, "csv", gzipped=False), CONTRACT)
    rows = (
        read_staged(spark, [StagedFile(path, "globex", "1", shape)], CONTRACT)
        .select("position", "broken")
        .collect()
    )
    assert [row.broken for row in sorted(rows)] == [True, False]


def test_a_records_texts_are_those_of_its_payload_whatever_the_format(read):
    for case, rows in read.items():
        for row in rows:
            told = {} if row.broken else json.loads(row.payload)
            wanted = {name: value for name, value in told.items() if isinstance(value, str)}
            texts = {name: row[RECORD][name] for name in wanted if name in row[RECORD]}
            assert texts == {name: wanted[name] for name in texts}, case
            assert row.broken or set(texts) == set(wanted) & CONTRACT.fields, case
