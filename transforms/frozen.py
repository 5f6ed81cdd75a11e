"""Bronze without the records of persons whose data is restricted.

A record is theirs as it is for an erasure (docs/decisions/0030-physical-erasure.md): its subject is the
person, or one of its columns names them and the dataset has no subject, is about its subject, or names none
there. A record of which one version is theirs is theirs. Columns of which the contract says nothing count as
what detection found in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from policy.contracts import Contract
from transforms.context import LakeContext
from transforms.frames import frame_of
from transforms.identify import token_of
from transforms.naming import naming_columns
from transforms.present import latest_rows, unsealed
from transforms.restrictions import frozen_tokens

RECORD = ("tenant_id", "record_id")


def without_frozen(
    ctx: LakeContext, bronze: DataFrame, contract: Contract, tenants: Sequence[str]
) -> DataFrame:
    """`bronze`, the rows of these tenants, without those of restricted persons.

    Where nobody is restricted it is the frame as it was, for one small query. Of a `snapshot` dataset only
    each tenant's latest file is left: which one that is must not depend on who is in it.
    """
    listed = frozen_tokens(ctx.engine, tenants)
    if not listed:
        return bronze
    bronze = latest_rows(bronze, contract)
    found = frozen_records(ctx, bronze, contract, listed)
    if not found:
        return bronze
    out = frame_of(ctx.spark, found, "tenant_id string, record_id string")
    return bronze.join(F.broadcast(out), list(RECORD), "left_anti").select(*bronze.columns)


def frozen_records(
    ctx: LakeContext, bronze: DataFrame, contract: Contract, listed: Sequence[tuple[str, str, str]]
) -> list[tuple[str, str]]:
    """Tenant and id of the records in `bronze` of the persons `listed` (tenant, domain, token)."""
    subject = None if contract.subject_column is None else contract.column(contract.subject_column)
    wanted = frame_of(ctx.spark, listed, "tenant_id string, domain string, token string")
    parts = []
    if subject is not None and subject.token_domain in {domain for _, domain, _ in listed}:
        theirs = wanted.where(F.col("domain") == subject.token_domain)
        theirs = theirs.select("tenant_id", F.col("token").alias("subject_token"))
        parts.append(bronze.join(F.broadcast(theirs), ["tenant_id", "subject_token"]).select(*RECORD))
    naming = naming_columns(ctx, contract, [(tenant, domain) for tenant, domain, _ in listed])
    columns = {column: tenants for column, tenants in naming.items() if column is not subject}
    if columns:
        tenants = sorted({tenant for tenant, _, _ in listed})
        rows = bronze.where(F.col("tenant_id").isin(*tenants))
        opened = unsealed(rows, contract, ctx.keys(tenants))
        told = [
            F.struct(
                F.lit(one.name).alias("name"), F.lit(one.token_domain).alias("domain"),
                F.when(F.col("tenant_id").isin(*whose), token_of(one, ctx.bundle.taxonomy)).alias("token"),
            )
            for one, whose in columns.items()
        ]  # fmt: skip
        named = opened.select(*RECORD, "subject_token", F.inline(F.array(*told)))
        if subject is not None and contract.primary_key != (contract.subject_column,):
            keys = F.col("name").isin(*contract.primary_key)
            named = named.where(F.col("subject_token").isNull() | keys)
        parts.append(named.join(F.broadcast(wanted), ["tenant_id", "domain", "token"]).select(*RECORD))
    if not parts:
        return []
    found = reduce(DataFrame.unionByName, parts).distinct().collect()
    return sorted((row.tenant_id, row.record_id) for row in found)
