"""What is in a tenant's evidence bundle, and what never is."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest
import yaml
from evidence import BEGIN, DIGEST, check_fact, fill, open_lake, other_facts
from prov.model import ProvDocument

from audit.errors import EvidenceError
from audit.evidence.export import export_evidence
from audit.evidence.others import Others, others_of
from audit.evidence.reading import Scope
from audit.ledger import Fact
from audit.schema_check import validate_event
from audit.standalone.verify_bundle import Zip, verify
from policy import load_policies


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    lake = open_lake(tmp_path_factory.mktemp("lake"))
    fill(lake)
    yield lake
    lake.engine.dispose()


@pytest.fixture(scope="module")
def made(lake):
    return lake.bundle()


@pytest.fixture(scope="module")
def files(made):
    with zipfile.ZipFile(made.path) as packed:
        return {name: packed.read(name).decode() for name in packed.namelist()}


def entries_in(path):
    with zipfile.ZipFile(path) as packed:
        return [json.loads(line) for line in packed.read("ledger/entries.jsonl").splitlines()]


def test_it_holds_every_entry_of_the_tenant_and_the_platform_s_policies(lake, files):
    entries = [json.loads(line) for line in files["ledger/entries.jsonl"].splitlines()]
    size = json.loads(files["ledger/head.json"])["size"]
    wanted = [one.seq for one in lake.ledger.entries() if one.tenant in ("acme", None) and one.seq < size]
    assert [one["seq"] for one in entries] == wanted
    assert {one["kind"] for one in entries if one["tenant"] is None} == {"policy"}


def test_nothing_of_another_tenant_is_in_any_file(files):
    for name, text in files.items():
        for canary in ("globex", "Globex", "northwind", "Northwind"):
            assert canary not in text, name
            assert canary not in name


def test_the_number_of_entries_left_out_is_told_and_adds_up(lake, files):
    told = json.loads(files["summary.json"])
    left_out = told["counts"]["left_out"]
    assert left_out["entries_of_others"] == sum(
        one.tenant == "globex" for one in lake.ledger.entries() if one.seq < told["head"]["size"]
    )
    assert told["counts"]["entries"] + left_out["entries_of_others"] == told["head"]["size"]


def test_an_entry_of_the_platform_that_names_another_tenant_is_withheld_and_counted(tmp_path):
    lake = open_lake(tmp_path / "lake")
    fill(lake, 1)
    named = {"datasets/orders.globex.yaml": "00" * 32}
    lake.ledger.append([Fact("policy", "files", {"digest": DIGEST, "files": named})])
    lake.ledger.append(
        [Fact("policy", "own", {"digest": DIGEST, "files": {"datasets/orders.acme.yaml": "00" * 32}})]
    )
    made = lake.bundle()
    assert made.counts["left_out"]["entries_that_name_others_by_kind"] == {"policy": 1}
    assert {one["source"] for one in entries_in(made.path) if one["kind"] == "policy"} == {"run/run-0", "own"}
    with made.path.open("rb") as stream:
        assert verify(Zip(stream)).holds
    lake.engine.dispose()


def test_an_entry_of_the_tenant_s_own_that_names_another_is_withheld_and_counted(tmp_path):
    lake = open_lake(tmp_path / "lake")
    lake.ledger.append([Fact("hold", "x", {"hold_id": "x", "state": "placed", "dataset": "globex"}, "acme")])
    lake.ledger.append(
        [Fact("hold", "y", {"hold_id": "y", "state": "placed", "dataset": "globex_like"}, "acme")]
    )
    made = lake.bundle()
    assert made.counts["left_out"]["entries_that_name_others_by_kind"] == {"hold": 1}
    assert [one["source"] for one in entries_in(made.path)] == ["y"]
    lake.engine.dispose()


def test_of_the_platform_s_own_entries_those_of_another_region_stay_behind(tmp_path):
    lake = open_lake(tmp_path / "lake")
    for region in ("eu", "us", None):
        lake.ledger.append(
            [Fact("retention", f"purge/{region}", {"table": "silver/orders", "files": 1}, region=region)]
        )
    made = lake.bundle()
    assert [one["source"] for one in entries_in(made.path)] == ["purge/eu", "purge/None"]
    assert made.counts["left_out"]["entries_of_others"] == 1
    lake.engine.dispose()


def test_names_of_others_are_whole_words_and_a_dataset_that_only_they_have(lake):
    others = others_of("acme", [lake.sources.bundle], ["gone_tenant"])
    assert others.named_in("datasets/customers.northwind.yaml")
    assert others.named_in("employees")  # northwind alone has it
    assert others.named_in("of Globex Corporation.")
    assert others.named_in("gone_tenant")
    assert not others.named_in("acme orders customers globexes northwind_like")
    assert not Others([]).named_in("globex")


def test_a_tenant_that_the_policies_no_longer_know_is_still_another(tmp_path):
    lake = open_lake(tmp_path / "lake")
    lake.ledger.append([check_fact("x", "left")])
    lake.ledger.append(
        [Fact("policy", "p", {"digest": DIGEST, "files": {"datasets/orders.left.yaml": "00" * 32}})]
    )
    assert lake.bundle().counts["left_out"]["entries_that_name_others"] == 1
    lake.engine.dispose()


def test_a_receipt_s_list_that_names_another_stays_behind_and_the_receipt_comes(tmp_path):
    lake = open_lake(tmp_path / "lake")
    own = lake.write_receipt("acme", 1)
    lists = lake.write_receipt("acme", 2, place="us/bronze/globex")
    facts = [*other_facts("acme", "orders", 1, own), *other_facts("acme", "orders", 2, lists)]
    lake.ledger.append(facts)
    made = lake.bundle()
    with zipfile.ZipFile(made.path) as packed:
        names = [name for name in packed.namelist() if name.startswith("receipts/")]
    assert [name for name in names if "files-" not in name] == [
        f"receipts/{number:032x}.1.json" for number in (1, 2)
    ]
    assert made.counts["left_out"]["lists_of_searched_files_that_name_others"] == 1
    assert sum("files-" in name for name in names) == 1
    lake.engine.dispose()


def test_a_receipt_of_retention_comes_along_as_one_of_an_erasure_does(tmp_path):
    lake = open_lake(tmp_path / "lake")
    proved = {
        "receipt": f"{1:032x}.1.json",
        "receipt_sha256": lake.write_receipt("acme", 1),
        "verified": True,
    }
    lake.ledger.append([Fact("retention", "receipt/1", proved, "acme")])
    made = lake.bundle()
    assert (made.counts["receipts"], made.counts["left_out"]["receipts_missing"]) == (1, 0)
    with made.path.open("rb") as stream:
        assert any("1 receipts is signed" in line for line in verify(Zip(stream)).lines)
    lake.engine.dispose()


def test_a_receipt_that_is_gone_is_counted_and_the_verifier_says_so(tmp_path):
    lake = open_lake(tmp_path / "lake")
    lake.ledger.append(other_facts("acme", "orders", 1, lake.write_receipt("acme", 1)))
    for path in lake.sources.receipts.iterdir():
        path.unlink()
    made = lake.bundle()
    assert made.counts["left_out"]["receipts_missing"] == 1
    with made.path.open("rb") as stream:
        told = verify(Zip(stream))
    assert told.holds
    assert any("1 receipts that the ledger names were left out" in line for line in told.lines)
    lake.engine.dispose()


def test_todays_policies_are_whole_where_they_name_nobody_else_and_else_an_extract(lake, files):
    told = json.loads(files["policy/versions.json"])["current"]["files"]
    assert told["datasets/orders.yaml"]["how"] == "whole"
    assert told["tenants.yaml"]["how"] == "extract"
    assert [one["id"] for one in yaml.safe_load(files["policy/current/tenants.yaml"])["tenants"]] == ["acme"]
    whole = load_policies(lake.sources.policies)
    assert files["policy/current/retention.yaml"].count("period:") == sum(
        rule.tenant in (None, "acme") for rule in whole.retention.rules
    )


def test_the_policies_in_force_are_told_once_for_each_change(files):
    assert json.loads(files["policy/versions.json"])["in_force"][0]["digest"] == DIGEST
    assert len(json.loads(files["policy/versions.json"])["in_force"]) == 1


def test_a_period_takes_its_own_entries_and_the_policies_that_were_in_force_before(lake):
    made = lake.bundle("period.zip", begin=BEGIN + timedelta(minutes=7), end=BEGIN + timedelta(minutes=12))
    entries = entries_in(made.path)
    first, last = "2026-03-01T12:07", "2026-03-01T12:12"
    assert {one["kind"] for one in entries if one["at"] < first} == {"policy"}
    assert [one for one in entries if one["tenant"] == "acme"]
    assert all(first <= one["at"] < last for one in entries if one["kind"] not in ("policy", "key_epoch"))
    assert made.counts["left_out"]["entries_outside_the_period"] > 0
    with made.path.open("rb") as stream:
        assert verify(Zip(stream)).holds


def test_the_journey_leads_each_class_from_the_file_to_its_treatment(files):
    classes = {one["class"]: one["steps"] for one in json.loads(files["journey.json"])["classes"]}
    email = classes["user.contact.email"]
    assert [(one["dataset"], one["column"]) for one in email["landing"]] == [("orders", "email")]
    assert [(one["treatment"], one["masked"]) for one in email["silver"]] == [("token", True)]
    dropped = classes["user.health_and_medical"]
    assert "silver" not in dropped
    assert [one["column"] for one in dropped["dropped"]] == ["diagnosis"]


def test_a_column_without_a_class_is_on_no_class_s_journey(files):
    assert all("amount" not in json.dumps(one) for one in json.loads(files["journey.json"])["classes"])


def test_the_record_of_processing_has_the_fields_of_article_30(files):
    record = json.loads(files["processing-record.json"])
    orders = next(one for one in record if one["activity"] == "orders")
    assert orders.keys() == {
        "activity", "controller", "contacts", "purpose", "data_subjects", "categories_of_data", "recipients",
        "third_countries", "time_limits", "security_measures",
    }  # fmt: skip
    assert all(orders.values())
    assert "user.contact.address.street" in orders["categories_of_data"]
    assert any("anonymise P3Y" in one for one in orders["time_limits"])


def test_provenance_is_prov_json_and_tells_who_used_and_made_what(files):
    prov = json.loads(files["prov.json"])
    assert ProvDocument.deserialize(content=files["prov.json"], format="json").get_records()
    assert {"lw:acme/landing.orders", "lw:acme/silver.orders"} <= prov["entity"].keys()
    assert {one["prov:entity"] for one in prov["used"].values()} == {
        "lw:acme/landing.orders", "lw:acme/bronze.orders",
    }  # fmt: skip


def test_the_crate_describes_every_file_but_itself_and_the_manifest(files):
    graph = json.loads(files["ro-crate-metadata.json"])["@graph"]
    described = {one["@id"] for one in graph if one["@type"] == "File"}
    assert described == files.keys() - {"MANIFEST.json", "ro-crate-metadata.json"}
    assert all(one["description"] for one in graph if one["@type"] == "File")


def test_a_table_has_a_row_for_each_entry_of_its_kind(files, made):
    rows = list(csv.DictReader(io.StringIO(files["tables/request.csv"].removeprefix("\ufeff"))))
    assert len(rows) == made.counts["by_kind"]["request"]
    assert [row["state"] for row in rows[:2]] == ["received", "done"]


def test_the_report_needs_no_network_and_no_script(files):
    report = files["report.html"]
    assert not any(
        word in report for word in ("http:", "https:", "<script", "<img", "<link", "@import", "url(")
    )


def test_the_report_says_in_words_what_was_left_out_and_what_it_does_not_prove(files):
    assert "What is not in here" in files["report.html"]
    assert "What this does not prove" in files["report.html"]
    assert "ledger entries of other tenants" in files["report.html"]


def test_a_bundle_of_a_tenant_without_any_entry_is_made_and_holds(tmp_path):
    lake = open_lake(tmp_path / "lake")
    made = lake.bundle()
    with made.path.open("rb") as stream:
        told = verify(Zip(stream), lake.public_key.read_bytes())
    assert told.holds, told.lines
    lake.engine.dispose()


def test_the_export_is_an_entry_of_the_ledger_and_names_the_file_by_its_hash(lake, made):
    (entry,) = [
        one
        for one in lake.ledger.entries("acme", kinds=["export"])
        if one.body["sha256"] == made.packed.sha256
    ]
    assert entry.body["export"] == "evidence"
    assert entry.body["manifest_sha256"] == made.packed.manifest_sha256


def test_a_file_that_is_there_is_not_written_over(lake, made):
    before = made.path.read_bytes()
    with pytest.raises(EvidenceError, match="give a new name"):
        lake.bundle()
    assert made.path.read_bytes() == before


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"tenant": "nobody"}, "no tenant of that id"),
        ({"begin": BEGIN, "end": BEGIN}, "ends before it begins"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_and_leaves_nothing(lake, change, told):
    scope = replace(Scope("acme"), **change)
    before = sorted(lake.folder.iterdir())
    with pytest.raises(EvidenceError, match=told):
        export_evidence(lake.sources, scope, lake.folder / "refused.zip")
    assert sorted(lake.folder.iterdir()) == before


def test_an_event_that_its_digest_does_not_name_stops_the_export_and_leaves_no_file(tmp_path):
    lake = open_lake(tmp_path / "lake")
    lake.ledger.append([Fact("lineage", "x", {"event_id": "x", "sha256": "00" * 32, "event": {}}, "acme")])
    with pytest.raises(EvidenceError, match="digest"):
        lake.bundle()
    assert not list(lake.folder.glob("*.zip"))
    assert not list(lake.folder.glob(".evidence*"))
    lake.engine.dispose()


def test_every_event_of_the_bundle_is_a_valid_openlineage_event(files):
    events = [json.loads(line) for line in files["lineage/events.jsonl"].splitlines()]
    assert events
    assert [fault for event in events for fault in validate_event(event)] == []
