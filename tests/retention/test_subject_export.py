"""A person's own records leave for the person: all of them, opened, and nobody else's."""

from __future__ import annotations

import csv
import io
import json
import shutil
import zipfile
from datetime import timedelta
from pathlib import Path

import pyrage
import pytest
from erasures import tokens
from leak_scan import find_leaks

from audit.outbox_tables import events as lineage_events
from audit.schema_check import validate_event
from dagster_project.exporting import SubjectAsked, expire_step, export_subject
from dagster_project.settings import load_settings
from retention import dossier
from retention.age_file import ExportError, read_recipient
from retention.exports import (
    all_exports,
    archive_of,
    export_tokens,
    record_export,
    remove_exports_of,
)
from retention.subject_archive import Cover, write_archive
from tenancy.control import now

IDENTITY = pyrage.x25519.Identity.generate()
UNDECLARED = (
    '{"event_id": "e7", "customer": {"contact": {"email": "ana@example.org"}}, "shoe": "canary-38"}\n'
)


@pytest.fixture(scope="module")
def person(filled, open_lake, small_policies, tmp_path_factory):
    """A filled lake that no test here changes beyond its exports."""
    home = Path(shutil.copytree(filled, tmp_path_factory.mktemp("person") / "home"))
    lake = open_lake(home, small_policies)
    lake.drop("acme", "events", "b.jsonl", UNDECLARED)
    lake.ingest("events", "acme")
    shutil.rmtree(lake.ctx.landing)
    return lake


def settings_of(lake):
    return load_settings(
        landing=lake.home / "landing", lake=lake.home / "lake", control=lake.home / "control"
    )


def export(lake, tenant="acme", **more):
    names = {name: more.pop(name) for name in ("email", "customer_id") if name in more}
    asked = SubjectAsked(
        tenant, tokens(lake, tenant, **names), read_recipient(str(IDENTITY.to_public())), **more
    )
    return export_subject(lake.ctx, settings_of(lake), asked)


def opened(path: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(pyrage.decrypt(path.read_bytes(), [IDENTITY])))


@pytest.fixture(scope="module")
def made(person):
    return export(person, email="ana@example.org")


def test_every_own_record_is_there_by_one_identifier_with_what_no_contract_declares(made):
    archive = opened(made.path)
    told = {
        name: json.loads(archive.read(f"{name}.json"))["records"] for name in ("people", "orders", "events")
    }
    assert {name: len(records) for name, records in told.items()} == {"people": 2, "orders": 2, "events": 2}
    assert [one["kept_in"] for one in told["people"]] == ["bronze", "quarantine"]
    assert told["people"][0]["record"]["phone"] == "030 1234567"
    assert {one["record"].get("shoe") for one in told["events"]} == {None, "canary-38"}


def test_others_who_name_the_person_are_counted_and_not_shown(made):
    archive = opened(made.path)
    counts = {one["dataset"]: one for one in json.loads(archive.read("summary.json"))["datasets"]}
    assert counts["people"]["records_of_others_that_name_you"] == 1
    text = "".join(archive.read(name).decode() for name in archive.namelist())
    assert not any(name in text for name in ("Maria", "maria@", "Tom"))


def test_the_csv_has_a_column_for_each_name_of_a_nested_record(made):
    rows = list(csv.DictReader(io.StringIO(opened(made.path).read("events.csv").decode())))
    assert [one["customer.contact.email"] for one in rows] == ["ANA@example.org", "ana@example.org"]
    assert [one["shoe"] for one in rows] == ["", "canary-38"]


def test_the_page_needs_no_network_and_runs_no_script(made):
    html = opened(made.path).read("index.html").decode()
    assert "ANA@example.org" in html
    assert "default-src &#x27;none&#x27;" in html
    assert not any(word in html for word in ("<script", "http://", "https://", "src=", "<link"))


def test_a_record_that_holds_markup_or_a_formula_does_no_harm(person):
    payload = '{"name": "<script>x</script>", "formula": "=1+1", "tel": "+49 30", "sum": "-5"}'
    contract = person.ctx.bundle.contract_for("acme", "people")
    part = dossier.Part(contract, (dossier.Kept("bronze", now(), None, payload),), 0, 0)
    stream = io.BytesIO()
    cover = Cover("a" * 32, "acme", now(), now(), "sha256:0")
    write_archive(stream, cover, dossier.Dossier((part,), frozenset()))
    archive = zipfile.ZipFile(stream)
    assert b"<script" not in archive.read("index.html")
    assert archive.read("people.csv").decode().strip().endswith(",<script>x</script>,'=1+1,+49 30,-5")
    assert json.loads(archive.read("people.json"))["records"][0]["record"]["formula"] == "=1+1"


