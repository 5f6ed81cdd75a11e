"""Silver: the present state of each record, treated, joining within a tenant and never across."""

from __future__ import annotations

import shutil
import sqlite3

import pytest
from findings import finding, record

from classifications.ledger import FindingsLedger
from classifications.verdicts import Decision, Verdict
from tenancy.control import now
from tenancy.keyring import MARKER
from tenancy.tokens import token
from transforms.lake import Table

PEOPLE = "customer_id,name,email,born,changed\n"
MARIA = "C-1,Maria Anders,{},1987-02-03,{}\n"
HANNA = "C-2,Hanna Moos,h@b.example,,2024-01-01\n"
ORDERS = "order_id,customer_id,amount\n"

DROPS = [
    ("globex", "people", "a.csv", PEOPLE + MARIA.format("old@b.example", "2024-01-01") + HANNA),
    ("globex", "people", "b.csv", PEOPLE + MARIA.format("new@b.example", "2024-03-01")),
    ("globex", "people", "c.csv", PEOPLE + MARIA.format("late@b.example", "2024-02-01")),
    ("initech", "people", "a.csv", PEOPLE + MARIA.format("old@b.example", "2024-01-01")),
    ("globex", "orders", "a.csv", ORDERS + "1,C-1,10\n2,C-2,20\n3,C-3,30\n"),
    ("globex", "orders", "b.csv", ORDERS + "1,C-1,99\n"),
    ("initech", "orders", "a.csv", ORDERS + "1,C-1,10\n"),
    ("globex", "staff", "a.csv", "staff_id,nick\n1,Bill\n2,Milton\n"),
    ("globex", "staff", "b.csv", "staff_id,nick\n2,Milton\n3,Peter\n"),
]


def fill(lake, drops, *datasets):
    for drop in drops:
        if drop[1] in datasets:
            lake.drop(*drop)
    for dataset in datasets:
        lake.ingest(dataset)
        lake.protect(dataset)


@pytest.fixture(scope="module")
def lakes(small_policies, open_lake, tmp_path_factory):
    """A filled lake, and an empty one that was given the same identity and keys."""
    homes = [tmp_path_factory.mktemp(name) for name in ("one", "two")]
    one = open_lake(homes[0], small_policies)
    for tenant in small_policies.tenants:
        one.ctx.keyring.tenant_keys(tenant)
    for part in ("control", "lake"):
        (homes[1] / part).mkdir()
    source, target = (sqlite3.connect(home / "control/control.db") for home in homes)
    source.backup(target)
    for connection in (source, target):
        connection.close()
    for name in ("control/root.key", f"lake/{MARKER}"):
        shutil.copy2(homes[0] / name, homes[1] / name)
    fill(one, DROPS, "people", "orders", "staff")
    return one, open_lake(homes[1], small_policies)


@pytest.fixture(scope="module")
def filled(lakes):
    return lakes[0]


def own_token(lake, tenant, domain, normal):
    return token(lake.ctx.keyring.tenant_keys(tenant).token_key, domain, normal)


def test_by_merge_the_highest_version_wins_whatever_came_last(filled):
    emails = {row.email for row in filled.rows("silver", "people", "globex")}
    assert emails == {
        own_token(filled, "globex", "user.contact.email", email) for email in ("new@b.example", "h@b.example")
    }


def test_by_append_the_first_arrival_of_a_key_stays(filled):
    assert sorted(row.amount for row in filled.rows("silver", "orders", "globex")) == [10, 20, 30]


def test_by_snapshot_the_latest_file_is_the_whole_truth(filled):
    wanted = {own_token(filled, "globex", "user.unique_id", number) for number in "23"}
    assert {row.staff_id for row in filled.rows("silver", "staff", "globex")} == wanted


def test_bronze_keeps_every_version_that_arrived(filled):
    assert len(filled.rows("bronze", "people", "globex")) == 4
    assert len(filled.rows("bronze", "staff", "globex")) == 4


def test_silver_holds_treated_values_and_no_plain_ones(filled):
    [row] = filled.rows("silver", "people", "initech")
    assert (row.born, row.name, row.customer_id) == (
        "1987",
        own_token(filled, "initech", "user.name", "maria anders"),
        own_token(filled, "initech", "user.unique_id/customer", "c-1"),
    )
    for path in (filled.home / "lake").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [
                secret for secret in (b"Maria", b"b.example", b"C-1", b"1987-02-03") if secret in content
            ]


