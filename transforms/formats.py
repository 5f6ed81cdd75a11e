"""Looking into a landing file before Spark does: is it whole, and how is it built?"""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import hmac
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice

from policy.contracts import Contract
from transforms.csv_quotes import QuoteScan
from transforms.errors import UnreadableFile
from transforms.headers import contract_names, declared
from transforms.landing import LandingFile
from transforms.line_meter import MAX_RECORD, LineMeter
from transforms.parquet_footer import read_footer

CHUNK = 1 << 14  # below the length of a row with too many fields, so that the meter sees each such row
HEAD = 1 << 16
MAX_FIELDS = 20_480  # Spark's own limit of columns in a CSV
MAX_JSON = 64 << 20
"""Bytes of the largest JSON array or document that is read: it is held whole, several times over."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
JSON_LINES = (".jsonl", ".ndjson")
DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Shape:
    """How Spark must read a file.

    `columns` are a CSV's or Parquet file's columns in file order, under the contract's names where
    they are declared; `layout` is `lines`, `array` or `document` for JSON, names and types for Parquet.
    A CSV whose rows are more than its lines has the `line_end` of its rows; any other can be split at lines.
    """

    format: str
    columns: tuple[str, ...] = ()
    delimiter: str = ","
    layout: str = ""
    line_end: str = ""
    rows: int = field(default=0, compare=False)
    """At most so many rows are in the file; no part of how it is read."""


def content_token(file: LandingFile, token_key: bytes) -> str:
    """The keyed name of the file's bytes: HMAC-SHA-256 over their SHA-256, 64 hex digits."""
    with file.path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").digest()
    return hmac.digest(token_key, b"file|" + file.dataset.encode() + b"|" + digest, "sha256").hex()


def inspect(file: LandingFile, contract: Contract) -> Shape:
    """The file's shape. Raises UnreadableFile where it is damaged, or lacks a required column."""
    if file.format is None:
        raise UnreadableFile("unknown_format")
    if file.format == "parquet":
        footer = read_footer(file.path, contract)
        return Shape("parquet", footer.columns, layout=footer.schema, rows=footer.rows)
    text = _text(file)
    begin = list(islice(text, HEAD // CHUNK))
    head = b"".join(begin).decode("utf-8", errors="ignore")  # a character may be cut at its end
    if not head.strip():
        raise UnreadableFile("empty_file")
    chunks = chain(begin, text)
    if file.format == "json":
        named_lines = file.path.name.lower().removesuffix(".gz").endswith(JSON_LINES)
        return _inspect_json(chunks, _json_layout(head, named_lines=named_lines))
    return _inspect_csv(file, head, chunks, contract)


def _text(file: LandingFile) -> Iterator[bytes]:
    """The file's bytes, unpacked, in pieces; without a byte order mark."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines = 1
    opener = gzip.open if file.gzipped else open
    try:
        with opener(file.path, "rb") as stream:
            first = stream.read(CHUNK).removeprefix(BYTE_ORDER_MARK)
            for chunk in chain([first], iter(lambda: stream.read(CHUNK), b"")):
                decoder.decode(chunk)
                if b"\0" in chunk:
                    lines += chunk.count(b"\n", 0, chunk.index(b"\0"))
                    raise UnreadableFile("nul_byte", f"line {lines}")
                lines += chunk.count(b"\n")
                yield chunk
            decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        cut = error.object.count(b"\n", 0, error.start)
        raise UnreadableFile("not_utf8", f"line {lines + cut}") from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise UnreadableFile("broken_gzip") from None


def _json_layout(head: str, *, named_lines: bool) -> str:
    start = head.lstrip()
    if start.startswith("["):
        return "array"
    first_line, line_end, _ = start.partition("\n")
    # A first record longer than the head shows no line end: that is one line, not one document.
    one_record = not line_end or first_line.rstrip().endswith("}")
    return "lines" if named_lines or one_record else "document"


def _inspect_json(chunks: Iterator[bytes], layout: str) -> Shape:
    if layout == "lines":
        meter = LineMeter()
        before = b""
        for chunk in chunks:
            meter.outside(before + chunk, len(before), len(before) + len(chunk))
            before = chunk[-1:]
            if (line := meter.too_long()) is not None:
                raise UnreadableFile("record_too_long", f"line {line}")
        meter.finish()
        return Shape("json", layout=layout, rows=meter.records)
    size = objects = 0
    for chunk in chunks:
        size += len(chunk)
        objects += chunk.count(b"{")
        if size > MAX_JSON:
            raise UnreadableFile("json_too_large")
    return Shape("json", layout=layout, rows=objects if layout == "array" else 1)


def _inspect_csv(file: LandingFile, head: str, chunks: Iterator[bytes], contract: Contract) -> Shape:
    delimiter = max(DELIMITERS, key=lambda mark: declared(_header(head, mark)[0], contract))
    names, end = _header(head, delimiter)
    scan = QuoteScan(delimiter)
    for chunk in chunks:
        scan.feed(chunk)
    scan.finish()
    # Said last: damage is the nearer reason for a strange header.
    cut = end == len(head) and len(head.encode()) > HEAD - CHUNK  # it may go on behind what was looked at
    if cut or len(names) > MAX_FIELDS:
        raise UnreadableFile("header_too_long")
    columns = contract_names(names, contract)
    if scan.meter.longest > MAX_FIELDS:
        _refuse_wide_rows(file, delimiter)
    rows = max(scan.meter.records - 1, 0)
    return Shape("csv", columns, delimiter, line_end=_line_end(scan), rows=rows)


def _header(head: str, delimiter: str) -> tuple[list[str], int]:
    """The first row that is not empty, and where in `head` it ends."""
    stream = io.StringIO(head, newline="")
    row = next((row for row in csv.reader(stream, delimiter=delimiter) if row), [])
    return [name.strip() for name in row], stream.tell()


def _line_end(scan: QuoteScan) -> str:
    """How rows end, where Spark must not take lines for rows: it would cut quoted fields, and drop blanks."""
    if not scan.breaks and not scan.meter.blank_line:
        return ""
    kinds = scan.meter.line_ends()
    if len(kinds) > 1:
        raise UnreadableFile("mixed_line_ends")
    return kinds[0] if kinds else "\n"


def _refuse_wide_rows(file: LandingFile, delimiter: str) -> None:
    """Spark's reader gives the whole file up at such a row."""
    csv.field_size_limit(MAX_RECORD)
    opener = gzip.open if file.gzipped else open
    with opener(file.path, "rt", encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream, delimiter=delimiter)
        for row in reader:
            if len(row) > MAX_FIELDS:
                raise UnreadableFile("too_many_fields", f"line {reader.line_num}")
