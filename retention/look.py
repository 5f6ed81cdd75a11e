"""Where a person is, told before anything is done: a look without a request, which keeps nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policy.contracts import Contract
from retention.find import Finder
from retention.requests import Named
from retention.sought import Sought
from transforms.context import LakeContext

LOOK = "look"
"""Stands for a request where nobody asked for anything to be done."""


@dataclass(frozen=True)
class Seen:
    """A place that holds the person: `bronze.orders`, or `named.tickets` for records of others."""

    place: str
    rows: int
    files: int


def look_for(ctx: LakeContext, tenant: str, tokens: Mapping[str, str]) -> list[Seen]:
    """Every place of the tenant's tables that holds the person with these tokens by domain. Reads only."""
    sought = sought_by(ctx, tenant, tokens)
    seen = []
    for contract in contracts_of(ctx, tenant):
        told = Finder(ctx, contract, sought).find()
        for place, rows in sorted(told.count(LOOK).items()):
            held = {row.file for row in told.rows.get(place.partition(".")[0], ())}
            seen.append(Seen(place, rows, len(held)))
    return seen


def sought_by(ctx: LakeContext, tenant: str, tokens: Mapping[str, str], *, prose: bool = True) -> Sought:
    """The person with these tokens by domain, with the subjects and mentions that they lead to.

    Without `prose` the mentions are left out. Reads only.
    """
    sought = Sought(tenant, frozenset((LOOK, Named(*one)) for one in tokens.items()))
    for look in (Finder.subjects, Finder.mentions) if prose else (Finder.subjects,):
        more = {one for c in contracts_of(ctx, tenant) for one in look(Finder(ctx, c, sought))}
        sought = Sought(tenant, sought.named | more)
    return sought


def contracts_of(ctx: LakeContext, tenant: str) -> list[Contract]:
    """The tenant's contracts, by dataset."""
    found = (ctx.bundle.contract_for(tenant, dataset) for dataset in ctx.bundle.datasets)
    return [contract for contract in found if contract is not None]
