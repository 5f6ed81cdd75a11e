"""A tenant's outputs, run alone and run beside a poisoned neighbour, are equal but for ids and times."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from delta_files import read_table
from lake_drops import POISONS, poisoned
from lake_policies import TENANTS, Policies, Who
from plain_lake import opened
from sqlalchemy import delete

from audit.outbox_tables import events
from classifications.ledger import FindingsLedger
from dagster_project.checks_data import check_bronze, check_silver
from dagster_project.house import open_house
from dagster_project.lineage_delivery import relay_step
from dagster_project.settings import Settings, load_settings
from dagster_project.steps import classify_step, ingest_step, inventory_step, protect_step
from tenancy.keyring import wrapped_keys
from transforms import deliveries
from transforms.quarantine import list_quarantine, retry_quarantine
from transforms.violations import all_violations

A, B = TENANTS[:2]  # of one region: they share every table
DATASETS = ("people", "orders")
POLICIES = Policies(own_orders=B.id, email="seal", level_max=3)
LATER = replace(POLICIES, level_max=9, version=1)

PEOPLE = "customer_id,name,email,phone,level,revision\n"
A_FIRST = {
    "people/a.csv": PEOPLE
    + "C-{w}1,Ana {w},a.{w}@mail.example,0{d}1,2,1\n"
    + "C-{w}2,{w} Ltd,b.{w}@mail.example,,7,1\n"
    + ",{w},,,x,\n"
    + "{w},ragged\n",
    "people/b.jsonl": '{"customer_id": "C-{w}3", "name": "Zo\u00eb {w}", "level": 1, "note": "{w}"}\n{"{w}\n',
    "orders/o.csv": "order_id,customer_id,amount,owner,ordered\n"
    "1,C-{w}1,10,{own},2024-01-05\n2,C-{w}2,20,{other},2024-01-05\n3,C-{w}3,-1,,\n",
}
A_LATER = {
    "people/c.csv": PEOPLE + "C-{w}1,Ana {w}-Lopez,a.{w}@mail.example,0{d}1,3,2\n",
    "orders/p.csv": "order_id,customer_id,amount\n1,C-{w}1,99\n4,C-{w}1,40\n",
    "orders/latin.csv": "order_id,customer_id\n\xff,{w}\n",
}
A_LAST = {
    "people/d.csv": PEOPLE + "C-{w}4,Eva {w},,,1,1\n",
    "orders/q.csv": "order_id,customer_id\n5,C-{w}4\n",
}
B_FIRST = {
    "people/a.csv": PEOPLE
    + "C-{w}1,Ana {w},a.{w}@mail.example,0{d}1,2,9\n" * 3
    + "".join(f"C-{{w}}{n},{{w}} {n},,,{n},1\n" for n in range(1, 300))
    + f"C-{{w}}5,{'{w} ' * 100_000},,,1,1\n",
    "orders/of-alder.csv": "order_id,customer_id,amount,owner\n1,C-{w}1,10,{other}\n2,C-{w}2,20,{own}\n",
}
B_LATER = {
    "people/c.jsonl": '["{w}"]\n{"customer_id": "C-{w}1", "name": {"{w}": []}, "level": 1e999}\n',
}
SPOILED = {"people": POISONS, "orders": [kind for kind in POISONS if kind != "damaged parquet"]}
"""A damaged file makes the batch fail and be tried tenant by tenant, file by file: once is enough."""


class House:
    """One lake with both tenants registered, and what its runs said."""

    def __init__(self, home: Path, policies: Policies) -> None:
        self.home, self.runs = home, 0
        self.said: dict[str, list[object]] = {A.id: [], B.id: []}
        self.change(policies)
        (home / "landing").mkdir(exist_ok=True)
        self.settings = settings_of(home)
        self.open()

    def open(self) -> None:
        self.runs += 1
        self.ctx = open_house(self.settings, f"run-{self.runs}")

    def change(self, policies: Policies) -> None:
        policies.write(self.home / "policies", (A, B))

    def drop(self, who: Who, files: Mapping[str, str | bytes]) -> None:
        """Put files into a tenant's drop-off; the texts are written for any tenant."""
        other = B if who is A else A
        for name, text in files.items():
            path = self.home / "landing" / who.region / who.id / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else _filled(text, who, other, name))

    def poison(self, who: Who) -> None:
        """Every file that cannot be read, in every dataset; and links to what is another's."""
        for dataset, kinds in SPOILED.items():
            files = [poisoned(kind, dataset, who) for kind in kinds]
            self.drop(who, {f"{dataset}/{n}.{file.suffix}": file.content for n, file in enumerate(files)})
            landing = self.home / "landing"
            (landing / who.region / who.id / dataset / "link.csv").symlink_to(
                landing / A.region / A.id / dataset / "a.csv"
            )

    def run(self, *datasets: str) -> None:
        """The main job's steps over both tenants, after a retry of quarantine; nobody is held back."""
        ctx, both = self.ctx, [A.id, B.id]
        inventory = inventory_step(ctx)
        for dataset in datasets:
            self.say(retry_quarantine(ctx, dataset))
            self.say(replace(one, settled=[]) for one in ingest_step(ctx, dataset, both, inventory))
            self.say(check_bronze(ctx, dataset, both))
            self.say(classify_step(ctx, dataset, both))
            self.say(protect_step(ctx, dataset, both))
            self.say(check_silver(ctx, dataset, both))
        relay_step(ctx.engine, self.settings)

    def say(self, outcomes) -> None:
        for outcome in outcomes:
            self.said[outcome.tenant].append(normal(asdict(outcome)))

    def outputs(self, who: Who) -> dict[str, Any]:
        """All that the lake holds and said of a tenant, in the clear, without ids and times."""
        engine, id_ = self.ctx.engine, who.id
        own = [row for row in deliveries.all_deliveries(engine) if row.tenant_id == id_]
        order = {deliveries.batch_id(row.id, row.content_token): number for number, row in enumerate(own)}
        found: dict[str, Any] = {
            "said": self.said[id_],
            "deliveries": [normal(dict(row._mapping)) for row in own],
            "violations": [(v.kind, v.place, v.amount) for v in all_violations(engine) if id_ in v.place],
            "waiting": [group for group in list_quarantine(self.ctx) if group.tenant == id_],
        }
        with engine.connect() as connection:
            stored = connection.execute(events.select().where(events.c.tenant_id == id_)).all()
        written = [line for line in self.settings.lineage_file.read_text().splitlines() if f'"{id_}"' in line]
        found["events"] = [normal(json.loads(row.payload)) for row in stored]
        assert sorted(map(str, found["events"])) == sorted(str(normal(json.loads(line))) for line in written)
        for dataset in DATASETS:
            found[f"findings {dataset}"] = [
                normal(asdict(one)) for one in FindingsLedger(engine).current(id_, dataset)
            ]
            found |= self._tables(who, dataset, order)
        return found

    def _tables(self, who: Who, dataset: str, order: Mapping[str, int]) -> dict[str, Any]:
        tables: dict[str, Any] = {}
        keys = self.ctx.keyring.tenant_keys(who.id)
        for layer in ("bronze", "quarantine"):
            rows = [row for row in self.table(layer, dataset, who) if row["tenant_id"] == who.id]
            in_order = opened(rows, layer, dataset, keys)
            tables[f"{layer} {dataset}"] = [
                # A quarantined record's id is made of the delivery's.
                (row.record_id if layer == "bronze" else "", order[row.batch], row.text, row.reasons)
                for row in in_order
            ]
        columns = [column.name for column in self.ctx.bundle.contract_for(who.id, dataset).columns]
        rows = self.table("silver", dataset, who)
        surrogates = ("record_id", "subject_token", "occurred_at", "policy_digest")
        tables[f"silver {dataset}"] = sorted(
            str([row[name] for name in (*surrogates, *columns)]) for row in rows
        )
        return tables

    def table(self, layer: str, dataset: str, who: Who) -> list[dict[str, Any]]:
        table = self.settings.lake / who.region / layer / dataset
        return [row for row in read_table(table) if row["tenant_id"] == who.id]


