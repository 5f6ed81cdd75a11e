"""`lakeward audit export` and the job of the same: from a lake's own settings to a bundle that holds."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import dagster as dg
import pytest
from evidence import BEGIN, lineage_facts
from typer.testing import CliRunner

from audit.ledger import Ledger
from audit.standalone import verify_bundle
from dagster_project.build import build_definitions
from dagster_project.cli.app import app
from dagster_project.house import open_control_state
from dagster_project.settings import Settings
from tenancy.keyring import open_keyring
from tenancy.signing import public_key_file


@pytest.fixture
def lake(settings: Settings) -> Settings:
    """A lake in which something of two tenants was told to the ledger; no Spark, no table."""
    engine = open_control_state(settings)
    open_keyring(engine, settings.root_key, settings.lake)
    ledger = Ledger(engine)
    for tenant, region in (("acme", "eu"), ("globex", "us")):
        ledger.append(lineage_facts(tenant, region, "orders", "run-1", BEGIN))
    engine.dispose()
    return settings


def export(lake: Settings, *arguments: str):
    options = ["--lake", str(lake.lake), "--policies", str(lake.policies)]
    return CliRunner().invoke(app, ["audit", "export", *arguments, *options])


def test_the_command_writes_a_bundle_that_its_verifier_holds_for_whole(lake: Settings, capsys) -> None:
    out = lake.landing.parent / "evidence.zip"
    shown = export(lake, "--tenant", "acme", "--out", str(out))
    assert shown.exit_code == 0, shown.output
    assert "globex" not in shown.output
    key = public_key_file(lake.signing_key)
    assert verify_bundle.main([str(out), "--key", str(key)]) == 0
    assert "each of 4 lineage events" in capsys.readouterr().out


def test_the_ledger_has_the_export_and_is_signed_with_it(lake: Settings) -> None:
    export(lake, "--tenant", "acme", "--out", str(lake.landing.parent / "evidence.zip"))
    engine = open_control_state(lake)
    ledger = Ledger(engine)
    (entry,) = ledger.entries("acme", kinds=["export"])
    *_, head = ledger.heads()
    engine.dispose()
    assert entry.body["export"] == "evidence"
    assert head.size == entry.seq + 1


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--tenant", "nobody"), 1, "no tenant of that id"),
        (("--tenant", "acme", "--from", "March"), 2, "no date"),
        (("--tenant", "acme", "--from", "2026-03-02", "--to", "2026-03-01"), 1, "ends before it begins"),
    ],
)
def test_what_cannot_be_asked_for_is_told_with_its_mend(lake: Settings, arguments, code, told) -> None:
    shown = export(lake, *arguments, "--out", str(lake.landing.parent / "evidence.zip"))
    assert shown.exit_code == code
    assert told in shown.output
    assert "To mend it" in shown.output
    assert not (lake.landing.parent / "evidence.zip").exists()


@pytest.mark.parametrize("folder", ["lake", "control"])
def test_a_bundle_is_not_written_where_an_erasure_looks(lake: Settings, folder) -> None:
    place = getattr(lake, folder)
    place.mkdir(exist_ok=True)
    shown = export(lake, "--tenant", "acme", "--out", str(place / "evidence.zip"))
    assert shown.exit_code == 1
    assert "name a file elsewhere" in " ".join(shown.output.split())
    assert not (place / "evidence.zip").exists()


def test_the_last_day_belongs_to_the_period(lake: Settings) -> None:
    out = lake.landing.parent / "evidence.zip"
    export(lake, "--tenant", "acme", "--from", "2026-01-01", "--to", "2026-01-31", "--out", str(out))
    with zipfile.ZipFile(out) as packed:
        told = json.loads(packed.read("summary.json"))
    assert (told["from"], told["to"]) == ("2026-01-01T00:00:00.000000Z", "2026-02-01T00:00:00.000000Z")
    assert told["counts"]["left_out"]["entries_outside_the_period"] == 4


def test_the_job_writes_it_beside_the_lake_and_tells_path_hash_and_counts(
    lake: Settings, instance: dg.DagsterInstance
) -> None:
    job = build_definitions(lake).resolve_job_def("audit_export")
    config = {"ops": {"audit__evidence": {"config": {"tenant": "acme"}}}}
    done = job.execute_in_process(run_config=config, instance=instance)
    assert done.success
    (made,) = done.get_asset_materialization_events()
    metadata = made.materialization.metadata
    path = Path(metadata["path"].value)
    assert path.parent == lake.evidence
    assert verify_bundle.hashlib.sha256(path.read_bytes()).hexdigest() == metadata["sha256"].value
    assert [record.data for record in metadata["entries"].value.records] == [
        {"kind": "lineage", "entries": 4}
    ]


def test_the_job_fails_in_words_for_a_tenant_that_is_none(
    lake: Settings, instance: dg.DagsterInstance
) -> None:
    job = build_definitions(lake).resolve_job_def("audit_export")
    config = {"ops": {"audit__evidence": {"config": {"tenant": "nobody"}}}}
    done = job.execute_in_process(run_config=config, instance=instance, raise_on_error=False)
    assert not done.success
