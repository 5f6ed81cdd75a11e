"""A small lake over a folder of its own: three tenants, five datasets, and hands to drop files with."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from operator import itemgetter
from pathlib import Path

import pytest
from delta_files import read_table
from plain_lake import unsealed
from pyspark.sql import Row, SparkSession

from policy.bundle import PolicyBundle
from policy.load import load_policies
from retention import effects, expired_ids, exports, holds, requests, stores
from tenancy.control import open_control
from tenancy.keyring import open_keyring
from transforms import deliveries, erased, lake, protect, restrictions, risks, suppressions, violations
from transforms.context import LakeContext
from transforms.ingest import TenantIngest, ingest_dataset
from transforms.landing import take_inventory

TENANTS = """\
tenants:
  - {id: acme, name: Acme, region: eu, tier: standard, calling_code: 49}
  - {id: globex, name: Globex, region: us, tier: standard, calling_code: 1}
  - {id: initech, name: Initech, region: us, tier: standard, calling_code: 1}
"""

TREATMENTS = """\
classes:
  user: token
  user.content: redact
  user.demographic.date_of_birth: {generalise: {to: year}}
"""

HEAD = """\
apiVersion: v3.2.0
kind: DataContract
id: {name}
version: 1.0.0
team: {{name: the-team}}
customProperties:
  - {{property: lakeward.loadMode, value: {mode}}}
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
      - {name: name, logicalType: string, required: true, classification: user.name}
      - {name: email, logicalType: string, classification: user.contact.email}
      - {name: phone, logicalType: string, classification: user.contact.phone_number}
      - {name: born, logicalType: date, classification: user.demographic.date_of_birth}
      - {name: level, logicalType: integer, logicalTypeOptions: {minimum: 1, maximum: 5}}
      - {name: ratio, logicalType: number}
      - {name: active, logicalType: boolean}
      - {name: state, logicalType: string, enum: [{value: new}, {value: old}]}
      - {name: code, logicalType: string, logicalTypeOptions: {minLength: 2, maxLength: 4}}
      - name: remark
        logicalType: string
        classification: user.content
        customProperties: [{property: lakeward.freeText, value: true}]
      - {name: changed, logicalType: timestamp, required: true}
"""

ORDERS = """\
      - {name: order_id, logicalType: integer, primaryKey: true}
"""

STAFF = """\
      - {name: staff_id, logicalType: integer, primaryKey: true, classification: user.unique_id}
      - {name: nick, logicalType: string, classification: user.name}
"""

EVENTS = """\
      - {name: event_id, logicalType: string, primaryKey: true}
      - name: customer
        logicalType: object
        properties:
          - {name: id, logicalType: string, classification: user.unique_id}
          - name: contact
            logicalType: object
            properties:
              - {name: email, logicalType: string, classification: user.contact.email}
      - {name: items, logicalType: array}
"""

VISITS = """\
      - {name: place, logicalType: string, required: true}
      - {name: owner, logicalType: string}
