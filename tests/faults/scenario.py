"""A small lake in acts: files are run, a fix is retried, corrections are run, rows expire, a person goes."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from dagster_project.erasing import Asked, erase_step
from dagster_project.house import open_house
from dagster_project.lineage_delivery import relay_step
from dagster_project.retaining import expire_step
from dagster_project.run_locks import end_run, hold_run
from dagster_project.settings import Settings, load_settings
from dagster_project.steps import (
    classify_step,
    close_dead_runs,
    ingest_step,
    inventory_step,
    protect_step,
)
from policy.errors import LakewardError
from retention.holds import Scope, all_holds, place_hold
from retention.identifiers import tokens_of
from retention.requests import State, all_requests, receive
from transforms.context import LakeContext
from transforms.quarantine import retry_quarantine

CANARY = "zorblax"
"""Stands in every personal value of the scenario, and so must stand in no error."""

TENANTS = """\
tenants:
  - {id: acme, name: Acme, region: eu, tier: standard, calling_code: 49}
  - {id: globex, name: Globex, region: eu, tier: standard, calling_code: 44}
  - {id: initech, name: Initech, region: us, tier: standard, calling_code: 1}
"""

RETENTION = """\
rules:
  - {tenant: acme, dataset: people, action: erase, period: P1M, from: occurred_at, reason: over}
  - tenant: globex
    dataset: people
    class: user.contact
    action: erase
    period: P1M
    from: occurred_at
    reason: over
"""
"""Of one tenant a version and a whole record go, and a hold keeps another; of the other, values go."""
HELD = {"customer_id": "C-4"}
ERASED = {"customer_id": "C-1"}

TREATMENTS = """\
classes:
  user: token
"""

HEAD = """\
apiVersion: v3.2.0
kind: DataContract
id: {name}
version: {version}
team: {{name: the-team}}
customProperties:
  - {{property: lakeward.loadMode, value: {mode}}}
  - {{property: lakeward.landingDisposal, value: {disposal}}}
{more}schema:
  - name: {name}
    logicalType: object
    properties:
"""

CUSTOMER = """\
      - name: customer_id
        logicalType: string
        {key}: true
        classification: user.unique_id
        logicalTypeOptions: {{pattern: "^C-[0-9]+$"}}
        customProperties:
          - {{property: lakeward.namespace, value: customer}}
"""

PEOPLE = """\
      - {name: email, logicalType: string, classification: user.contact.email}
      - {name: level, logicalType: integer, logicalTypeOptions: {minimum: 1, maximum: TOP}}
      - {name: changed, logicalType: timestamp, required: true}
"""

ORDERS = """\
      - {name: order_id, logicalType: integer, primaryKey: true}
      - {name: owner, logicalType: string}
      - {name: amount, logicalType: number, logicalTypeOptions: {minimum: LEAST}}
"""

STAFF = """\
      - {name: staff_id, logicalType: integer, primaryKey: true}
      - {name: nick, logicalType: string, classification: user.name}
      - {name: level, logicalType: integer, logicalTypeOptions: {maximum: TOP}}
