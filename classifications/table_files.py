"""Any CSV, JSON or Parquet file as batches of text columns, without a contract and in bounded memory."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from policy.errors import LakewardError

_ROWS = 50_000
_LARGEST_DOCUMENT = 256 * 1024 * 1024
_DELIMITERS = ",;\t|"
_HEADER_BYTES = 64 * 1024
FORMATS = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet")


def batches(path: Path) -> Iterator[pa.RecordBatch]:
    """The file's rows, up to about 50,000 at a time, every column as text; nested fields as `outer.inner`.

    CSV and JSON may be packed with gzip. Raises LakewardError for another format, a file that is not
    what its name says, or no UTF-8; the message quotes nothing of it.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    kind = suffixes[-2] if suffixes[-1:] == [".gz"] and len(suffixes) > 1 else (suffixes or [""])[-1]
    if kind not in FORMATS:
        raise LakewardError(
            f"{path.name} is of no format that is read here. To mend it: name it {', '.join(FORMATS)}, "
            "the text formats also with .gz"
        )
    try:
        if kind == ".parquet":
            yield from _parquet(path)
        elif kind in {".csv", ".tsv"}:
            yield from _csv(path)
        else:
            yield from _json(path, lines=kind != ".json")
    except (pa.ArrowException, OSError, EOFError, ValueError) as error:
        # their messages may quote a row
        raise LakewardError(
            f"{path.name} cannot be read as {kind} ({type(error).__name__}). To mend it: write it again, "
            "in UTF-8, with as many cells in every row as in the header"
        ) from None


def table_name(path: Path) -> str:
    """The file's name without its endings."""
    name = path.name
    for ending in (".gz", *FORMATS):
        if name.lower().endswith(ending):
            name = name[: -len(ending)]
    return name


def _parquet(path: Path) -> Iterator[pa.RecordBatch]:
    for batch in pq.ParquetFile(path).iter_batches(batch_size=_ROWS):
        nested = any(pa.types.is_nested(field.type) for field in batch.schema)
        yield from _records(batch.to_pylist()) if nested else [_as_text(batch)]


def _as_text(batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = [_text_of(column) for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _text_of(column: pa.Array) -> pa.Array:
    """Numbers and times as they are written; bytes say nothing and are left out."""
    plain = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
    if pa.types.is_binary(plain.type) or pa.types.is_large_binary(plain.type):
        return pa.nulls(len(plain), pa.string())
    return pc.cast(plain, pa.string())


def _csv(path: Path) -> Iterator[pa.RecordBatch]:
    with _open(path) as head:
        start = head.read(_HEADER_BYTES).decode(
            "utf-8-sig", "strict" if path.stat().st_size < _HEADER_BYTES else "ignore"
        )
    line = start.splitlines()[0] if start.strip() else ""
    if not line:
        return
    delimiter = max(_DELIMITERS, key=line.count)
    names = next(csv.reader([line], delimiter=delimiter))
    if len(set(names)) != len(names):
        raise LakewardError(
            f"{path.name} has two columns of one name. To mend it: give each column its own name"
        )
    reader = pacsv.open_csv(
        pa.input_stream(str(path), compression="detect"),
        read_options=pacsv.ReadOptions(block_size=8 * 1024 * 1024, column_names=names, skip_rows=1),
        parse_options=pacsv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        convert_options=pacsv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
    )
    for batch in reader:
        for start_row in range(0, batch.num_rows, _ROWS):
            yield batch.slice(start_row, _ROWS)


def _json(path: Path, *, lines: bool) -> Iterator[pa.RecordBatch]:
    with _open(path) as source:
        if lines:
            yield from _records(json.loads(line) for line in source if line.strip())
            return
        text = source.read(_LARGEST_DOCUMENT + 1)
    if len(text) > _LARGEST_DOCUMENT:
        raise LakewardError(f"{path.name} is too large for one JSON document. To mend it: write JSON lines")
    document = json.loads(text)
    if isinstance(document, dict):
        inner = [value for value in document.values() if isinstance(value, list) and value]
        document = inner[0] if len(inner) == 1 and isinstance(inner[0][0], dict) else [document]
    yield from _records(document)


def _records(records: Any) -> Iterator[pa.RecordBatch]:
    """Records as columns, each from a row of its own on; a list inside a record adds a row for each item."""
    columns: dict[str, list[str | None]] = {}
    rows = 0
    for number, record in enumerate(records, start=1):
        _flatten("", record, columns, rows)
        rows = max(map(len, columns.values()), default=0)
        if number % _ROWS == 0:
            yield from _long(columns, rows)
            columns, rows = {name: [] for name in columns}, 0
    yield from _long(columns, rows)


def _flatten(name: str, value: Any, columns: dict[str, list[str | None]], row: int) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            _flatten(f"{name}.{key}" if name else str(key), inner, columns, row)
    elif isinstance(value, list):
        for inner in value:
            _flatten(name, inner, columns, row)
    else:
        shown = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        values = columns.setdefault(name or "value", [])
        values += [None] * (row - len(values))
        values.append(shown)


def _long(columns: dict[str, list[str | None]], rows: int) -> Iterator[pa.RecordBatch]:
    """Columns of unequal length, padded with nulls."""
    if rows:
        padded = [
            pa.array(values + [None] * (rows - len(values)), pa.string()) for values in columns.values()
        ]
        yield pa.RecordBatch.from_arrays(padded, names=list(columns))


def _open(path: Path) -> IO[bytes]:
    return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb")  # type: ignore[return-value]
