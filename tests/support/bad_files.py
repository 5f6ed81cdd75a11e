"""What tenants drop that is not as it should be: each file, and what must become of it; and where it lies.

The first tenant drops bad files, the second good ones, the third more than its tier lets in.
"""

from __future__ import annotations

import gzip
import io
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

BAD, HEALTHY, GREEDY = "globex", "initech", "hooli"
HEADER = "customer_id,name,born,changed\n"
MIB = 1 << 20
CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: {name}
version: 1.0.0
team: {{name: the-team}}
customProperties:
  - {{property: lakeward.loadMode, value: append}}
{more}schema:
  - name: {name}
    logicalType: object
    properties:
"""
PEOPLE = """\
      - name: customer_id
        logicalType: string
        primaryKey: true
        classification: user.unique_id
        customProperties: [{property: lakeward.namespace, value: customer}]
      - {name: name, logicalType: string, required: true, classification: user.name}
      - {name: born, logicalType: date, classification: user.demographic.date_of_birth}
      - {name: changed, logicalType: timestamp, required: true}
"""
VISITS = """\
      - {name: place, logicalType: string, required: true}
      - {name: owner, logicalType: string}
"""
POLICIES = {
    "tenants.yaml": "tenants:\n" + "".join(
        f"  - {{id: {id_}, name: {id_}, region: us, tier: {tier}, calling_code: 1}}\n"
        for id_, tier in ((BAD, "standard"), (HEALTHY, "standard"), (GREEDY, "small"))
    ),
    "tiers.yaml": "tiers:\n  standard: {max_file_bytes: 100 MB}\n"
    "  small: {max_file_bytes: 300, max_files_per_run: 2, max_bytes_per_run: 400, max_rows_per_run: 9}\n",
    "treatments.yaml": "classes:\n  user: token\n  user.name: {mask: {show_first: 1, show_last: 0}}\n"
    "  user.demographic.date_of_birth: {generalise: {to: year}}\n",
    "datasets/people.yaml": CONTRACT.format(name="people", more="") + PEOPLE,
    "datasets/visits.yaml": CONTRACT.format(
        name="visits", more="  - {property: lakeward.tenantColumn, value: owner}\n"
    ) + VISITS,
}  # fmt: skip


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
    return f"C-{number},{name},{born},{changed}\n"


def csv(*rows: str, header: str = HEADER) -> bytes:
    """A CSV file of `people`."""
    return (header + "".join(rows)).encode()


def parquet(number: int, **columns: Sequence[Any] | pa.Array) -> bytes:
    """A Parquet file of `people` with one row, and these columns in place of good ones."""
    good = {
        "customer_id": [f"C-{number}"],
        "name": ["Ana"],
        "born": ["1987-02-03"],
        "changed": ["2024-01-01"],
    }
    sink = io.BytesIO()
    pq.write_table(pa.table(good | columns), sink, use_dictionary=False)
    return sink.getvalue()


def damaged(content: bytes) -> bytes:
    """The Parquet file with the pages of its second column overwritten; its footer is whole."""
    spoiled = bytearray(content)
    chunk = pq.ParquetFile(io.BytesIO(content)).metadata.row_group(0).column(1)
    start, size = chunk.data_page_offset, chunk.total_compressed_size
    spoiled[start : start + size] = b"\xff" * size
    return bytes(spoiled)


def _lines(*records: tuple[int, str]) -> bytes:
    made = [{"customer_id": f"C-{number}", "name": name, "changed": "2024-01-01"} for number, name in records]
    return "".join(json.dumps(record) + "\n" for record in made).encode()


TWICE, CASES = "customer_id,name,name,changed\n", "customer_id,name,Name,changed\n"
LONG = "x" * (50 * MIB)
REFUSED = (
    BadFile("empty file", "empty.csv", b"", "empty_file"),
    BadFile("truncated gzip", "cut.csv.gz", gzip.compress(csv(row(10)), mtime=0)[:-9], "broken_gzip"),
    BadFile("truncated Parquet", "cut.parquet", parquet(20)[:-9], "broken_parquet"),
    BadFile("damaged Parquet", "pages.parquet", damaged(parquet(21)),
            "parquet_not_read:FAILED_READ_FILE.NO_HINT"),
    BadFile("Parquet of a type that Spark does not know", "time.parquet",
            parquet(22, note=pa.array([1], pa.time64("us"))), "parquet_not_read:UNSUPPORTED_TIME_TYPE"),
    BadFile("Parquet with nanoseconds", "nano.parquet",
            parquet(23, changed=pa.array([1], pa.timestamp("ns"))), "nanoseconds"),
    BadFile("UTF-16", "utf16.csv", csv(row(30)).decode().encode("utf-16"), "not_utf8:line 1"),
    BadFile("UTF-16 without a mark", "u16.csv", csv(row(31)).decode().encode("utf-16-le"), "nul_byte:line 1"),
    BadFile("Latin-1", "latin1.csv", csv(row(40), row(41, "Jos\u00e9")).decode().encode("latin-1"),
            "not_utf8:line 3"),
    BadFile("NUL bytes", "nul.csv", csv(row(50), row(51, "A\0na")), "nul_byte:line 3"),
    BadFile("duplicate headers", "twice.csv", csv("C-60,Ana,Eva,2024-01-01\n", header=TWICE),
            "duplicate_or_empty_header"),
    BadFile("case-colliding headers", "case.csv", csv("C-61,Ana,Eva,2024-01-01\n", header=CASES),
            "duplicate_or_empty_header"),
    BadFile("no header", "headless.csv", csv(row(70), header=""),
            "missing_columns:changed,customer_id,name"),
    BadFile("header of 70 KiB", "header.csv",
            csv(header=HEADER[:-1] + ",x" * 35_000 + "\n"), "header_too_long"),
    BadFile("quote that stays open", "quote.csv", csv(row(80), row(81, '"Ana')), "unclosed_quote:line 3"),
    BadFile("two kinds of line ends around quoted ones", "ends.csv",
            csv(row(82, '"A\nna"'), row(83).replace("\n", "\r\n")), "mixed_line_ends"),
    BadFile("row of 30,000 fields", "wide.csv", csv(row(84), "x," * 30_000 + "\n"), "too_many_fields:line 3"),
    BadFile("50 MB single line, CSV", "line.csv", csv(row(90), row(91, LONG)), "record_too_long:line 3"),
    BadFile("50 MB single line, JSON", "line.jsonl", _lines((92, "Ana"), (93, LONG)),
            "record_too_long:line 2"),
    BadFile("70 MB JSON array", "array.json", b"[" + b" " * (70 * MIB) + b"]", "json_too_large"),
    BadFile("another format", "sheet.xlsx", b"PK" + csv(row(96)), "unknown_format"),
)  # fmt: skip

TAKEN = (
    BadFile("header only", "header-only.csv", csv()),
    BadFile("byte order mark", "bom.csv", b"\xef\xbb\xbf" + csv(row(110)), bronze=1),
    BadFile("ragged rows", "ragged.csv", csv(row(120), "C-121,short\n", row(122)[:-1] + ",more\n"), bronze=1,
            quarantined=("unreadable", "unreadable")),
    BadFile("quotes and newlines inside fields", "quoted.csv",
            csv(row(130, '"Ana ""the\n2nd"", Jr."'), row(131)), bronze=2),
    BadFile("numbers where dates belong", "dates.csv", csv(row(140, born="45000"), row(141, born="19870203")),
            quarantined=("type:born", "type:born")),
    BadFile("numbers where dates belong, Parquet", "dates.parquet", parquet(142, born=[45000]),
            quarantined=("type:born",)),
    BadFile("years 0001 and 9999", "years.csv",
            csv(row(150, born="0001-01-01"), row(151, born="9999-12-31"), row(152, changed="0001-01-01"),
                row(153, changed="9999-12-31T23:59:59.999999")), bronze=4),
    BadFile("years before 0001 and after 9999", "beyond.csv",
            csv(row(154, born="0000-12-31"), row(155, born="10000-01-01"),
                row(156, changed="0001-01-01T00:00:00+14:00"), row(157, changed="9999-12-31T23:59:59-14:00")),
            quarantined=("type:born", "type:born", "type:changed", "type:changed")),
    BadFile("file name with an e-mail address", "jane.doe@example.com.csv", csv(row(160)), bronze=1),
    BadFile("file name that is no UTF-8", "caf\udce9\n.csv", csv(row(161)), bronze=1),
    BadFile("name twice in a JSON record", "names.jsonl",
            b'{"customer_id": "C-170", "name": "Ana", "name": "Eva", "changed": "2024-01-01"}\n',
            quarantined=("unreadable",)),
)  # fmt: skip

GOOD = csv(row(1), row(2, '"Evangeline\nMaria"', born=""), row(3, born="45000"))
VISITS_FILE = b"place,owner\na,../b\nb,Globex\nc,gl\xd0\xbebex\nd,globex\n"
GREEDY_FILES = {
    "rows.csv": csv("1\n" * 20), "big.csv": csv(*map(row, range(99))),
    "0.csv": csv(row(0)), "1.csv": csv(row(1)), "2.csv": csv(row(2)),
}  # fmt: skip
STRANGERS = ("umbrella", "Globex", "gl\u043ebex", "%2e%2e%2fb", "jane.doe@example.com")
"""Folders of nobody: a name like an id; and capitals, a Cyrillic look-alike, a way out, an address."""


def write_policies(home: Path) -> None:
    """Write the policies of these tenants under `home`."""
    for name, text in POLICIES.items():
        put(home / "policies" / name, text.encode())


def drop_all(home: Path) -> None:
    """Write policies and a landing zone with everything of this module under `home`."""
    write_policies(home)
    zone = home / "landing" / "us"
    people = zone / BAD / "people"
    for file in (*REFUSED, *TAKEN):
        put(people / file.name, file.content)
    put(zone / BAD / "visits" / "v.csv", VISITS_FILE)
    put(zone / HEALTHY / "people" / "good.csv", GOOD)
    for age, (name, content) in enumerate(GREEDY_FILES.items()):
        path = put(zone / GREEDY / "people" / name, content)
        os.utime(path, (1_700_000_000 + age, 1_700_000_000 + age))
    for stranger in STRANGERS:
        put(zone / stranger / "people" / "a.csv", GOOD)
    for place in (f"eu/{BAD}/people/a.csv", f"us/{BAD}/payroll/a.csv", f"us/{BAD}/loose.csv", "loose.csv"):
        put(home / "landing" / place, GOOD)
    put(home / "secret.csv", csv(row(66)))
    (people / "link.csv").symlink_to(home / "secret.csv")
    os.mkfifo(people / "pipe.csv")
    (people / "folder").mkdir()


def put(path: Path, content: bytes) -> Path:
    """The file, with the folders that it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
