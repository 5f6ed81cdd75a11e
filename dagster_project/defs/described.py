"""What all assets of a dataset have in common: partitions, owners, tags, description."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import dagster as dg

from dagster_project.annotations import resolved
from dagster_project.failures import plainly
from dagster_project.partitions import TENANTS
from dagster_project.schemas import contracts_of, tag_value
from policy.bundle import PolicyBundle

Body = Callable[..., "dg.MaterializeResult[Any]"]


def dataset_asset(
    bundle: PolicyBundle,
    key: Sequence[str],
    text: str,
    *,
    deps: Sequence[dg.AssetKey],
    kinds: set[str],
    check_specs: Sequence[dg.AssetCheckSpec],
    metadata: Mapping[str, Any] | None = None,
) -> Callable[[Body], dg.AssetsDefinition]:
    """A decorator: the body becomes the asset of one layer and dataset, by tenants."""
    layer, dataset = key
    contracts = contracts_of(bundle, dataset)
    purpose = contracts[0].description.strip().rstrip(".")

    def decorate(body: Body) -> dg.AssetsDefinition:
        made: dg.AssetsDefinition = dg.asset(
            key=key,
            group_name=layer,
            partitions_def=TENANTS,
            backfill_policy=dg.BackfillPolicy.single_run(),
            description=f"{purpose}. {text}" if purpose else text,
            owners=sorted({owner for one in contracts if (owner := _owner(one.owner))}),
            tags={"dataset": tag_value(dataset), "load_mode": str(contracts[0].load_mode)},
            deps=deps,
            kinds=kinds,
            check_specs=check_specs,
            metadata=metadata,
        )(plainly(resolved(body)))
        return made

    return decorate


def _owner(name: str) -> str | None:
    if not name or "@" in name:  # a person's address is no team, and belongs in the contract alone
        return None
    return f"team:{tag_value(name)}"
