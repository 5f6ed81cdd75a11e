"""The verifier finds a needle wherever it was planted; only then is its silence worth something."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import sqlite3
import tarfile
import zipfile
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from needles import BY_TEXT, CUSTOMER, EMAIL, NAME, NUMBER, PHONE, SHORT, TOKEN, look

from retention.verify import Verdict

RAW = bytes.fromhex(TOKEN)
REDACTED = f"call <user.name:{TOKEN}> back"


def _parquet(path: Path, column: object, **options: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"column": column}), path, **options)


def _packed(text: str) -> bytes:
    """A Parquet file in which `text` stands in no byte as it is."""
    out = io.BytesIO()
    table = pa.table({"column": [f"{text} {text}"] * 2})
    pq.write_table(table, out, compression="gzip", write_statistics=False, use_dictionary=False)
    assert text.encode() not in out.getvalue()
    return out.getvalue()


def _only_in(path: Path, table: pa.Table, hidden: str, **options: object) -> None:
    """Write a file, sure that `hidden` does not stand in its bytes as it is."""
    pq.write_table(table, path, **options)
    assert hidden.encode() not in path.read_bytes()


def _minimum(path: Path) -> None:
    """The needle is the column's lowest value: it stands in footer and page index."""
    _parquet(path, [f"0{TOKEN}", "z"], compression="zstd", write_page_index=True, use_dictionary=False)


def _unused_dictionary(path: Path) -> None:
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 50), pa.array(["x" * 99, REDACTED * 3]))
    _only_in(path, pa.table({"column": column}), REDACTED * 3, compression="zstd", write_statistics=False)


def _checkpoint(path: Path) -> None:
    stats = [{"minValues": {"email": EMAIL}, "numRecords": 1}] * 9
    add = pa.array([{"path": "p", "stats_parsed": one} for one in stats])
    pq.write_table(pa.table({"add": add}), path, compression="zstd", write_statistics=False)


def _sqlite(path: Path, *statements: tuple[str, tuple[object, ...]]) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE runs (id INTEGER PRIMARY KEY, body)")
    for statement, values in statements:
        connection.execute(statement, values)
        connection.commit()
    connection.close()


INSERT = "INSERT INTO runs (body) VALUES (?)"


def _free_page(path: Path) -> None:
    _sqlite(
        path,
        ("PRAGMA secure_delete = OFF", ()),
        (INSERT, (TOKEN + "x" * 20_000,)),
        ("DELETE FROM runs", ()),
    )
    rows = sqlite3.connect(path).execute("SELECT count(*) FROM runs").fetchone()
    assert rows == (0,)


def _log_only(path: Path) -> None:
    """A row that lies in the write-ahead log, and not in the database."""
    writer = sqlite3.connect(path)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("CREATE TABLE runs (body)")
    writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    writer.execute("PRAGMA wal_autocheckpoint = 0")
    writer.execute("INSERT INTO runs VALUES (?)", (TOKEN,))
    writer.commit()
    database, log = path.read_bytes(), path.with_name(f"{path.name}-wal").read_bytes()
    writer.close()
    path.write_bytes(database)
    path.with_name(f"{path.name}-wal").write_bytes(log)
    assert TOKEN.encode() not in database


def _zip(path: Path, inner: bytes, name: str = "a") -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, inner)


