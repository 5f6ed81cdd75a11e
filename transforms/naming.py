"""By which columns some known tokens can name their persons, tenant by tenant.

Tenants share a contract, and not what detection found in their columns.
"""

from __future__ import annotations

from collections.abc import Iterable

from policy.contracts import Column, Contract
from transforms.context import LakeContext
from transforms.identify import identifying_columns
from transforms.plan import contract_as_found


def naming_columns(
    ctx: LakeContext, contract: Contract, tokens: Iterable[tuple[str, str]]
) -> dict[Column, frozenset[str]]:
    """The columns that can hold one of `tokens` (tenant and token domain of each), with the tenants in which.

    A column of which the contract says nothing counts as what detection found in it, so it can come more
    than once, with different classes and tenants.
    """
    domains: dict[str, set[str]] = {}
    for tenant, domain in tokens:
        domains.setdefault(tenant, set()).add(domain)
    found: dict[Column, set[str]] = {}
    for tenant, own in domains.items():
        as_found = contract_as_found(ctx.engine, ctx.bundle, tenant, contract)
        for column in identifying_columns(as_found, ctx.bundle.taxonomy):
            if column.token_domain in own:
                found.setdefault(column, set()).add(tenant)
    return {column: frozenset(tenants) for column, tenants in found.items()}
