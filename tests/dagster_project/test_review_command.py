"""`lakeward review`: a steward sees what waits, and what a verdict changes; nothing personal is kept."""

from __future__ import annotations

import json
import shutil

import pytest
from findings import finding, record
from typer.testing import CliRunner, Result

from classifications.ledger import FindingsLedger
from classifications.verdicts import Decision
from dagster_project.cli import app
from dagster_project.house import open_control_state
from dagster_project.settings import Settings

NAME, EMAIL = "user.name", "user.contact.email"
SAID = ("--by", "data-steward", "--why", "looked at the source")
AGENT = "acme/orders/status"


@pytest.fixture
def lake(settings: Settings) -> Settings:
    """What the example lake finds: a person in a column that two tenants' contract calls nothing."""
    engine = open_control_state(settings)
    record(
        engine,
        finding("acme", "orders", "status", NAME),
        finding("globex", "orders", "status", NAME),
        finding("acme", "customers", "email", EMAIL, declared=EMAIL),
    )
    engine.dispose()
    return settings


def call(settings: Settings, *arguments: str, typed: str = "") -> Result:
    own = ("--lake", str(settings.lake), "--policies", str(settings.policies))
    return CliRunner().invoke(app, ["review", *arguments, *own], input=typed, env={"COLUMNS": "200"})


def verdicts(settings: Settings) -> list[tuple[str, str, Decision, str | None, str]]:
    engine = open_control_state(settings)
    found = FindingsLedger(engine).verdict_history()
    engine.dispose()
    return [(v.tenant_id, v.data_class, v.decision, v.new_class, v.actor) for v in found]


def waiting(settings: Settings, *more: str) -> list[dict]:
    done = call(settings, *more, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def test_whose_data_is_held_back_is_told_and_within_the_limit_nobody_s(lake: Settings, tmp_path):
    assert "held back" not in call(lake).output
    folder = shutil.copytree(lake.policies, tmp_path / "policies")
    rules = folder / "treatments.yaml"
    rules.write_text(rules.read_text().replace("- at_most: 10", "- tenant: acme\n    at_most: 0"))
    shown = call(lake.model_copy(update={"policies": folder})).output
    assert "acme/orders is held back: 1 personal findings wait for a verdict, and at most 0 may" in shown
    assert "globex/orders is held back" not in shown


def test_what_waits_is_listed_with_reason_count_and_the_way_to_answer(lake: Settings):
    shown = call(lake).output
    assert AGENT in shown
    assert "90% of 50 distinct values" in shown
    assert "2 wait for a verdict: acme 1, globex 1" in shown
    assert "lakeward review approve" in shown
    assert "customers/email" not in shown
    assert "customers/email" in call(lake, "--all").output


def test_one_tenant_s_list_is_its_own(lake: Settings):
    assert [one["tenant"] for one in waiting(lake, "--tenant", "globex")] == ["globex"]
    assert call(lake, "--tenant", "nobody").exit_code == 2


def test_approving_keeps_the_treatment_and_ends_the_waiting(lake: Settings):
    done = call(lake, "approve", AGENT, *SAID)
    assert "nothing: it stays token" in done.output
    assert verdicts(lake) == [("acme", NAME, Decision.CONFIRM, None, "data-steward")]
    assert [one["tenant"] for one in waiting(lake)] == ["globex"]


def test_rejecting_says_that_silver_changes_at_the_next_run(lake: Settings):
    done = call(lake, "reject", AGENT, *SAID)
    assert "token → keep: silver is made anew" in done.output
    assert "lakeward run" in done.output


def test_another_class_brings_its_own_treatment(lake: Settings):
    assert call(lake, "set", AGENT, "user.demographic.date_of_birth", *SAID).exit_code == 0
    assert verdicts(lake)[0][2:4] == (Decision.RECLASSIFY, "user.demographic.date_of_birth")


def test_what_is_put_off_goes_on_waiting(lake: Settings):
    call(lake, "defer", AGENT, *SAID)
    assert [one["state"] for one in waiting(lake, "--tenant", "acme")] == ["deferred"]


def test_a_verdict_can_be_given_for_every_tenant_at_once(lake: Settings):
    assert call(lake, "reject", AGENT, "--every-tenant", *SAID).exit_code == 0
    assert {one[0] for one in verdicts(lake)} == {"acme", "globex"}
    assert "Nothing waits" in call(lake).output


def test_history_tells_what_was_seen_and_decided_in_order(lake: Settings):
    call(lake, "reject", AGENT, *SAID)
    shown = call(lake, "history", AGENT).output
    assert shown.index("seen, 0.90") < shown.index("reject, by data-steward")
    assert "looked at the source" in shown


def test_precision_is_counted_from_verdicts(lake: Settings):
    call(lake, "approve", AGENT, *SAID)
    call(lake, "reject", "globex/orders/status", *SAID)
    lines = [line.split() for line in call(lake, "precision").output.splitlines() if NAME in line]
    assert [line[1:] for line in lines] == [
        ["acme", NAME, "1", "0", "1.00"],
        ["globex", NAME, "0", "1", "0.00"],
    ]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("approve", AGENT, "--by", "maria.anders", "--why", "seen"), "an office and not a person"),
        (("approve", AGENT, "--by", "maria@example.org", "--why", "seen"), "an office and not a person"),
        (("approve", AGENT, "--by", "maria-steward", "--why", "seen"), "an office and not a person"),
        (("approve", AGENT, "--by", "dpo", "--why", "ask maria@example.org"), "holds something personal"),
        (("approve", AGENT, "--by", "dpo", "--why", " "), "does not fit"),
        (("approve", "orders.status", *SAID), "TENANT/DATASET/COLUMN"),
        (("approve", "nobody/orders/status", *SAID), "no tenant of that id"),
        (("approve", "acme/nothing/status", *SAID), "no dataset of that name"),
        (("approve", "acme/orders/nothing", *SAID), "no column of that name"),
        (("approve", "acme/orders/amount", *SAID), "nothing of this kind waits"),
        (("approve", AGENT, "--class", EMAIL, *SAID), "nothing of this kind waits"),
        (("set", AGENT, "user.nothing", *SAID), "no data class of that key"),
        (("reject", "acme/customers/email", "--class", EMAIL, *SAID), "change the contract"),
    ],
)
def test_what_does_not_fit_is_wrong_use_recorded_nowhere_and_not_repeated(lake: Settings, arguments, told):
    done = call(lake, *arguments)
    assert (done.exit_code, verdicts(lake)) == (2, [])
    assert told in done.output
    assert "maria" not in done.output


