"""A person's records go: from bronze, quarantine, silver and their past, and nobody else's."""

from __future__ import annotations

import hashlib
import json

from erasures import EVENTS, PEOPLE, answer, ask, assert_whole, left, narrowed, tokens, verifier
from leak_scan import find_leaks

from audit.ledger import Ledger
from retention import forget
from retention.erasure import Erasure
from retention.exports import archive_of, record_export
from retention.holds import Scope, lift_hold, place_hold
from retention.receipt_check import read_receipt
from retention.requests import Outcome, State, moves_of, the_request
from tenancy.signing import read_public_key
from transforms import purge
from transforms.protect import needs_protect
from transforms.quarantine import list_quarantine, retry_quarantine
from transforms.refusals import mend_of
from transforms.suppressions import consent

WITHOUT_ANA = {"people": (2, 0, 2), "orders": (1, 0, 1), "events": (1, 0, 1)}


def test_a_person_goes_from_every_dataset_by_their_email_and_a_receipt_says_so(lake):
    lake_folder, control = lake.home / "lake", lake.home / "control"
    hers = list(tokens(lake, email="ana@example.org", customer_id="C-1").values())
    assert {leak.text for leak in find_leaks(lake_folder, hers)} == set(hers)
    request_id = ask(lake, email="ana@example.org")
    values = {request_id: ["ana@example.org", "C-1"]}
    archives = [exported(lake, customer_id=whose) for whose in ("C-1", "C-2")]
    [request] = Erasure(lake.ctx, verifier(lake), lake.home / "control" / "exports").run(values=values)
    assert (request.state, request.outcome) == (State.DONE, Outcome.ERASED), request.detail
    assert find_leaks(lake_folder, hers) == []
    assert [one.exists() for one in archives] == [False, True]
    assert left(lake) == WITHOUT_ANA
    assert_whole(lake)
    assert [one for one in WITHOUT_ANA if needs_protect(lake.ctx, one, ["acme"])] == []
    receipt = read_receipt(
        (control / "receipts" / request.receipt).read_bytes(), read_public_key(control / "signing.pub")
    )
    assert (receipt["verdict"], receipt["found"]) == ("verified", [])
    changed = {one["table"] for one in receipt["tables"] if one["version_before"] != one["version_after"]}
    assert {"eu/bronze/people", "eu/quarantine/people", "eu/silver/orders", "eu/bronze/events"} <= changed
    assert receipt["removed"]
    entries = list(Ledger(lake.ctx.engine).entries())
    [erased] = [one.body for one in entries if one.kind == "erasure"]
    signed = (control / "receipts" / request.receipt).read_bytes()
    assert (erased["verified"], erased["receipt_sha256"]) == (True, hashlib.sha256(signed).hexdigest())
    assert {one.kind for one in entries} >= {"request", "erasure", "export"}
    told = b"".join(one.canonical() for one in entries)
    assert not any(one.encode() in told for one in (*hers, "ana@example.org"))
    assert [state for _, state, _ in moves_of(lake.ctx.engine, request_id)] == [
        "received", "planned", "erasing", "verifying", "done",
    ]  # fmt: skip


def exported(lake, **identifiers):
    """An archive of that person that waits for its recipient: nobody here can open it."""
    found = tokens(lake, **identifiers).items()
    export = record_export(lake.ctx.engine, "acme", "subject", list(found), kept_here=True)
    path = archive_of(lake.home / "control" / "exports", export.export_id)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"age-encryption.org/v1\n" + bytes(64))
    return path


def test_a_landing_file_that_holds_the_person_keeps_the_request_from_being_done(lake):
    request_id = ask(lake, email="zoe@example.org")
    lake.drop("acme", "people", "refused.csv", "email\nzoe@example.org\n")
    [request] = Erasure(lake.ctx, verifier(lake), lake.home / "control" / "exports").run(
        values={request_id: ["zoe@example.org"]}
    )
    assert (request.state, request.outcome) == (State.FAILED, Outcome.INCOMPLETE)
    receipt = (lake.home / "control" / "receipts" / request.receipt).read_bytes()
    assert {one["place"] for one in json.loads(receipt)["body"]["found"]} == {"landing"}
    assert b"zoe@" not in receipt


