"""Column lineage says what Spark's own plan says: what of a landing file a column of bronze is made of, and
what of bronze a column of silver.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from plan_lineage import Origin, origins
from pyspark.sql import functions as F

from classifications.detector import Detector
from dagster_project.lineage import ingest_edges, protect_edges
from policy import Contract, load_policies
from policy.treatments import TreatmentKind
from tenancy.control import now, open_control
from tenancy.keyring import open_keyring
from transforms.bronze import bronze_rows, checked
from transforms.formats import Shape, inspect
from transforms.landing import take_inventory
from transforms.plan import plan_columns
from transforms.protect import silver_rows
from transforms.readers import StagedFile, read_staged
from transforms.tokens import key_table
from transforms.treatments.cell import Rules

BRONZE = (
    "tenant_id string, record_id string, subject_token string, occurred_at timestamp, ingested_at timestamp, "
    "batch_id string, position bigint, policy_digest string, key_id string, sealed binary"
)
ASSOCIATED = {"tenant_id", "record_id"}
"""A cell opens only in its own tenant and record: they go into every value, and tell nothing in it."""
EXAMPLES = load_policies(Path(__file__).parents[2] / "examples" / "policies")
LANDED = take_inventory(Path(__file__).parents[2] / "examples" / "landing", EXAMPLES).files
FILES = {(one.tenant, one.dataset): one for one in LANDED}
PLACE = re.compile(r"c[0-9]+")
"""A column of a CSV is read by its place."""
WHOLE_TEXT = {"value", "payload"}
"""A JSON record is read as one text, and taken apart by the contract's paths."""
VARIANTS = [
    (tenant, dataset)
    for dataset in EXAMPLES.datasets
    for tenant in sorted(EXAMPLES.tenants)
    if EXAMPLES.contract_for(tenant, dataset) is not None
]


@pytest.fixture(scope="module")
def keys(spark, tmp_path_factory):
    """The key tables of the example tenants."""
    home = tmp_path_factory.mktemp("keys")
    engine = open_control(home / "control.db")
    ring = open_keyring(engine, home / "root.key", home / "lake")
    made = {
        one: key_table(spark, [(EXAMPLES.tenants[one], ring.tenant_keys(one))]) for one in EXAMPLES.tenants
    }
    yield made
    engine.dispose()


@pytest.fixture
def bronze(spark):
    return spark.createDataFrame([], BRONZE)


def silver(bronze, keys, tenant, dataset):
    contract = EXAMPLES.contract_for(tenant, dataset)
    plan = plan_columns(EXAMPLES, tenant, contract, {})
    rules = Rules(EXAMPLES.taxonomy, Detector.default(), EXAMPLES.digest)
    rows = silver_rows(bronze, contract, plan, keys[tenant], rules)
    return contract, plan, origins(rows)


@pytest.mark.parametrize(("tenant", "dataset"), VARIANTS)
def test_every_edge_of_protect_is_in_sparks_plan_and_no_other(bronze, keys, tenant, dataset):
    contract, plan, found = silver(bronze, keys, tenant, dataset)
    told = {edge.output: {name for _, name in edge.inputs} for edge in protect_edges(contract, plan)}
    dropped = {one.column.name for one in plan if one.treatment.kind is TreatmentKind.DROP}
    own = {"tenant_id", "record_id", "subject_token", "occurred_at"}
    for column, origin in found.items():
        data = {name for name in origin.columns if not name.startswith("key_")}
        if column in own:
            assert data == told[column] == {column}
        elif column == "policy_digest" or column in dropped:
            assert data == set()
        else:
            assert data - ASSOCIATED == told[column] == {"sealed"}


@pytest.mark.parametrize(("tenant", "dataset"), VARIANTS)
def test_every_column_of_silver_is_made_of_its_own_field_alone(bronze, keys, tenant, dataset):
    _, plan, found = silver(bronze, keys, tenant, dataset)
    for one in plan:
        if one.treatment.kind is not TreatmentKind.DROP:
            assert found[one.column.name].fields == {".".join(one.column.path)}


@dataclass(frozen=True)
class Ingest:
    """The example file's ingest as Spark plans it."""

    contract: Contract
    shape: Shape
    found: dict[str, Origin]

    def landing(self, column: str) -> set[str]:
        """Which fields of the file the column is made of, by path where the plan shows paths."""
        named = self.columns_of_file(column)
        whole = self.found[column].columns & WHOLE_TEXT
        return set(self.found[column].fields) if (named or whole) and self.found[column].fields else named

    def columns_of_file(self, column: str) -> set[str]:
        """Which of the file's columns go in, whatever is taken of them; none of JSON, which has none."""
        names = self.found[column].columns
        if self.shape.format == "parquet":
            return names & set(self.shape.columns)
        return {self.shape.columns[int(one[1:])] for one in names if PLACE.fullmatch(one)}

    def fields(self, names: Iterable[str]) -> set[str]:
        """The paths of these columns of the contract."""
        return {".".join(self.contract.column(name).path) for name in names}


@pytest.fixture(scope="module", params=sorted(FILES), ids="/".join)
def ingest(request, spark, keys) -> Ingest:
    """The plan alone: no row is read."""
    tenant, dataset = request.param
    contract = EXAMPLES.contract_for(tenant, dataset)
    file = FILES[tenant, dataset]
    shape = inspect(file, contract)
    staged = StagedFile(file.path, tenant, "batch", shape)
    records = checked(read_staged(spark, [staged], contract), contract)
    rows = bronze_rows(records, contract, EXAMPLES.taxonomy, keys[tenant], now(), EXAMPLES.digest)
    return Ingest(contract, shape, origins(rows))


def test_every_surrogate_of_bronze_is_made_of_the_fields_that_ingest_tells_and_no_other(ingest):
    told = {edge.output: {name for _, name in edge.inputs} for edge in ingest_edges(ingest.contract)}
    del told["sealed"]  # takes the record as a whole
    for column in ingest.found.keys() - {"sealed"}:
        assert ingest.landing(column) == ingest.fields(told.get(column, ())), column


def test_the_sealed_cell_is_made_of_every_field_of_the_file(ingest):
    (sealed,) = [edge for edge in ingest_edges(ingest.contract) if edge.output == "sealed"]
    assert ingest.fields(name for _, name in sealed.inputs) == ingest.fields(
        column.name for column in ingest.contract.columns
    )
    declared = {column.path[0] for column in ingest.contract.columns}
    if ingest.shape.format == "json":
        assert ingest.found["sealed"].columns & WHOLE_TEXT
    else:  # a file can lack what its contract has as optional
        assert ingest.columns_of_file("sealed") & declared == declared & set(ingest.shape.columns)


def test_a_field_of_a_struct_that_the_plan_makes_is_what_was_put_there(spark):
    rows = spark.createDataFrame([], "a string, b string")
    made = rows.withColumn("s", F.struct("a", F.struct(F.upper("b").alias("y")).alias("x")))
    found = origins(made.select("s", F.col("s.x.y").alias("deep"), F.col("s.a").alias("flat")))
    assert found == {"s": Origin({"a", "b"}), "deep": Origin({"b"}), "flat": Origin({"a"})}


def test_a_column_made_of_two_is_seen(spark):
    rows = spark.createDataFrame([], "a string, b string, s struct<x: string, y: string>")
    mixed = rows.withColumn("c", F.concat("a", "b")).select("c", F.upper("s.x").alias("d"))
    assert origins(mixed) == {"c": Origin({"a", "b"}), "d": Origin({"s"}, {"x"})}
