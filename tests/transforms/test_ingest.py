"""Ingest on a small lake: every row arrives once, whatever is dropped, refused, poisoned or killed."""

from __future__ import annotations

import io
import json
import sqlite3
from collections import Counter
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tenancy.control import open_control
from transforms import deliveries, ingest
from transforms.errors import LakeStateError
from transforms.lake import Lake
from transforms.landing import STAGING, take_inventory
from transforms.violations import all_violations

PEOPLE = "customer_id,name,level,changed\n"
MARIA, HANNA = "C-1,Maria Anders,1,2024-01-01\n", "C-2,Hanna Moos,2,2024-01-01\n"
BAD = "C-3,Ana Trujillo,9,2024-01-01\n"


def people(rows, layer="bronze", tenant="globex"):
    return [json.loads(row.opened).get("customer_id") for row in rows.rows(layer, "people", tenant)]


def states(lake):
    return Counter(row.state for row in deliveries.all_deliveries(lake.ctx.engine))


@pytest.fixture(scope="module")
def first_run(small_policies, open_lake, tmp_path_factory):
    """One run over a landing zone with a bit of everything: (lake, outcomes, old database)."""
    lake = open_lake(tmp_path_factory.mktemp("first"), small_policies)
    for tenant in ("globex", "initech"):
        lake.ctx.keyring.tenant_keys(tenant)
    before = lake.home / "before.db"
    with sqlite3.connect(lake.home / "control" / "control.db") as source, sqlite3.connect(before) as target:
        source.backup(target)
    lake.drop("globex", "people", "june.csv", PEOPLE + MARIA + HANNA + BAD + "C-4,short\n")
    lake.drop("globex", "people", "maria-anders.csv", PEOPLE + MARIA + HANNA + BAD + "C-4,short\n")
    lake.drop("globex", "people", "no-name.csv", "customer_id,changed\nC-9,2024-01-01\n")
    record = {
        "customer_id": "C-1",
        "name": "Bill Lumbergh",
        "changed": "2024-01-01",
        "Shoe Size": 44,
        "x9y8": 1,
    }
    lake.drop("initech", "people", "all.jsonl.gz", json.dumps(record) + "\n")
    return lake, lake.ingest("people"), before


def test_rows_landed_are_rows_in_bronze_plus_rows_in_quarantine(first_run):
    lake, outcomes, _ = first_run
    globex = outcomes["globex"]
    assert (globex.rows_landed, globex.rows_bronze, globex.rows_quarantined) == (4, 2, 2)
    assert people(lake) == ["C-1", "C-2"]
    assert people(lake, "quarantine") == ["C-3", None]


def test_one_content_under_two_names_in_one_run_is_one_delivery(first_run):
    _, outcomes, _ = first_run
    assert outcomes["globex"].files == 1


def test_a_file_that_is_refused_whole_is_told_by_its_reason(first_run):
    lake, outcomes, _ = first_run
    assert outcomes["globex"].files_refused == {"missing_columns:name": 1}
    assert states(lake) == {"ingested": 2, "refused": 1}


def test_quarantine_reasons_are_counted_by_code(first_run):
    _, outcomes, _ = first_run
    assert outcomes["globex"].reasons == {"range:level": 1, "unreadable": 1}


def test_an_undeclared_column_is_told_by_name_only_where_the_name_cannot_be_a_value(first_run):
    lake, outcomes, _ = first_run
    assert outcomes["initech"].undeclared == {"Shoe Size", "(name withheld)"}
    [row] = lake.rows("bronze", "people", "initech")
    assert json.loads(row.opened)["x9y8"] == 1


def test_a_tenant_without_files_has_an_empty_outcome(first_run):
    _, outcomes, _ = first_run
    assert (outcomes["acme"].files, outcomes["acme"].rows_landed, outcomes["acme"].failed) == (0, 0, None)


def test_no_value_and_no_file_name_is_in_the_lake_or_the_control_database_in_the_clear(first_run):
    lake, _, _ = first_run
    files = [path for part in ("lake", "control") for path in (lake.home / part).rglob("*") if path.is_file()]
    assert any(path.suffix == ".parquet" for path in files)
    assert any("_delta_log" in path.parts for path in files)
    for path in files:
        content = path.read_bytes() + str(path).encode()
        for secret in (b"Maria", b"maria-anders", b"Lumbergh", b"Trujillo", b"C-1", b"Shoe"):
            assert secret not in content, path.name


