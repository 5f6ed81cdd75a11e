"""Column lineage says what Spark's own plan says: which columns of bronze a column of silver is made of."""

from __future__ import annotations

from pathlib import Path

import pytest
from plan_lineage import Origin, origins
from pyspark.sql import functions as F

from dagster_project.lineage import protect_edges
from policy import load_policies
from policy.treatments import TreatmentKind
from tenancy.control import open_control
from tenancy.keyring import open_keyring
from transforms.plan import plan_columns
from transforms.protect import silver_rows
from transforms.tokens import key_table

BRONZE = (
    "tenant_id string, record_id string, subject_token string, occurred_at timestamp, ingested_at timestamp, "
    "batch_id string, position bigint, policy_digest string, key_id string, sealed binary"
)
ASSOCIATED = {"tenant_id", "record_id"}
"""A cell opens only in its own tenant and record: they go into every value, and tell nothing in it."""
EXAMPLES = load_policies(Path(__file__).parents[2] / "examples" / "policies")
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
    rows = silver_rows(bronze, contract, plan, keys[tenant], EXAMPLES.taxonomy, EXAMPLES.digest)
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


def test_a_column_made_of_two_is_seen(spark):
    rows = spark.createDataFrame([], "a string, b string, s struct<x: string, y: string>")
    mixed = rows.withColumn("c", F.concat("a", "b")).select("c", F.upper("s.x").alias("d"))
    assert origins(mixed) == {"c": Origin({"a", "b"}), "d": Origin({"s"}, {"x"})}
