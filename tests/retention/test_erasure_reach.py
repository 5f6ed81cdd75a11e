"""An erasure reaches what no column of a readable row says: prose, torn lines, archives, detected columns."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from erasures import PEOPLE, answer, ask, narrowed, tokens
from findings import finding, record

from retention.requests import Outcome, State
from transforms.frozen import frozen_records
from transforms.lake import Table
from transforms.naming import naming_columns
from transforms.plan import contract_as_found

HEAD = PEOPLE.splitlines()[0] + "\n"
ANA, EMAIL = "ana@example.org", "user.contact.email"
TORN = '{"event_id": "e8", "customer": {"contact": {"email": "Ana@Example.org"}}'
VISITS = Table("eu", "bronze", "visits")


def opened(lake, layer, dataset):
    return [row.opened for row in lake.rows(layer, dataset, "acme")]


def places(lake):
    return [json.loads(one)["place"] for one in opened(lake, "bronze", "visits")]


@pytest.fixture(scope="module")
def reached(filled, open_lake, small_policies, tmp_path_factory):
    """A lake that names Ana where no declared column leads, after she was erased by her e-mail address."""
    home = Path(shutil.copytree(filled, tmp_path_factory.mktemp("reached") / "home"))
    lake = narrowed(open_lake(home, small_policies), "people", "events", "visits")
    waiting = [
        f"C-4,Eva Braun,,,lost,Write to {ANA} or tom@example.org,2024-01-01",
        "C-5,Jo Fox,,,lost,Write to jo@example.org,2024-01-01",
        "C-1,too short", f"C-3,call {ANA}", "C-3,call tom@example.org", "C-11,too short",
    ]  # fmt: skip
    lake.drop("acme", "people", "waiting.csv", HEAD + "\n".join(waiting) + "\n")
    lake.ingest("people")
    for customer, whom in (("C-41", ANA), ("C-42", "jo@example.org")):
        lake.drop("acme", "people", f"{customer}.csv", HEAD + f"{customer},Jo,,,new,Ask {whom},2024-01-01\n")
        lake.ingest("people")
    lake.drop("acme", "events", "b.jsonl", f"{TORN}\n{TORN.replace('Ana@Ex', 'tom@ex')}\n")
    lake.ingest("events")
    lake.drop("acme", "visits", "a.csv", "place,owner\nANA@example.org,\ntom@example.org,\nPorto,\n")
    lake.ingest("visits")
    record(lake.ctx.engine, finding("acme", "visits", "place", EMAIL))
    for dataset in ("people", "visits"):
        lake.protect(dataset)
    asked = tokens(lake, email=ANA)
    bronze = lake.ctx.lake.read(VISITS, ["acme"])
    whose = [("acme", domain, token) for domain, token in asked.items()]
    frozen = frozen_records(lake.ctx, bronze, lake.ctx.bundle.contract_for("acme", "visits"), whose)
    archives = [archive_of_delivery(lake, one) for one in ("C-41", "C-42")]
    request = answer(lake, ask(lake, email=ANA))
    lake.drop("acme", "visits", "b.csv", f"place,owner\n{ANA},\njo@example.org,\n")
    lake.ingest("visits")
    return SimpleNamespace(lake=lake, request=request, archives=archives, frozen=frozen)


def archive_of_delivery(lake, customer):
    """The sealed landing file of the delivery that brought this customer."""
    [row] = [one for one in lake.rows("bronze", "people", "acme") if f'"{customer}"' in one.opened]
    folder = lake.home / "lake" / "eu" / "archive" / "people" / "tenant_id=acme"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{int(row.batch_id.split('-')[0]):012d}.sealed"
    path.write_bytes(b"sealed")
    return path


def test_the_request_is_done_and_nobody_is_left_to_name_the_person(reached):
    found = (reached.request.state, reached.request.outcome)
    assert found == (State.DONE, Outcome.ERASED), reached.request.detail


def test_prose_in_quarantine_that_names_the_person_loses_the_name_and_stays(reached):
    rows = [json.loads(one) for one in opened(reached.lake, "quarantine", "people")]
    assert [one["remark"] for one in rows if "remark" in one and one["remark"] != "x"] == [
        "Write to <user.contact.email:erased> or tom@example.org",
        "Write to jo@example.org",
    ]


def test_a_line_that_does_not_come_apart_goes_whole_where_the_person_stands_in_it(reached):
    rows = [json.loads(one) for one in opened(reached.lake, "quarantine", "people")]
    assert [one["unreadable"] for one in rows if "unreadable" in one] == [
        "C-3,call tom@example.org",
        "C-11,too short",
    ]


def test_json_that_does_not_come_apart_goes_whole_where_the_person_stands_in_it(reached):
    assert opened(reached.lake, "quarantine", "events") == [TORN.replace("Ana@Ex", "tom@ex")]


def test_lines_that_do_not_come_apart_are_told_by_a_place_of_their_own(reached):
    assert "unreadable.events: 1, unreadable.people: 2" in reached.request.detail


def test_the_archive_of_a_delivery_that_only_names_the_person_goes_too(reached):
    assert [one.exists() for one in reached.archives] == [False, True]


def test_a_column_that_only_detection_knows_leads_to_the_person(reached):
    assert places(reached.lake) == ["tom@example.org", "Porto", "jo@example.org"]
    assert len(reached.lake.rows("silver", "visits", "acme")) == 2


def test_who_comes_back_in_a_column_that_only_detection_knows_is_kept_out(reached):
    [kept_out] = reached.lake.rows("quarantine", "visits", "acme")
    assert (kept_out.reasons, json.loads(kept_out.opened)["place"]) == (["suppressed"], ANA)


def test_a_restriction_reaches_a_column_that_only_detection_knows(reached):
    assert len(reached.frozen) == 1


def test_what_detection_found_counts_in_its_own_tenant_only(lake):
    record(lake.ctx.engine, finding("acme", "visits", "place", EMAIL))
    contract = lake.ctx.bundle.contract_for("acme", "visits")
    found = naming_columns(lake.ctx, contract, [(tenant, EMAIL) for tenant in ("acme", "globex")])
    assert {(one.name, tenants) for one, tenants in found.items()} == {("place", frozenset({"acme"}))}


def test_a_column_of_another_class_than_the_tokens_names_nobody(lake):
    record(lake.ctx.engine, finding("acme", "visits", "place", "user.name"))
    contract = lake.ctx.bundle.contract_for("acme", "visits")
    assert naming_columns(lake.ctx, contract, [("acme", EMAIL)]) == {}


@pytest.mark.parametrize(
    ("evidence", "as_found"),
    [({"sampled": 50}, (EMAIL, False)), ({"sampled": 50, "free_text": 1}, (None, True))],
    ids=["a class", "prose"],
)
def test_a_column_without_a_class_counts_as_what_detection_found(lake, evidence, as_found):
    record(lake.ctx.engine, finding("acme", "visits", "place", EMAIL, evidence=evidence))
    contract = lake.ctx.bundle.contract_for("acme", "visits")
    found = contract_as_found(lake.ctx.engine, lake.ctx.bundle, "acme", contract).column("place")
    assert (found.data_class, found.free_text) == as_found


def test_what_the_contract_declares_stays_whatever_detection_found(lake):
    record(lake.ctx.engine, finding("acme", "people", "name", EMAIL))
    contract = lake.ctx.bundle.contract_for("acme", "people")
    assert contract_as_found(lake.ctx.engine, lake.ctx.bundle, "acme", contract) == contract
