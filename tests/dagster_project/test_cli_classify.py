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


@pytest.fixture(scope="module")
def patients(tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "patients.csv"
    rows = ["1980-05-03,48143,F"] * 5 + ["1981-02-01,12209,M"]
    path.write_text("birth_date,zip,gender\n" + "\n".join(rows) + "\n")
    return path


def test_classify_tells_which_columns_together_single_people_out(patients):
    done = RUNNER.invoke(app, ["classify", str(patients)])
    assert "birth_date + zip: smallest group 1, 1 of 6" in " ".join(done.stdout.split())
    assert "1981" not in done.stdout


def test_combinations_come_as_records_when_they_are_asked_for(patients, people):
    done = RUNNER.invoke(app, ["classify", str(patients), str(people), "--risks", "--json"])
    assert done.exit_code == 0
    first, second = json.loads(done.stdout)
    assert first["columns"] == ["birth_date", "zip"]
    assert second == {
        "table": "patients",
        "columns": ["birth_date", "zip", "gender"],
        "smallest": 1,
        "below": 1,
        "rows": 6,
        "bound": 5,
    }


def test_a_file_whose_columns_tell_of_nobody_together_says_so(people):
    done = RUNNER.invoke(app, ["classify", str(people), "--risks"])
    assert done.exit_code == 0
    assert "no two columns" in done.stdout


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
