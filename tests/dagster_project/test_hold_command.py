"""`lakeward hold`: who is held is told by tokens, and nothing personal is kept, printed or stored."""

from __future__ import annotations

import re

import pytest
from typer.testing import CliRunner, Result

from audit.ledger import Ledger
from dagster_project.cli import app
from dagster_project.house import open_control_state
from dagster_project.settings import Settings
from retention.holds import all_holds
from tenancy.keyring import open_keyring
from tenancy.tokens import token

PERSON = "C-004711"
PLACE = ("place", "--tenant", "acme", "--matter", "CASE-1", "--why", "letter of the court", "--by", "counsel")


@pytest.fixture
def lake(settings: Settings) -> Settings:
    open_keyring(open_control_state(settings), settings.root_key, settings.lake)
    return settings


def call(settings: Settings, *arguments: str, typed: str | None = None) -> Result:
    own = ("--lake", str(settings.lake), "--policies", str(settings.policies))
    return CliRunner().invoke(app, ["hold", *arguments, *own], input=typed, env={"COLUMNS": "200"})


def placed(settings: Settings) -> str:
    done = call(settings, *PLACE)
    assert done.exit_code == 0, done.output
    return re.search(r"Placed: (\w+)", done.output)[1]


def subject_token(settings: Settings, value: str) -> str:
    ring = open_keyring(open_control_state(settings), settings.root_key, settings.lake)
    return token(ring.tenant_keys("acme").token_key, "user.unique_id/customer", value)


@pytest.mark.parametrize(
    ("option", "typed"), [(f"customer_id={PERSON}", None), ("customer_id=-", f"{PERSON}\n")]
)
def test_a_person_is_held_by_the_token_that_the_rows_carry(lake: Settings, option: str, typed: str | None):
    done = call(lake, *PLACE, "--id", option, typed=typed)
    assert done.exit_code == 0, done.output
    (hold,) = all_holds(open_control_state(lake))
    assert hold.scope.subject_tokens == (subject_token(lake, PERSON.lower()),)
    assert PERSON not in done.output
    assert PERSON.encode() not in b"".join(file.read_bytes() for file in lake.control.glob("control.db*"))


def test_a_hold_is_under_a_signed_head_as_soon_as_it_is_placed_and_lifted(lake: Settings):
    ledger = Ledger(open_control_state(lake))
    hold_id = placed(lake)
    assert ledger.newest_head().size == ledger.size() == 1
    assert call(lake, "lift", hold_id, "--why", "the case is over").exit_code == 0
    assert ledger.newest_head().size == ledger.size() == 2


def test_a_person_can_be_held_under_several_identifiers(lake: Settings):
    done = call(
        lake, *PLACE, "--id", "email=-", "--id", "customer_id=-", typed=f"jane@example.org\n{PERSON}\n"
    )
    assert done.exit_code == 0, done.output
    (hold,) = all_holds(open_control_state(lake))
    assert len(hold.scope.subject_tokens) == 2
    assert subject_token(lake, PERSON.lower()) in hold.scope.subject_tokens


def test_an_identifier_that_no_row_is_told_by_would_hold_nothing_and_is_refused(lake: Settings):
    done = call(lake, *PLACE, "--id", "email=jane@example.org")
    assert done.exit_code == 2
    assert "user.unique_id/customer" in done.output
    assert "jane" not in done.output
    assert all_holds(open_control_state(lake)) == []


def test_a_hold_is_listed_with_its_scope_until_it_is_lifted(lake: Settings):
    id_ = placed(lake)
    assert "CASE-1" in call(lake, "list").output
    assert "acme, every dataset, everybody" in call(lake, "list").output
    assert call(lake, "lift", id_, "--why", "settled", "--by", "counsel").exit_code == 0
    assert "No hold is in force" in call(lake, "list").output
    assert "settled" in call(lake, "list", "--all").output


def test_a_hold_of_another_tenant_is_not_listed_for_this_one(lake: Settings):
    placed(lake)
    assert "No hold is in force" in call(lake, "list", "--tenant", "globex").output


def test_lifting_twice_fails(lake: Settings):
    id_ = placed(lake)
    call(lake, "lift", id_, "--why", "settled")
    assert call(lake, "lift", id_, "--why", "settled").exit_code == 1


@pytest.mark.parametrize(
    "more",
    [
        ("--tenant", "nobody"),
        ("--dataset", "employees"),
        ("--id", "jane@example.org"),
        ("--id", "=jane@example.org"),
        ("--id", "jane@example.org=x"),
        ("--id", "customer_id=-"),
        ("--id", "customer_id=C-1", "--id", "customer_id=C-2"),
        ("--why", "jane@example.org asked"),
        ("--from", "yesterday"),
    ],
)
def test_what_does_not_fit_is_wrong_use_and_is_not_repeated(lake: Settings, more: tuple[str, ...]):
    done = call(lake, *PLACE, *more, typed="")
    assert done.exit_code == 2, done.output
    assert "jane" not in done.output
    assert all_holds(open_control_state(lake)) == []


def test_a_matter_with_a_blank_is_refused(lake: Settings):
    assert call(lake, *PLACE, "--matter", "Jane against Acme").exit_code == 1


@pytest.mark.parametrize("command", [PLACE, ("lift", "x", "--why", "y"), ("list",)])
def test_holds_of_no_lake_are_wrong_use_and_make_nothing(settings: Settings, command: tuple[str, ...]):
    assert call(settings, *command).exit_code == 2
    assert not settings.control.exists()
