"""Policies or keys that are not as they should be: told with the mend before anything is read or written."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from bad_files import BAD, GOOD, POLICIES, put, write_policies
from typer.testing import CliRunner

from audit.kept_policies import KEPT, older_policies
from dagster_project.cli import app
from dagster_project.house import open_house
from dagster_project.settings import Settings, load_settings
from policy import load_policies
from policy.errors import LakewardError
from tenancy.rootkey import create_root_key


@pytest.fixture(scope="module")
def made(spark, tmp_path_factory) -> Path:
    """A lake that was opened once, with a file waiting."""
    home = tmp_path_factory.mktemp("closed") / "home"
    write_policies(home)
    put(home / "landing" / "us" / BAD / "people" / "good.csv", GOOD)
    ctx = open_house(settings_of(home), "run-1")
    ctx.keyring.tenant_keys(BAD)
    ctx.engine.dispose()
    return home


@pytest.fixture
def home(made, tmp_path) -> Path:
    shutil.copytree(made, tmp_path / "home")
    return tmp_path / "home"


def settings_of(home: Path) -> Settings:
    return load_settings(
        landing=home / "landing", lake=home / "lake", policies=home / "policies", control=home / "control"
    )


def seen(home: Path) -> dict[Path, bytes]:
    """Every file under landing and lake, and the key."""
    files = [path for part in ("landing", "lake") for path in (home / part).rglob("*") if path.is_file()]
    return {path: path.read_bytes() for path in (*files, home / "control" / "root.key") if path.exists()}


def key_is_gone(home: Path) -> None:
    (home / "control" / "root.key").unlink()


def key_is_open_to_others(home: Path) -> None:
    (home / "control" / "root.key").chmod(0o644)


def key_is_another_lakes(home: Path) -> None:
    (home / "control" / "root.key").unlink()
    create_root_key(home / "control" / "root.key")


def key_is_cut(home: Path) -> None:
    (home / "control" / "root.key").write_text("0123")


def test_a_lake_that_is_opened_keeps_the_policies_as_they_are(home):
    bundle = load_policies(home / "policies")
    assert older_policies(settings_of(home).kept_policies, bundle.digest).state == KEPT


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (key_is_gone, "root key file .* is missing"),
        (key_is_open_to_others, "chmod 600"),
        (key_is_another_lakes, "another"),
        (key_is_cut, "64 hex digits"),
    ],
)
def test_a_lake_whose_key_does_not_fit_stays_shut_and_nothing_is_written(home, damage, words):
    damage(home)
    before = seen(home)
    with pytest.raises(LakewardError, match=words) as caught:
        open_house(settings_of(home), "run-2")
    assert "To mend it: " in str(caught.value)
    assert seen(home) == before


def tenant(id_: str) -> Callable[[Path], None]:
    def change(home: Path) -> None:
        path = home / "policies" / "tenants.yaml"
        path.write_text(path.read_text().replace(f"id: {BAD}", f"id: {id_}"))

    return change


def without_tenants(home: Path) -> None:
    (home / "policies" / "tenants.yaml").unlink()


def malformed(home: Path) -> None:
    (home / "policies" / "tenants.yaml").write_text("tenants: [")


def unknown_class(home: Path) -> None:
    path = home / "policies" / "datasets" / "people.yaml"
    path.write_text(POLICIES["datasets/people.yaml"].replace("user.unique_id", "user.shoe_size"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (without_tenants, "tenants.yaml: the file is missing"),
        (malformed, "tenants.yaml"),
        (unknown_class, "user.shoe_size"),
        (tenant('"../b"'), "'../b'"),
        (tenant("Acme"), "'Acme'"),
        (tenant("gl\u043ebex"), "'gl\\u043ebex'"),
    ],
    ids=["missing", "malformed", "unknown class", "way out", "capitals", "look-alike"],
)
def test_a_run_under_policies_that_are_not_whole_ends_with_1_and_touches_nothing(home, change, words):
    change(home)
    before = seen(home)
    paths = [f"--{name}={home / name}" for name in ("landing", "lake", "policies")]
    done = CliRunner(env={"LAKEWARD_CONTROL": str(home / "control")}).invoke(app, ["run", *paths])
    assert done.exit_code == 1
    assert words in done.output
    assert "To mend it" in done.output
    assert seen(home) == before
