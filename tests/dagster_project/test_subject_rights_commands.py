"""Export, freeze and thaw by command: what is refused before anything is read, and what is shown and kept."""

from __future__ import annotations

import re

import pyrage
import pytest
from typer.testing import CliRunner, Result

from dagster_project import house
from dagster_project.cli import app
from dagster_project.settings import Settings
from policy import load_policies
from retention.exports import record_export
from retention.identifiers import tokens_of
from tenancy.keyring import open_keyring
from transforms.restrictions import in_force, restrict

CANARY = "canary-jane.doe@example.com"
SECRET = str(pyrage.x25519.Identity.generate())
KEY = str(pyrage.x25519.Identity.generate().to_public())
WHO = ("--tenant", "acme", "--id", f"email={CANARY}")


@pytest.fixture
def engine(settings: Settings, monkeypatch):
    """A lake without tables, in which Spark must not be started."""
    engine = house.open_control_state(settings)
    open_keyring(engine, settings.root_key, settings.lake)
    monkeypatch.setattr(house, "open_house", None)
    return engine


def call(settings: Settings, *arguments: str) -> Result:
    paths = ("--lake", str(settings.lake), "--policies", str(settings.policies))
    return CliRunner().invoke(app, [*arguments, *paths], env={"COLUMNS": "200"})


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("subject", "export", *WHO, "--to", "age1nobody"), "no age public key"),
        (("subject", "export", *WHO, "--to", SECRET), "secret key"),
        (("subject", "export", *WHO, "--to", KEY, "--expires", "soon"), "ISO 8601"),
        (("subject", "export", *WHO, "--to", KEY, "--dataset", "nothing"), "no dataset of that name"),
        (("subject", "export", "--tenant", "acme", "--to", KEY), "no identifier"),
        (("subject", "export", "--tenant", "umbrella", "--id", f"email={CANARY}", "--to", KEY), "no tenant"),
        (("tenant", "export", "--tenant", "acme", "--to", "age1nobody", "--out", "x"), "no age public key"),
        (("tenant", "export", "--tenant", "umbrella", "--to", KEY, "--out", "x"), "no tenant"),
        (("subject", "freeze", "--tenant", "acme", "--id", f"{CANARY}=x"), "not known"),
    ],
)
def test_what_cannot_be_done_is_wrong_use_before_anything_is_read(settings, engine, arguments, told) -> None:
    done = call(settings, *arguments)
    assert (done.exit_code, told in re.sub(r"\s+", " ", done.output)) == (2, True), done.output
    assert not any(text in done.output for text in (CANARY, SECRET))


def test_an_export_over_an_existing_file_is_refused_and_leaves_it(settings, engine, tmp_path) -> None:
    (tmp_path / "mine.age").write_text("mine")
    done = call(settings, "subject", "export", *WHO, "--to", KEY, "--out", str(tmp_path / "mine.age"))
    assert (done.exit_code, (tmp_path / "mine.age").read_text()) == (2, "mine")


def test_frozen_persons_are_listed_without_a_name_and_thawed_by_an_identifier(settings, engine) -> None:
    bundle = load_policies(settings.policies)
    ring = open_keyring(engine, settings.root_key, settings.lake)
    id_ = restrict(engine, "acme", tokens_of(bundle, ring, "acme", {"email": CANARY}), [])
    listed = call(settings, "subject", "frozen")
    assert (listed.exit_code, id_ in listed.output) == (0, True)
    thawed, again = call(settings, "subject", "thaw", *WHO), call(settings, "subject", "thaw", *WHO)
    assert ("Thawed: 1" in thawed.output, "Nobody" in again.output) == (True, True)
    assert in_force(engine) == []
    assert "Nobody is frozen" in call(settings, "subject", "frozen").output
    assert CANARY not in listed.output + thawed.output + again.output


def test_exports_are_listed_by_number(settings, engine) -> None:
    assert "Nothing was ever exported" in call(settings, "subject", "exports").output
    made = record_export(engine, "acme", "subject", [("user.contact.email", "t")], kept_here=True)
    told = call(settings, "subject", "exports", "--tenant", "acme").output
    assert made.export_id in told
    assert "here" in told
