"""What a tier leaves room for in one run."""

from __future__ import annotations

import pytest

from policy.tiers import Tier
from transforms.errors import FileWaits, UnreadableFile
from transforms.room import Room

TIER = Tier("small", max_file_bytes=100, max_files_per_run=2, max_bytes_per_run=150, max_rows_per_run=10)


def enter(room: Room, size: int, rows: int = 1) -> None:
    """What ingest asks for a file that is let in."""
    room.must_hold(max_files_per_run=1, max_bytes_per_run=size)
    room.must_hold(max_rows_per_run=rows)
    room.take(max_files_per_run=1, max_bytes_per_run=size, max_rows_per_run=rows)


def waits_for(room: Room, size: int, rows: int = 1) -> str:
    with pytest.raises(FileWaits) as caught:
        enter(room, size, rows)
    return caught.value.reason


@pytest.mark.parametrize(
    ("amounts", "limit"),
    [
        ({"max_file_bytes": 101}, "max_file_bytes"),
        ({"max_bytes_per_run": 151}, "max_bytes_per_run"),
        ({"max_rows_per_run": 11}, "max_rows_per_run"),
    ],
)
def test_what_no_run_can_let_in_is_refused_by_the_limits_name(amounts, limit):
    with pytest.raises(UnreadableFile) as caught:
        Room(TIER).must_ever_hold(**amounts)
    assert caught.value.reason == f"over_limit:{limit}"


def test_what_is_just_at_every_limit_is_let_in():
    room = Room(TIER)
    room.must_ever_hold(max_file_bytes=100, max_bytes_per_run=150, max_rows_per_run=10)
    enter(room, 100, 5)
    enter(room, 50, 5)


@pytest.mark.parametrize(
    ("first", "second", "limit"),
    [((100, 1), (51, 1), "max_bytes_per_run"), ((1, 6), (1, 5), "max_rows_per_run")],
)
def test_what_a_run_has_no_more_room_for_waits_by_the_limits_name(first, second, limit):
    room = Room(TIER)
    enter(room, *first)
    assert waits_for(room, *second) == limit


def test_the_number_of_files_is_a_limit():
    room = Room(TIER)
    enter(room, 1)
    enter(room, 1)
    assert waits_for(room, 1) == "max_files_per_run"


def test_after_the_first_that_waits_all_wait_so_that_their_order_stays():
    room = Room(TIER)
    enter(room, 100)
    assert waits_for(room, 60) == "max_bytes_per_run"
    assert waits_for(room, 1) == "max_bytes_per_run"
    with pytest.raises(FileWaits):
        room.must_hold()


def test_a_tier_without_limits_holds_anything():
    room = Room(Tier("premium"))
    room.must_ever_hold(max_file_bytes=10**15, max_rows_per_run=10**12)
    enter(room, 10**15, 10**12)
    enter(room, 10**15, 10**12)