def test_where_others_name_the_person_the_name_goes_and_the_record_stays(lake):
    lake = narrowed(lake, "people")
    answer(lake, ask(lake, email="ana@example.org"))
    [maria] = [row for row in lake.rows("bronze", "people", "acme") if "Maria" in row.opened]
    assert json.loads(maria.opened)["remark"] == (
        "Write to <user.contact.email:erased> and maria@example.org"
    )
    remarks = [row.remark for row in lake.rows("silver", "people", "acme")]
    [other] = tokens(lake, email="maria@example.org").values()
    assert f"Write to <user.contact.email:erased> and <user.contact.email:{other}>" in remarks
    before = sorted(lake.rows("silver", "people", "acme"))
    lake.drop("acme", "people", "b.csv", PEOPLE.splitlines()[0] + "\nC-4,Eva,,,new,,2024-01-01T00:00:00Z\n")
    lake.ingest("people")
    lake.protect("people")
    again = sorted(lake.rows("silver", "people", "acme"))
    assert [row for row in again if row in before] == before


def test_where_a_row_in_quarantine_names_the_person_beside_somebody_else_the_name_goes_too(
    lake, changed_policies
):
    amount = "      - {name: amount,"
    helper = "      - {name: helper, logicalType: string, classification: user.contact.email}\n"
    policies = changed_policies({"datasets/orders.yaml": [(amount, helper + amount)]})
    lake = narrowed(lake.with_policies(policies), "people", "orders")
    refused = "order_id,customer_id,amount,helper\n8,C-3,-1,Ana@Example.org\n9,C-3,-1,tom@example.org\n"
    lake.drop("acme", "orders", "b.csv", refused)
    lake.ingest("orders")
    request = answer(lake, ask(lake, email="ana@example.org"))
    assert (request.state, request.outcome) == (State.DONE, Outcome.ERASED)
    waiting = [json.loads(row.opened) for row in lake.rows("quarantine", "orders", "acme")]
    assert waiting == [
        {"order_id": "8", "customer_id": "C-3", "amount": "-1", "helper": None},
        {"order_id": "9", "customer_id": "C-3", "amount": "-1", "helper": "tom@example.org"},
    ]


def test_nobody_of_that_name_is_an_outcome_of_its_own(lake):
    before = left(lake)
    request = answer(lake, ask(lake, email="nobody@example.org"))
    assert (request.state, request.outcome, left(lake)) == (State.DONE, Outcome.NOTHING_FOUND, before)


def test_another_tenants_subject_is_nobody_here(lake):
    before = left(lake)
    request = answer(lake, ask(lake, "globex", email="ana@example.org", customer_id="C-1"))
    assert (request.outcome, left(lake)) == (Outcome.NOTHING_FOUND, before)


def test_a_second_run_does_nothing_twice(lake):
    lake = narrowed(lake, "people")
    request_id = ask(lake, customer_id="C-1")
    answer(lake, request_id)
    version = lake.ctx.lake.version
    tables = [forget.Table("eu", layer, "people") for layer in ("bronze", "silver")]
    before = [version(one) for one in tables]
    again = answer(lake, request_id)
    assert (again.state, [version(one) for one in tables]) == (State.DONE, before)


def test_the_receipt_of_an_erasure_does_not_stand_in_the_way_of_the_next_one(lake):
    lake = narrowed(lake, "people")  # the only one that knows Tom
    for outcome in (Outcome.ERASED, Outcome.NOTHING_FOUND):
        request_id = ask(lake, customer_id="C-3")
        Erasure(lake.ctx, verifier(lake), lake.home / "control" / "exports").run([request_id])
        request = the_request(lake.ctx.engine, request_id)
        assert (request.state, request.outcome) == (State.DONE, outcome), request.detail


def test_who_comes_back_in_a_late_file_waits_in_quarantine_until_they_consent(lake):
    lake = narrowed(lake, "people", "events")
    answer(lake, ask(lake, email="ana@example.org"))
    lake.drop("acme", "people", "late.csv", PEOPLE.replace(",lost,", ",old,") + "\n")
    lake.drop("acme", "events", "late.jsonl", EVENTS.replace("e1", "e9"))
    for dataset in ("people", "events"):
        lake.ingest(dataset)
    held = {(one.dataset, one.reason): one.rows for one in list_quarantine(lake.ctx)}
    assert held == {("people", "suppressed"): 2, ("events", "suppressed"): 1}
    assert all("consent" in mend_of(reason) for _, reason in held)
    assert not any("Ana" in row.opened for row in lake.rows("bronze", "people", "acme"))
    assert [one.accepted for one in retry_quarantine(lake.ctx)] == [0, 0]
    assert consent(lake.ctx.engine, "acme", tokens(lake, email="ana@example.org"))
    assert sorted(one.accepted for one in retry_quarantine(lake.ctx)) == [1, 2]
    assert_whole(lake)


