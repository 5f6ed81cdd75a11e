"""The desk of requests in Dagster: deadlines, proofs, the inbox. Spark stands aside."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import dagster as dg
import pytest
from receipts import facts, verification

from dagster_project.build import build_definitions
from dagster_project.defs import request_desk
from dagster_project.defs.request_inbox import files_waiting, request_inbox
from dagster_project.house import open_control_state
from dagster_project.settings import Settings
from retention.proved import unproved
from retention.receipt import write_receipt
from retention.requests import State, move, receive
from retention.verify import Hit
from tenancy.control import now
from tenancy.signing import open_signing_key, public_key_file

DONE = (State.PLANNED, State.ERASING, State.VERIFYING)


@pytest.fixture
def engine(settings: Settings):
    return open_control_state(settings)


def ask(engine, *tokens: str) -> list[str]:
    return receive(engine, ["acme"], [("acme", {"user.contact.email": token}) for token in tokens], "cli")


def look(settings: Settings, instance) -> dict[str, dg.AssetCheckEvaluation]:
    job = build_definitions(settings).resolve_job_def("request_desk")
    done = job.execute_in_process(instance=instance, raise_on_error=False)
    return {one.check_name: one for one in done.get_asset_check_evaluations()}


@pytest.mark.parametrize(
    ("days", "passed", "severity"),
    [(20, True, "WARN"), (24, False, "WARN"), (40, False, "ERROR")],
)
def test_a_deadline_warns_a_week_before_and_fails_when_it_is_over(
    settings, engine, instance, monkeypatch, days, passed, severity
) -> None:
    ask(engine, "a")
    monkeypatch.setattr(request_desk, "now", lambda: now() + timedelta(days=days))
    told = look(settings, instance)["overdue_requests"]
    assert (told.passed, told.severity.value) == (passed, severity)


def test_what_is_done_is_not_overdue(settings, engine, instance, monkeypatch) -> None:
    [one] = ask(engine, "a")
    for state in (*DONE, State.DONE):
        move(engine, [one], state)
    monkeypatch.setattr(request_desk, "now", lambda: now() + timedelta(days=99))
    assert look(settings, instance)["overdue_requests"].passed


def test_a_lake_without_requests_passes(settings, instance) -> None:
    assert [one.passed for one in look(settings, instance).values()] == [True, True, True]


def finish(settings: Settings, engine, **more) -> str:
    """A request that is done, with a receipt as the verifier writes it; `more` goes to the verification."""
    [one] = ask(engine, "a")
    told = replace(facts(), request_id=one)
    key = open_signing_key(settings.signing_key)
    receipt = write_receipt(settings.receipts, told, verification(**more), key)
    for state in DONE:
        move(engine, [one], state)
    move(engine, [one], State.DONE, receipt=receipt.name)
    return receipt.name


def proofs(settings: Settings, instance) -> tuple[bool, str]:
    told = look(settings, instance)["verified_erasures"]
    return told.passed, told.severity.value


def test_done_requests_with_a_receipt_that_verifies_pass(settings, engine, instance) -> None:
    finish(settings, engine)
    assert proofs(settings, instance)[0]


def test_a_receipt_that_is_gone_is_an_error(settings, engine, instance) -> None:
    (settings.receipts / finish(settings, engine)).unlink()
    assert proofs(settings, instance) == (False, "ERROR")


def test_a_changed_receipt_and_one_of_another_request_are_told(settings, engine) -> None:
    name = finish(settings, engine)
    path, public = settings.receipts / name, public_key_file(settings.signing_key)
    path.write_bytes(path.read_bytes().replace(b"acme", b"acne"))
    move_receipt = finish(settings, engine)
    (settings.receipts / name).write_bytes((settings.receipts / move_receipt).read_bytes())
    done, without = unproved(engine, settings.receipts, public)
    assert (done, [one.why for one in without]) == (2, ["its receipt is that of another request"])
    path.write_bytes(path.read_bytes().replace(b"acme", b"acne"))
    [changed] = unproved(engine, settings.receipts, public)[1]
    assert "signature does not hold" in changed.why


def test_a_receipt_that_says_failed_proves_nothing(settings, engine) -> None:
    finish(settings, engine, hits=(Hit("lake", "a", "raw bytes", 0, "text", 2),))
    [told] = unproved(engine, settings.receipts, public_key_file(settings.signing_key))[1]
    assert told.why == "its receipt says failed"


def test_a_receipt_without_its_list_of_files_is_told(settings, engine) -> None:
    finish(settings, engine)
    [listed] = settings.receipts.glob("files-*.jsonl")
    listed.unlink()
    [told] = unproved(engine, settings.receipts, public_key_file(settings.signing_key))[1]
    assert "is not beside the receipt" in told.why


def test_the_inbox_asks_once_for_files_that_lie_still_and_tells_no_name(settings, instance) -> None:
    sensor = request_inbox(settings)
    cursor = None

    def tick() -> dg.SensorResult:
        nonlocal cursor
        context = dg.build_sensor_context(instance=instance, cursor=cursor)
        told = sensor.evaluate_tick(context)
        cursor = told.cursor
        return told

    place = settings.requests / "acme"
    place.mkdir(parents=True)
    (place / ".upload.csv").write_text("email\nana@example.org\n")
    assert tick().run_requests == []
    (place / "ana@example.org.csv").write_text("email\nana@example.org\n")
    assert tick().run_requests == []
    [asked] = tick().run_requests
    assert "ana" not in f"{asked.run_key}{asked.tags}{asked.run_config}{cursor}"
    assert tick().run_requests == []


def test_a_folder_of_no_tenant_asks_for_nothing(settings) -> None:
    for tenant in ("umbrella", "acme"):
        (settings.requests / tenant).mkdir(parents=True)
        (settings.requests / tenant / "a.csv").write_text("x")
    assert set(files_waiting(settings.requests, ["acme", "globex"])) == {"acme"}