def test_tokens_join_people_to_their_orders_within_a_tenant(filled):
    people = {row.customer_id for row in filled.rows("silver", "people", "globex")}
    orders = [row.customer_id for row in filled.rows("silver", "orders", "globex")]
    assert len(people) == 2
    assert len([one for one in orders if one in people]) == 2
    assert {row.subject_token for row in filled.rows("silver", "people", "globex")} == people


def test_nothing_joins_across_tenants(filled):
    """Both tenants have a Maria Anders, C-1, with one e-mail address and an order 1."""
    seen = [
        {
            value
            for dataset in ("people", "orders")
            for row in filled.rows("silver", dataset, tenant)
            for value in (row.record_id, row.subject_token, row.customer_id, row.asDict().get("email"))
            if value
        }
        for tenant in ("globex", "initech")
    ]
    assert all(seen)
    assert seen[0].isdisjoint(seen[1])


def test_protecting_again_without_news_changes_nothing(filled):
    table = Table("us", "silver", "people")
    before = filled.ctx.lake.version(table)
    again = filled.protect("people")
    assert not any(outcome.changed for outcome in again.values())
    assert {tenant: outcome.rows for tenant, outcome in again.items()} == {
        "acme": None,
        "globex": 2,
        "initech": 1,
    }
    assert filled.ctx.lake.version(table) == before


def test_the_same_files_keys_and_policies_give_the_same_silver_rows_in_another_lake(lakes):
    one, two = lakes
    fill(two, DROPS, "people")
    for tenant in ("globex", "initech"):
        assert sorted(two.rows("silver", "people", tenant)) == sorted(one.rows("silver", "people", tenant))


def test_other_treatments_change_values_and_never_silver_types(lakes, changed_policies):
    _, two = lakes
    if not two.rows("silver", "people", "globex"):
        fill(two, DROPS, "people")
    table = Table("us", "silver", "people")
    before = two.ctx.lake.read(table, ["globex"])
    schema, rows = before.schema, before.collect()
    harder = changed_policies({"treatments.yaml": [
        ("user: token", "user: token\n  user.name: seal\n  user.contact.email: drop"),
        ("date_of_birth: {generalise: {to: year}}", "date_of_birth: keep"),
    ]})  # fmt: skip
    outcome = two.with_policies(harder).protect("people")["globex"]
    after = two.ctx.lake.read(table, ["globex"]).collect()
    assert (outcome.changed, outcome.rows) == (True, 2)
    assert two.ctx.lake.read(table, ["globex"]).schema == schema
    assert {row.email for row in after} == {None} != {row.email for row in rows}
    assert {row.born for row in after} == {None, "1987-02-03"}
    assert all(row.name.startswith("globex.data.1:") for row in after)


def test_a_bronze_row_that_does_not_open_stops_its_tenant_only_and_keeps_its_silver(lakes, monkeypatch):
    one, _ = lakes
    keys = type(one.ctx.keyring).keys_of

    def wrong_for_globex(ring, tenants):
        found = keys(ring, [*tenants, "initech"])
        return {id_: found["initech" if id_ == "globex" else id_] for id_ in tenants}

    before = one.rows("silver", "people", "globex")
    one.drop("initech", "people", "z.csv", PEOPLE + HANNA)
    one.drop("globex", "people", "z.csv", PEOPLE + HANNA.replace("Hanna", "H."))
    one.ingest("people")
    with monkeypatch.context() as patched:
        patched.setattr(type(one.ctx.keyring), "keys_of", wrong_for_globex)
        outcomes = one.protect("people")
    assert outcomes["globex"].failed
    assert (outcomes["initech"].failed, outcomes["initech"].rows) == (None, 2)
    assert sorted(one.rows("silver", "people", "globex")) == sorted(before)


def test_what_detection_finds_is_treated_until_a_steward_s_verdict_and_then_as_it_says(small_lake):
    row = "customer_id,name,code,changed\nC-1,Maria Anders,AB,2024-01-01\n"
    small_lake.drop("globex", "people", "a.csv", row)
    small_lake.ingest("people", "globex")

    def code() -> str:
        [outcome] = small_lake.protect("people", "globex").values()
        assert outcome.changed
        [row] = small_lake.rows("silver", "people", "globex")
        return row.code

    assert code() == "AB"
    record(small_lake.ctx.engine, finding("globex", "people", "code", "user.name"))
    assert len(code()) == 32
    verdict = Verdict("globex", "people", "code", "user.name", Decision.REJECT, "dpo", "a grade", now())
    FindingsLedger(small_lake.ctx.engine).record_verdict(verdict)
    assert code() == "AB"
