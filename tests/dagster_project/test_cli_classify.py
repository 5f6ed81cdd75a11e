from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from dagster_project.cli.app import app

RUNNER = CliRunner()


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "people.csv"
    path.write_text("id,email,zip\n1,ann@example.com,48143\n2,rui@example.com,12209\n")
    return path


def test_classify_prints_a_list_of_records(people):
    done = RUNNER.invoke(app, ["classify", str(people), "--json"])
    assert done.exit_code == 0
    records = json.loads(done.stdout)
    assert [(record["column"], record["group"], record["personal"]) for record in records] == [
        ("id", "other", False),
        ("email", "email", True),
        ("zip", "postal", True),
    ]
    assert set(records[0]) == {
        "table",
        "column",
        "class",
        "group",
        "personal",
        "confidence",
        "reason",
        "treatment",
    }


def test_classify_shows_a_table_for_people(people):
    done = RUNNER.invoke(app, ["classify", str(people)])
    assert done.exit_code == 0
    assert "email" in done.stdout
    assert "ann@" not in done.stdout


def test_what_onboard_writes_passes_the_policy_check(people, tmp_path):
    done = RUNNER.invoke(
        app, ["onboard", str(people), "--tenant", "acme", "--out", str(tmp_path / "policies")]
    )
    assert done.exit_code == 0, done.output
    checked = RUNNER.invoke(app, ["policy", "check", str(tmp_path / "policies")])
    assert checked.exit_code == 0, checked.output
    again = RUNNER.invoke(
        app, ["onboard", str(people), "--tenant", "acme", "--out", str(tmp_path / "policies")]
    )
    assert again.exit_code == 2


def test_onboard_refuses_a_tenant_that_is_none(people, tmp_path):
    done = RUNNER.invoke(app, ["onboard", str(people), "--tenant", "No Such", "--out", str(tmp_path)])
    assert done.exit_code == 2
    assert list(tmp_path.iterdir()) == []
