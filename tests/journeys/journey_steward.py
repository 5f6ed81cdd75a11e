"""What a steward does in an afternoon, in a browser over a live UI, in the order of docs/desk.md."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

from browser import Page
from live_house import House

EMAIL = "user.contact.email"
RUN = r"/runs/([0-9a-f-]{36})"
EDITOR = "document.querySelector('.CodeMirror').CodeMirror"
EVERY_TENANT = {
    "dagster/asset_partition_range_start": "acme",
    "dagster/asset_partition_range_end": "northwind",
}
EVIDENCE = """\
ops:
  audit__evidence:
    config:
      tenant: acme
      from_day: "2026-01-01"
"""


def launched(house: House, page: Page) -> str:
    """Launch what the launchpad holds, and wait until it has ended well; the run's page."""
    page.click("Launch Run")
    run = page.address(RUN)[1]
    page.open("about:blank")  # the page of a run that goes on takes a core for itself
    house.ended(run)
    return f"{house.address}/runs/{run}"


def shoot(house: House, page: Page, name: str, height: int = 900, width: int = 1700) -> None:
    file = house.picture(name)
    if file is not None:
        page.picture(file, height, width)


def asset(house: House, key: str, view: str) -> str:
    return f"{house.address}/assets/{key}?view={view}"


def test_all_email_columns_of_a_tenant_are_on_its_page(house: House, page: Page) -> None:
    page.open(asset(house, "tenants/overview", "partitions&partition=acme"))
    shown = page.see("personal_columns", EMAIL, "waits_for_a_verdict", "in_quarantine", "enum:status")
    lines = [line.split("\t") for line in shown.splitlines()]
    columns = {line[1].strip() for line in lines if len(line) > 2 and line[0].strip() == EMAIL}
    assert columns >= {"customers.email", "tickets.agent_email"}
    assert not any("globex" in column for column in columns)
    shoot(house, page, "desk-tenant", 1300)
    page.open(asset(house, "silver/customers", "overview"))
    page.see("class: user.contact.email", "treatment: token", "From the field email")
    shoot(house, page, "desk-columns", 1000)


def test_a_column_of_silver_leads_by_clicks_to_where_it_came_from_and_back(house: House, page: Page) -> None:
    page.open(asset(house, "silver/tickets", "overview"))
    page.click("bronze", row="agent_email")
    page.address("/assets/bronze/tickets")
    page.see("sealed", "agent_email (user.contact.email)")
    page.click("silver", row="sealed")
    page.address("/assets/silver/tickets")
    page.click("what was found in it", row="agent_email")
    page.address("/assets/findings/tickets")
    page.open(asset(house, "silver/tickets", "overview"))
    page.click("landing zone", row="agent_email")
    page.address("/assets/landing/inventory")
    page.open(asset(house, "silver/tickets", "overview"))
    page.click("All tables that hold email", row="agent_email")
    page.see('tag:"holds/email"', "silver / customers", "silver / events", "silver / tickets")


def test_all_tenants_stand_on_one_page(house: House, page: Page) -> None:
    page.open(asset(house, "tenants/all", "overview"))
    page.see("acme", "globex", "northwind", "undecided")
    shoot(house, page, "desk-tenants", 900)


def test_a_finding_is_approved_by_the_link_of_its_check(house: House, page: Page) -> None:
    page.open(asset(house, "findings/orders", "checks&checkDetail=reviews_waiting"))
    page.see("2 wait for a verdict: acme 1, globex 1", "docs/desk.md", "customer-platform", "12 of 69")
    shoot(house, page, "desk-reviews", 1000)
    page.click("[Show Markdown]")
    page.see("answer")
    link = page.evaluate(
        "[...document.querySelectorAll('a')].map((a) => a.href).find((h) => h.includes('record_verdict')"
        " && h.includes('acme'))"
    )
    page.open(link)
    page.see("take_down", "Launch Run", "ERRORS")
    page.evaluate(
        f"{EDITOR}.setValue({EDITOR}.getValue().replace('verdict:', 'verdict: approve')"
        ".replace('why:', 'why: looked_at_the_source'))"
    )
    page.see("No errors")
    shoot(house, page, "desk-verdict", 800, 1440)
    launched(house, page)
    page.open(asset(house, "findings/orders", "checks&checkDetail=reviews_waiting"))
    page.see("1 wait for a verdict: globex 1")
    told = json.loads(house.command("review", "--tenant", "acme", "--all", "--json"))
    [one] = [
        one for one in told if (one["dataset"], one["column"], one["state"]) == ("orders", "note", "decided")
    ]
    assert one["verdict"]["by"] == "data-steward"


