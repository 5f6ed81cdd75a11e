"""Generated landing files: rows good and bad in every format, and files that nobody can read."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st
from lake_policies import DATASETS, Who

# Texts are written for any tenant: {w} is its word, {W} the word in capitals, {d} its digits, {c} its code.
KEYS = st.sampled_from(["C-{w}1", "C-{w}1", "C-{w}2", "C-{w}2", "C-{w}3", "c {w}", None])
NAMES = ["Ana {w}", "ANA  {W} ", '"{w}", Jr.', "Zo\u00eb\n{w}", "\ufb01n {w}", " ", None]
NUMBERS = st.sampled_from(["1", "2", "03", "+3", " 2", "{w}", None])
COLUMNS: Mapping[str, Mapping[str, st.SearchStrategy[str | None]]] = {
    "people": {
        "customer_id": KEYS,
        "name": st.sampled_from(NAMES),
        "email": st.sampled_from(["a.{w}@mail.example", "A.{W}@MAIL.example", "b@{w}.example", None]),
        "phone": st.sampled_from(["0{d}1", "+{c}{d}1", "00{c}{d}1", "0{d}2 ext. 5", None]),
        "level": st.sampled_from(["1", "3", "5", "7", "+2", " 4", "{w}", None]),
        "revision": st.sampled_from(["1", "2", "3", "10", None]),
    },
    "orders": {
        "order_id": NUMBERS,
        "customer_id": KEYS,
        "amount": st.sampled_from(["1", "12.50", "7", "3e1", "-1", "{w}", None]),
        "owner": st.sampled_from([None, "{own}", "{own}", "{other}"]),
        "ordered": st.sampled_from(["2024-01-05T10:00:00Z", "2024-02-29 23:59:59", "{w}", None]),
    },
    "staff": {
        "staff_id": NUMBERS,
        "nick": st.sampled_from(["{w}", "Mil {w}", "{W}", None]),
        "born": st.sampled_from(["1987-02-03", "1990-12-31", "3.2.1987", None]),
    },
}  # fmt: skip
FORMS = ("csv", "csv.gz", "jsonl", "jsonl.gz", "json", "parquet")
RAGGED = {"csv": ["{w},ragged", ",".join("12345678{w}")], "json": ['["{w}"]', "null", '"{w}"']}
TORN = '{"name": "{w}'
EXTRAS = (None, None, "remark", "{w}@head")
POISONS = (
    "cut gzip",
    "cut parquet",
    "damaged parquet",
    "empty",
    "latin-1",
    "no such format",
    "no key column",
)


@dataclass(frozen=True)
class Row:
    """A record of a file: texts by column, blanks left out. `broken` is one that is no record."""

    values: Mapping[str, str]
    broken: bool = False


@dataclass(frozen=True)
class File:
    """A tenant's file. `rows` is None where it cannot be read."""

    dataset: str
    suffix: str
    content: bytes
    rows: tuple[Row, ...] | None


@dataclass(frozen=True)
class Draft:
    """A file for any tenant; `None` among the rows is a broken one."""

    dataset: str
    form: str
    rows: tuple[Mapping[str, str | None] | None, ...]
    broken: int = 0
    capitals: bool = False
    extra: str | None = None

    def of(self, who: Who, other: Who) -> File:
        """The file of one tenant; `other` is whose name stands in rows that lie in the wrong place."""
        names = [*COLUMNS[self.dataset], *([self.extra] if self.extra else [])]
        names = [_fill(name, who, other) for name in names]
        rows: list[dict[str, str] | str] = []
        for draft in self.rows:
            if draft is None:
                rows.append(_fill(self._ragged(), who, other))
                continue
            texts = [*draft.values(), *(["{w} more"] if self.extra else [])]
            filled = zip(names, texts, strict=True)
            rows.append({name: _fill(text, who, other) for name, text in filled if text is not None})
        if self.form == "parquet":
            rows = [row for row in rows if isinstance(row, dict)]
        content = self._encode(names, rows)
        told = tuple(
            Row({}, broken=True)
            if isinstance(row, str)
            else Row({name: text for name, text in row.items() if text.strip()})
            for row in rows
        )
        return File(self.dataset, self.form, content, told)

    def _ragged(self) -> str:
        kinds = RAGGED["csv" if self.form.startswith("csv") else "json"]
        if self.form.startswith("jsonl"):
            kinds = [*kinds, TORN]
        return kinds[self.broken % len(kinds)]

    def _encode(self, names: Sequence[str], rows: Sequence[dict[str, str] | str]) -> bytes:
        match self.form.removesuffix(".gz"):
            case "csv":
                text = _csv(names, rows, capitals=self.capitals)
            case "jsonl":
                text = "".join(_line(row) + "\n" for row in rows)
            case "json":
                text = "[" + ",\n".join(_line(row) for row in rows) + "]"
            case _:
                return _parquet(names, rows)
        content = text.encode()
        return gzip.compress(content, mtime=0) if self.form.endswith(".gz") else content


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    """A file of one to four rows; mostly whole, with what people do to headers and rows."""
    dataset = draw(st.sampled_from(DATASETS))
    form = draw(st.sampled_from(FORMS))
    row = st.fixed_dictionaries(dict(COLUMNS[dataset]))
    whole = draw(st.lists(row, min_size=1, max_size=3))
    rows = [*whole, None] if draw(st.booleans()) else whole
    broken, capitals, extra = draw(st.integers(0, 3)), draw(st.booleans()), draw(st.sampled_from(EXTRAS))
    return Draft(dataset, form, tuple(rows), broken, capitals, extra)


