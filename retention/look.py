"""Where a person is, told before anything is done: a look without a request, which keeps nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from retention.find import Finder
from retention.requests import Named
from retention.sought import Sought
from transforms.context import LakeContext

_NOBODY = "look"


@dataclass(frozen=True)
class Seen:
    """A place that holds the person: `bronze.orders`, or `named.tickets` for records of others."""

    place: str
    rows: int
    files: int


def look_for(ctx: LakeContext, tenant: str, tokens: Mapping[str, str]) -> list[Seen]:
    """Every place of the tenant's tables that holds the person with these tokens by domain. Reads only."""
    found = (ctx.bundle.contract_for(tenant, dataset) for dataset in ctx.bundle.datasets)
    contracts = [contract for contract in found if contract is not None]
    sought = Sought(tenant, frozenset((_NOBODY, Named(*one)) for one in tokens.items()))
    for look in (Finder.subjects, Finder.mentions):
        more = {one for contract in contracts for one in look(Finder(ctx, contract, sought))}
        sought = Sought(tenant, sought.named | more)
    seen = []
    for contract in contracts:
        told = Finder(ctx, contract, sought).find()
        for place, rows in sorted(told.count(_NOBODY).items()):
            held = {row.file for row in told.rows.get(place.partition(".")[0], ())}
            seen.append(Seen(place, rows, len(held)))
    return seen
