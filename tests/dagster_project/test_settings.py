"""Where everything of a lake is."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagster_project.settings import debugging, load_settings
from policy.errors import LakewardError

TOKEN = "t0ken-canary"


def test_what_is_no_table_lies_beside_the_lake(tmp_path: Path) -> None:
    settings = load_settings(lake=tmp_path / "tables")
    control = tmp_path / "tables-control"
    assert settings.control == control
    assert settings.control_db == control / "control.db"
    assert settings.root_key == control / "root.key"
    assert settings.lineage_file == control / "lineage" / "events.jsonl"
    assert settings.leases == control / "leases"
    assert settings.spark_dir == control / "spark"
    assert settings.dagster_home == control / "dagster"


def test_the_environment_names_the_paths(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LAKEWARD_LAKE", str(tmp_path / "here"))
    monkeypatch.setenv("LAKEWARD_ROOT_KEY", str(tmp_path / "keys" / "root"))
    settings = load_settings()
    assert settings.lake == tmp_path / "here"
    assert settings.control == tmp_path / "here-control"
    assert settings.root_key == tmp_path / "keys" / "root"


def test_what_is_given_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LAKEWARD_LAKE", str(tmp_path / "environment"))
    settings = load_settings(lake=tmp_path / "given", landing=None)
    assert settings.lake == tmp_path / "given"
    assert settings.control == tmp_path / "given-control"


def test_every_path_is_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings(lake=Path("a/../lake"), landing=Path("drop"))
    assert settings.lake == tmp_path / "lake"
    assert settings.landing == tmp_path / "drop"
    assert settings.policies == tmp_path / "examples" / "policies"


def test_a_dagster_home_that_is_set_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "dagster"))
    assert load_settings(lake=tmp_path / "lake").dagster_home == tmp_path / "dagster"


@pytest.mark.parametrize("name", ["control", "landing", "root_key"])
def test_nothing_but_tables_lies_inside_the_lake(tmp_path: Path, name: str) -> None:
    with pytest.raises(LakewardError, match=f"LAKEWARD_{name.upper()}"):
        load_settings(**{"lake": tmp_path, name: tmp_path / "inside"})


def test_a_folder_whose_name_begins_like_the_lake_lies_beside_it(tmp_path: Path) -> None:
    assert load_settings(lake=tmp_path / "lake", control=tmp_path / "lake2").control == tmp_path / "lake2"


def test_spark_settings_come_as_json(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LAKEWARD_SPARK_CONF", '{"spark.master": "local[1]"}')
    assert load_settings(lake=tmp_path).spark_conf == {"spark.master": "local[1]"}


@pytest.mark.parametrize("text", ["local[1]", '["a"]', '{"a": {"b": 1}}'])
def test_spark_settings_that_are_no_object_of_texts_are_refused_unquoted(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("LAKEWARD_SPARK_CONF", text)
    with pytest.raises(LakewardError, match="LAKEWARD_SPARK_CONF") as told:
        load_settings()
    assert text not in str(told.value)


def test_the_lineage_address_is_not_in_the_repr() -> None:
    assert "hunter2" not in repr(load_settings(lineage_url="https://host/path?key=hunter2"))


@pytest.mark.parametrize(("value", "on"), [("1", True), ("0", False), ("", False), (None, False)])
def test_debugging_is_asked_for(monkeypatch: pytest.MonkeyPatch, value: str | None, on: bool) -> None:
    if value is not None:
        monkeypatch.setenv("LAKEWARD_DEBUG", value)
    assert debugging() is on


def test_the_token_may_come_from_the_environment_and_is_not_in_the_settings_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LAKEWARD_LINEAGE_TOKEN", TOKEN)
    settings = load_settings()
    assert settings.read_lineage_token() == TOKEN
    assert TOKEN not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"lineage_token": TOKEN, "lineage_token_file": "token"}, "given twice"),
        ({"lineage_token": TOKEN, "lineage_url": "http://lineage.example/x"}, "unencrypted"),
        ({"lineage_token_file": "token", "lineage_url": "http://lineage.example/x"}, "unencrypted"),
        ({"lineage_url": f"https://me:{TOKEN}@host"}, "not a plain"),
        ({"lineage_keep": f"-1{TOKEN}"}, "LAKEWARD_LINEAGE_KEEP"),
        ({"lineage_keep": -1}, "LAKEWARD_LINEAGE_KEEP"),
    ],
)
def test_settings_that_do_not_fit_are_refused_before_a_run_and_not_repeated(given: dict, what: str) -> None:
    with pytest.raises(LakewardError, match=what) as told:
        load_settings(**given)
    assert TOKEN not in str(told.value)


def test_an_empty_token_in_the_environment_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKEWARD_LINEAGE_TOKEN", "")
    assert load_settings(lineage_url="http://lineage.example/x").read_lineage_token() is None
