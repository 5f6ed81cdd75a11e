"""Rows are found by their ids wherever a file shows them, however many are looked for at once."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention.verify import NeedleKind, Place, RowIds, Verdict, verify, verify_rows
from retention.verify_matcher import Context, Matcher

IDS = [hashlib.sha256(bytes([number])).digest()[:16] for number in range(4)]
ROWS = [RowIds(b"".join(IDS[:2])), RowIds(b"".join(IDS[2:]))]
NEAR = IDS[0][:-1] + bytes([IDS[0][-1] ^ 1])
MATCHER = Matcher(ROWS)
PIECES = st.sampled_from([*(one.hex() for one in (*IDS, NEAR)), IDS[0].hex()[:31], "f", "0" * 40, ":", '"'])


def look(folder, needles=ROWS, **more):
    return verify([Place("place", folder)], needles, **more)


def table(path, **columns):
    pq.write_table(pa.table(columns), path)


def test_a_row_is_found_by_its_records_id_and_by_its_sealed_cell(tmp_path):
    table(tmp_path / "a.parquet", record_id=[IDS[0].hex()], sealed=[IDS[2] + b"cipher"])
    found = {(one.where, one.needle, one.form, one.count) for one in look(tmp_path).hits}
    assert ("row group 0, column record_id", 0, "text", 1) in found
    assert ("row group 0, column sealed", 1, "16 bytes", 1) in found


@pytest.mark.parametrize(
    "columns",
    [
        {"record_id": [NEAR.hex()]},
        {"record_id": [IDS[0].hex()[:31]]},
        {"record_id": [IDS[0].hex()[:16], IDS[0].hex()[16:]]},
        {"sealed": [NEAR]},
        {"sealed": [IDS[0][:15]]},
        {"sealed": [b"x" + IDS[0]]},
    ],
    ids=["another id", "too short", "over two cells", "another cell", "a cut cell", "inside a cell"],
)
def test_what_only_looks_like_it_is_not_found(tmp_path, columns):
    table(tmp_path / "a.parquet", **columns)
    assert look(tmp_path).verdict is Verdict.VERIFIED


def test_logs_and_names_are_looked_through(tmp_path):
    (tmp_path / "0.json").write_text(json.dumps({"stats": json.dumps({"max": IDS[0].hex().upper()})}))
    (tmp_path / f"{IDS[1].hex()}.txt").write_text("nothing")
    found = look(tmp_path)
    assert {(one.path, one.where) for one in found.hits} == {
        ("0.json", "raw bytes"), ("0.json", "decoded json"), ("(name withheld)", "name"),
    }  # fmt: skip


def test_ids_are_kept_where_they_wait_for_their_receipt_and_nowhere_else(tmp_path):
    with closing(sqlite3.connect(tmp_path / "control.db")) as connection:
        for name in ("expired_ids", "others"):
            connection.execute(f"CREATE TABLE {name} (ids BLOB)")
        connection.execute("INSERT INTO expired_ids VALUES (?)", (IDS[0],))
        connection.commit()
        keep = {"place/control.db#expired_ids": "why"}
        told = look(tmp_path, keep=keep)
        assert (told.verdict, {one.reason for one in told.kept}) == (Verdict.VERIFIED, {"why"})
        connection.execute("INSERT INTO others VALUES (?)", (IDS[0],))
        connection.commit()
        assert look(tmp_path, keep=keep).verdict is Verdict.FAILED


def test_a_result_counts_ids_and_tells_none(tmp_path):
    table(tmp_path / "a.parquet", record_id=[one.hex() for one in IDS])
    told = look(tmp_path)
    assert told.needles[NeedleKind.ROW] == 4
    assert {(one.needle, one.count) for one in told.hits if "column" in one.where} == {(0, 2), (1, 2)}
    assert not any(one.hex() in repr((told, ROWS)) for one in IDS)


def test_a_hundred_thousand_rows_are_one_needle(tmp_path):
    many = b"".join(hashlib.sha256(str(number).encode()).digest()[:16] for number in range(100_000))
    table(tmp_path / "a.parquet", sealed=[many[start : start + 16] + b"x" for start in range(0, 16_000, 16)])
    assert {one.count for one in look(tmp_path, [RowIds(many)]).hits if "16" in one.form} == {1000}


def test_nothing_is_found_of_no_rows_and_ids_of_other_lengths_are_refused(tmp_path):
    table(tmp_path / "a.parquet", record_id=[IDS[0].hex()], sealed=[IDS[0]])
    assert look(tmp_path, [RowIds(b"")]).verdict is Verdict.VERIFIED
    with pytest.raises(ValueError, match="To mend it"):
        RowIds(b"short")


@settings(deadline=None)
@given(st.lists(PIECES, max_size=12).map("".join), st.lists(st.integers(1, 60), max_size=20))
def test_a_stream_holds_what_the_whole_holds_wherever_it_is_cut(text, cuts):
    data, chunks = text.encode(), []
    for cut in cuts:
        chunks.append(data[:cut])
        data = data[cut:]
    assert MATCHER.stream([*chunks, data], Context.TEXT) == MATCHER.search(text.encode(), Context.TEXT)


def test_one_search_for_several_tenants_tells_each_its_own_rows_files_and_gaps(tmp_path):
    for tenant, row in (("acme", IDS[0]), ("globex", IDS[1]), ("initech", IDS[3])):
        folder = tmp_path / "t" / f"tenant_id={tenant}"
        folder.mkdir(parents=True)
        table(folder / "a.parquet", record_id=[row.hex()], sealed=[NEAR])
    (tmp_path / "log.json").write_text("{}")
    rows = {"acme": RowIds(IDS[0]), "globex": RowIds(IDS[2])}
    acme, globex = verify_rows([Place("place", tmp_path)], rows).values()
    assert (acme.verdict, globex.verdict) == (Verdict.FAILED, Verdict.VERIFIED)
    assert {(one.path, one.needle) for one in acme.hits} == {("t/tenant_id=acme/a.parquet", 0)}
    assert [one.path for one in globex.searched] == ["log.json", "t/tenant_id=globex/a.parquet"]
    assert [(one.files, one.place) for one in globex.passed_by] == [(2, "place")]
    assert [(one.path, one.count) for one in globex.unsearched] == [("t", 1)]
    assert (globex.needles[NeedleKind.ROW], globex.tenant) == (1, "globex")


def test_rows_of_a_tenant_in_anothers_folder_are_found_where_both_are_looked_at(tmp_path):
    folder = tmp_path / "tenant_id=globex"
    folder.mkdir()
    table(folder / "a.parquet", record_id=[IDS[0].hex()])
    told = verify_rows([Place("place", tmp_path)], {"acme": RowIds(IDS[0]), "globex": RowIds(IDS[1])})
    assert [one.verdict for one in told.values()] == [Verdict.FAILED, Verdict.VERIFIED]
