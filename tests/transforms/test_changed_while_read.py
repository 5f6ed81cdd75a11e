"""A landing file that changes while Spark reads it: its batch goes on without it, wherever a run dies."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import ExitStack

import pytest
from kill_points import Killed, killed_at

from transforms import deliveries, ingest
from transforms.landing import STAGING
from transforms.recovery import recover

PEOPLE = "customer_id,name,level,changed\n"


def line(number: int, level: int = 1) -> str:
    return f"C-{number},Maria Anders,{level},2024-01-01\n"


def ids(lake, layer="bronze", tenant="globex"):
    return [json.loads(row.opened)["customer_id"] for row in lake.rows(layer, "people", tenant)]


def grow(path, number):
    with path.open("a") as stream:
        stream.write(line(number))


@pytest.fixture
def around_commit(monkeypatch):
    """`around_commit(before, after)`: what happens before each batch is read, and after it is in."""
    commit = ingest.commit_batch

    def surround(before=lambda: None, after=lambda: None):
        def commits(*args):
            before()
            landed = commit(*args)
            after()
            return landed

        monkeypatch.setattr(ingest, "commit_batch", commits)

    return surround


def states(lake):
    return Counter(row.state for row in deliveries.all_deliveries(lake.ctx.engine))


def test_files_that_change_or_go_while_spark_reads_wait_and_the_others_come_in(small_lake, around_commit):
    steady = small_lake.drop("globex", "people", "steady.csv", PEOPLE + line(1))
    grows = small_lake.drop("globex", "people", "grows.csv", PEOPLE + line(2) + line(3, level=9))
    replaced = small_lake.drop("globex", "people", "replaced.csv", PEOPLE + line(4))
    goes = small_lake.drop("globex", "people", "goes.csv", PEOPLE + line(5))
    small_lake.drop("initech", "people", "a.csv", PEOPLE + line(1))

    def change():
        grow(grows, 6)
        replaced.with_name(".new").write_text(PEOPLE + line(7))
        replaced.with_name(".new").replace(replaced)

    around_commit(lambda: goes.unlink(missing_ok=True), change)
    outcomes = small_lake.ingest("people")
    globex = outcomes["globex"]
    assert (globex.failed, globex.files, globex.files_waiting) == (None, 1, {"still_being_written": 2})
    assert (globex.rows_landed, globex.rows_bronze, globex.rows_quarantined) == (1, 1, 0)
    assert [settled.file.path for settled in globex.settled] == [steady]
    assert ids(small_lake) == ["C-1"]
    assert ids(small_lake, "quarantine") == []
    assert (outcomes["initech"].files, ids(small_lake, tenant="initech")) == (1, ["C-1"])

    around_commit()
    assert small_lake.ingest("people")["globex"].rows_landed == 4
    assert ids(small_lake) == ["C-1", "C-2", "C-6", "C-7"]
    assert ids(small_lake, "quarantine") == ["C-3"]


def test_runs_that_die_while_a_changed_file_leaves_its_batch_are_finished_by_the_next(
    small_lake, around_commit
):
    """The first dies before any durable effect, and each that mends it one effect later than the last."""
    path = small_lake.drop("globex", "people", "a.csv", PEOPLE + line(1) + line(2, level=9))
    small_lake.drop("initech", "people", "a.csv", PEOPLE + line(1) + line(2, level=9))
    with ExitStack() as death:

        def change():
            grow(path, 3)
            death.enter_context(killed_at(1))

        around_commit(after=change)
        with pytest.raises(Killed):
            small_lake.ingest("people")
    around_commit()
    assert (states(small_lake), len(links(small_lake))) == ({"waiting": 2}, 2)

    deaths = 0
    for nth in range(1, 30):
        try:
            with small_lake.ctx.lake.lease("us", "people"), killed_at(nth):
                recover(small_lake.ctx, "us", "people")
            break
        except Killed:
            deaths += 1
    assert deaths >= 4, "withdrawn, out of bronze, out of quarantine, released"
    assert states(small_lake) == {"waiting": 1, "ingested": 1}
    assert (ids(small_lake), ids(small_lake, "quarantine"), links(small_lake)) == ([], [], [])
    assert (ids(small_lake, tenant="initech"), ids(small_lake, "quarantine", "initech")) == (["C-1"], ["C-2"])

    outcome = small_lake.ingest("people")["globex"]
    assert (outcome.rows_landed, outcome.failed) == (3, None)
    assert (ids(small_lake), ids(small_lake, "quarantine")) == (["C-1", "C-3"], ["C-2"])
    assert states(small_lake) == {"waiting": 1, "ingested": 2}


def links(lake):
    return list((lake.ctx.landing / STAGING).glob("*/*"))