def _filled(text: str, who: Who, other: Who, name: str) -> bytes:
    named = text.replace("{own}", who.id).replace("{other}", other.id)
    whole = named.replace("{w}", who.word).replace("{d}", who.digits)
    return whole.encode("latin-1" if "latin" in name else "utf-8")


IDS_AND_TIMES = {
    "id", "run_id", "runId", "batch_seq", "arrived_at", "settled_at", "found_at", "checked_at", "eventTime",
    "version", "datasetVersion", "nominalTime",
}  # fmt: skip
MARKS = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|\+00:00)?|run-[0-9]+"
)


def normal(value: Any) -> Any:
    """The value without what names a run, a moment or a place in a shared sequence."""
    if isinstance(value, Mapping):
        return {str(name): normal(one) for name, one in value.items() if name not in IDS_AND_TIMES}
    if isinstance(value, list | tuple | set | frozenset):
        return [normal(one) for one in value]
    return MARKS.sub("~", value) if isinstance(value, str) else str(value)


def settings_of(home: Path) -> Settings:
    return load_settings(
        landing=home / "landing", lake=home / "lake", policies=home / "policies", control=home / "control"
    )


@pytest.fixture(scope="module")
def houses(spark, tmp_path_factory) -> tuple[House, House]:
    """Two lakes of one identity and with the same keys: A alone, and A beside B."""
    homes = [tmp_path_factory.mktemp(name) / "home" for name in ("alone", "beside")]
    homes[0].mkdir()
    alone = House(homes[0], POLICIES)
    for who in (A, B):
        alone.ctx.keyring.tenant_keys(who.id)
    alone.ctx.engine.dispose()
    shutil.copytree(homes[0], homes[1])
    return alone, House(homes[1], POLICIES)


