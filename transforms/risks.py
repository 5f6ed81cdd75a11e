"""Which columns of silver together single people out: the smallest groups, counted over all rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F
from sqlalchemy import Column, Engine, Integer, MetaData, String, Table, Text, select

from classifications.risks import BOUND, Combination, asked, combinations
from policy.treatments import TreatmentKind
from transforms.plan import ColumnPlan

metadata = MetaData()

risks = Table(
    "risks",
    metadata,
    Column("tenant_id", String(40), primary_key=True),
    Column("dataset", String(60), primary_key=True),
    Column("size", Integer, primary_key=True),  # how many columns
    Column("columns", Text, nullable=False),  # their names, as a JSON list
    Column("smallest", Integer, nullable=False),
    Column("below", Integer, nullable=False),
    Column("people", Integer, nullable=False),
)

# What silver shows of a value is something that others may know too; a token or a seal is not.
_READABLE = (TreatmentKind.KEEP, TreatmentKind.GENERALISE, TreatmentKind.MASK)


def asked_of(plan: Iterable[ColumnPlan]) -> tuple[str, ...]:
    """The columns of silver to be asked under a plan, the most telling first; empty for fewer than two."""
    return asked({one.column.name: one.data_class for one in plan if one.treatment.kind in _READABLE})


def group_sizes(silver: DataFrame, columns: Sequence[str]) -> DataFrame:
    """The groups of each tenant by the first two of the columns, the first three, and so on, up to all.

    Gives `tenant_id`, `size` (of columns), `smallest` (k), `below` (people in groups below BOUND), `people`.
    A group is counted in people: subjects, and rows that name none. Rows without a value in any of the
    columns are in no group. No value of a column leaves this function.
    """
    names = [f"c{n}" for n in range(len(columns))]
    rows = silver.select(
        "tenant_id",
        F.coalesce("subject_token", "record_id").alias("person"),
        *[
            F.col(f"`{column}`").cast("string").alias(name)
            for column, name in zip(columns, names, strict=True)
        ],
    )
    sets = [["tenant_id", *own] for own in combinations(names)]
    grouped = rows.groupingSets(sets, "tenant_id", *names).agg(
        F.count_distinct("person").alias("people"), F.grouping_id().alias("left_out")
    )
    # A combination leaves out the columns behind it, one bit each.
    size = len(names) - F.bit_count("left_out")
    return (
        grouped.where(F.coalesce(*names).isNotNull())
        .groupBy("tenant_id", size.alias("size"))
        .agg(
            F.min("people").alias("smallest"),
            F.sum(F.when(F.col("people") < BOUND, F.col("people")).otherwise(0)).alias("below"),
            F.sum("people").alias("people"),
        )
    )


def record_risks(
    engine: Engine, dataset: str, tenants: Sequence[str], columns: Sequence[str], counted: Iterable[Row]
) -> None:
    """Keep what `group_sizes` counted, in place of what was known of these tenants' dataset."""
    found = [
        one.asDict() | {"dataset": dataset, "columns": json.dumps(columns[: one.size])} for one in counted
    ]
    with engine.begin() as connection:
        connection.execute(risks.delete().where(risks.c.dataset == dataset, risks.c.tenant_id.in_(tenants)))
        if found:
            connection.execute(risks.insert(), found)


def known_risks(engine: Engine, dataset: str, tenants: Sequence[str]) -> list[tuple[str, Combination]]:
    """(tenant, combination) as last counted, in the order of tenants and of size."""
    own = select(risks).where(risks.c.dataset == dataset, risks.c.tenant_id.in_(tenants))
    with engine.connect() as connection:
        rows = connection.execute(own.order_by(risks.c.tenant_id, risks.c.size)).all()
    return [
        (
            row.tenant_id,
            Combination(dataset, tuple(json.loads(row.columns)), row.smallest, row.below, row.people),
        )
        for row in rows
    ]
