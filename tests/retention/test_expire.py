"""The plan executed: rows go, or lose what is personal, and nothing of it is left on the disk."""

from __future__ import annotations

import json

from erasures import assert_whole, left, tokens
from expiring import ANONYMISE, ERASE, LATER, REVIEW, due, rule, ruled, run
from leak_scan import find_leaks

from policy import Period
from retention.effects import all_effects
from retention.holds import Scope, lift_hold, place_hold

YEAR = Period(12)
ALL = {"people": (3, 1, 3), "orders": (3, 0, 3), "events": (2, 0, 2)}


def hers(lake):
    return list(tokens(lake, email="ana@example.org", customer_id="C-1").values())


def test_rows_whose_time_is_over_go_with_their_past_and_a_second_run_writes_nothing(lake):
    lake = ruled(lake, rule(ERASE, YEAR, dataset="people"), rule(ERASE, YEAR, dataset="orders"))
    assert left(lake) == ALL
    told = run(lake)
    assert told.failed == {}
    assert left(lake) == {"people": (0, 0, 0), "orders": (0, 0, 0), "events": ALL["events"]}
    assert {(one.layer, one.dataset, one.rows) for one in told.effects} == {
        ("bronze", "people", 3), ("quarantine", "people", 1), ("silver", "people", 3),
        ("bronze", "orders", 3), ("silver", "orders", 3),
    }  # fmt: skip
    assert all(one.finished_at is not None for one in all_effects(lake.ctx.engine))
    assert {place for place, gone in told.purged.items() if gone.files} >= {"eu/bronze/people"}
    assert_whole(lake)
    files = {file: file.stat().st_mtime_ns for file in (lake.home / "lake").rglob("*")}
    again = run(lake)
    assert (again.effects, again.purged, due(lake)) == ([], {}, 0)
    assert {file: file.stat().st_mtime_ns for file in (lake.home / "lake").rglob("*")} == files


def test_anonymous_rows_stay_without_anything_that_leads_to_a_person(lake):
    lake = ruled(lake, rule(ANONYMISE, YEAR, dataset="people"))
    before = lake.rows("bronze", "people", "acme")
    told = run(lake)
    assert told.failed == {}
    rows = lake.rows("bronze", "people", "acme")
    assert [json.loads(row.opened) for row in rows] == [
        {"state": "new", "changed": "2024-01-01T00:00:00Z"}, {"state": "new", "changed": "2024-01-01"},
        {"state": "new", "changed": "2024-01-01T00:00:00Z"},
    ]  # fmt: skip
    assert {row.subject_token for row in rows} == {None}
    assert {row.record_id for row in rows}.isdisjoint({row.record_id for row in before})
    silver = lake.rows("silver", "people", "acme")
    assert {(row.name, row.email, row.remark, row.state) for row in silver} == {(None, None, None, "new")}
    assert len(silver) == 3
    assert lake.rows("quarantine", "people", "acme") == []
    gone = [row.record_id for row in before]
    assert find_leaks(lake.home / "lake" / "eu" / "bronze" / "people", gone) == []
    assert_whole(lake)
    assert (due(lake), run(lake).effects) == (0, [])


def test_a_class_rule_takes_the_values_and_leaves_the_rest_of_the_row(lake):
    lake = ruled(lake, rule(ERASE, YEAR, dataset="people", data_class="user.contact"))
    run(lake)
    row, *_ = (json.loads(one.opened) for one in lake.rows("bronze", "people", "acme"))
    assert (row["name"], row["customer_id"], row["remark"]) == ("Ana Trujillo", "C-1", "hello")
    assert {"email", "phone"}.isdisjoint(row)
    silver = lake.rows("silver", "people", "acme")
    assert {one.email for one in silver} == {None}
    assert {tuple(one.emptied) for one in silver} == {("email", "phone")}
    assert all(one.name and one.subject_token for one in silver)
    assert (due(lake), run(lake).effects) == (0, [])
    late = "customer_id,name,email,changed\nC-9,Eva,eva@example.org,2024-01-01T00:00:00Z\n"
    lake.drop("acme", "people", "late.csv", late)
    lake.ingest("people")
    assert [one.rows for one in run(lake).effects] == [1]


def test_a_review_touches_nothing_and_is_told(lake):
    lake = ruled(lake, rule(REVIEW, YEAR, dataset="people"))
    told = run(lake)
    assert (left(lake), told.effects, told.purged) == (ALL, [], {})
    assert {one.due for one in told.lines if one.layer == "bronze"} == {3}


def test_a_hold_keeps_its_persons_rows_until_it_is_lifted(lake):
    lake = ruled(lake, rule(ERASE, YEAR, dataset="orders"))
    kept = Scope("acme", subject_tokens=tuple(hers(lake)))
    hold = place_hold(lake.ctx.engine, kept, matter="CASE-1", by="counsel", why="why")
    told = run(lake)
    assert left(lake)["orders"] == (2, 0, 2)
    assert [(one.rows, one.held, one.matters) for one in told.effects] == [(1, 2, "CASE-1")] * 2
    lift_hold(lake.ctx.engine, hold.hold_id, "counsel", "settled")
    run(lake)
    assert left(lake)["orders"] == (0, 0, 0)
    assert find_leaks(lake.home / "lake" / "eu" / "bronze" / "orders", hers(lake)) == []
    assert_whole(lake)


def test_a_hold_that_is_placed_meanwhile_stops_the_datasets_that_are_not_begun(lake):
    lake = ruled(lake, rule(ERASE, YEAR))

    def place(step):
        if step.startswith("retention of orders"):
            place_hold(lake.ctx.engine, Scope("acme"), matter="CASE-1", by="counsel", why="why")

    run(lake, progress=place)
    rows = left(lake)
    assert (rows["events"], rows["orders"], rows["people"]) == ((0, 0, 0), ALL["orders"], ALL["people"])


def test_what_silver_shows_of_a_living_record_is_made_anew_when_an_older_version_goes(lake):
    """Events are appended: the first version of a key is shown, so when it goes, the next one is."""
    lake = ruled(lake, rule(ERASE, YEAR, dataset="events"))
    lake.drop("acme", "events", "b.jsonl", '{"event_id": "e1", "items": [2]}\n')
    lake.ingest("events")
    lake.protect("events")
    first, _, second = (row.ingested_at for row in lake.rows("bronze", "events", "acme"))
    assert first < second
    told = run(lake, at=YEAR.end(first).replace(tzinfo=LATER.tzinfo))
    assert told.failed == {}
    [row] = lake.rows("silver", "events", "acme")
    assert (row.items, row.customer_contact_email) == ("[2]", None)
    assert_whole(lake)


def test_a_tenant_that_fails_does_not_stop_the_others(lake):
    lake = ruled(lake, rule(ERASE, YEAR, dataset="orders"), rule(ANONYMISE, Period(days=1), dataset="orders"))
    lake.drop("globex", "orders", "a.csv", "order_id,customer_id,amount\n1,C-1,5\n")
    lake.ingest("orders")
    broken = lake.ctx.lake.read(table := lake_table("us", "orders"), ["globex"]).localCheckpoint()
    lake.ctx.lake.replace_tenants(broken.withColumn("sealed", broken.record_id.cast("binary")), table, ["globex"], {})
    short = ruled(lake, rule(ANONYMISE, YEAR, dataset="orders"))
    told = run(short)
    assert list(told.failed) == [("globex", "orders")]
    assert {one.tenant for one in told.effects} == {"acme"}


def lake_table(region, dataset):
    from transforms.lake import Table

    return Table(region, "bronze", dataset)
