"""What tenants drop that is not as it should be: each file, and what must become of it.

Files are of the small lake's dataset `people`. No two hold the same customer.
"""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

HEADER = "customer_id,name,born,level,changed\n"
MIB = 1 << 20


@dataclass(frozen=True)
class BadFile:
    """A file and its fate: refused for `reason`, or `bronze` rows in and `quarantined` ones by reason."""

    what: str
    name: str
    content: bytes = field(repr=False)
    reason: str | None = None
    bronze: int = 0
    quarantined: tuple[str, ...] = ()


def row(number: int, name: str = "Ana", born: str = "1987-02-03", changed: str = "2024-01-01") -> str:
    """A line of `people`; a good one unless a value says otherwise."""
    return f"C-{number},{name},{born},3,{changed}\n"


def table(rows: int = 1, first: int = 0, **columns: Sequence[Any] | pa.Array) -> bytes:
    """A Parquet file of `people`, with these columns in place of good ones."""
    good = {
        "customer_id": [f"C-{first + number}" for number in range(rows)],
        "name": ["Ana"] * rows,
        "born": ["1987-02-03"] * rows,
        "changed": ["2024-01-01"] * rows,
    }
    sink = io.BytesIO()
    pq.write_table(pa.table(good | columns), sink, use_dictionary=False)
    return sink.getvalue()


def damaged(content: bytes, column: int) -> bytes:
    """The Parquet file with the pages of one column overwritten; its footer is whole."""
    spoiled = bytearray(content)
    chunk = pq.ParquetFile(io.BytesIO(content)).metadata.row_group(0).column(column)
    start, size = chunk.data_page_offset, chunk.total_compressed_size
    spoiled[start : start + size] = b"\xff" * size
    return bytes(spoiled)


def _csv(*rows: str, header: str = HEADER) -> bytes:
    return (header + "".join(rows)).encode()


def _json(*records: dict[str, Any]) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def _record(number: int, **values: Any) -> dict[str, Any]:
    return {"customer_id": f"C-{number}", "name": "Ana", "changed": "2024-01-01"} | values


REFUSED = (
    BadFile("an empty file", "empty.csv", b"", "empty_file"),
    BadFile("truncated gzip", "cut.csv.gz", gzip.compress(_csv(row(10)), mtime=0)[:-9], "broken_gzip"),
    BadFile("truncated Parquet", "cut.parquet", table(first=20)[:-9], "broken_parquet"),
    BadFile("UTF-16", "utf16.csv", _csv(row(30)).decode().encode("utf-16"), "not_utf8:line 1"),
    BadFile("UTF-16 without a mark", "u16.csv", _csv(row(31)).decode().encode("utf-16-le"), "nul_byte:line 1"),
    BadFile("Latin-1", "latin1.csv", _csv(row(40), row(41, "José")).decode().encode("latin-1"), "not_utf8:line 3"),
    BadFile("NUL bytes", "nul.csv", _csv(row(50), row(51, "A\0na")), "nul_byte:line 3"),
    BadFile("a header twice", "twice.csv", _csv("C-60,Ana,Eva,2024-01-01\n", header="customer_id,name,name,changed\n"),
            "duplicate_or_empty_header"),
    BadFile("headers that differ by case", "case.csv",
            _csv("C-61,Ana,Eva,2024-01-01\n", header="customer_id,name,Name,changed\n"), "duplicate_or_empty_header"),
    BadFile("no header", "headless.csv", _csv(row(70), header=""), "missing_columns:changed,name"),
    BadFile("a quote that stays open", "quote.csv", _csv(row(80), row(81, '"Ana')), "unclosed_quote:line 3"),
    BadFile("two kinds of line ends", "ends.csv", _csv(row(82, '"A\nna"'), row(83).replace("\n", "\r\n")),
            "mixed_line_ends"),
    BadFile("a 50 MB single line", "line.csv", _csv(row(90), row(91, "x" * (50 * MIB))), "record_too_long:line 3"),
    BadFile("a 50 MB single line of JSON", "line.jsonl", _json(_record(92), _record(93, name="x" * (50 * MIB))),
            "record_too_long:line 2"),
    BadFile("a 70 MB JSON array", "array.json", b"[" + b" " * (70 * MIB) + b"]", "json_too_large"),
    BadFile("a row of 30,000 fields", "wide.csv", _csv(row(94), "x," * 30_000 + "\n"), "too_many_fields:line 3"),
    BadFile("a header of 70 KiB", "header.csv", _csv(row(95), header=HEADER[:-1] + ",x" * 35_000 + "\n"),
            "header_too_long"),
    BadFile("another format", "sheet.xlsx", b"PK" + _csv(row(96)), "unknown_format"),
    BadFile("nanoseconds in Parquet", "nano.parquet", table(first=97, changed=pa.array([1], pa.timestamp("ns"))),
            "nanoseconds"),
    BadFile("damaged pages in Parquet", "pages.parquet", damaged(table(first=98), 1), "?"),
    BadFile("a Parquet type", "time.parquet", table(first=99, note=pa.array([1], pa.time64("us"))), "?"),
)  # fmt: skip

TAKEN = (
    BadFile("a header only", "header-only.csv", _csv()),
    BadFile("a byte order mark", "bom.csv", b"\xef\xbb\xbf" + _csv(row(110)), bronze=1),
    BadFile("ragged rows", "ragged.csv", _csv(row(120), "C-121,short\n", row(122)[:-1] + ",more\n"), bronze=1,
            quarantined=("unreadable", "unreadable")),
    BadFile("quotes and line breaks in fields", "quoted.csv",
            _csv(row(130, '"Ana ""the\n2nd"", Jr."'), row(131)), bronze=2),
    BadFile("numbers where dates belong", "dates.csv", _csv(row(140, born="45000"), row(141, born="19870203")),
            quarantined=("type:born", "type:born")),
    BadFile("numbers where dates belong, in Parquet", "dates.parquet", table(first=142, born=[45000]),
            quarantined=("type:born",)),
    BadFile("the years 1 and 9999", "years.csv",
            _csv(row(150, born="0001-01-01"), row(151, born="9999-12-31"),
                 row(152, changed="0001-01-01T00:00:00"), row(153, changed="9999-12-31T23:59:59.999999")), bronze=4),
    BadFile("beyond the years 1 and 9999", "years-beyond.csv",
            _csv(row(154, born="0000-12-31"), row(155, born="10000-01-01"),
                 row(156, changed="0001-01-01T00:00:00+14:00"), row(157, changed="9999-12-31T23:59:59-14:00")),
            quarantined=("type:born", "type:born", "type:changed", "type:changed")),
    BadFile("a name with an e-mail address", "jane.doe@example.com.csv", _csv(row(160)), bronze=1),
    BadFile("a name that is not UTF-8", "caf\udce9\n.csv", _csv(row(161)), bronze=1),
    BadFile("a key twice in a JSON record", "keys.jsonl",
            b'{"customer_id": "C-170", "name": "Ana", "name": "Eva", "changed": "2024-01-01"}\n',
            quarantined=("unreadable",)),
)  # fmt: skip