def _tar(inner: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as packed:
        info = tarfile.TarInfo("a")
        info.size = len(inner)
        packed.addfile(info, io.BytesIO(inner))
    return out.getvalue()


def _compressed(codec: str, data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, codec) as stream:
        stream.write(data)
    return sink.getvalue().to_pybytes()


STATS = json.dumps({"add": {"path": "p", "stats": json.dumps({"minValues": {"email": EMAIL}})}})
ESCAPED = "".join(f"\\u{ord(one):04x}" for one in EMAIL)

PLANTED = {
    # In a Delta table and its log.
    "statistics in a commit": (EMAIL, lambda at: at.with_name("0.json").write_text(STATS)),
    "every letter of a commit escaped": (EMAIL, lambda at: at.write_text(f'{{"a": "{ESCAPED}"}}\n{{}}\n')),
    "a document over many lines": (EMAIL, lambda at: at.write_text(f'{{\n"a":\n"{ESCAPED}"\n}}')),
    "a hidden checksum": (EMAIL, lambda at: at.with_name(".0.crc").write_text(STATS)),
    "checkpoint, parsed statistics": (EMAIL, _checkpoint),
    "change data": (TOKEN, lambda at: _parquet(at.parent / "_change_data/tenant_id=a/c", [REDACTED] * 9)),
    "deletion vector": (TOKEN, lambda at: at.with_name("deletion_vector_1.bin").write_bytes(b"\1" + RAW)),
    "hidden folder": (TOKEN, lambda at: _parquet(at.parent / ".old/part", [TOKEN])),
    "orphan": (EMAIL, lambda at: at.with_name("part-0.gz.parquet").write_bytes(_packed(EMAIL))),
    "partition": (TOKEN, lambda at: _parquet(at.parent / f"subject_token={TOKEN}" / "part", ["x"])),
    # In a Parquet file.
    "footer's key and value": (
        TOKEN,
        lambda at: pq.write_table(pa.table({"a": [1]}).replace_schema_metadata({"note": REDACTED}), at),
    ),
    "column minimum and page index": (TOKEN, _minimum),
    "column name": (CUSTOMER, lambda at: pq.write_table(pa.table({CUSTOMER: [1]}), at)),
    "dictionary entry that no row uses": (TOKEN, _unused_dictionary),
    "list of structs": (TOKEN, lambda at: _parquet(at, [[{"k": {"l": [b"\0" + RAW]}}]])),
    "map": (TOKEN, lambda at: _parquet(at, pa.array([[(TOKEN, 1)]], pa.map_(pa.string(), pa.int8())))),
    "sixteen bytes": (TOKEN, lambda at: _parquet(at, pa.array([RAW], pa.binary(16)))),
    "whole number": (NUMBER, lambda at: _parquet(at, pa.array([7, int(NUMBER)], pa.int32()))),
    "floating number": (NUMBER, lambda at: _parquet(at, [None, float(NUMBER)])),
    "decimal number": (NUMBER, lambda at: _parquet(at, pa.array([int(NUMBER)], pa.decimal128(20, 2)))),
    "short value, whole cell": (SHORT, lambda at: _parquet(at, [SHORT.lower()])),
    "rows of the last group": (
        EMAIL,
        lambda at: _parquet(at, ["x" * 30] * 99_999 + [f"to {EMAIL}"], row_group_size=9_000),
    ),
    # In a database.
    "database row": (TOKEN, lambda at: _sqlite(at, (INSERT, (REDACTED,)))),
    "database row over many pages": (
        EMAIL,
        lambda at: _sqlite(at, (INSERT, ("x" * 4075 * 3 + f" {EMAIL}",))),
    ),
    "database number": (NUMBER, lambda at: _sqlite(at, (INSERT, (int(NUMBER),)))),
    "database blob": (TOKEN, lambda at: _sqlite(at, (INSERT, (b"\0" + RAW,)))),
    "short value in a database": (SHORT, lambda at: _sqlite(at, (INSERT, (SHORT,)))),
    "free page": (TOKEN, _free_page),
    "write-ahead log": (TOKEN, _log_only),
    # Packed.
    "gzip": (EMAIL, lambda at: at.write_bytes(gzip.compress(EMAIL.encode()))),
    "second gzip stream": (
        EMAIL,
        lambda at: at.write_bytes(gzip.compress(b"x\n") + gzip.compress(EMAIL.encode())),
    ),
    "bzip2": (EMAIL, lambda at: at.write_bytes(bz2.compress(EMAIL.encode()))),
    "xz": (EMAIL, lambda at: at.write_bytes(lzma.compress(EMAIL.encode()))),
    "zstd": (EMAIL, lambda at: at.write_bytes(_compressed("zstd", EMAIL.encode() * 9))),
    "lz4": (EMAIL, lambda at: at.write_bytes(_compressed("lz4", EMAIL.encode() * 9))),
    "export as zip": (EMAIL, lambda at: _zip(at, f"id,email\n1,{EMAIL}\n".encode())),
    "name of a zip's member": (EMAIL, lambda at: _zip(at, b"", f"{EMAIL}.txt")),
    "parquet in a zip": (EMAIL, lambda at: _zip(at, _packed(EMAIL))),
    "gzip in tar in gzip": (
        EMAIL,
        lambda at: at.write_bytes(gzip.compress(_tar(gzip.compress(EMAIL.encode())))),
    ),
    # Elsewhere.
    "landing leftover": (CUSTOMER, lambda at: at.with_name("c.csv").write_text(f"id,name\n{CUSTOMER},x\n")),
    "short value in a landing leftover": (SHORT, lambda at: at.write_text(f"id,name\n{SHORT},x\n")),
    "log line": (EMAIL, lambda at: at.with_name("stderr").write_text(f"2026-01-01 failed for {EMAIL}.")),
    "redacted text": (TOKEN, lambda at: at.write_text(REDACTED)),
    "other case": (EMAIL, lambda at: at.write_text(EMAIL.swapcase())),
    "UTF-16": (EMAIL, lambda at: at.write_text(f"x{EMAIL}", encoding="utf-16")),
    "UTF-16, other end": (EMAIL, lambda at: at.write_bytes(f"x{EMAIL}".encode("utf-16-be"))),
    "base64": (EMAIL, lambda at: at.write_bytes(base64.b64encode(f"a{EMAIL}z".encode()))),
    "base64, second alignment": (EMAIL, lambda at: at.write_bytes(base64.b64encode(f"ab{EMAIL}".encode()))),
    "base64, third alignment": (EMAIL, lambda at: at.write_bytes(base64.b64encode(f"abc{EMAIL}".encode()))),
    "base64 of a token's bytes": (TOKEN, lambda at: at.write_bytes(base64.urlsafe_b64encode(b"a" + RAW))),
    "hex": (EMAIL, lambda at: at.write_text(EMAIL.encode().hex().upper())),
    "address of a page": (NAME, lambda at: at.write_text(f"GET /?name={quote(NAME)}&a=1")),
    "escaped letters in a log": (NAME, lambda at: at.write_text(f"body={json.dumps(NAME)}")),
    "decomposed letters": (NAME, lambda at: at.write_bytes("Zoe\u0308 Bla\u0308x".encode())),
    "letters in upper case": (NAME, lambda at: at.write_text(NAME.upper())),
    "phone, other grouping": (PHONE, lambda at: at.write_text("2026-01-05 0049 (0)30 47110815 2026")),
    "grouped token": (TOKEN, lambda at: at.write_text("3F9C0D5B-E1A2-4788-A6B0-C1D2E3F40516")),
    "token in raw bytes": (TOKEN, lambda at: at.write_bytes(b"\0\1" + RAW + b"\2")),
    "over the border of two reads": (
        TOKEN,
        lambda at: at.write_bytes(b"\0" * ((4 << 20) - 9) + TOKEN.encode()),
    ),
    "file name": (EMAIL, lambda at: at.with_name(f"{EMAIL}.csv").touch()),
    "link target": (EMAIL, lambda at: at.symlink_to(f"/nowhere/{EMAIL}")),
}


@pytest.mark.parametrize(("text", "plant"), PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_needle_is_found(tmp_path, text, plant):
    (tmp_path / "deep").mkdir()
    plant(tmp_path / "deep" / "file")
    result = look(tmp_path)
    assert {hit.needle for hit in result.hits} == {BY_TEXT[text]}
    assert result.verdict is Verdict.FAILED


@pytest.mark.parametrize(("text", "plant"), PLANTED.values(), ids=PLANTED.keys())
def test_what_is_said_of_a_find_does_not_tell_the_needle(tmp_path, text, plant):
    (tmp_path / "deep").mkdir()
    plant(tmp_path / "deep" / "file")
    assert text.lower() not in repr(look(tmp_path)).lower()