def test_an_erasure_request_is_answered_and_its_receipt_opened(house: House, page: Page) -> None:
    # Values come in by the command's standard input, never through the UI.
    asked = house.command("subject", "erase", "--tenant", "acme", "--id", "customer_id=-", typed="C-000042\n")
    request = re.search(r"Request: (\S+)", asked)[1]
    house.launch("request_desk")
    page.open(asset(house, "requests/desk", "overview"))
    page.see(request, "received")
    page.open(f"{house.address}/locations/lakeward/jobs/erasure/playground")
    page.see("No errors")
    launched(house, page)
    house.launch("request_desk")
    page.open(asset(house, "requests/desk", "overview"))
    shown = page.see(f"{request}.", "receipts_lie_in")
    shoot(house, page, "desk-requests", 1000)
    receipt = house.home / "lake-control" / "receipts" / re.search(rf"{request}\.\S+\.json", shown)[0]
    assert "Verdict: verified" in house.command("receipt", "verify", str(receipt))


def test_a_check_says_why_it_failed_and_quarantine_is_tried_again_after_a_mend(
    house: House, page: Page
) -> None:
    page.open(asset(house, "landing/inventory", "checks&checkDetail=no_boundary_violations"))
    page.see("initech", "to mend it", "docs/bad-input.md", "data-platform https://chat.example")
    shoot(house, page, "desk-check", 900)
    contract = house.home / "policies" / "datasets" / "orders.yaml"
    text = contract.read_text()
    assert "{value: cancelled}]" in text
    mended = text.replace("{value: cancelled}]", "{value: cancelled}, {value: lost}]")
    contract.write_text(mended.replace("version: 1.0.0", "version: 1.1.0"))
    page.open(f"{house.address}/locations/lakeward/jobs/quarantine_retry/playground")
    page.see("No errors")
    page.open(launched(house, page))
    shown = page.see("what_next")
    assert re.search(r"acme\s+orders\s+3\s+1\s+2\b", shown), "the order whose status the contract now allows"
    shoot(house, page, "desk-quarantine", 900)


def test_what_is_due_is_seen_before_it_goes_and_what_went_after(house: House, page: Page) -> None:
    house.launch("retention_plan", EVERY_TENANT)
    page.open(asset(house, "retention/plan", "overview"))
    page.see("as_of", "due", "bronze/events", "kept_by_holds", "this is a dry run")
    shoot(house, page, "retention-plan", 1200)
    house.launch("retention", EVERY_TENANT)
    page.open(asset(house, "retention/done", "overview"))
    page.see("left_the_disk", "evidence", "bronze/events")
    shoot(house, page, "retention-done", 1200)


def test_evidence_is_exported_from_the_launchpad_and_its_own_verifier_holds_it(
    house: House, page: Page, tmp_path: Path
) -> None:
    page.open(f"{house.address}/locations/lakeward/jobs/audit_export/playground")
    page.see("ERRORS", "ops")
    page.evaluate(f"{EDITOR}.setValue({json.dumps(EVIDENCE)})")
    page.see("No errors")
    shoot(house, page, "audit-launchpad", 800, 1440)
    launched(house, page)
    page.open(asset(house, "audit/evidence", "overview"))
    shown = page.see("path", "sha256", "left_out", ".zip")
    shoot(house, page, "audit-evidence", 1100)
    bundle = re.search(r"\S+/lake-evidence/acme-\S+?\.zip", shown)[0]
    with zipfile.ZipFile(bundle) as packed:
        packed.extractall(tmp_path)
    key = house.home / "lake-control" / "signing.pub"
    verify = [sys.executable, str(tmp_path / "verify.py"), bundle, "--key", str(key)]
    done = subprocess.run(verify, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    versions = json.loads((tmp_path / "policy" / "versions.json").read_text())
    assert [one["copy"] for one in versions["older"]] == ["kept"], "the policies from before the mend"
    page.open((tmp_path / "report.html").as_uri())
    page.see("What happened to the personal data of Acme GmbH", "e-mail addresses", "1 of 1")
    shoot(house, page, "audit-report", 1130, 1200)
