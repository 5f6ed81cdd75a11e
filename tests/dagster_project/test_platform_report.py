"""`lakeward report`: every number of a made-up lake on one page, nothing personal, nothing from a network."""

from __future__ import annotations

import re
import webbrowser
from pathlib import Path

import pytest
from platform_state import CANARY, make_runs, make_state
from typer.testing import CliRunner

from audit.clock import utc_now
from audit.ledger_archive import archive
from dagster_project.cli.app import app
from dagster_project.house import open_control_state
from dagster_project.platform_report.report import write_page
from dagster_project.settings import Settings, load_settings
from policy import load_policies
from policy.errors import LakewardError
from tenancy.signing import open_signing_key

EXAMPLES = Path(__file__).parents[2] / "examples" / "policies"


def report(settings: Settings, *arguments: str):
    options = ["--lake", str(settings.lake), "--policies", str(settings.policies)]
    return CliRunner().invoke(app, ["report", *arguments, *options])


def lake_in(folder: Path, **more: str) -> Settings:
    (folder / "landing").mkdir()
    return load_settings(landing=folder / "landing", lake=folder / "lake", policies=EXAMPLES, **more)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of a lake with something of everything."""
    folder = tmp_path_factory.mktemp("platform")
    (folder / "heads").mkdir()
    settings = lake_in(folder, ledger_heads=str(folder / "heads"))
    make_state(settings)
    make_runs(settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAKEWARD_LEDGER_HEADS", str(folder / "heads"))
        shown = report(settings, "--out", str(folder / "page.html"))
    assert shown.exit_code == 0, shown.output
    return (folder / "page.html").read_text()


def rows(page: str, head: str) -> list[list[str]]:
    """The cells of the first table under a heading, as text."""
    part = page.split(f">{head}</h", 1)[1].split("</table>", 1)[0]
    cells = [
        re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)
        for row in re.findall(r"<tr>(.*?)</tr>", part, re.DOTALL)
    ]
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in cells if row]


def test_tenants_stand_with_region_and_tier(page: str) -> None:
    assert ["acme", "Acme GmbH", "eu", "premium"] in rows(page, "Tenants")


def test_rows_are_those_of_the_deliveries_that_were_taken_in(page: str) -> None:
    assert rows(page, "Rows") == [
        ["acme", "orders", "customer-platform", "1", "7,341", "7,229", "112", "7,107"],
        ["globex", "orders", "customer-platform", "1", "523", "523", "0", "not yet"],
    ]
    assert "<b>7,864</b> rows landed" in page


def test_reasons_of_quarantine_are_summed_over_runs_and_counted_once_a_run(page: str) -> None:
    assert rows(page, "Why rows went to quarantine") == [["acme", "orders", "type: amount", "112"]]


def test_files_that_were_left_stand_with_the_reason_s_word_alone(page: str) -> None:
    left = rows(page, "Files left in the landing zone")
    assert left == [["globex", "orders", "missing_columns", "refused", "17"]]
    assert rows(page, "Boundary violations, not taken")[0][:3] == ["wrong_region", "us/acme", "29"]


def test_classes_stand_with_the_treatment_in_force_and_what_decided_it(page: str) -> None:
    told = {(row[0].split("user")[-1], row[1], row[2]): row[3] for row in rows(page, "Personal data")}
    assert told[".contact.email", "token", "declared"] == "customers.email, events.customer_email"
    assert any("detected user.name" in because for _, _, because in told)
    assert rows(page, "Findings that wait for a verdict") == [
        ["acme", "orders.status", "user.name", "0.83", "waits"]
    ]


def test_a_check_that_fails_stands_with_owner_and_mend_and_one_that_passes_is_counted(page: str) -> None:
    (failing,) = rows(page, "Checks")
    assert failing[:5] == ["acme", "silver/orders", "keys_unique", "customer-platform", "41 keys stand twice"]
    assert "made anew" in failing[5]
    assert '<td class="n">2</td><td class="n">1</td>' in page.split("The last result of each check")[1]


def test_each_request_stands_to_its_deadline(page: str) -> None:
    told = [(row[4], row[5]) for row in rows(page, "Requests of persons")]
    waits = [(word, "waiting") for word in ("late", "near", "open")]
    assert told[:3] == waits
    assert sorted(told[3:]) == [("done", "done"), ("done after the deadline", "done")]
    assert "1 late, 1 near, 1 open, 1 done after the deadline, 1 done." in page


def test_a_request_that_is_done_without_a_receipt_that_holds_is_told(page: str) -> None:
    assert [row[2] for row in rows(page, "Done, and not proved")] == ["its receipt is not there"] * 2


def test_restrictions_and_exports_stand_by_id_and_date(page: str) -> None:
    assert rows(page, "Processing restricted")[0][1] == "globex"
    told = {tuple(row[1:3]): row[5] for row in rows(page, "Exports")}
    assert told == {("acme", "subject"): "kept here", ("globex", "evidence"): "handed over"}


def test_holds_in_force_stand_with_their_end_the_next_to_end_first(page: str) -> None:
    first, second = rows(page, "Legal holds")
    assert first[0] == "CASE-82"
    assert first[4].endswith("(soon)")
    assert (second[0], second[2], second[4]) == ("CASE-81", "orders, everybody", "when it is lifted")


def test_retention_tells_what_ran_and_what_the_last_plan_found_due(page: str) -> None:
    assert rows(page, "What is due") == [["acme", "bronze/events", "erase rows", "211", "13"]]
    assert "2027-08-09" in page
    assert "2026-03-04 05:06 UTC" in page
    assert "Not looked at yet: northwind." in page
    assert rows(page, "What ran")[0][1:] == ["acme", "bronze/tickets", "erased rows", "613"]
    assert "events (region eu): whole rows" in page


def test_the_ledger_s_head_stands_and_that_its_second_place_has_it(page: str) -> None:
    assert "The second place has it." in page
    assert re.search(r"root <code>[0-9a-f]{64}</code>", page)


def test_what_needs_somebody_is_counted_at_the_top(page: str) -> None:
    part = page.split("What needs somebody", 1)[1].split("</ul>", maxsplit=1)[0]
    for line in (
        "1 request is past the deadline", "2 finished requests have no receipt that holds", "1 check fails",
        "1 request is near", "1 legal hold ends soon", "1 finding waits", "17 files lie",
        "1 table has rows that were due",
    ):  # fmt: skip
        assert line in part


def test_the_page_has_nothing_personal_no_token_and_nobody_s_account(page: str) -> None:
    assert CANARY not in page


def test_the_page_needs_no_network_and_no_script(page: str) -> None:
    assert not re.search(r"https?:|//[a-z]|<script|<link|<img|url\(", page)


def test_an_empty_lake_has_a_page_that_says_so(tmp_path: Path) -> None:
    settings = lake_in(tmp_path)
    open_control_state(settings).dispose()
    shown = report(settings)
    assert shown.exit_code == 0, shown.output
    page = settings.report.read_text()
    for line in (
        "Nothing has landed yet", "No check was made yet", "Nobody has asked to be erased",
        "No legal hold is in force", "Nobody has looked yet", "Nothing has gone by a rule yet",
        "no head was signed yet", "Nothing was exported",
        "Detection has not found anything yet", "no second place",
    ):  # fmt: skip
        assert line in page
    assert not settings.dagster_home.exists()


def test_a_second_place_that_lacks_the_newest_head_needs_somebody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = lake_in(tmp_path)
    make_state(settings)
    monkeypatch.setenv("LAKEWARD_LEDGER_HEADS", str(tmp_path / "unmounted"))
    report(settings)
    assert "The second place lacks the ledger&#39;s newest head" in settings.report.read_text()


def test_a_lake_whose_archived_ledger_is_gone_has_a_page_that_says_so(tmp_path: Path) -> None:
    settings = lake_in(tmp_path)
    make_state(settings)
    (tmp_path / "segments").mkdir()
    engine = open_control_state(settings)
    key = open_signing_key(settings.signing_key)
    [segment] = archive(engine, key, utc_now(), tmp_path / "segments")
    engine.dispose()
    report(settings)
    assert "evidence" in {row[2] for row in rows(settings.report.read_text(), "Exports")}
    segment.path.unlink()
    shown = report(settings)
    assert shown.exit_code == 0, shown.output
    page = settings.report.read_text()
    top = page.split("What needs somebody", 1)[1].split("</ul>", maxsplit=1)[0]
    assert re.search(r"Old entries of the ledger cannot be read: the segment of entries 0 to \d+, ", top)
    assert "To mend it: put it back" in top
    assert "Evidence bundles are not listed" in page
    assert {row[2] for row in rows(page, "Exports")} == {"subject"}


@pytest.mark.parametrize("works", [True, False])
def test_open_shows_the_page_in_the_browser_and_says_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, works: bool
) -> None:
    settings = lake_in(tmp_path)
    open_control_state(settings).dispose()
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda url: opened.append(url) or works)
    shown = report(settings, "--open")
    assert opened == [settings.report.as_uri()]
    assert str(settings.report) in shown.output
    assert ("No browser" in shown.output) is not works


@pytest.mark.parametrize(
    ("out", "told"),
    [
        ("page.txt", "no HTML file"),
        ("none/page.html", "is not there"),
        ("lake-control/page.html", "elsewhere"),
    ],
)
def test_a_file_that_the_page_cannot_be_is_refused_with_the_mend(tmp_path: Path, out: str, told: str) -> None:
    settings = lake_in(tmp_path)
    open_control_state(settings).dispose()
    shown = report(settings, "--out", str(tmp_path / out))
    assert shown.exit_code == 2
    assert told in " ".join(shown.output.split())
    assert not (tmp_path / out).exists()


def test_a_folder_that_goes_meanwhile_is_told_with_the_mend(tmp_path: Path) -> None:
    settings = lake_in(tmp_path)
    engine = open_control_state(settings)
    with pytest.raises(LakewardError, match=r"cannot be written .* To mend it: give --out"):
        write_page(settings, engine, load_policies(EXAMPLES), tmp_path / "gone" / "page.html")
    engine.dispose()


def test_a_page_that_is_there_is_replaced_and_no_draft_is_left(tmp_path: Path) -> None:
    settings = lake_in(tmp_path)
    open_control_state(settings).dispose()
    settings.report.write_text("an older page")
    assert report(settings).exit_code == 0
    assert settings.report.read_text().startswith("<!DOCTYPE html>")
    assert sorted(one.name for one in tmp_path.glob(".*")) == []


def test_no_lake_is_wrong_use_and_makes_nothing(tmp_path: Path) -> None:
    settings = lake_in(tmp_path)
    shown = report(settings)
    assert shown.exit_code == 2
    assert "there is no lake" in shown.output
    assert sorted(one.name for one in tmp_path.iterdir()) == ["landing"]
