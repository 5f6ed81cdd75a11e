"""The plan executed: rows go, or lose what is personal, and nothing of it is left on the disk."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from erasures import LAYERS, assert_whole, tokens
from expiring import ANONYMISE, ERASE, LATER, REVIEW, due, expiry_verifier, rule, ruled, run
from leak_scan import find_leaks
from sqlalchemy import select

from policy import Clock, Period
from retention.effects import all_effects
from retention.expired_ids import expired_ids
from retention.holds import Scope, lift_hold, place_hold
from retention.proved import why_unproved
from retention.standalone import verify_receipt as standalone
from transforms.lake import Table

YEAR = Period(12)
RULES = (
    rule(ERASE, YEAR, dataset="orders"),
    rule(ANONYMISE, YEAR, Clock.OCCURRED, dataset="people"),
    rule(ERASE, YEAR, dataset="events", data_class="user.contact"),
    rule(REVIEW, YEAR, dataset="orders"),
)
ORDERS = "order_id,customer_id,amount\n1,C-7,5\n"


def files_of(lake):
    return {file: file.stat().st_mtime_ns for file in (lake.home / "lake").rglob("*") if file.is_file()}


def counts(lake, dataset):
    return tuple(len(lake.rows(layer, dataset, "acme")) for layer in LAYERS)


@pytest.fixture(scope="module")
def story(filled, open_lake, small_policies, tmp_path_factory):
    """One lake, three runs, each proved: under a hold; again; after the hold."""
    home = Path(shutil.copytree(filled, tmp_path_factory.mktemp("expire") / "home"))
    lake = ruled(open_lake(home, small_policies), *RULES)
    archive = home / "lake" / "eu" / "archive" / "orders" / "tenant_id=acme"
    archive.mkdir(parents=True)
    head = {"format": 1, "tenant": "acme", "dataset": "orders", "key_id": "k", "pieces": 0}
    (archive / f"{2:012d}.sealed").write_text(f"{json.dumps(head)}\n")  # it brought acme's orders
    old_ids = {row.record_id for row in lake.rows("bronze", "people", "acme")}
    ana = list(tokens(lake, email="ana@example.org", customer_id="C-1").values())
    kept = Scope("acme", "orders", subject_tokens=tuple(ana))
    hold = place_hold(lake.ctx.engine, kept, matter="CASE-1", by="counsel", why="why")
    prove = expiry_verifier(lake)
    first = run(lake, prove=prove)
    rows = {(one, d): lake.rows(one, d, "acme") for one in ("bronze", "silver") for d in ("people", "events")}
    under_hold, archived, files = counts(lake, "orders"), list(archive.iterdir()), files_of(lake)
    second = run(lake, prove=prove)
    files_after = files_of(lake)
    lift_hold(lake.ctx.engine, hold.hold_id, "counsel", "settled")
    third = run(lake, prove=prove)
    return SimpleNamespace(**locals())


def test_rows_whose_time_is_over_go_and_a_hold_keeps_its_persons_until_it_is_lifted(story):
    assert story.under_hold == (2, 0, 2)
    own = [one for one in story.first.effects if one.dataset == "orders"]
    assert [(one.layer, one.rows, one.held, one.matters) for one in own] == [
        ("silver", 1, 2, "CASE-1"), ("bronze", 1, 2, "CASE-1"),
    ]  # fmt: skip
    assert counts(story.lake, "orders") == (0, 0, 0)
    assert {(one.dataset, one.rows) for one in story.third.effects} == {("orders", 2)}


def test_nothing_of_it_is_left_on_the_disk_and_the_books_are_right(story):
    assert {"eu/bronze/people", "eu/silver/people", "eu/bronze/orders"} <= set(story.first.purged)
    assert all(one.finished_at and one.receipt for one in all_effects(story.lake.ctx.engine))
    assert find_leaks(story.home / "lake" / "eu" / "bronze" / "orders", story.ana) == []
    assert find_leaks(story.home / "lake" / "eu" / "bronze" / "people", story.old_ids) == []
    assert_whole(story.lake)


def test_a_second_run_does_nothing_and_writes_no_file(story):
    assert (story.second.effects, story.second.purged, story.second.failed) == ([], {}, {})
    assert story.files_after == story.files
    assert due(story.lake) == 0


def test_each_run_that_took_something_has_a_receipt_that_says_what_and_that_it_is_gone(story):
    proofs = [one.proofs.get("acme") for one in (story.first, story.second, story.third)]
    assert [one and (one.complete, one.detail) for one in proofs] == [(True, ""), None, (True, "")]
    control = story.home / "control"
    public = control / "signing.pub"
    for proof in (proofs[0], proofs[2]):
        file = control / "receipts" / proof.receipt
        assert why_unproved(file, public, "acme", proof.receipt.partition(".")[0]) == ""
        assert standalone.check(file, public)[0]
    body = json.loads((control / "receipts" / proofs[0].receipt).read_bytes())["body"]
    told = {(one["table"], one["verb"], one["what"], one["rows"], one["held"]) for one in body["expired"]}
    assert ("eu/bronze/orders", "erased", "rows", 1, 2) in told
    assert ("eu/bronze/people", "emptied", "rows", 3, 0) in told
    assert (body["kind"], body["tokens"], body["sought"]["run_id"]) == ("retention", [], "run-1")
    # A cell for each row that went or lost values, a record for each that bronze has no row of any more.
    assert (body["sought"]["cells"], body["sought"]["records"]) == (7, 5)
    assert body["search"]["needles"] == {"token": 0, "value": 0, "row": 12}
    assert {one["path"].split("/tenant_id")[0] for one in body["removed"]} >= {"eu/bronze/people"}
    before = {one["table"]: one["version_before"] < one["version_after"] for one in body["tables"]}
    assert before["eu/silver/people"]
    [gap] = [one for one in body["not_searchable"] if "archive" in one["path"]]
    assert (gap["accounted"], "a hold keeps" in gap["detail"]) == (True, True)


def test_a_receipt_holds_no_id_of_a_row_and_the_control_database_none_any_more(story):
    receipts = story.home / "control" / "receipts"
    assert find_leaks(receipts, [*story.old_ids, *story.ana]) == []
    with story.lake.ctx.engine.connect() as connection:
        assert connection.execute(select(expired_ids)).all() == []


def test_an_archived_file_goes_with_its_rows_once_no_hold_keeps_one_of_them(story):
    assert (len(story.archived), story.first.archives) == (1, 0)
    assert (list(story.archive.iterdir()), story.third.archives) == ([], 1)


def test_anonymous_rows_stay_without_anything_that_leads_to_a_person(story):
    rows = story.rows["bronze", "people"]
    assert [json.loads(row.opened) for row in rows] == [
        {"state": "new", "changed": "2024-01-01T00:00:00Z"}, {"state": "new", "changed": "2024-01-01"},
        {"state": "new", "changed": "2024-01-01T00:00:00Z"},
    ]  # fmt: skip
    assert {row.subject_token for row in rows} == {None}
    ids = {row.record_id for row in rows}
    assert ids.isdisjoint(story.old_ids)
    silver = story.rows["silver", "people"]
    assert {row.record_id for row in silver} == ids
    assert {(row.name, row.email, row.remark, row.state) for row in silver} == {(None, None, None, "new")}
    assert story.lake.rows("quarantine", "people", "acme") == []  # a broken record goes whole


def test_a_class_rule_takes_the_values_and_leaves_the_rest_of_the_row(story):
    row, _ = (json.loads(one.opened) for one in story.rows["bronze", "events"])
    assert row == {"event_id": "e1", "customer": {"contact": {}}}
    silver = story.rows["silver", "events"]
    assert {(one.event_id, one.customer_contact_email) for one in silver} == {("e1", None), ("e2", None)}
    assert {tuple(one.emptied) for one in silver} == {("customer_contact_email",)}


def test_a_review_touches_nothing_and_is_told(story):
    [line] = [one for one in story.first.lines if one.standing.reviews and one.layer == "bronze"]
    assert (line.due, line.held) == (1, 2)


def test_an_older_version_goes_a_failing_tenant_stops_itself_and_a_hold_what_is_not_begun(lake):
    """Events are appended: the first version of a key is shown, so when it goes, the next one is."""
    lake = ruled(lake, rule(ERASE, YEAR), rule(ANONYMISE, YEAR, dataset="events", tenant="globex"))
    lake.drop("acme", "events", "b.jsonl", '{"event_id": "e1", "items": [2]}\n')
    lake.drop("globex", "events", "a.jsonl", '{"event_id": "e1"}\n')
    lake.ingest("events")
    lake.protect("events")
    first, _, second = (row.ingested_at for row in lake.rows("bronze", "events", "acme"))
    assert first < second
    table = Table("us", "bronze", "events")
    spoilt = lake.ctx.lake.read(table, ["globex"]).selectExpr("*", "unhex('00') AS s").drop("sealed")
    spoilt = spoilt.withColumnRenamed("s", "sealed").localCheckpoint()
    lake.ctx.lake.replace_tenants(spoilt, table, ["globex"], {})

    def place(step):
        if step.startswith("retention of orders"):
            place_hold(lake.ctx.engine, Scope("acme"), matter="CASE-1", by="counsel", why="why")

    told = run(lake, at=YEAR.end(first).replace(tzinfo=LATER.tzinfo), progress=place)
    assert told.failed == {}  # nothing of globex is due yet
    [row] = lake.rows("silver", "events", "acme")
    assert (row.items, row.customer_contact_email) == ("[2]", None)
    assert (counts(lake, "orders"), counts(lake, "people")) == ((3, 0, 3), (3, 1, 3))
    failed = run(ruled(lake, rule(ANONYMISE, YEAR, dataset="events")))
    assert list(failed.failed) == [("globex", "events")]
