"""The suppression list: whom an erasure forgot, by token, so that no later file brings them back.

Each path by which rows come into bronze asks it. Where a tenant has no entry for a column of the contract,
that costs one small query and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce

from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from sqlalchemy import Column, DateTime, Engine, MetaData, String, Table, select, update

from policy.contracts import Contract
from tenancy.control import now
from transforms.context import LakeContext
from transforms.frames import frame_of
from transforms.identify import token_of
from transforms.naming import naming_columns
from transforms.tokens import with_keys, without_keys

metadata = MetaData()

suppressions = Table(
    "suppressions",
    metadata,
    Column("tenant_id", String(40), primary_key=True),
    Column("domain", String(120), primary_key=True),
    Column("token", String(32), primary_key=True),
    Column("request_id", String(32), primary_key=True),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("lifted_at", DateTime(timezone=True)),  # the person consented anew
)
SUPPRESSED = "suppressed"
"""The reason code of a quarantined record of somebody who was erased."""


@dataclass(frozen=True)
class Suppression:
    """One token that is kept out, and the request that asked for it."""

    tenant: str
    domain: str
    token: str
    request_id: str
    since: datetime


def suppress(engine: Engine, tenant: str, request_id: str, tokens: Iterable[tuple[str, str]]) -> None:
    """Keep these (domain, token) out from now on. Saying so again changes nothing, also after a consent."""
    known = {(one.domain, one.token) for one in _of_request(engine, tenant, request_id)}
    whose = {"tenant_id": tenant, "request_id": request_id, "since": now()}
    new = [whose | {"domain": domain, "token": token} for domain, token in sorted(set(tokens) - known)]
    if new:
        with engine.begin() as connection:
            connection.execute(suppressions.insert(), new)


def consent(engine: Engine, tenant: str, tokens: Mapping[str, str]) -> int:
    """Lift what the requests of the person with these tokens (by domain) suppressed; how many entries.

    All entries of a request that names one of the tokens are lifted: they are one person's.
    """
    wanted = set(tokens.items())
    meant = {one.request_id for one in suppressed(engine, [tenant]) if (one.domain, one.token) in wanted}
    mine = (suppressions.c.tenant_id == tenant) & suppressions.c.request_id.in_(meant)
    with engine.begin() as connection:
        lifted = update(suppressions).where(mine, suppressions.c.lifted_at.is_(None)).values(lifted_at=now())
        return int(connection.execute(lifted).rowcount)


def suppressed(engine: Engine, tenants: Sequence[str]) -> list[Suppression]:
    """What is kept out of these tenants' tables."""
    return _read(engine, suppressions.c.tenant_id.in_(tenants) & suppressions.c.lifted_at.is_(None))


def with_suppressed(
    ctx: LakeContext, frame: DataFrame, contract: Contract, tenants: Sequence[str]
) -> DataFrame:
    """Checked records with the reason `suppressed` added to those of persons who were erased.

    Needs `tenant_id`, `__record` and `reasons`. Looks at every column whose class can name a person, by
    contract or as detection found.
    """
    listed = suppressed(ctx.engine, tenants)
    columns = naming_columns(ctx, contract, [(one.tenant, one.domain) for one in listed])
    if not columns:
        return frame
    keyed = with_keys(frame, ctx.keys(tenants))
    found: list[SparkColumn] = []
    for number, (column, whose) in enumerate(columns.items()):
        name = f"__hit{number}"
        domain = column.token_domain
        own = sorted(
            {(one.tenant, one.token) for one in listed if one.domain == domain and one.tenant in whose}
        )
        out = frame_of(ctx.spark, own, "__tenant string, __token string").withColumn(name, F.lit(True))
        keyed = keyed.withColumn("__named", token_of(column, ctx.bundle.taxonomy))
        same = (F.col("tenant_id") == out["__tenant"]) & (F.col("__named") == out["__token"])
        keyed = keyed.join(F.broadcast(out), same, "left").drop("__tenant", "__token", "__named")
        found.append(F.coalesce(F.col(name), F.lit(False)))
    hit = reduce(SparkColumn.__or__, found)
    told = F.when(hit, F.array_append("reasons", F.lit(SUPPRESSED))).otherwise(F.col("reasons"))
    return without_keys(keyed.withColumn("reasons", told)).select(*frame.columns)


def _of_request(engine: Engine, tenant: str, request_id: str) -> list[Suppression]:
    return _read(engine, (suppressions.c.tenant_id == tenant) & (suppressions.c.request_id == request_id))


def _read(engine: Engine, which: object) -> list[Suppression]:
    columns = (
        suppressions.c.tenant_id,
        suppressions.c.domain,
        suppressions.c.token,
        suppressions.c.request_id,
    )
    query = select(*columns, suppressions.c.since).where(which).order_by(*columns)  # type: ignore[arg-type]
    with engine.connect() as connection:
        return [Suppression(*row[:4], row.since.replace(tzinfo=UTC)) for row in connection.execute(query)]
