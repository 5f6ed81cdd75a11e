"""A person's data is restricted, or no longer (GDPR article 18): kept, sealed, and not processed.

Freezing takes the person's records out of silver now, with silver's past; thawing brings them back at the
next protect. Bronze keeps them all the while.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policy.contracts import Contract
from retention.look import LOOK, contracts_of, sought_by
from transforms.batch import Places
from transforms.context import LakeContext
from transforms.erased import begin_change, end_change
from transforms.frames import frame_of
from transforms.frozen import frozen_records
from transforms.lake import Table
from transforms.present import latest_rows
from transforms.protect import digest_for, keep_protection, last_protections, plan_for
from transforms.purge import has_past, purge
from transforms.recovery import recover
from transforms.restrictions import in_force, restrict, with_frozen


@dataclass(frozen=True)
class Frozen:
    """A restriction, and how many records of each dataset are withheld for it."""

    restriction_id: str
    records: Mapping[str, int]


def freeze(ctx: LakeContext, tenant: str, tokens: Mapping[str, str]) -> Frozen:
    """Restrict the data of the person with these tokens by domain. Waits for each dataset's lease.

    Written down first: whoever protects from now on leaves the person out. So this can die at any point and
    be called again, as it can when new identifiers of the person have come. Raises FilesRemain where a file
    of silver's past could not be removed.
    """
    sought = sought_by(ctx, tenant, tokens, prose=False)
    restriction_id = restrict(ctx.engine, tenant, tokens, sought.tokens(LOOK))
    region = ctx.bundle.tenants[tenant].region
    records = {}
    for contract in contracts_of(ctx, tenant):
        with ctx.lake.lease(region, contract.dataset):
            recover(ctx, region, contract.dataset)
            records[contract.dataset] = _withhold(ctx, tenant, contract, restriction_id)
    return Frozen(restriction_id, records)


def _withhold(ctx: LakeContext, tenant: str, contract: Contract, restriction_id: str) -> int:
    """Take the person's records out of silver; how many records of bronze are theirs."""
    region = ctx.bundle.tenants[tenant].region
    bronze, silver = Places.of(region, contract.dataset).bronze, Table(region, "silver", contract.dataset)
    if not ctx.lake.exists(bronze):
        return 0
    [mine] = [one for one in in_force(ctx.engine, tenant) if one.restriction_id == restriction_id]
    listed = [(tenant, domain, token) for domain, token in sorted(mine.tokens)]
    rows = latest_rows(ctx.lake.read(bronze, [tenant]), contract)
    found = [(record_id,) for _, record_id in frozen_records(ctx, rows, contract, listed)]
    if not found or not ctx.lake.exists(silver):
        return len(found)
    keys = frame_of(ctx.spark, found, "record_id string")
    shown = ctx.lake.read(silver, [tenant]).join(keys, "record_id", "left_semi").count()
    if shown:
        numbers = begin_change(ctx.engine, silver, {tenant: {}})
        ctx.lake.delete_matching(silver, keys, ["record_id"], numbers)
        end_change(ctx.engine, numbers)
        _keep_up(ctx, tenant, contract, restriction_id, shown)
    if shown or has_past(ctx.lake, silver, [tenant]):
        purge(ctx.lake, silver)
    return len(found)


def _keep_up(ctx: LakeContext, tenant: str, contract: Contract, restriction_id: str, gone: int) -> None:
    """Silver is now what protecting would give, if it was before: say so, or it would be made anew."""
    last = last_protections(ctx.engine, contract.dataset).get(tenant)
    digest = digest_for(ctx, tenant, contract, plan_for(ctx, tenant, contract))
    before, after = (
        with_frozen(
            {
                (tenant, *token)
                for one in in_force(ctx.engine, tenant)
                if one.restriction_id != left_out
                for token in one.tokens
            },
            tenant,
            digest,
        )
        for left_out in (restriction_id, None)
    )
    if last is not None and last.plan_digest == before:
        keep_protection(ctx.engine, last, last.rows - gone, after)