def test_a_file_that_cannot_be_removed_is_no_success(lake, monkeypatch):
    hers = tokens(lake, customer_id="C-1").values()
    request_id = ask(lake, customer_id="C-1")
    lake, table = narrowed(lake, "orders"), lake.home / "lake" / "eu" / "bronze" / "orders"
    with monkeypatch.context() as patched:
        unlink = purge.Path.unlink

        def stays(self, missing_ok=False):
            if self.suffix == ".parquet" and "tenant_id=acme" in str(self):
                raise PermissionError
            unlink(self, missing_ok=missing_ok)

        patched.setattr(purge.Path, "unlink", stays)
        request = answer(lake, request_id)
    assert request.state is State.FAILED
    assert "could not be removed" in request.detail
    assert find_leaks(table, hers)
    assert answer(lake, request_id, retry=True).state is State.DONE
    assert find_leaks(table, hers) == []


def test_a_hold_stops_a_request_and_lifting_it_lets_it_go_on(lake):
    lake = narrowed(lake, "people")
    engine, before = lake.ctx.engine, left(lake)
    scope = Scope("acme", None, tuple(tokens(lake, customer_id="C-1").values()))
    hold = place_hold(engine, scope, matter="CASE-1", by="steward", why="a lawsuit")
    request_id = ask(lake, email="ana@example.org")
    assert (answer(lake, request_id).state, left(lake)) == (State.HELD, before)
    lift_hold(engine, hold.hold_id, "steward", "settled")
    assert answer(lake, request_id).state is State.DONE
    assert left(lake) == before | {"people": WITHOUT_ANA["people"]}


def test_a_hold_placed_in_the_middle_stops_what_is_left(lake, monkeypatch):
    lake = narrowed(lake, "people", "orders")
    engine, settle = lake.ctx.engine, forget.end_change
    scope = Scope("acme", None, tuple(tokens(lake, customer_id="C-1").values()))

    def placed(*args):
        settle(*args)
        if not placed.hold:
            placed.hold = place_hold(engine, scope, matter="CASE-1", by="steward", why="a lawsuit")

    placed.hold = None
    request_id = ask(lake, customer_id="C-1")
    with monkeypatch.context() as patched:
        patched.setattr(forget, "end_change", placed)
        assert answer(lake, request_id).state is State.HELD
    assert left(lake) == {"people": (3, 1, 3), "orders": WITHOUT_ANA["orders"], "events": (2, 0, 2)}
    assert_whole(lake)
    lift_hold(engine, placed.hold.hold_id, "steward", "settled")
    assert answer(lake, request_id).state is State.DONE
    assert left(lake) == WITHOUT_ANA | {"events": (2, 0, 2)}  # by an e-mail that nobody gave


def test_hidden_and_orphaned_files_of_a_table_go_too(lake):
    lake = narrowed(lake, "people")
    part = lake.home / "lake" / "eu" / "bronze" / "people"
    for place in (part / ".hidden", part / "_change_data", part / "tenant_id=acme"):
        place.mkdir(exist_ok=True)
        (place / "canary.parquet").write_text("canary-7731")
    answer(lake, ask(lake, customer_id="C-1"))
    assert find_leaks(lake.home / "lake", ["canary-7731"]) == []
    assert_whole(lake)


def test_many_requests_of_a_tenant_are_answered_in_one_pass(lake):
    lake = narrowed(lake, "people", "orders")
    ids = [ask(lake, customer_id=f"C-{number}") for number in (1, 2, 9)]
    Erasure(lake.ctx, verifier(lake), lake.home / "control" / "exports").run()
    told = [the_request(lake.ctx.engine, one) for one in ids]
    assert [one.outcome for one in told] == [Outcome.ERASED, Outcome.ERASED, Outcome.NOTHING_FOUND]
    names = [(lake.home / "control" / "receipts" / one.receipt).read_bytes() for one in told]
    assert len({hashlib.sha256(one).digest() for one in names}) == 3
    assert left(lake) == {"people": (1, 0, 1), "orders": (0, 0, 0), "events": (2, 0, 2)}
    assert_whole(lake)
