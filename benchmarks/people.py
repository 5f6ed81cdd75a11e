"""The rows that are measured on: people of several tenants in eight columns, four of them personal."""

from __future__ import annotations

import shutil
from pathlib import Path

from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from policy import shipped_taxonomy
from policy.bundle import PolicyBundle, TreatmentRule
from policy.contracts import Column, Constraints, Contract, Disposal, LoadMode, LogicalType
from policy.tenants import Tenant
from policy.treatments import Treatment, TreatmentKind

REGION = "eu"
DATASET = "people"
# One name in six is not ASCII, so that both paths of the normal forms are walked.
FIRST = ("Ada", "Bram", "Chloé", "Dev", "Emil", "Fatima", "Grace", "Hana", "Ines", "Jürgen", "Kofi", "Lena")
LAST = ("Abe", "Berg", "Costa", "Dahl", "Evans", "Fofana", "Gomez", "Horváth", "Ito", "Jansen", "Khan", "Łoś")
CITIES = ("Aarhus", "Bergen", "Cork", "Delft", "Essen", "Faro", "Ghent")
STATES = ("new", "active", "paused", "gone")
TYPES = (
    "customer_id string, full_name string, email string, phone string, "
    "city string, state string, amount double, changed_at timestamp"
)

CONTRACT = Contract(
    dataset=DATASET,
    tenant=None,
    version="1.0.0",
    owner="bench",
    load_mode=LoadMode.MERGE,
    primary_key=("customer_id",),
    subject_column="customer_id",
    time_column="changed_at",
    disposal=Disposal.KEEP,
    columns=(
        Column(("customer_id",), "customer_id", LogicalType.STRING, True, "user.unique_id", "customer"),
        Column(("full_name",), "full_name", LogicalType.STRING, True, "user.name"),
        Column(("email",), "email", LogicalType.STRING, False, "user.contact.email"),
        Column(("phone",), "phone", LogicalType.STRING, False, "user.contact.phone_number"),
        Column(("city",), "city", LogicalType.STRING),
        Column(("state",), "state", LogicalType.STRING, constraints=Constraints(allowed=STATES)),
        Column(("amount",), "amount", LogicalType.NUMBER, constraints=Constraints(minimum=0)),
        Column(("changed_at",), "changed_at", LogicalType.TIMESTAMP, True),
    ),
)


def policies(tenants: int) -> PolicyBundle:
    """A bundle of `tenants` tenants in which every personal class becomes a token."""
    known = [
        Tenant(f"tenant_{number:04d}", f"Tenant {number}", REGION, "bench", "44") for number in range(tenants)
    ]
    rule = TreatmentRule(Treatment(TreatmentKind.TOKEN), data_class="user")
    digest = f"sha256:{'0' * 64}"
    return PolicyBundle(digest, shipped_taxonomy(), {one.id: one for one in known}, (CONTRACT,), (rule,))


def people(spark: SparkSession, rows: int, tenants: int) -> DataFrame:
    """`rows` people with `tenant_id`, the same ones every time."""
    number = F.col("id")
    return spark.range(rows).select(
        F.format_string("tenant_%04d", number % tenants).alias("tenant_id"),
        F.format_string("C-%09d", number).alias("customer_id"),
        F.concat(_pick(FIRST, number), F.lit(" "), _pick(LAST, F.shiftright(number, 2))).alias("full_name"),
        F.format_string("Person.%d@example.org", number).alias("email"),
        F.format_string("020 7946 %04d", number % 10_000).alias("phone"),
        _pick(CITIES, number).alias("city"),
        _pick(STATES, F.shiftright(number, 1)).alias("state"),
        (F.pmod(F.xxhash64(number), F.lit(100_000)) / 100).alias("amount"),
        F.timestamp_seconds(F.lit(1_760_000_000) + number % 8_000_000).alias("changed_at"),
    )


def write_landing(frame: DataFrame, landing: Path) -> None:
    """One CSV file a tenant at its drop-off."""
    draft = landing.with_name("draft")
    parts = frame.repartition("tenant_id").write.partitionBy("tenant_id").option("header", "true")
    parts.csv(str(draft), mode="overwrite")
    for folder in sorted(draft.glob("tenant_id=*")):
        (file,) = folder.glob("part-*.csv")
        target = landing / REGION / folder.name.removeprefix("tenant_id=") / DATASET / "people.csv"
        target.parent.mkdir(parents=True)
        file.rename(target)
    shutil.rmtree(draft)


def _pick(words: tuple[str, ...], number: SparkColumn) -> SparkColumn:
    return F.element_at(F.array(*[F.lit(word) for word in words]), (number % len(words) + 1).cast("int"))
