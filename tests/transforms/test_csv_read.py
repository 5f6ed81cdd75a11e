"""Any CSV text gives the records that Python's own reader gives, whichever way Spark reads it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from policy.contracts import Column, Contract, LoadMode, LogicalType
from transforms.errors import UnreadableFile
from transforms.formats import inspect
from transforms.landing import LandingFile
from transforms.readers import StagedFile, read_staged

CONTRACT = Contract(
    "people", None, "1.0.0", "team", LoadMode.APPEND, (Column(("id",), "id", LogicalType.STRING),)
)
COLUMNS = ["id", "b", "c"]


@st.composite
def csv_texts(draw: st.DrawFn) -> str:
    delimiter, end = draw(st.sampled_from(",;\t|")), draw(st.sampled_from(["\n", "\r\n", "\r"]))
    mixed = draw(st.booleans())
    value = st.text(alphabet='ab 1"\r\n,;|é\u2028', max_size=6)

    def field(text: str, quoted: bool) -> str:
        if quoted or text.startswith('"') or re.search(f"[{re.escape(delimiter)}\r\n]", text):
            return '"' + text.replace('"', '""') + '"'
        return text

    def line(fields: list[str]) -> str:
        return delimiter.join(fields) + (draw(st.sampled_from(["\n", "\r\n", "\r"])) if mixed else end)

    rows = draw(
        st.lists(st.lists(st.builds(field, value, st.booleans()), min_size=1, max_size=4), max_size=8)
    )
    return line(COLUMNS) + "".join(map(line, rows))


def as_python_reads(text: str) -> list[dict[str, str] | None]:
    """The records behind the header; None for one that does not fit it."""
    delimiter = max(",;\t|", key=text.splitlines()[0].count)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))[1:]
    return [
        {name: value for name, value in zip(COLUMNS, row, strict=True) if value} if len(row) == 3 else None
        for row in rows
        if row
    ]


@pytest.fixture(scope="module")
def read(spark, tmp_path_factory) -> Callable[[list[str]], list[object]]:
    """`read(texts)` → the records of each, all read in one job; the reason for one that is refused."""
    folder = tmp_path_factory.mktemp("texts")

    def all_records(texts: list[str]) -> list[object]:
        found: dict[str, object] = {}
        staged = []
        for number, text in enumerate(texts):
            path = folder / f"{number}.csv"
            path.write_text(text, newline="")
            try:
                shape = inspect(LandingFile("us", "globex", "people", path, "csv", gzipped=False), CONTRACT)
            except UnreadableFile as error:
                found[str(number)] = error.reason
                continue
            found[str(number)] = []
            staged.append(StagedFile(path, "globex", str(number), shape))
        rows = read_staged(spark, staged, CONTRACT).collect() if staged else []
        for row in sorted(rows, key=lambda row: row.position):
            found[row.batch_id].append(None if row.broken else json.loads(row.payload))
        return [found[str(number)] for number in range(len(texts))]

    return all_records


# Each example is a Spark job, so a failing one is shown as it is.
@settings(
    max_examples=2,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
@given(texts=st.lists(csv_texts(), min_size=40, max_size=40))
def test_a_csv_gives_the_records_that_pythons_reader_gives(read, texts):
    for text, records in zip(texts, read(texts), strict=True):
        if records != "mixed_line_ends":
            assert records == as_python_reads(text), text