def test_nothing_of_it_stands_in_the_clear_on_the_disk(person, made):
    hers = ["ana@example.org", "ANA@example.org", "Ana Trujillo", "030 1234567", "canary-38"]
    assert find_leaks(person.home, hers) == []


def test_the_control_database_knows_a_number_a_time_and_how_many_tokens(person, made):
    [row] = [one for one in all_exports(person.ctx.engine) if one.export_id == made.export.export_id]
    assert (row.tenant, row.kind, row.tokens, row.kept_here) == ("acme", "subject", 2, True)
    assert made.path == person.home / "control" / "exports" / f"{row.export_id}.age"


def test_the_lineage_of_it_tells_tables_and_rows(person, made):
    with person.ctx.engine.connect() as connection:
        events = [json.loads(row.payload) for row in connection.execute(lineage_events.select())]
    assert [fault for one in events for fault in validate_event(one)] == []
    ended = [one for one in events if one["eventType"] == "COMPLETE" and "export" in one["job"]["name"]]
    counts = {one["job"]["name"]: one["run"]["facets"]["lakeward_governance"]["counts"] for one in ended}
    assert counts["export.people"] == {"rows_exported": 2}
    assert "ana@" not in json.dumps(events).lower()


def test_more_than_memory_should_hold_is_refused_before_anything_is_opened(person, monkeypatch, tmp_path):
    monkeypatch.setattr(dossier, "LARGEST", 10)
    monkeypatch.setattr(dossier, "_opened", None)  # would fail if it was called
    with pytest.raises(ExportError, match="--dataset"):
        export(person, customer_id="C-1", out=tmp_path / "a.age")
    assert list(tmp_path.iterdir()) == []


def test_another_tenants_person_is_nobody_here(person, tmp_path):
    nobody = export(person, "globex", email="ana@example.org", out=tmp_path / "a.age")
    assert (nobody.dossier.records, opened(nobody.path).namelist()) == (0, ["index.html", "summary.json"])


def test_an_export_goes_when_its_time_is_over_and_not_before(person, monkeypatch):
    engine, folder = person.ctx.engine, settings_of(person).exports
    early, late = (
        record_export(
            engine, "acme", "subject", [("d", "t")], kept_here=True, expires=now() + timedelta(days=n)
        )
        for n in (1, 2)
    )
    draft, strange = folder / f".{'0' * 32}.age.17.new", folder / "notes.txt"
    folder.mkdir(exist_ok=True)
    for file in (archive_of(folder, early.export_id), archive_of(folder, late.export_id), strange):
        file.write_text("x")
    assert expire_step(settings_of(person)) == 0
    draft.write_text("of a run that was killed")
    monkeypatch.setattr("dagster_project.exporting.now", lambda: now() + timedelta(days=1, minutes=1))
    assert expire_step(settings_of(person)) == 2
    left = {file.name for file in folder.iterdir()}
    assert left >= {f"{late.export_id}.age", "notes.txt"}
    assert left.isdisjoint({f"{early.export_id}.age", draft.name})
    assert [one.gone is None for one in all_exports(engine) if one.export_id == early.export_id] == [False]


def test_only_the_exports_of_a_person_of_that_tenant_go_with_them(person):
    engine, folder = person.ctx.engine, settings_of(person).exports
    folder.mkdir(exist_ok=True)
    hers, other, foreign = (
        record_export(engine, tenant, "subject", [("email", token), ("id", token)], kept_here=True)
        for tenant, token in (("acme", "a"), ("acme", "b"), ("globex", "a"))
    )
    for one in (hers, other, foreign):
        archive_of(folder, one.export_id).write_text("x")
    assert remove_exports_of(engine, folder, "acme", [("id", "a")]) == 1
    assert [archive_of(folder, one.export_id).exists() for one in (hers, other, foreign)] == [
        False, True, True,
    ]  # fmt: skip
    with engine.connect() as connection:
        left = {row.export_id for row in connection.execute(export_tokens.select())}
    assert hers.export_id not in left
    assert {other.export_id, foreign.export_id} <= left