"""


def contract_text(name: str, mode: str, columns: str, **properties: str) -> str:
    """A contract file; `properties` are `lakeward.*` settings of the dataset."""
    more = "".join(f"  - {{property: lakeward.{key}, value: {value}}}\n" for key, value in properties.items())
    return HEAD.format(name=name, mode=mode, more=more) + columns


POLICIES: Mapping[str, str] = {
    "tenants.yaml": TENANTS,
    "treatments.yaml": TREATMENTS,
    "datasets/people.yaml": contract_text(
        "people", "merge", CUSTOMER.format(key="primaryKey") + PEOPLE,
        subjectColumn="customer_id", versionColumn="changed", timeColumn="changed",
    ),
    "datasets/orders.yaml": contract_text(
        "orders", "append", ORDERS + CUSTOMER.format(key="required")
        + "      - {name: amount, logicalType: number, logicalTypeOptions: {minimum: 0}}\n",
        subjectColumn="customer_id",
    ),
    "datasets/staff.yaml": contract_text("staff", "snapshot", STAFF),
    "datasets/events.yaml": contract_text("events", "append", EVENTS),
    "datasets/visits.yaml": contract_text("visits", "append", VISITS, tenantColumn="owner"),
}  # fmt: skip


def load_texts(folder: Path, texts: Mapping[str, str]) -> PolicyBundle:
    """The policies in `texts` (path to content), by way of files in `folder`."""
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return load_policies(folder)


@pytest.fixture(scope="session")
def small_policies(tmp_path_factory: pytest.TempPathFactory) -> PolicyBundle:
    return load_texts(tmp_path_factory.mktemp("policies"), POLICIES)


@dataclass
class SmallLake:
    """One lake under `home`, opened anew by `reopen`, with short ways to drop, ingest and look."""

    home: Path
    ctx: LakeContext
    _clock: count = field(default_factory=lambda: count(1_700_000_000))

    def drop(self, tenant: str, dataset: str, name: str, content: str | bytes) -> Path:
        """Put a file into the tenant's drop-off; later drops are younger, a name in .gz is packed."""
        path = self.ctx.landing / self.ctx.bundle.tenants[tenant].region / tenant / dataset / name
        path.parent.mkdir(parents=True, exist_ok=True)
        raw = content.encode() if isinstance(content, str) else content
        path.write_bytes(gzip.compress(raw, mtime=0) if name.endswith(".gz") else raw)
        moment = next(self._clock)
        os.utime(path, (moment, moment))
        return path

    def ingest(self, dataset: str, *tenants: str) -> dict[str, TenantIngest]:
        """Ingest what waits for these tenants (all by default); outcomes by tenant."""
        inventory = take_inventory(self.ctx.landing, self.ctx.bundle)
        outcomes = ingest_dataset(self.ctx, dataset, tenants or list(self.ctx.bundle.tenants), inventory)
        return {outcome.tenant: outcome for outcome in outcomes}

    def protect(self, dataset: str, *tenants: str) -> dict[str, protect.TenantProtect]:
        """Bring silver up to date; outcomes by tenant."""
        outcomes = protect.protect_dataset(self.ctx, dataset, tenants or list(self.ctx.bundle.tenants))
        return {outcome.tenant: outcome for outcome in outcomes}

    def rows(self, layer: str, dataset: str, tenant: str) -> list[Row]:
        """The tenant's rows of a table, unsealed into `opened` where they are sealed, by record and place.

        Read without Spark, whose plans cost more than these rows.
        """
        table = lake.Table(self.ctx.bundle.tenants[tenant].region, layer, dataset)
        found = [one for one in read_table(Path(self.ctx.lake.path(table))) if one["tenant_id"] == tenant]
        if layer != "silver":
            keys = self.ctx.keyring.tenant_keys(tenant) if found else None
            found = [one | {"opened": unsealed(one, layer, dataset, keys)} for one in found]
            found.sort(key=itemgetter("batch_id", "position"))
        return [Row(**one) for one in found]

    def with_policies(self, bundle: PolicyBundle) -> SmallLake:
        """The same lake, opened under other policies."""
        return replace(self, ctx=replace(self.ctx, bundle=bundle))


def open_small_lake(spark: SparkSession, home: Path, bundle: PolicyBundle) -> SmallLake:
    """The lake under `home`, made where there is none."""
    engine = open_control(home / "control" / "control.db")
    keyring = open_keyring(engine, home / "control" / "root.key", home / "lake")
    for part in (
        deliveries, violations, protect, risks, erased, suppressions, restrictions, requests, holds, effects,
        expired_ids, stores, exports,
    ):  # fmt: skip
        part.metadata.create_all(engine)
    door = lake.Lake(spark, home / "lake", home / "control" / "leases", engine)
    return SmallLake(home, LakeContext(spark, door, bundle, keyring, engine, home / "landing", "run-1"))


@pytest.fixture(scope="session")
def open_lake(spark: SparkSession) -> Callable[[Path, PolicyBundle], SmallLake]:
    """`open_lake(home, bundle)`, for fixtures that keep a lake for longer than one test."""
    return partial(open_small_lake, spark)


@pytest.fixture
def small_lake(spark: SparkSession, tmp_path: Path, small_policies: PolicyBundle) -> SmallLake:
    return open_small_lake(spark, tmp_path / "home", small_policies)


@pytest.fixture(scope="session")
def changed_policies(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., PolicyBundle]:
    """`changed_policies({"treatments.yaml": [("old", "new")]})` → the small policies with texts replaced."""

    def change(edits: Mapping[str, list[tuple[str, str]]]) -> PolicyBundle:
        texts = dict(POLICIES)
        for path, pairs in edits.items():
            for old, new in pairs:
                assert old in texts[path]
                texts[path] = texts[path].replace(old, new)
        return load_texts(tmp_path_factory.mktemp("changed"), texts)

    return change