def poisoned(kind: str, dataset: str, who: Who) -> File:
    """A file of that kind (one of POISONS) which cannot be read, with the tenant's word in it."""
    columns = {name: [f"{who.word}{name}"] for name in COLUMNS[dataset]}
    text = ",".join(columns) + "\n" + ",".join(value for [value] in columns.values()) + "\n"
    contents = {
        "cut gzip": ("csv.gz", gzip.compress(text.encode(), mtime=0)[:-9]),
        "cut parquet": ("parquet", _as_parquet(columns)[:-9]),
        "damaged parquet": ("parquet", _damaged(columns)),
        "empty": ("csv", b" \n"),
        "latin-1": ("csv", text.encode() + b"\xe9\xff" + who.word.encode()),
        "no such format": ("xlsx", b"PK" + text.encode()),
        "no key column": ("csv", f"{who.word}@head,x\n1,{who.word}\n".encode()),
    }
    suffix, content = contents[kind]
    return File(dataset, suffix, content, None)


def _fill(text: str, who: Who, other: Who) -> str:
    filled = text.replace("{own}", who.id).replace("{other}", other.id).replace("{c}", who.code)
    return filled.replace("{w}", who.word).replace("{W}", who.word.upper()).replace("{d}", who.digits)


def _csv(names: Sequence[str], rows: Sequence[dict[str, str] | str], *, capitals: bool) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([name.upper() for name in names] if capitals else names)
    for row in rows:
        if isinstance(row, str):
            out.write(row + "\n")
        else:
            writer.writerow([row.get(name, "") for name in names])
    return out.getvalue()


def _line(row: dict[str, str] | str) -> str:
    if isinstance(row, str):
        return row
    values = {name: int(text) if _is_plain(text) else text for name, text in row.items()}
    return json.dumps(values, ensure_ascii="name" in row)


def _parquet(names: Sequence[str], rows: Sequence[dict[str, str] | str]) -> bytes:
    columns: dict[str, list[str | int | None]] = {}
    for name in names:
        texts = [row.get(name) for row in rows if isinstance(row, dict)]
        plain = all(text is None or _is_plain(text) for text in texts)
        columns[name] = [int(text) if text is not None and plain else text for text in texts]
    return _as_parquet(columns)


def _is_plain(text: str) -> bool:
    """Whether the text is how a number is written, so that a typed format may hold it as one."""
    return text.isdecimal() and str(int(text)) == text


def _as_parquet(columns: Mapping[str, Sequence[str | int | None]]) -> bytes:
    whole = {
        name: pa.array(values, pa.int64() if any(isinstance(value, int) for value in values) else pa.string())
        for name, values in columns.items()
    }
    sink = io.BytesIO()
    pq.write_table(pa.table(whole), sink, use_dictionary=False)
    return sink.getvalue()


def _damaged(columns: Mapping[str, Sequence[str]]) -> bytes:
    """The footer is whole and a data page is not: it shows in the middle of a job."""
    content = bytearray(_as_parquet(columns))
    column = pq.ParquetFile(io.BytesIO(bytes(content))).metadata.row_group(0).column(1)
    start, size = column.data_page_offset, column.total_compressed_size
    content[start : start + size] = b"\xff" * size
    return bytes(content)
