"""Hands for erasure tests: ask, answer, and look at what is left."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace

from small_lake import SmallLake

from retention.erasure import Erasure
from retention.identifiers import tokens_of
from retention.prove import Verifier
from retention.receipt import Proof
from retention.requests import Request, receive, the_request
from retention.verify import Place
from tenancy.signing import open_signing_key
from transforms.checks import check_bronze
from transforms.health import check_lake
from transforms.table_versions import TableVersions

PEOPLE = (
    "customer_id,name,email,phone,state,remark,changed\n"
    "C-1,Ana Trujillo,ana@example.org,030 1234567,new,hello,2024-01-01T00:00:00Z\n"
    "C-2,Maria Anders,maria@example.org,,new,Write to ana@example.org and maria@example.org,2024-01-01\n"
    "C-1,Ana Trujillo,ana.t@example.org,,lost,x,2024-01-01T00:00:00Z\n"
    "C-3,Tom Hardy,tom@example.org,,new,nothing,2024-01-01T00:00:00Z\n"
)
ORDERS = "order_id,customer_id,amount\n1,C-1,5\n2,C-2,6\n3,C-1,7\n"
EVENTS = '{"event_id": "e1", "customer": {"contact": {"email": "ANA@example.org"}}}\n{"event_id": "e2"}\n'
DATASETS = ("people", "orders", "events")
LAYERS = ("bronze", "quarantine", "silver")


def fill(lake: SmallLake) -> None:
    """Three datasets of acme: Ana (C-1) has rows in each, and Maria (C-2) names her."""
    lake.drop("acme", "people", "a.csv", PEOPLE)
    lake.drop("acme", "orders", "a.csv", ORDERS)
    lake.drop("acme", "events", "a.jsonl", EVENTS)
    for dataset in DATASETS:
        lake.ingest(dataset)
        lake.protect(dataset)
    shutil.rmtree(lake.ctx.landing)  # as disposal leaves it
    lake.ctx.landing.mkdir()


def narrowed(lake: SmallLake, *datasets: str) -> SmallLake:
    """The lake under policies that know these datasets only: what there is to do in each, one shows."""
    kept = tuple(one for one in lake.ctx.bundle.contracts if one.dataset in datasets)
    return lake.with_policies(replace(lake.ctx.bundle, contracts=kept))


def tokens(lake: SmallLake, tenant: str = "acme", **identifiers: str) -> dict[str, str]:
    """By domain; `customer_id` is the one of people and orders, since events has another."""
    named = {"people.customer_id" if n == "customer_id" else n: v for n, v in identifiers.items()}
    return tokens_of(lake.ctx.bundle, lake.ctx.keyring, tenant, named)


def ask(lake: SmallLake, tenant: str = "acme", **identifiers: str) -> str:
    """Take a request down; its id."""
    asked = [(tenant, tokens(lake, tenant, **identifiers))]
    return receive(lake.ctx.engine, lake.ctx.bundle.tenants, asked, "cli")[0]


def believed(_ctx: object, requests: Sequence[Request], *_: object) -> Mapping[str, Proof]:
    """A prover that looks at nothing: for tests of what is done, not of what is proved."""
    return {one.request_id: Proof(complete=True, receipt="none.json") for one in requests}


def verifier(lake: SmallLake) -> Verifier:
    """The real one, over lake, control folder and landing zone."""
    control = lake.home / "control"
    places = [Place("lake", lake.home / "lake"), Place("control", control)]
    landing = Place("landing", lake.home / "landing", tenant_level=1, names_withheld=True)
    return Verifier([*places, landing], control / "receipts", open_signing_key(control / "signing.key"))


def answer(lake: SmallLake, request_id: str, **how: object) -> Request:
    """Answer open requests, believing what is done; the request as it stands then."""
    Erasure(lake.ctx, believed, lake.home / "control" / "exports").run(**how)
    return the_request(lake.ctx.engine, request_id)


def left(lake: SmallLake, tenant: str = "acme") -> dict[str, tuple[int, int, int]]:
    """Rows by dataset in bronze, quarantine and silver."""
    return {
        dataset: tuple(len(lake.rows(layer, dataset, tenant)) for layer in LAYERS) for dataset in DATASETS
    }


def assert_whole(lake: SmallLake) -> None:
    """The lake opens without complaint, and every row that landed is accounted for."""
    control = lake.home / "control"
    check_lake(TableVersions(lake.ctx.engine), lake.home / "lake", control / "leases")
    told = [one for d in DATASETS for one in check_bronze(lake.ctx, d, list(lake.ctx.bundle.tenants))]
    assert [(one.name, one.detail) for one in told if not one.success] == []
