"""The rows that are measured on: people of several tenants in eight columns, four of them personal."""

from __future__ import annotations

import shutil
from pathlib import Path

from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

REGION = "eu"
DATASET = "people"
# One name in six is not ASCII, so that both paths of the normal forms are walked.
FIRST = ("Ada", "Bram", "Chloé", "Dev", "Emil", "Fatima", "Grace", "Hana", "Ines", "Jürgen", "Kofi", "Lena")
LAST = ("Abe", "Berg", "Costa", "Dahl", "Evans", "Fofana", "Gomez", "Horváth", "Ito", "Jansen", "Khan", "Łoś")
CITIES = ("Aarhus", "Bergen", "Cork", "Delft", "Essen", "Faro", "Ghent")
STATES = ("new", "active", "paused", "gone")
PERSONAL = ("customer_id", "full_name", "email", "phone")
TYPES = (
    "customer_id string, full_name string, email string, phone string, "
    "city string, state string, amount double, changed_at timestamp"
)
CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: people
version: 1.0.0
team: {name: bench}
customProperties:
  - {property: lakeward.loadMode, value: merge}
  - {property: lakeward.subjectColumn, value: customer_id}
  - {property: lakeward.timeColumn, value: changed_at}
schema:
  - name: people
    logicalType: object
    properties:
      - name: customer_id
        logicalType: string
        primaryKey: true
        classification: user.unique_id
        customProperties: [{property: lakeward.namespace, value: customer}]
      - {name: full_name, logicalType: string, required: true, classification: user.name}
      - {name: email, logicalType: string, classification: user.contact.email}
      - {name: phone, logicalType: string, classification: user.contact.phone_number}
      - {name: city, logicalType: string}
      - name: state
        logicalType: string
        enum: [{value: new}, {value: active}, {value: paused}, {value: gone}]
      - {name: amount, logicalType: number, logicalTypeOptions: {minimum: 0}}
      - {name: changed_at, logicalType: timestamp, required: true}
"""


def write_policies(folder: Path, tenants: int) -> Path:
    """Policies of `tenants` tenants under which every personal class becomes a token; their folder."""
    (folder / "datasets").mkdir(parents=True)
    listed = [f"  - {{id: {tenant_id(number)}, name: T, region: {REGION}, tier: bench, calling_code: 44}}"
              for number in range(tenants)]  # fmt: skip
    (folder / "tenants.yaml").write_text("\n".join(["tenants:", *listed]) + "\n")
    (folder / "treatments.yaml").write_text("classes: {user: token}\n")
    (folder / "datasets" / "people.yaml").write_text(CONTRACT)
    return folder


def tenant_id(number: int) -> str:
    """The id of the tenant of that number, counted from 0."""
    return f"tenant_{number:04d}"


def drop_off(landing: Path, tenant: str) -> Path:
    """The tenant's folder of the landing zone; made where it is not there."""
    folder = landing / REGION / tenant / DATASET
    folder.mkdir(parents=True, exist_ok=True)
    return folder


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
        file.rename(drop_off(landing, folder.name.removeprefix("tenant_id=")) / "people.csv")
    shutil.rmtree(draft)


def csv_line(number: int) -> str:
    """One such person as a line of a CSV file, for files that Spark is not asked to write."""
    name = f"{FIRST[number % len(FIRST)]} {LAST[number // 4 % len(LAST)]}"
    rest = f"{CITIES[number % len(CITIES)]},{STATES[number % len(STATES)]},{number % 100_000 / 100}"
    head = f"C-{number:09d},{name},Person.{number}@example.org,020 7946 {number % 10_000:04d}"
    return f"{head},{rest},2026-01-01T00:00:00Z\n"


HEADER = ",".join(column.split()[0] for column in TYPES.split(", ")) + "\n"


def _pick(words: tuple[str, ...], number: SparkColumn) -> SparkColumn:
    return F.element_at(F.array(*[F.lit(word) for word in words]), (number % len(words) + 1).cast("int"))
