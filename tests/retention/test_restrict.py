"""A frozen person's records are kept and not processed; thawed, they are as they were before."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from erasures import EVENTS, LAYERS, PEOPLE, answer, ask, assert_whole, left, narrowed, tokens
from leak_scan import find_leaks

from retention.find import Finder
from retention.look import LOOK, contracts_of, sought_by
from retention.requests import State
from retention.restrict import freeze
from transforms.checks import check_silver
from transforms.frozen import frozen_records
from transforms.lake import Table
from transforms.protect import needs_protect
from transforms.restrictions import frozen_tokens, in_force, lift, with_frozen

FROZEN = {"people": (3, 1, 2), "orders": (3, 0, 1), "events": (2, 0, 1)}
DATASETS = tuple(FROZEN)


@pytest.fixture
def frozen_lake(ana, open_lake, small_policies, tmp_path):
    """A copy of that lake, to be changed."""
    home = shutil.copytree(ana[0].home, tmp_path / "home")
    return open_lake(Path(home), small_policies)


@pytest.fixture(scope="module")
def ana(filled, open_lake, small_policies, tmp_path_factory):
    """A lake in which Ana is frozen by her e-mail, and what silver held before."""
    home = Path(shutil.copytree(filled, tmp_path_factory.mktemp("frozen") / "home"))
    lake = open_lake(home, small_policies)
    before = silver(lake)
    return lake, before, freeze(lake.ctx, "acme", tokens(lake, email="ana@example.org"))


def silver(lake):
    return {dataset: sorted(map(str, lake.rows("silver", dataset, "acme"))) for dataset in DATASETS}


def failures(lake):
    told = [one for d in DATASETS for one in check_silver(lake.ctx, d, ["acme", "globex"])]
    return [(one.name, one.detail) for one in told if not one.success], len(told)


def test_records_leave_silver_with_its_past_by_subject_and_by_email_and_stay_in_bronze(ana):
    lake, _, frozen = ana
    assert frozen.records == {"people": 1, "orders": 2, "events": 1, "staff": 0, "visits": 0}
    assert left(lake) == FROZEN
    hers = tokens(lake, email="ana@example.org", customer_id="C-1").values()
    assert find_leaks(lake.home / "lake" / "eu" / "silver" / "orders", hers) == []


def test_nothing_has_to_be_made_anew_and_the_checks_expect_just_the_others(ana):
    lake, _, _ = ana
    assert [needs_protect(lake.ctx, dataset, ["acme"]) for dataset in DATASETS] == [[], [], []]
    told, checks = failures(lake)
    assert told == []
    assert checks >= 15


def test_what_is_frozen_is_what_an_erasure_would_take(ana):
    lake, _, _ = ana
    sought = sought_by(lake.ctx, "acme", tokens(lake, email="ana@example.org"), prose=False)
    listed = frozen_tokens(lake.ctx.engine, ["acme"])
    for contract in contracts_of(lake.ctx, "acme"):
        if contract.dataset in DATASETS:
            erased = Finder(lake.ctx, contract, sought).find().rows["bronze"]
            bronze = lake.ctx.lake.read(Table("eu", "bronze", contract.dataset), ["acme"])
            found = frozen_records(lake.ctx, bronze, contract, listed)
            assert {one for _, one in found} == {one.record_id for one in erased if one.request_id == LOOK}


def test_new_arrivals_stay_sealed_thawing_brings_all_back_and_both_can_be_said_again(ana, frozen_lake):
    lake, (_, before, frozen) = frozen_lake, ana
    lake.drop(
        "acme",
        "people",
        "late.csv",
        PEOPLE.replace(",hello,", ",again,").replace("2024-01-01T", "2025-01-01T"),
    )
    lake.drop("acme", "events", "late.jsonl", EVENTS.replace("e1", "e9").replace("e2", "e8"))
    for dataset in ("people", "events"):
        lake.ingest(dataset, "acme")
        lake.protect(dataset, "acme")
    assert left(lake)["events"] == (4, 0, 2)
    assert left(lake)["people"][2] == 2
    assert failures(lake)[0] == []
    assert (
        freeze(lake.ctx, "acme", tokens(lake, email="ana@example.org")).restriction_id
        == frozen.restriction_id
    )
    assert lift(lake.ctx.engine, "acme", tokens(lake, customer_id="C-1")) == 1
    assert lift(lake.ctx.engine, "acme", tokens(lake, customer_id="C-1")) == 0
    for dataset in DATASETS:
        assert needs_protect(lake.ctx, dataset, ["acme"]) == ["acme"]
        lake.protect(dataset, "acme")
    assert silver(lake)["orders"] == before["orders"]
    assert left(lake)["people"][2] == 3
    assert left(lake)["events"] == (4, 0, 4)
    assert failures(lake)[0] == []


def test_a_frozen_person_can_be_erased_and_stays_frozen(frozen_lake):
    lake = narrowed(frozen_lake, "people")
    assert answer(lake, ask(lake, email="ana@example.org")).state is State.DONE
    assert left(lake)["people"] == (2, 0, 2)
    assert len(in_force(lake.ctx.engine, "acme")) == 1
    assert_whole(lake)


def test_a_latest_snapshot_that_holds_only_a_frozen_person_does_not_bring_the_file_before_it_back(small_lake):
    small_lake.drop("acme", "staff", "a.csv", "staff_id,nick\n1,Tom\n2,Ana\n")
    small_lake.ingest("staff", "acme")
    small_lake.drop("acme", "staff", "b.csv", "staff_id,nick\n2,Ana\n")
    small_lake.ingest("staff", "acme")
    small_lake.protect("staff", "acme")
    freeze(small_lake.ctx, "acme", tokens(small_lake, **{"staff.staff_id": "2"}))
    small_lake.drop("acme", "staff", "c.csv", "staff_id,nick\n02,Ana\n")
    small_lake.ingest("staff", "acme")
    small_lake.protect("staff", "acme")
    assert [len(small_lake.rows(layer, "staff", "acme")) for layer in LAYERS] == [4, 0, 0]


def test_nobody_frozen_leaves_a_digest_as_it_is_and_a_neighbours_person_changes_none():
    mine, other = ("acme", "d", "t"), ("globex", "d", "t")
    assert with_frozen([], "acme", "x") == with_frozen([other], "acme", "x") == "x"
    assert (
        len({"x", with_frozen([mine], "acme", "x"), with_frozen([mine, ("acme", "d", "u")], "acme", "x")})
        == 3
    )


def test_two_restrictions_of_one_person_end_together_and_no_other_does(small_lake):
    from transforms.restrictions import restrict

    engine = small_lake.ctx.engine
    restrict(engine, "acme", {"email": "e"}, [("id", "1")])
    restrict(engine, "acme", {"id": "1"}, [])
    restrict(engine, "acme", {"id": "2"}, [])
    restrict(engine, "globex", {"email": "e"}, [])
    assert lift(engine, "acme", {"email": "e"}) == 2
    assert [(one.tenant, sorted(one.tokens)) for one in in_force(engine)] == [
        ("acme", [("id", "2")]), ("globex", [("email", "e")]),
    ]  # fmt: skip
