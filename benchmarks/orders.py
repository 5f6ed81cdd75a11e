"""A lake to erase from: orders of many customers, taken in by batches, so that a person is in many files."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from benchmarks.people import DATASET, REGION, people, tenant_id, write_landing, write_policies
from dagster_project.house import open_house
from dagster_project.settings import Settings, load_settings
from transforms.context import LakeContext
from transforms.ingest import ingest_dataset
from transforms.landing import take_inventory
from transforms.protect import protect_dataset

PER_CUSTOMER = 20
BATCHES = 4
_KEY = """\
      - {name: order_id, logicalType: string, primaryKey: true}
      - name: customer_id
        logicalType: string
"""


class Orders:
    """A lake of `rows` orders of `tenants` tenants, `PER_CUSTOMER` of each customer, in `BATCHES` batches."""

    def __init__(
        self, spark: SparkSession, folder: Path, rows: int, tenants: int, tell: Callable[[str], None]
    ) -> None:
        self.rows, self.tenants = rows, tenants
        self.customers = max(rows // PER_CUSTOMER, tenants)
        policies = write_policies(folder / "policies", tenants)
        _make_append(policies / "datasets" / "people.yaml")
        landing = folder / "landing"
        landing.mkdir(parents=True)
        self.settings: Settings = load_settings(landing=landing, lake=folder / "lake", policies=policies)
        self.ctx: LakeContext = open_house(self.settings, "bench")
        self.ids = sorted(self.ctx.bundle.tenants)
        for batch in range(BATCHES):
            tell(f"{rows:,} orders: batch {batch + 1} of {BATCHES}")
            self._take_in(self._orders(spark, batch), landing)
        tell(f"{rows:,} orders: silver")
        protect_dataset(self.ctx, DATASET, self.ids)

    def customer(self, number: int) -> tuple[str, str]:
        """Tenant and customer id of the customer of that number."""
        return tenant_id(number % self.tenants), f"C-{number:09d}"

    def _orders(self, spark: SparkSession, batch: int) -> DataFrame:
        """Every `BATCHES`th order of every customer."""
        number = F.col("id")
        own = number.alias("customer"), F.explode(F.sequence(F.lit(batch), F.lit(PER_CUSTOMER - 1),
                                                             F.lit(BATCHES))).alias("turn")  # fmt: skip
        turns = spark.range(self.customers).select(*own)
        who = people(spark, self.customers, self.tenants)
        key = F.concat_ws("-", F.lit("O"), F.col("customer_id"), F.col("turn").cast("string"))
        same = F.format_string("C-%09d", F.col("customer")) == F.col("customer_id")
        return who.join(turns, same).select("tenant_id", key.alias("order_id"), *who.columns[1:])

    def _take_in(self, frame: DataFrame, landing: Path) -> None:
        write_landing(frame, landing)
        outcomes = ingest_dataset(self.ctx, DATASET, self.ids, take_inventory(landing, self.ctx.bundle))
        expected = self.customers * PER_CUSTOMER // BATCHES
        if sum(one.rows_bronze for one in outcomes) != expected:
            raise RuntimeError(f"a batch did not come in: {outcomes}")
        shutil.rmtree(landing / REGION)


def _make_append(contract: Path) -> None:
    """The contract of people made one of their orders: a key of its own, and events that do not change."""
    text = contract.read_text()
    for old, new in (
        ("lakeward.loadMode, value: merge", "lakeward.loadMode, value: append"),
        ("      - name: customer_id\n        logicalType: string\n        primaryKey: true\n", _KEY),
    ):
        if old not in text:
            raise RuntimeError("the contract of people is not what this was written for")
        text = text.replace(old, new)
    contract.write_text(text)
