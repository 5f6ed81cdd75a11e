"""A landing file on its way to a batch: one that changes, goes, or is too much, while it is looked at."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from policy.tiers import Tier
from tenancy.control import open_control
from transforms import arrivals, deliveries, staging
from transforms.arrivals import Arrival, Known, LeftOut, arrive
from transforms.landing import LandingFile, Stamp
from transforms.room import Room

GOOD = "customer_id,name,changed\nC-1,Maria Anders,2024-01-01\n"
SECRET = "customer_id,name,changed\nC-2,Hanna Moos,2024-01-01\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "landing" / "us" / "globex" / "people" / "a.csv"
    path.parent.mkdir(parents=True)
    path.write_text(GOOD)
    (tmp_path / "secret.csv").write_text(SECRET)
    return LandingFile("us", "globex", "people", path, "csv", gzipped=False)


@pytest.fixture
def look(tmp_path, small_policies):
    """`look(file)`: what becomes of it; `room` is what its tenant's tier leaves, from file to file."""
    engine = open_control(tmp_path / "control.db")
    deliveries.metadata.create_all(engine)
    ctx = SimpleNamespace(bundle=small_policies, engine=engine, run_id="run-1")
    contract = small_policies.contract_for("globex", "people")

    def looked(file, room=None):
        return arrive(ctx, file, contract, room or Room(Tier("standard")), b"k" * 32)

    looked.engine = engine
    return looked


def grows(path: Path) -> None:
    with path.open("a") as stream:
        stream.write("C-3,Ana Trujillo,2024-01-01\n")


def is_written_over(path: Path) -> None:
    path.write_text(GOOD.replace("Maria", "Marie"))


def is_replaced(path: Path) -> None:
    path.with_name(".new").write_text(GOOD)
    path.with_name(".new").replace(path)


def becomes_a_link(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.parents[4] / "secret.csv")


def vanishes(path: Path) -> None:
    path.unlink()


def loses_its_folder(path: Path) -> None:
    path.unlink()
    path.parent.rmdir()
    path.parent.write_text("")


def is_renamed(path: Path) -> None:
    path.rename(path.with_name("b.csv"))


CHANGES = [grows, is_written_over, is_replaced, becomes_a_link]
GOES = [vanishes, loses_its_folder, is_renamed]


def during(monkeypatch: pytest.MonkeyPatch, step: str, change: Callable[[Path], None]) -> None:
    """Let `change` happen to the file right after a step of looking at it."""
    work = getattr(arrivals, step)

    def disturbed(file, *args):
        done = work(file, *args)
        change(file.path)
        return done

    monkeypatch.setattr(arrivals, step, disturbed)


def test_a_file_that_lies_still_arrives_with_its_stamp_and_shape(look, file):
    found = look(file)
    assert isinstance(found, Arrival)
    assert (found.stamp, found.shape.rows, found.changed) == (Stamp.of(file.path), 1, False)