"""


def _contract(
    name: str, mode: str, disposal: str, columns: str, version: str = "1.0.0", **properties: str
) -> str:
    more = "".join(f"  - {{property: lakeward.{key}, value: {value}}}\n" for key, value in properties.items())
    return HEAD.format(name=name, version=version, mode=mode, disposal=disposal, more=more) + columns


def policies(top_level: int, datasets: Sequence[str]) -> dict[str, str]:
    """The policies as path → text; `top_level` is what the policy fix raises."""
    contracts = {
        "orders": _contract(
            "orders", "append", "delete",
            ORDERS.replace("LEAST", str(5 - top_level)) + CUSTOMER.format(key="required"), f"1.{top_level}.0",
            subjectColumn="customer_id", tenantColumn="owner",
        ),
        "people": _contract(
            "people", "merge", "archive-sealed",
            CUSTOMER.format(key="primaryKey") + PEOPLE.replace("TOP", str(top_level)), f"1.{top_level}.0",
            subjectColumn="customer_id", versionColumn="changed", timeColumn="changed",
        ),
        "staff": _contract(
            "staff", "snapshot", "keep", STAFF.replace("TOP", str(top_level)), f"1.{top_level}.0"
        ),
    }  # fmt: skip
    return {
        "tenants.yaml": TENANTS,
        "treatments.yaml": TREATMENTS,
        **{f"datasets/{name}.yaml": contracts[name] for name in datasets},
    }


PEOPLE_HEAD = "customer_id,email,level,changed\n"
ORDERS_HEAD = "order_id,customer_id,owner,amount\n"
STAFF_HEAD = "staff_id,nick,level\n"

FIRST_DROP = {
    "eu/acme/people/a.csv": PEOPLE_HEAD
    + "C-1,zorblax1@example.org,1,2026-01-01T00:00:00\n"
    + "C-2,zorblax2@example.org,7,2026-01-01T01:30:00\n"  # too high until the policy fix
    + "C-3,zorblax3@example.org,99,2026-01-01T00:00:00\n",  # too high for ever
    "eu/acme/orders/a.csv": ORDERS_HEAD + "1,C-1,acme,10.5\n2,C-2,,3\n3,C-1,globex,4\n",
    "eu/acme/orders/b.csv.gz": ORDERS_HEAD + "2,C-2,acme,999\n4,C-2,acme,1\n",
    "eu/acme/staff/a.csv": STAFF_HEAD + "1,zorblaxa,1\n2,zorblaxb,8\n",
    "eu/globex/people/p.csv": PEOPLE_HEAD
    + "C-1,zorblax4@example.org,2,2026-01-01T00:00:00Z\n"
    + "C-5,zorblax5@example.org,8,2026-01-01T00:00:00+02:00\n",
    "eu/globex/orders/cut.csv.gz": ORDERS_HEAD,  # refused whole
    "eu/globex/orders/o.csv": ORDERS_HEAD + "1,C-1,globex,-1\n2,C-5,globex,8\n",
    "us/initech/orders/o.csv": ORDERS_HEAD + "7,C-9,initech,70\n",
    "eu/globex/staff/s.csv": STAFF_HEAD + "1,zorblaxc,1\n,zorblaxd,1\n",
    "us/umbrella/orders/o.csv": ORDERS_HEAD,  # a folder of nobody
}

SECOND_DROP = {
    "eu/acme/people/b.csv": PEOPLE_HEAD
    + "C-1,zorblax6@example.org,3,2099-02-01T00:00:00\n"  # newer
    + "C-2,zorblax7@example.org,1,2025-01-01T00:00:00\n"  # older than what was retried
    + "C-4,zorblax10@example.org,1,2025-01-01T00:00:00\n",  # on hold when rows expire
    "eu/acme/people/again.csv": FIRST_DROP["eu/acme/people/a.csv"],  # a content that is known
    "eu/acme/staff/b.csv": STAFF_HEAD + "2,zorblaxb,2\n3,zorblaxe,3\n",
    "eu/globex/orders/p.csv": ORDERS_HEAD + "2,C-5,globex,800\n3,C-5,globex,9\n",
    "eu/globex/people/i.csv": PEOPLE_HEAD + "C-1,zorblax8@example.org,4,2026-01-05T00:00:00Z\n",
    "eu/globex/people/j.csv": PEOPLE_HEAD + "C-1,zorblax9@example.org,12,2026-01-06T00:00:00Z\n",
}

DATASETS = ("orders", "people", "staff")
ACTS = ("first run", "retry", "second run")
EXPIRE = "expire"
"""The act of retention; only people have a rule."""
ERASE = "erase"
"""The act that answers a request of somebody who stands in people and orders, and in quarantine."""


def set_stage(
    home: Path, act: str, datasets: Sequence[str], *, mtime: float = 1_767_225_600.0, step: float = 1.0
) -> None:
    """Lay the policies and the files of an act. Files of a drop are `step` seconds apart."""
    for name, text in policies(5 if act == "first run" else 9, datasets).items():
        path = home / "policies" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    if act == EXPIRE:
        (home / "policies" / "retention.yaml").write_text(RETENTION)
    drop = {"first run": FIRST_DROP, "second run": SECOND_DROP}.get(act, {})
    for place, (name, text) in enumerate(drop.items()):
        if name.split("/")[2] not in datasets:
            continue
        path = home / "landing" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        packed = gzip.compress(text.encode(), mtime=0)
        cut = packed[: len(packed) // 2] if path.name.startswith("cut") else packed
        path.write_bytes(cut if name.endswith(".gz") else text.encode())
        moment = mtime + place * step
        os.utime(path, (moment, moment))


def settings_of(home: Path) -> Settings:
    """The settings of the lake that lies under `home`."""
    return load_settings(landing=home / "landing", lake=home / "lake", policies=home / "policies")


def play(
    home: Path,
    act: str,
    run_id: str,
    spark_conf: Mapping[str, str],
    step: Callable[[str], None],
    tenants: Sequence[str] = (),
) -> None:
    """Do an act, as the assets and `lakeward quarantine retry` do it. `step` is told what begins.

    A run is over `tenants`, or over all where none is named.

    Raises LakewardError where a tenant failed.
    """
    settings = settings_of(home).model_copy(update={"spark_conf": dict(spark_conf)})
    step("open")
    hold_run(settings.leases, run_id)
    ctx = open_house(settings, run_id)
    try:
        if act == "retry":
            step("retry")
            retry_quarantine(ctx)
            end_run(settings.leases, run_id)
            return
        if act in (EXPIRE, ERASE):
            failed = (_expire if act == EXPIRE else _erase)(ctx, settings, step)
            _close(ctx, settings, run_id, step)
            if failed:
                raise LakewardError("; ".join(failed))
            return
        step("inventory")
        inventory = inventory_step(ctx)
        failed: list[str] = []
        for dataset in ctx.bundle.datasets:
            asked = sorted(tenants or ctx.bundle.tenants)
            for name, outcomes in (
                ("ingest", lambda d=dataset, t=asked: ingest_step(ctx, d, t, inventory)),
                ("classify", lambda d=dataset, t=asked: classify_step(ctx, d, t)),
                ("protect", lambda d=dataset, t=asked: protect_step(ctx, d, t)),
            ):
                step(name)
                failed += [f"{name} {dataset}: {one.failed}" for one in outcomes() if one.failed]
        _close(ctx, settings, run_id, step)
        if failed:
            raise LakewardError("; ".join(failed))
    finally:
        ctx.engine.dispose()


def _expire(ctx: LakeContext, settings: Settings, step: Callable[[str], None]) -> list[str]:
    """Do what the rules want done, under the hold; who failed."""
    step("hold")
    if not all_holds(ctx.engine):
        tokens = tokens_of(ctx.bundle, ctx.keyring, "acme", HELD)
        scope = Scope("acme", "people", tuple(tokens.values()))
        place_hold(ctx.engine, scope, matter="CASE-1", by="counsel", why="why")
    told = expire_step(ctx, settings, sorted(ctx.bundle.tenants), step)
    return [f"retention of {dataset}: {why}" for (_, dataset), why in told.failed.items()]


def _erase(ctx: LakeContext, settings: Settings, step: Callable[[str], None]) -> list[str]:
    """Answer the one request, asked for where nobody did yet; how it failed."""
    step("ask")
    if not all_requests(ctx.engine):
        asked = tokens_of(ctx.bundle, ctx.keyring, "acme", ERASED)
        receive(ctx.engine, ctx.bundle.tenants, [("acme", asked)], "cli")
    answered = erase_step(ctx, settings, Asked(), step)
    return [f"erasure: {one.state}, {one.detail}" for one in answered if one.state is not State.DONE]


def _close(ctx: LakeContext, settings: Settings, run_id: str, step: Callable[[str], None]) -> None:
    step("relay")
    relay_step(ctx.engine, settings)
    step("close")
    close_dead_runs(ctx, settings.leases)
    end_run(settings.leases, run_id)
