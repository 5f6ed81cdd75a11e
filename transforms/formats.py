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
from dataclasses import dataclass

import pyarrow.parquet as pq

from policy.contracts import Contract
from transforms.errors import UnreadableFile
from transforms.landing import LandingFile

CHUNK = 1 << 20
HEAD = 1 << 16
JSON_LINES = (".jsonl", ".ndjson")
DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Shape:
    """How Spark must read a file.

    `columns` are a CSV's or Parquet file's columns in file order, under the contract's names where
    they are declared; `layout` is `lines`, `array` or `document` for JSON, names and types for Parquet.
    """

    format: str
    columns: tuple[str, ...] = ()
    delimiter: str = ","
    layout: str = ""


def content_token(file: LandingFile, token_key: bytes) -> str:
    """The keyed name of the file's bytes: HMAC-SHA-256 over their SHA-256, 64 hex digits."""
    digest = hashlib.sha256()
    with file.path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return hmac.digest(token_key, b"file|" + file.dataset.encode() + b"|" + digest.digest(), "sha256").hex()


def inspect(file: LandingFile, contract: Contract) -> Shape:
    """The file's shape. Raises UnreadableFile where it is cut, not UTF-8, or lacks a required column."""
    if file.format is None:
        raise UnreadableFile("unknown_format", "deliver .csv, .jsonl, .json or .parquet (text also as .gz)")
    if file.format == "parquet":
        return _inspect_parquet(file, contract)
    head = _check_text(file)
    if not head.strip():
        raise UnreadableFile("empty_file", "deliver a file with at least a header, or none")
    if file.format == "json":
        named_lines = file.path.name.lower().removesuffix(".gz").endswith(JSON_LINES)
        return Shape("json", layout=_json_layout(head, named_lines=named_lines))
    return _inspect_csv(head, contract)


def _check_text(file: LandingFile) -> str:
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    head: list[str] = []
    size = 0
    try:
        for chunk in _chunks(file):
            text = decoder.decode(chunk)
            if size < HEAD:
                head.append(text[:HEAD])
                size += len(text)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise UnreadableFile("not_utf8", "deliver the file as UTF-8") from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise UnreadableFile("broken_gzip", "deliver the file again, it is cut or damaged") from None
    return "".join(head)


def _chunks(file: LandingFile) -> Iterator[bytes]:
    opener = gzip.open if file.gzipped else open
    with opener(file.path, "rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def _json_layout(head: str, *, named_lines: bool) -> str:
    start = head.lstrip()
    if start.startswith("["):
        return "array"
    first_line, line_end, _ = start.partition("\n")
    # A first record longer than the head shows no line end: that is one line, not one document.
    one_record = not line_end or first_line.rstrip().endswith("}")
    return "lines" if named_lines or one_record else "document"


def _inspect_csv(head: str, contract: Contract) -> Shape:
    known = {column.path[0].casefold(): column.path[0] for column in contract.columns}
    rows = {mark: next(csv.reader(io.StringIO(head, newline=""), delimiter=mark), []) for mark in DELIMITERS}

    def declared(mark: str) -> int:
        return sum(name.strip().casefold() in known for name in rows[mark])

    delimiter = max(DELIMITERS, key=declared)
    names = [name.strip() for name in rows[delimiter]]
    _require_columns(names, contract)
    return Shape("csv", tuple(known.get(name.casefold(), name) for name in names), delimiter)


def _inspect_parquet(file: LandingFile, contract: Contract) -> Shape:
    try:
        schema = pq.read_schema(file.path).remove_metadata()
    except (OSError, ValueError):
        raise UnreadableFile("broken_parquet", "deliver the file again, it is cut or damaged") from None
    if any(getattr(field.type, "unit", "") == "ns" for field in schema):
        raise UnreadableFile("nanoseconds", "write timestamps with microseconds, Spark reads no finer ones")
    _require_columns(schema.names, contract)
    known = {column.path[0].casefold(): column.path[0] for column in contract.columns}
    return Shape(
        "parquet", tuple(known.get(name.casefold(), name) for name in schema.names), layout=str(schema)
    )


def _require_columns(names: list[str], contract: Contract) -> None:
    folded = [name.casefold() for name in names]
    missing = sorted(
        {
            column.path[0]
            for column in contract.columns
            if column.required and column.path[0].casefold() not in folded
        }
    )
    if missing:
        raise UnreadableFile(
            f"missing_columns:{','.join(missing)}",
            "deliver the file with these columns, or change the contract",
        )
    if len(set(folded)) < len(folded) or "" in folded:
        raise UnreadableFile(
            "duplicate_or_empty_header", "give each column a name of its own, whatever its case"
        )
