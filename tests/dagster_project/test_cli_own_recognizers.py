"""`detect`, `classify` and `policy check` with recognizers that a policy declares."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dagster_project.cli.app import app

RUNNER = CliRunner()
TAG = """\
recognizers:
  - name: tag
    data_class: user.unique_id
    patterns: [{name: the tag, regex: 'qx-[a-z]{5}', score: 0.9}]
    tenants: [acme]
"""
ENDLESS = TAG.replace("qx-[a-z]{5}", "(u|uu)+!")
ABSENT = "recognizers: [{name: ours, data_class: user.name, python: no_such_package:Names}]\n"


@pytest.fixture
def policies(tmp_path: Path, examples: Path) -> Path:
    return shutil.copytree(examples / "policies", tmp_path / "policies")


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    lines = [{"id": 1, "text": "her tag is qx-tulip"}, {"id": 2, "text": "u" * 80 + " ann@example.com"}]
    path = tmp_path / "in.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    return path


def detect(texts: Path, *more: str) -> tuple[Result, list[list[str]]]:
    out = texts.with_name("out.jsonl")
    done = RUNNER.invoke(app, ["detect", str(texts), str(out), *more])
    written = [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []
    return done, [[span["type"] for span in one["spans"]] for one in written]


def test_texts_are_read_as_those_of_the_tenant_that_is_named(policies: Path, texts: Path) -> None:
    (policies / "detection.yaml").write_text(TAG)
    under = ["--policies", str(policies)]
    done, found = detect(texts)
    assert (done.exit_code, found) == (0, [[], ["EMAIL_ADDRESS"]])
    assert detect(texts, "--tenant", "acme", *under)[1] == [["user.unique_id"], ["EMAIL_ADDRESS"]]
    assert detect(texts, "--tenant", "globex", *under)[1] == [[], ["EMAIL_ADDRESS"]]


def test_a_recognizer_that_fails_is_named_on_the_way_out_and_what_the_others_found_is_written(
    policies: Path, texts: Path
) -> None:
    (policies / "detection.yaml").write_text(ENDLESS)
    done, found = detect(texts, "--tenant", "acme", "--policies", str(policies))
    assert done.exit_code == 1
    assert found == [[], ["EMAIL_ADDRESS"]]
    assert 'The recognizer "tag" failed with TimeoutError on 1 texts' in done.stderr
    assert "To mend it: repair it there" in done.stderr
    assert "ann@" not in done.output


def test_classify_names_it_too_and_shows_its_table(policies: Path, tmp_path: Path) -> None:
    (policies / "detection.yaml").write_text(ENDLESS)
    table = tmp_path / "notes.csv"
    table.write_text("email,note\nann@example.com," + "u" * 80 + "\n")
    given = ["classify", str(table), "--tenant", "acme", "--policies", str(policies)]
    done = RUNNER.invoke(app, given)
    assert done.exit_code == 1
    assert "notes" in done.stdout
    assert 'The recognizer "tag" failed with TimeoutError on 1 values' in done.stderr


def test_classify_calls_a_column_by_a_class_of_the_policies_own(policies: Path, tmp_path: Path) -> None:
    own = "classes: [{key: user.tag, personal: true, normaliser: text, group: other}]\n"
    (policies / "data_classes.yaml").write_text(own)
    (policies / "detection.yaml").write_text(TAG.replace("user.unique_id", "user.tag"))
    table = tmp_path / "things.csv"
    table.write_text("thing\n" + "".join(f"qx-{letter * 5}\n" for letter in "abcdefghij"))
    given = ["classify", str(table), "--json", "--tenant", "acme", "--policies", str(policies)]
    done = RUNNER.invoke(app, given)
    (record,) = json.loads(done.stdout)
    assert (record["class"], record["personal"], record["treatment"]) == ("user.tag", True, "token")


def test_onboard_reads_as_the_folder_says_and_drafts_for_a_tenant_that_it_does_not_know_yet(
    policies: Path, tmp_path: Path
) -> None:
    (policies / "detection.yaml").write_text(TAG)
    table = tmp_path / "things.csv"
    table.write_text("thing\n" + "".join(f"qx-{letter * 5}\n" for letter in "abcdefghij"))
    for tenant in ("acme", "umbra"):
        done = RUNNER.invoke(app, ["onboard", str(table), "--tenant", tenant, "--out", str(policies)])
        assert done.exit_code == 0, done.output
    theirs, others = (policies / "datasets" / f"things.{id_}.yaml" for id_ in ("acme", "umbra"))
    assert "user.unique_id" in theirs.read_text()
    assert "user.unique_id" not in others.read_text()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--tenant", "acmee"], "no tenant of that id. To mend it: one of acme, globex"),
        ([], "--policies is given without --tenant"),
    ],
)
def test_wrong_use_is_told(policies: Path, texts: Path, more: list[str], told: str) -> None:
    done, _ = detect(texts, *more, "--policies", str(policies))
    assert done.exit_code == 2
    assert told in done.stderr


def test_policy_check_looks_for_what_detection_names(policies: Path) -> None:
    (policies / "detection.yaml").write_text(TAG)
    fine = RUNNER.invoke(app, ["policy", "check", str(policies)])
    assert fine.exit_code == 0
    assert "1 recognizers of your own" in fine.stdout
    (policies / "detection.yaml").write_text(ABSENT)
    absent = RUNNER.invoke(app, ["policy", "check", str(policies)])
    assert absent.exit_code == 1
    assert 'the recognizer "ours" cannot be made from no_such_package:Names' in absent.stderr
