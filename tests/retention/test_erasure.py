"""A person's records go: from bronze, quarantine, silver and their past, and nobody else's."""

from __future__ import annotations

import pytest

from retention.erasure import Erasure, Proof
from retention.identifiers import tokens_of
from retention.requests import Outcome, State, receive, the_request
from transforms import deliveries
from transforms.checks import check_bronze
from transforms.health import check_lake
from transforms.table_versions import TableVersions

PEOPLE = (
    "customer_id,name,email,state,remark,changed\n"
    "C-1,Ana Trujillo,ana@example.org,new,hello,2024-01-01T00:00:00Z\n"
    "C-2,Maria Anders,maria@example.org,new,Ask Ana Trujillo at ana@example.org about it,2024-01-01T00:00:00Z\n"
    "C-1,Ana Trujillo,ana.t@example.org,lost,x,2024-01-01T00:00:00Z\n"
)
ORDERS = "order_id,customer_id,amount\n1,C-1,5\n2,C-2,6\n3,C-1,7\n"
EVENTS = '{"event_id": "e1", "customer": {"contact": {"email": "ANA@example.org"}}}\n{"event_id": "e2"}\n'


@pytest.fixture
def lake(small_lake):
    small_lake.drop("acme", "people", "a.csv", PEOPLE)
    small_lake.drop("acme", "orders", "a.csv", ORDERS)
    small_lake.drop("acme", "events", "a.jsonl", EVENTS)
    for dataset in ("people", "orders", "events"):
        small_lake.ingest(dataset)
        small_lake.protect(dataset)
    return small_lake


def proven(ctx, requests, sought, values, done):
    return {one.request_id: Proof(complete=True, receipt="r.json") for one in requests}


def ask(lake, **identifiers):
    tokens = tokens_of(lake.ctx.bundle, lake.ctx.keyring, "acme", identifiers)
    [request_id] = receive(lake.ctx.engine, lake.ctx.bundle.tenants, [("acme", tokens)], "cli")
    return request_id


def test_a_person_goes_from_every_dataset_by_their_email(lake):
    request_id = ask(lake, email="ana@example.org")
    Erasure(lake.ctx, proven).run()
    request = the_request(lake.ctx.engine, request_id)
    assert (request.state, request.outcome) == (State.DONE, Outcome.ERASED), request
    print(request.detail)
    left = {
        (layer, dataset): len(lake.rows(layer, dataset, "acme"))
        for layer in ("bronze", "quarantine", "silver")
        for dataset in ("people", "orders", "events")
    }
    assert left == {
        ("bronze", "people"): 1, ("quarantine", "people"): 0, ("silver", "people"): 1,
        ("bronze", "orders"): 1, ("quarantine", "orders"): 0, ("silver", "orders"): 1,
        ("bronze", "events"): 1, ("quarantine", "events"): 0, ("silver", "events"): 1,
    }  # fmt: skip
    [silver] = lake.rows("silver", "people", "acme")
    print(silver.remark)
    [bronze] = lake.rows("bronze", "people", "acme")
    print(bronze.opened)
    assert all(
        one.success for d in ("people", "orders", "events") for one in check_bronze(lake.ctx, d, ["acme"])
    )
    check_lake(TableVersions(lake.ctx.engine), lake.home / "lake", lake.home / "control" / "leases")