def test_landing_files_stay_and_no_staging_is_left(first_run):
    lake, _, _ = first_run
    assert len(take_inventory(lake.ctx.landing, lake.ctx.bundle).files) == 4
    assert list((lake.ctx.landing / STAGING).iterdir()) == []


def test_a_tenants_region_is_the_only_one_that_gets_tables(first_run):
    lake, _, _ = first_run
    assert [path.name for path in (lake.home / "lake").iterdir() if path.is_dir()] == ["us"]


def test_an_older_control_database_beside_a_newer_table_is_refused(first_run):
    lake, _, before = first_run
    older = replace(lake, ctx=replace(lake.ctx, engine=open_control(before)))
    deliveries.metadata.create_all(older.ctx.engine)
    with pytest.raises(LakeStateError, match="older than the other"):
        older.ingest("people")


def test_an_older_table_beside_a_newer_control_database_is_refused(first_run, spark, tmp_path):
    lake, _, _ = first_run
    door = Lake(spark, tmp_path / "restored", tmp_path / "leases", lake.ctx.engine)
    older = replace(lake, ctx=replace(lake.ctx, lake=door))
    with pytest.raises(LakeStateError, match="older than the other"):
        older.ingest("people")


def test_a_content_that_comes_again_under_another_name_adds_nothing(first_run):
    lake, _, _ = first_run
    again = lake.drop("globex", "people", "july.csv.copy.csv", PEOPLE + MARIA + HANNA + BAD + "C-4,short\n")
    try:
        outcome = lake.ingest("people", "globex")["globex"]
    finally:
        again.unlink()
    assert (outcome.files, outcome.files_known, outcome.rows_landed) == (0, 3, 0)
    assert people(lake) == ["C-1", "C-2"]


def test_a_file_refused_under_one_contract_is_taken_under_another(small_lake, changed_policies):
    small_lake.drop("globex", "people", "a.csv", "customer_id,changed\nC-9,2024-01-01\n")
    assert small_lake.ingest("people")["globex"].files_refused == {"missing_columns:name": 1}
    assert small_lake.ingest("people")["globex"].files_refused == {"missing_columns:name": 1}
    easier = changed_policies({"datasets/people.yaml": [("name: name, logicalType: string, required: true",
                                                         "name: name, logicalType: string")]})  # fmt: skip
    outcome = small_lake.with_policies(easier).ingest("people")["globex"]
    assert (outcome.files, outcome.rows_bronze, outcome.files_refused) == (1, 1, {})
    assert people(small_lake) == ["C-9"]


def test_rows_that_name_another_tenant_are_quarantined_and_told_as_a_violation(small_lake):
    small_lake.drop("globex", "visits", "a.csv", "place,owner\nx,initech\ny,globex\nz,\n")
    outcome = small_lake.ingest("visits")["globex"]
    assert (outcome.rows_bronze, outcome.reasons) == (2, {"other_tenant": 1})
    assert [(one.kind, one.place, one.amount) for one in all_violations(small_lake.ctx.engine)] == [
        ("row_names_other_tenant", "us/globex/visits", 1)
    ]


def parquet() -> bytes:
    columns = {"customer_id": ["C-7"], "name": ["Ana Trujillo"], "changed": ["2024-01-01"]}
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, use_dictionary=False)
    return sink.getvalue()


def poisoned_parquet() -> bytes:
    """A file whose footer is whole and whose data pages are not: Spark finds out in the middle of a job."""
    content = bytearray(parquet())
    name = pq.ParquetFile(io.BytesIO(content)).metadata.row_group(0).column(1)
    start = name.data_page_offset
    content[start : start + name.total_compressed_size] = b"\xff" * name.total_compressed_size
    return bytes(content)


