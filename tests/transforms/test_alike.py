"""Equal texts come to one worker, whatever file they lie in, and sealed rows are what is moved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from policy.contracts import Contract
from transforms.alike import alike_together
from transforms.lake import Table
from transforms.present import unsealed
from transforms.records import raw

HEAD = "customer_id,name,remark,changed\n"
TEXTS = ("please call Maria Anders", "no news", "thank you for your letter")
BRONZE = Table("eu", "bronze", "people")


@dataclass(frozen=True)
class Dealt:
    bronze: DataFrame
    contract: Contract
    keys: DataFrame

    def out(self) -> DataFrame:
        return alike_together(self.bronze, self.contract, self.keys, [self.contract.column("remark")])

    def places(self) -> DataFrame:
        """The text of each row and the partition that it came to."""
        text = raw(self.contract.column("remark")).alias("text")
        return unsealed(self.out(), self.contract, self.keys).select(
            text, F.spark_partition_id().alias("place")
        )


@pytest.fixture(scope="module")
def dealt(open_lake: Callable[..., object], small_policies, tmp_path_factory) -> Dealt:
    """Two files of acme's people, the same texts in both, and half of the rows without one."""
    lake = open_lake(tmp_path_factory.mktemp("alike"), small_policies)
    for first, name in ((100, "a.csv"), (200, "b.csv")):
        texts = [TEXTS[n % 3] if n % 2 else "" for n in range(30)]
        rows = "".join(f"C-{first + n},Ann,{text},2024-01-01\n" for n, text in enumerate(texts))
        lake.drop("acme", "people", name, HEAD + rows)
        lake.ingest("people", "acme")
    contract = lake.ctx.bundle.contract_for("acme", "people")
    return Dealt(lake.ctx.lake.read(BRONZE, ["acme"]), contract, lake.ctx.keys(["acme"]))


def test_equal_texts_of_two_files_are_in_one_partition(dealt):
    found = dealt.places().where("text IS NOT NULL").groupBy("text").agg(F.count_distinct("place")).collect()
    assert {row[0]: row[1] for row in found} == dict.fromkeys(TEXTS, 1)


def test_rows_without_a_text_are_in_all_partitions(dealt, spark):
    found = dealt.places().where("text IS NULL").select("place").distinct().count()
    assert found == spark.sparkContext.defaultParallelism


def test_no_row_is_lost_or_changed(dealt):
    before, after = (sorted(map(str, rows.collect())) for rows in (dealt.bronze, dealt.out()))
    assert len(before) == 60
    assert after == before


def test_what_is_moved_is_sealed(dealt):
    """No opened record comes into a shuffle file, encrypted as that is."""
    node = dealt.out()._jdf.queryExecution().optimizedPlan()
    while node.nodeName() != "RepartitionByExpression":
        node = node.children().head()
    moved = node.output()
    names = {moved.apply(n).name() for n in range(moved.size())}
    assert names == {*dealt.bronze.columns, "__alike"}
