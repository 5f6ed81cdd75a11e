"""A table of another time, or with a part that is not whole, stops the lake at opening, and says the mend.

What Delta itself does about each case stands in docs/power-loss.md.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from tenancy.control import open_control
from transforms.errors import LakeStateError
from transforms.health import check_lake
from transforms.lake import Lake, Table
from transforms.leases import lease_if_free
from transforms.table_versions import TableVersions

BRONZE, QUARANTINE, SILVER = (f"us/{layer}/people" for layer in ("bronze", "quarantine", "silver"))
INTERVAL = "spark.databricks.delta.properties.defaults.checkpointInterval"


@pytest.fixture(scope="module")
def settled(spark, tmp_path_factory) -> Path:
    """A lake at rest: bronze has versions 0 to 3 and a checkpoint of 2, quarantine and silver version 0."""
    home = tmp_path_factory.mktemp("settled")
    engine = open_control(home / "control" / "control.db")
    lake = Lake(spark, home / "lake", home / "control" / "leases", engine)
    row = spark.sql("SELECT 'globex' AS tenant_id, 'r' AS record_id, 'Maria Anders' AS sealed").coalesce(1)
    spark.conf.set(INTERVAL, "2")
    for number in range(1, 5):
        lake.append(row, Table("us", "bronze", "people"), "writer", number, {})
    lake.append(row, Table("us", "quarantine", "people"), "writer", 1, {})
    lake.replace_tenants(row, Table("us", "silver", "people"), ["globex"], {})
    spark.conf.unset(INTERVAL)
    engine.dispose()
    return home


@pytest.fixture
def home(settled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(settled, tmp_path / "home"))


def check(home: Path) -> None:
    engine = open_control(home / "control" / "control.db")
    try:
        check_lake(TableVersions(engine), home / "lake", home / "control" / "leases")
    finally:
        engine.dispose()


def change_control(home: Path, statement: str) -> None:
    engine = open_control(home / "control" / "control.db")
    with engine.begin() as connection:
        assert connection.execute(text(statement)).rowcount == 1
    engine.dispose()


def log_file(home: Path, version: int, table: str = BRONZE, ending: str = "json") -> Path:
    return home / "lake" / table / "_delta_log" / f"{version:020d}.{ending}"


def side(file: Path) -> Path:
    return file.with_name(f".{file.name}.crc")


def data_file(home: Path, version: int = 3, table: str = BRONZE) -> Path:
    lines = log_file(home, version, table).read_text().splitlines()
    [add] = [action["add"] for action in map(json.loads, lines) if "add" in action]
    return home / "lake" / table / add["path"]


def cut(file: Path, to: float, *, with_side: bool = True) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * to)])
    if with_side:
        side(file).unlink()


def checkpoint(home: Path) -> Path:
    return log_file(home, 2, ending="checkpoint.parquet")


def lose(file: Path) -> None:
    file.unlink()
    side(file).unlink(missing_ok=True)


def zero(file: Path) -> None:
    file.write_bytes(b"\0" * file.stat().st_size)
    side(file).unlink()


def lose_last_line(file: Path) -> None:
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:-1]))
    side(file).unlink()


def dead_run(home: Path) -> None:
    """As a kill between the newest bronze commit and its record leaves the control database."""
    ids = [
        json.loads(
            json.loads(log_file(home, version).read_text().splitlines()[0])["commitInfo"]["userMetadata"]
        )["commit"]
        for version in (2, 3)
    ]
    before = [data_file(home, version).stat().st_size for version in range(3)]
    change_control(
        home,
        f"UPDATE table_versions SET version = 2, commit_id = '{ids[0]}', next_commit_id = '{ids[1]}', "
        f"files = 3, bytes = {sum(before)} WHERE name = '{BRONZE}'",
    )


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


RESTORE = "restore lake and control folder from the same backup"
DAMAGES: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "an empty newest commit": (lambda h: cut(log_file(h, 3), 0), "3.json is empty", RESTORE),
    "an empty newest commit beside its side file": (
        lambda h: cut(log_file(h, 3), 0, with_side=False), "3.json is empty", RESTORE,
    ),
    "a cut newest commit": (lambda h: cut(log_file(h, 3), 0.5), "3.json is cut", RESTORE),
    "a newest commit without its last line": (
        lambda h: lose_last_line(log_file(h, 3)), "has lost part of a commit", RESTORE,
    ),
    "a newest commit of zeros": (lambda h: zero(log_file(h, 3)), "3.json is cut", RESTORE),
    "an empty commit under a later one": (
        lambda h: (lose(checkpoint(h)), cut(log_file(h, 1), 0)), "1.json is empty", RESTORE,
    ),
    "an inner commit without its last line": (
        lambda h: (lose(checkpoint(h)), lose_last_line(log_file(h, 1))),
        "has lost part of a commit", RESTORE,
    ),
    "a missing newest commit": (
        lambda h: lose(log_file(h, 3)), "at version 2, and the control database knows version 3", RESTORE,
    ),
    "a missing inner commit": (
        lambda h: (lose(checkpoint(h)), lose(log_file(h, 1))), "1.json is missing", RESTORE,
    ),
    "a cut side file of a commit": (lambda h: cut(side(log_file(h, 3)), 0.5, with_side=False),
                                    "3.json.crc is cut", "remove that file"),
    "a checksum that does not fit": (
        lambda h: log_file(h, 3, ending="crc").write_text(
            log_file(h, 3, ending="crc").read_text().replace('"numFiles":4', '"numFiles":5')
        ),
        "3.crc does not fit the log", "move that file",
    ),
    "a cut checkpoint": (
        lambda h: cut(checkpoint(h), 0.5), "2.checkpoint.parquet is cut", "move that file",
    ),
    "a cut checkpoint whose commits are gone": (
        lambda h: (cut(checkpoint(h), 0.5), lose(log_file(h, 0))),
        "2.checkpoint.parquet is cut", RESTORE,
    ),
    "a missing checkpoint whose commits are gone": (
        lambda h: (lose(checkpoint(h)), lose(log_file(h, 0))), "0.json is missing", RESTORE,
    ),
    "a missing data file": (lambda h: lose(data_file(h)), ".parquet is missing", RESTORE),
    "an empty data file": (lambda h: cut(data_file(h), 0), ".parquet is empty, cut", RESTORE),
    "a cut data file": (lambda h: cut(data_file(h), 0.9), ".parquet is empty, cut", RESTORE),
    "an empty side file of a data file": (
        lambda h: side(data_file(h)).write_bytes(b""), ".parquet.crc is cut", "remove that file",
    ),
    "a table that is gone": (
        lambda h: shutil.rmtree(h / "lake" / BRONZE), "is not there, and the control database knows", RESTORE,
    ),
    "a log that is gone": (
        lambda h: shutil.rmtree(h / "lake" / BRONZE / "_delta_log"), "is not there, and", RESTORE,
    ),
    "a control database of before the last commit": (
        lambda h: change_control(
            h, f"UPDATE table_versions SET version = 2, next_commit_id = 'other' WHERE name = '{BRONZE}'"
        ),
        "has another commit at version 2", RESTORE,
    ),
    "a control database of before the table": (
        lambda h: change_control(h, f"DELETE FROM table_versions WHERE name = '{BRONZE}'"),
        "never heard of it", RESTORE,
    ),
    "a control database of after the last commit": (
        lambda h: change_control(h, f"UPDATE table_versions SET version = 4 WHERE name = '{BRONZE}'"),
        "at version 3, and the control database knows version 4", RESTORE,
    ),
    "a table of another history": (
        lambda h: change_control(h, f"UPDATE table_versions SET commit_id = 'x' WHERE name = '{BRONZE}'"),
        "has another commit at version 3", RESTORE,
    ),
    "a dead run's commit, and one that nobody announced": (
        lambda h: (dead_run(h), shutil.copy(log_file(h, 0), log_file(h, 4))),
        "no run of its own has made", RESTORE,
    ),
    "a dead run's commit, empty": (
        lambda h: (dead_run(h), cut(log_file(h, 3), 0)), "3.json is empty", "move the files of version 3",
    ),
    "a dead run's commit without its last line": (
        lambda h: (dead_run(h), lose_last_line(log_file(h, 3))),
        "3.crc does not fit", "move the files of version 3",
    ),
    "a dead run's data file, cut": (
        lambda h: (dead_run(h), cut(data_file(h), 0.5)), "cut or overwritten", "move the files of version 3",
    ),
    "a dead run's data file of zeros": (
        lambda h: (dead_run(h), zero(data_file(h))), "cut or overwritten", "move the files of version 3",
    ),
    "a silver table with a missing file": (
        lambda h: lose(data_file(h, 0, SILVER)), ".parquet is missing", "let silver be made anew",
    ),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_it_is_refused_by_name_with_its_mend_and_nothing_is_touched(home, damage):
    do, fact, mend = DAMAGES[damage]
    do(home)
    before = tree(home / "lake")
    with pytest.raises(LakeStateError) as refused:
        check(home)
    assert f"table {SILVER if 'silver' in damage else BRONZE}" in str(refused.value)
    assert fact in str(refused.value)
    assert mend in str(refused.value).partition("To mend it: ")[2]
    assert "Maria" not in str(refused.value)
    assert tree(home / "lake") == before


HARMLESS: dict[str, Callable[[Path], object]] = {
    "nothing": lambda h: None,
    "a dead run's commit that was announced": dead_run,
    "a commit that was announced and never made": lambda h: change_control(
        h, f"UPDATE table_versions SET next_commit_id = 'begun' WHERE name = '{BRONZE}'"
    ),
    "a checkpoint that is missing": lambda h: lose(checkpoint(h)),
    "a checkpoint that is empty": lambda h: cut(checkpoint(h), 0),
    "a pointer to the checkpoint that is cut": lambda h: cut(
        log_file(h, 0).with_name("_last_checkpoint"), 0.5
    ),
    "a checksum that is missing": lambda h: lose(log_file(h, 3, ending="crc")),
    "a checksum that is cut": lambda h: cut(log_file(h, 3, ending="crc"), 0.5),
    "an empty commit before the checkpoint": lambda h: cut(log_file(h, 0), 0),
    "side files that are missing": lambda h: (side(log_file(h, 3)).unlink(), side(data_file(h)).unlink()),
    "a data file that no commit names": lambda h: (
        data_file(h).with_name("part-left.parquet").write_bytes(b"x")
    ),
    "a folder that a failed first write left": lambda h: (h / "lake/us/bronze/orders/_delta_log").mkdir(
        parents=True
    ),
}


@pytest.mark.parametrize("what", HARMLESS)
def test_it_passes(home, what):
    HARMLESS[what](home)
    check(home)


def test_every_table_that_is_not_well_is_named(home):
    for table in (BRONZE, QUARANTINE, SILVER):
        cut(log_file(home, 0, table), 0)
    lose(checkpoint(home))
    with pytest.raises(LakeStateError) as refused:
        check(home)
    assert [name for name in (BRONZE, QUARANTINE, SILVER) if f"table {name}" in str(refused.value)] == [
        BRONZE, QUARANTINE, SILVER,
    ]  # fmt: skip


def test_a_dataset_that_another_process_writes_is_left_to_that_process(home):
    cut(log_file(home, 3), 0)
    with lease_if_free(home / "control" / "leases", "us", "people") as free:
        assert free
        check(home)
    with pytest.raises(LakeStateError):
        check(home)