def test_a_poisoned_file_stops_itself_only_and_a_whole_one_in_its_place_goes_in(small_lake):
    small_lake.drop("globex", "people", "good.csv", PEOPLE + MARIA)
    poisoned = small_lake.drop("globex", "people", "bad.parquet", poisoned_parquet())
    small_lake.drop("initech", "people", "good.csv", PEOPLE + HANNA + BAD)
    outcomes = small_lake.ingest("people")
    assert outcomes["globex"].failed is None
    assert outcomes["globex"].files_refused == {"parquet_not_read:FAILED_READ_FILE.NO_HINT": 1}
    assert poisoned.exists()
    assert (outcomes["globex"].rows_bronze, people(small_lake)) == (1, ["C-1"])
    assert (outcomes["initech"].failed, people(small_lake, tenant="initech")) == (None, ["C-2"])
    assert people(small_lake, "quarantine", "initech") == ["C-3"]
    outcome = small_lake.ingest("people")["globex"]
    assert (outcome.files_refused.total(), outcome.files_known) == (1, 1), "it is not tried again"
    poisoned.write_bytes(parquet())
    outcome = small_lake.ingest("people")["globex"]
    assert (outcome.files_refused, outcome.files_known, people(small_lake)) == ({}, 1, ["C-1", "C-7"])


def test_a_lake_that_cannot_be_written_refuses_no_file(small_lake, monkeypatch):
    def fails(*_):
        raise OSError("the disk went away")

    small_lake.drop("globex", "people", "good.parquet", parquet())
    with monkeypatch.context() as patched:
        patched.setattr(Lake, "append", fails)
        outcome = small_lake.ingest("people")["globex"]
    assert (outcome.failed, outcome.files_refused) == ("OSError", {})
    assert small_lake.ingest("people")["globex"].rows_bronze == 1


class Killed(BaseException):
    """Stands for the end of the process: nothing in the code under test handles it."""


def killed_at(monkeypatch, point):
    append = Lake.append

    def dies(*args, **kwargs):
        raise Killed

    def appends(self, frame, table, *args):
        if (table.layer, point) == ("bronze", "after the quarantine commit"):
            raise Killed
        append(self, frame, table, *args)

    if point == "after the batch was written down":
        monkeypatch.setattr(ingest, "read_staged", dies)
    if point == "after the bronze commit":
        monkeypatch.setattr(ingest, "close_batch", dies)
    monkeypatch.setattr(Lake, "append", appends)


@pytest.mark.parametrize(
    "point", ["after the batch was written down", "after the quarantine commit", "after the bronze commit"]
)
def test_a_run_that_dies_on_the_way_loses_and_doubles_no_row(small_lake, monkeypatch, point):
    small_lake.drop("globex", "people", "a.csv", PEOPLE + MARIA + BAD)
    with monkeypatch.context() as patched:
        killed_at(patched, point)
        with pytest.raises(Killed):
            small_lake.ingest("people")
    small_lake.ingest("people")
    assert people(small_lake) == ["C-1"]
    assert people(small_lake, "quarantine") == ["C-3"]
    assert states(small_lake) == {"ingested": 1}
    counts = [(row.rows_landed, row.rows_bronze, row.rows_quarantined) for row in
              deliveries.all_deliveries(small_lake.ctx.engine)]  # fmt: skip
    assert counts == [(2, 1, 1)]


def test_an_error_that_comes_after_the_bronze_commit_doubles_no_row(small_lake, monkeypatch):
    append = Lake.append

    def fails_late(self, frame, table, *args):
        append(self, frame, table, *args)
        if table.layer == "bronze":
            raise OSError("the disk went away")

    small_lake.drop("globex", "people", "a.csv", PEOPLE + MARIA)
    small_lake.drop("globex", "people", "b.csv", PEOPLE + HANNA)
    with monkeypatch.context() as patched:
        patched.setattr(Lake, "append", fails_late)
        assert small_lake.ingest("people")["globex"].failed == "OSError"
    outcome = small_lake.ingest("people")["globex"]
    assert (outcome.failed, outcome.files_known) == (None, 2)
    assert people(small_lake) == ["C-1", "C-2"]
    assert states(small_lake) == {"ingested": 2}


def test_a_count_that_does_not_add_up_stops_the_ingest(small_lake, monkeypatch):
    append = Lake.append

    def loses_a_row(self, frame, table, *args):
        append(self, frame.limit(1), table, *args)

    small_lake.drop("globex", "people", "a.csv", PEOPLE + MARIA + HANNA)
    monkeypatch.setattr(Lake, "append", loses_a_row)
    with pytest.raises(LakeStateError, match="2 rows landed, 1 are in bronze and 0"):
        small_lake.ingest("people")
