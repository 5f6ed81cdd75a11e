"""`lakeward ledger` and its line in `lakeward status`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from audit.ledger import Fact, Ledger
from audit.ledger_head import parse_head
from dagster_project.cli.app import app
from dagster_project.house import open_control_state
from dagster_project.settings import Settings, load_settings
from policy.errors import LakewardError


@pytest.fixture
def engine(settings: Settings) -> Engine:
    """The control database of a lake with three entries."""
    made = open_control_state(settings)
    Ledger(made).append(Fact("check", f"run/{number}", {"rows": number}, "acme", "eu") for number in range(3))
    return made


@pytest.fixture
def heads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "heads"
    place.mkdir()
    monkeypatch.setenv("LAKEWARD_LEDGER_HEADS", str(place))
    return place


def ledger(settings: Settings, *words: str) -> Result:
    return CliRunner().invoke(app, ["ledger", *words, "--lake", str(settings.lake)])


def change(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)


def test_a_head_is_printed_and_lies_in_the_second_place(
    engine: Engine, settings: Settings, heads: Path
) -> None:
    done = ledger(settings, "head")
    assert done.exit_code == 0
    printed = parse_head(done.output)
    assert printed.size == 3
    assert [parse_head(file.read_bytes()) for file in heads.iterdir()] == [printed]


def test_a_sound_ledger_holds_with_its_heads_elsewhere(
    engine: Engine, settings: Settings, heads: Path
) -> None:
    ledger(settings, "head")
    done = ledger(settings, "check")
    assert done.exit_code == 0
    assert "Holds: 3 entries, 1 heads here, 1 heads kept elsewhere" in done.output


def test_without_a_second_place_a_check_says_what_it_cannot_tell(engine: Engine, settings: Settings) -> None:
    ledger(settings, "head")
    done = ledger(settings, "check")
    assert done.exit_code == 0
    assert "Not checked: no head is kept elsewhere" in done.output


def test_an_edited_entry_fails_the_check_in_words(engine: Engine, settings: Settings) -> None:
    ledger(settings, "head")
    change(engine, "UPDATE ledger_entries SET entry = replace(entry, 'acme', 'globex') WHERE seq = 1")
    done = ledger(settings, "check")
    assert done.exit_code == 1
    assert "Does not hold: entry 1 was edited" in done.output


def test_heads_that_an_auditor_kept_tell_a_ledger_that_was_cut_off(
    engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "mine.jsonl").write_text(ledger(settings, "head").output)
    for table, beyond in (("ledger_entries", "seq >= 0"), ("ledger_heads", "1"), ("ledger_nodes", "1")):
        change(engine, f"DELETE FROM {table} WHERE {beyond}")
    change(engine, "UPDATE ledger_state SET size = 0")
    assert ledger(settings, "check").exit_code == 0
    done = ledger(settings, "check", "--heads", str(tmp_path / "mine.jsonl"))
    assert done.exit_code == 1
    assert "an older copy of it" in done.output


def test_a_second_place_that_is_down_fails_the_check_and_the_head_and_is_shown(
    engine: Engine, settings: Settings, heads: Path, examples: Path
) -> None:
    heads.rmdir()
    assert "ENOENT" in (told := ledger(settings, "head")).output
    assert told.exit_code == 1
    done = ledger(settings, "check")
    assert done.exit_code == 1
    assert "could not be read (ENOENT)" in done.output
    shown = CliRunner().invoke(
        app, ["status", "--lake", str(settings.lake), "--policies", str(examples / "policies")]
    )
    assert "1 heads wait for" in " ".join(shown.output.split())


def test_old_entries_are_archived_where_the_settings_say_and_the_ledger_still_holds(
    engine: Engine, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ledger(settings, "archive", "--before", "2199-01-01").exit_code == 1
    (tmp_path / "segments").mkdir()
    monkeypatch.setenv("LAKEWARD_LEDGER_ARCHIVE", str(tmp_path / "segments"))
    done = ledger(settings, "archive", "--before", "2199-01-01")
    assert "Entries 0 to 2:" in done.output
    (told,) = (tmp_path / "segments").glob("*.json")
    assert json.loads(told.read_bytes())["last"] == 2
    assert ledger(settings, "check").exit_code == 0
    assert "No entry is that old" in ledger(settings, "archive", "--before", "2199-01-01").output


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("LEDGER_HEADS", "heads", "no absolute path"),
        ("LEDGER_HEADS", "{control}/heads", "outside of"),
        ("LEDGER_HEADS", "http://user:word@example.org/", "not a plain"),
        ("LEDGER_KEEP", "two years", "no ISO 8601 period"),
    ],
)
def test_a_setting_that_cannot_serve_is_refused(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"LAKEWARD_{name}", value.format(control=settings.control))
    with pytest.raises(LakewardError, match=said):
        load_settings(lake=settings.lake)


def test_a_token_for_heads_is_not_sent_in_the_clear(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LAKEWARD_LEDGER_HEADS", "http://example.org/heads")
    monkeypatch.setenv("LAKEWARD_LEDGER_HEADS_TOKEN_FILE", str(tmp_path / "token"))
    with pytest.raises(LakewardError, match="ledger heads token would cross the network"):
        load_settings()
