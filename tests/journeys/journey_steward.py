"""What a steward does in an afternoon, in a browser over a live UI, in the order of docs/desk.md."""

from __future__ import annotations

import json
import re

from browser import Page
from live_house import House

EMAIL = "user.contact.email"
RUN = r"/runs/([0-9a-f-]{36})"


def shoot(house: House, page: Page, name: str, height: int = 900) -> None:
    file = house.picture(name)
    if file is not None:
        page.picture(file, height)


def asset(house: House, key: str, view: str) -> str:
    return f"{house.address}/assets/{key}?view={view}"


def test_all_email_columns_of_a_tenant_are_on_its_page(house: House, page: Page) -> None:
    page.open(asset(house, "tenants/overview", "partitions&partition=acme"))
    shown = page.see("personal_columns", EMAIL, "waits_for_a_verdict")
    lines = [line.split("\t") for line in shown.splitlines()]
    columns = {line[1].strip() for line in lines if len(line) > 2 and line[0].strip() == EMAIL}
    assert columns >= {"customers.email", "tickets.agent_email"}
    assert not any("globex" in column for column in columns)
    shoot(house, page, "desk-tenant", 1300)
    page.open(asset(house, "silver/customers", "overview"))
    page.see("class: user.contact.email", "treatment: token", "From the field email")
    shoot(house, page, "desk-columns", 1000)


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
    editor = "document.querySelector('.CodeMirror').CodeMirror"
    page.evaluate(
        f"{editor}.setValue({editor}.getValue().replace('verdict:', 'verdict: approve')"
        ".replace('why:', 'why: looked_at_the_source'))"
    )
    page.see("No errors")
    shoot(house, page, "desk-verdict", 800)
    page.click("Launch Run")
    house.ended(page.address(RUN)[1])
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
    page.click("Launch Run")
    house.ended(page.address(RUN)[1])
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
    page.see("initech", "to mend it", "docs/bad-input.md")
    shoot(house, page, "desk-check", 900)
    contract = house.home / "policies" / "datasets" / "orders.yaml"
    text = contract.read_text()
    assert "{value: cancelled}]" in text
    mended = text.replace("{value: cancelled}]", "{value: cancelled}, {value: lost}]")
    contract.write_text(mended.replace("version: 1.0.0", "version: 1.1.0"))
    page.open(f"{house.address}/locations/lakeward/jobs/quarantine_retry/playground")
    page.see("No errors")
    page.click("Launch Run")
    house.ended(page.address(RUN)[1])
    shown = page.see("what_next")
    assert re.search(r"acme\s+orders\s+3\s+1\s+2\b", shown), "the order whose status the contract now allows"
    shoot(house, page, "desk-quarantine", 900)