def same(houses: tuple[House, House]) -> None:
    alone, beside = (house.outputs(A) for house in houses)
    assert alone.keys() == beside.keys()
    for name, output in alone.items():
        assert beside[name] == output, name


def test_files_of_a_neighbour_that_break_everything_change_nothing(houses):
    for house in houses:
        house.drop(A, A_FIRST)
    houses[1].drop(B, B_FIRST)
    houses[1].poison(B)
    for house in houses:
        house.run(*DATASETS)
    outputs = houses[0].outputs(A)
    assert [len(outputs[f"bronze {name}"]) for name in DATASETS] == [2, 1]
    assert [len(outputs[f"quarantine {name}"]) for name in DATASETS] == [4, 2]
    assert [len(outputs[f"silver {name}"]) for name in DATASETS] == [2, 1]
    same(houses)
    of_b = [row for row in deliveries.all_deliveries(houses[1].ctx.engine) if row.tenant_id == B.id]
    assert {row.state for row in of_b} >= {"ingested", "refused"}


def test_a_correction_and_a_retry_beside_a_neighbour_s_are_the_same(houses):
    for house in houses:
        house.change(LATER)
        house.open()
        house.drop(A, A_LATER)
    houses[1].drop(B, B_LATER)
    for house in houses:
        house.run("people")
    outputs = houses[0].outputs(A)
    assert (len(outputs["bronze people"]), len(outputs["silver people"])) == (4, 3)
    same(houses)


def test_nothing_of_the_one_is_in_what_is_held_and_said_of_the_other(houses):
    for house in houses:
        for who, other in ((A, B), (B, A)):
            told = str(house.outputs(who)).lower()
            assert other.word not in told
            assert other.digits not in told
            assert who.word in told or (who is B and house is houses[0])


def test_a_neighbour_whose_rows_no_longer_open_changes_nothing(houses):
    """Keys that are gone are made anew, and what was sealed under the old ones stays shut."""
    with houses[1].ctx.engine.begin() as connection:
        connection.execute(delete(wrapped_keys).where(wrapped_keys.c.tenant_id == B.id))
    said = len(houses[1].said[B.id])
    for house in houses:
        house.open()
        house.drop(A, A_LAST)
    houses[1].drop(B, A_LAST)
    for house in houses:
        house.run("people")
    assert "'failed': 'USER_RAISED_EXCEPTION'" in str(houses[1].said[B.id][said:])
    same(houses)