def test_findings_are_answered_one_after_another_by_a_key_each(lake: Settings):
    typed = "a\nask jane@example.org\na\nlooked\ns\nuser.name.first\nlooked\n"
    done = call(lake, "ask", "--by", "dpo", typed=typed)
    assert done.exit_code == 0, done.output
    assert "holds something personal" in done.output
    assert [one[:4] for one in verdicts(lake)] == [
        ("acme", NAME, Decision.CONFIRM, None),
        ("globex", NAME, Decision.RECLASSIFY, "user.name.first"),
    ]


def test_what_is_left_or_quit_stays_open(lake: Settings):
    assert call(lake, "ask", "--by", "dpo", typed="\nq\n").exit_code == 0
    assert verdicts(lake) == []
    assert call(lake, "ask", "--by", "maria.anders").exit_code == 2


def test_two_findings_on_one_column_are_to_be_told_apart(lake: Settings):
    engine = open_control_state(lake)
    record(engine, finding("acme", "orders", "status", EMAIL))
    assert "say which: user.contact.email, user.name" in call(lake, "approve", AGENT, *SAID).output
    assert call(lake, "approve", AGENT, "--class", NAME, *SAID).exit_code == 0


def test_a_file_of_verdicts_is_recorded_whole(lake: Settings, tmp_path):
    file = tmp_path / "verdicts.yaml"
    line = "{{tenant: {}, dataset: orders, column: status, verdict: {}, by: dpo, why: looked}}\n"
    file.write_text("- " + line.format("acme", "approve") + "- " + line.format("globex", "reject"))
    assert call(lake, "--apply", str(file)).exit_code == 0
    assert [one[2] for one in verdicts(lake)] == [Decision.CONFIRM, Decision.REJECT]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "- {tenant: acme, dataset: orders, column: status, verdict: approve, by: dpo}",
            "verdict 1 why",
        ),
        ("- {tenant: acme, verdict: jane@example.org}", "verdict is one of approve, reject, set, defer"),
        ("- {jane@example.org: x, verdict: set}", "unknown field"),
        ("tenant: acme", "the file"),
        ("- [", "no YAML"),
        (
            (
                "- {tenant: '*', dataset: orders, column: status, verdict: approve, by: dpo, why: looked}\n"
                "- {tenant: acme, dataset: orders, column: amount, verdict: approve, by: dpo, why: looked}"
            ),
            "nothing of this kind waits",
        ),
    ],
)
def test_a_file_with_a_fault_is_refused_whole_and_not_repeated(lake: Settings, tmp_path, text, told):
    file = tmp_path / "verdicts.yaml"
    file.write_text(text)
    done = call(lake, "--apply", str(file))
    assert (done.exit_code, verdicts(lake)) == (1, [])
    assert told in done.output
    assert "jane" not in done.output


def test_a_lake_that_is_not_there_is_wrong_use(settings: Settings):
    assert call(settings).exit_code == 2
    assert not settings.control.exists()
