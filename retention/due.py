"""`retention/expiry.py` as Spark expressions: which rows are due under which rule, and which a hold keeps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from policy.retention import Clock, RetentionRule
from retention.holds import Hold
from transforms.emptied import already_emptied
from transforms.frames import frame_of

EVERYBODY, NOBODY = "*", "?"
"""Keys of the hold table that no token equals: for every subject, and for rows of which none is known."""
_HOLDS = (
    "hold_tenant string, hold_subject string, "
    "spans array<struct<begin: timestamp, end: timestamp, matter: string>>"
)


def rule_table(
    spark: SparkSession,
    rules: Iterable[tuple[str, int, RetentionRule]],
    takes: Mapping[int, Sequence[str]] = MappingProxyType({}),
) -> DataFrame:
    """One row for each tenant and rule that holds for it; the number names the rule.

    `takes`: the columns whose values a rule takes from rows that stay, by the rule's number.
    """
    rows = [
        (tenant, number, rule.period.months, rule.period.days, rule.clock is Clock.OCCURRED,
         list(takes.get(number, ())))
        for tenant, number, rule in rules
    ]  # fmt: skip
    return frame_of(
        spark,
        rows,
        "rule_tenant string, rule int, months int, days int, by_event boolean, take array<string>",
    )


def hold_table(spark: SparkSession, holds: Iterable[Hold], dataset: str, at: datetime) -> DataFrame | None:
    """The holds in force at `at` over a dataset, by tenant and subject; None where there is none.

    So a row looks at two entries only. A row without a subject is kept by a hold over any, so each of those
    stands under `NOBODY` too.
    """
    spans: dict[tuple[str, str], list[Mapping[str, object]]] = {}
    for hold in holds:
        scope = hold.scope
        if not hold.in_force(at) or not scope.meets(scope.tenant, dataset):
            continue
        span = {"begin": scope.occurred_from, "end": scope.occurred_before, "matter": hold.matter}
        for subject in (*scope.subject_tokens, NOBODY) if scope.subject_tokens else (EVERYBODY,):
            spans.setdefault((scope.tenant, subject), []).append(span)
    return frame_of(spark, [(*key, found) for key, found in spans.items()], _HOLDS) if spans else None


def judged(rows: DataFrame, rules: DataFrame, holds: DataFrame | None, at: datetime) -> DataFrame:
    """Each of `rows` once for each of its tenant's rules.

    `rows` have `tenant_id`, `subject_token`, `occurred_at` and `ingested_at`, and keep their other columns.
    Added are `rule`; `due_at`; `done` (the rule's columns were taken from the row before, as its mark
    `emptied` says); `due` (its period is over at `at`, and it is not done); `undated` (it counts from ingest,
    as it has no `occurred_at`); `matters` (of the holds that keep it, whether it is due or not); and `take`.
    """
    told = rows.join(F.broadcast(rules), F.col("tenant_id") == F.col("rule_tenant"))
    begins = F.when(F.col("by_event"), F.coalesce("occurred_at", "ingested_at"))
    told = told.withColumn("begins", begins.otherwise(F.col("ingested_at")))
    due_at = F.expr("begins + make_ym_interval(0, months) + make_dt_interval(days)")
    undated = F.col("by_event") & F.col("occurred_at").isNull()
    done = (F.size("take") > 0) & (F.size(F.array_except("take", already_emptied(rows))) == 0)
    told = told.withColumns({"due_at": due_at, "undated": undated, "done": done})
    told = told.withColumn("due", (F.col("due_at") <= F.lit(at)) & ~F.col("done"))
    return _kept(told, holds).drop("begins", "rule_tenant", "months", "days", "by_event")


def _kept(rows: DataFrame, holds: DataFrame | None) -> DataFrame:
    if holds is None:
        return rows.withColumn("matters", F.array().cast("array<string>"))
    for name, subject in (("one", F.coalesce("subject_token", F.lit(NOBODY))), ("all", F.lit(EVERYBODY))):
        own = holds.select("hold_tenant", "hold_subject", F.col("spans").alias(f"spans_{name}"))
        same = (F.col("tenant_id") == F.col("hold_tenant")) & (subject == F.col("hold_subject"))
        rows = rows.join(F.broadcast(own), same, "left").drop("hold_tenant", "hold_subject")
    spans = F.concat(*[F.coalesce(f"spans_{name}", F.array()) for name in ("one", "all")])
    matters = F.transform(F.filter(spans, _in_span), lambda span: span["matter"])
    return rows.withColumn("matters", matters).drop("spans_one", "spans_all")


def _in_span(span: Column) -> Column:
    """Whether the row's `occurred_at` lies in the span; where it is null it may."""
    when = F.col("occurred_at")
    begun = span["begin"].isNull() | (when >= span["begin"])
    return when.isNull() | (begun & (span["end"].isNull() | (when < span["end"])))