@pytest.mark.parametrize("step", ["content_token", "inspect"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changes_while_it_is_looked_at_waits(look, file, monkeypatch, step, change):
    during(monkeypatch, step, change)
    assert look(file) == LeftOut("still_being_written", waits=True)
    assert {row.state for row in deliveries.all_deliveries(look.engine)} <= {"waiting"}


@pytest.mark.parametrize("step", ["content_token", "inspect"])
@pytest.mark.parametrize("change", GOES)
def test_a_file_that_goes_while_it_is_looked_at_is_passed_by(look, file, monkeypatch, step, change):
    during(monkeypatch, step, change)
    assert look(file) is None


@pytest.mark.parametrize("change", [becomes_a_link, *GOES])
def test_a_file_that_went_or_became_a_link_since_the_inventory_is_passed_by(look, file, change):
    change(file.path)
    assert look(file) is None
    assert deliveries.all_deliveries(look.engine) == []


@pytest.mark.parametrize("level", range(3))
def test_a_folder_that_became_a_link_since_the_inventory_is_not_followed(look, file, tmp_path, level):
    folder = file.path.parents[level]
    elsewhere = folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(elsewhere)
    assert file.path.read_text() == GOOD
    assert look(file) is None


def test_a_landing_zone_that_is_itself_a_link_is_no_fault(look, file, tmp_path):
    (tmp_path / "mount").symlink_to(tmp_path / "landing")
    path = tmp_path / "mount" / "us" / "globex" / "people" / "a.csv"
    assert isinstance(look(replace(file, path=path)), Arrival)


def test_half_of_a_file_is_not_refused_while_the_other_half_is_written(look, file, monkeypatch):
    """What looks like an open quote is the end of what was there."""
    file.path.write_text('customer_id,name,changed\nC-1,"Maria')
    during(monkeypatch, "content_token", grows)
    assert look(file) == LeftOut("still_being_written", waits=True)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_after_the_look_shows_in_the_arrival(look, file, change):
    found = look(file)
    change(file.path)
    assert found.changed


@pytest.mark.parametrize("change", GOES)
def test_a_file_that_was_taken_away_has_not_changed(look, file, change):
    found = look(file)
    change(file.path)
    assert not found.changed


def test_a_file_that_cannot_be_looked_at_any_more_counts_as_changed(look, file, monkeypatch):
    found = look(file)
    monkeypatch.setattr(os, "lstat", shut)
    assert found.changed


def test_a_file_that_may_not_be_read_waits(look, file, monkeypatch):
    monkeypatch.setattr(Path, "open", shut)
    assert look(file) == LeftOut("not_readable", waits=True)


def shut(*_: object, **__: object) -> None:
    raise PermissionError("shut")


def test_a_known_content_is_told_as_known_under_any_name(look, file):
    first = look(file)
    deliveries.settle(look.engine, 0, {first.delivery_id: (1, 1, 0)}, "sha256:0")
    is_renamed(file.path)
    again = look(replace(file, path=file.path.with_name("b.csv")))
    assert again == Known(first.delivery_id, first.content_token)


def test_a_file_above_its_tiers_size_is_refused_before_a_byte_is_read(look, file, monkeypatch):
    monkeypatch.setattr(arrivals, "content_token", shut)
    found = look(file, Room(Tier("small", max_file_bytes=len(GOOD) - 1)))
    assert found == LeftOut("over_limit:max_file_bytes", waits=False)
    assert look(file, Room(Tier("small", max_file_bytes=len(GOOD)))) == LeftOut("not_readable", waits=True)


def test_no_file_is_read_once_the_run_is_full(look, file, monkeypatch):
    other = replace(file, path=file.path.with_name("b.csv"))
    other.path.write_text(SECRET)
    room = Room(Tier("small", max_files_per_run=1))
    assert isinstance(look(file, room), Arrival)
    assert look(other, room) == LeftOut("max_files_per_run", waits=True)
    monkeypatch.setattr(arrivals, "content_token", shut)
    assert look(other, room) == LeftOut("max_files_per_run", waits=True)


def test_a_known_content_takes_no_room(look, file):
    first = look(file)
    deliveries.settle(look.engine, 0, {first.delivery_id: (1, 1, 0)}, "sha256:0")
    other = replace(file, path=file.path.with_name("b.csv"))
    other.path.write_text(SECRET)
    room = Room(Tier("small", max_files_per_run=1))
    assert isinstance(look(file, room), Known)
    assert isinstance(look(other, room), Arrival)


# -- the links of a batch


def test_links_of_a_dead_run_tell_whose_file_has_changed_since(look, file, tmp_path):
    other = replace(file, path=file.path.with_name("b.csv"))
    gone = replace(file, path=file.path.with_name("c.csv"))
    other.path.write_text(SECRET)
    gone.path.write_text(SECRET + SECRET)
    arrived = [look(one) for one in (file, other, gone)]
    folder = staging.staging_folder(tmp_path / "landing", "us", "people", 7)
    staging.stage(folder, arrived)
    assert list(staging.left_behind(tmp_path / "landing", "us", "people")) == [(7, folder)]
    assert staging.changed_since(folder) == []
    grows(other.path)
    vanishes(gone.path)
    assert staging.changed_since(folder) == [arrived[1].delivery_id]


@pytest.mark.parametrize("name", ["jane.doe@example.com.csv", "caf\udce9\n.csv", "x" * 250 + ".csv"])
def test_a_link_shows_nothing_of_the_files_name(look, file, tmp_path, name):
    path = file.path.rename(file.path.with_name(name))
    folder = staging.staging_folder(tmp_path / "landing", "us", "people", 7)
    [staged] = staging.stage(folder, [look(replace(file, path=path))])
    assert staged.link.read_text() == GOOD
    assert staged.link.name.split(".")[0] == "1"
    assert staged.link.name.endswith(".csv")
    assert len(staged.link.name) == len("1.0123456789abcdef.csv")


def test_another_datasets_links_are_left_alone(look, file, tmp_path):
    for place in (("us", "people2", 1), ("eu", "people", 2)):
        staging.stage(staging.staging_folder(tmp_path / "landing", *place), [look(file)])
    assert list(staging.left_behind(tmp_path / "landing", "us", "people")) == []
