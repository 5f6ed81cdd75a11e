from __future__ import annotations

from datetime import UTC, datetime

import pytest

from transforms.frames import frame_of

SCHEMA = "a string, n int, b binary, l array<string>, s array<struct<at: timestamp, of: string>>"
AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def told(frame) -> list[tuple]:
    return [tuple(row) for row in frame.collect()]


def test_rows_come_out_as_they_went_in(spark):
    rows = [("é", -1, bytes(range(256)), ["x", None, ""], [{"at": None, "of": "m"}]), (None,) * 5]
    assert told(frame_of(spark, rows, SCHEMA)) == [
        ("é", -1, bytes(range(256)), ["x", None, ""], [(None, "m")]),
        (None,) * 5,
    ]


def test_a_moment_is_the_same_moment_whatever_its_zone(spark):
    frame = frame_of(spark, [(AT,)], "at timestamp")
    assert frame.selectExpr("unix_micros(at)").first()[0] == 1767323045678901


def test_no_rows_are_a_frame_with_columns(spark):
    frame = frame_of(spark, [], SCHEMA)
    assert (frame.columns, frame.count()) == (["a", "n", "b", "l", "s"], 0)


def test_values_stand_in_no_plan(spark, capsys):
    frame_of(spark, [("zorblax", b"zorblax")], "a string, b binary").selectExpr("upper(a)", "b").explain(
        "extended"
    )
    plan = capsys.readouterr().out
    assert "LocalTableScan" in plan
    assert "zorblax" not in plan.lower()


def test_a_row_that_has_not_the_columns_is_refused(spark):
    with pytest.raises(ValueError, match="zip"):
        frame_of(spark, [("a",)], "a string, b string")
