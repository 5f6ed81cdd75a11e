"""What all assets of a dataset have in common: partitions, owners, tags, description."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from dagster_project.annotations import resolved
from dagster_project.defs.outcomes import Settled
from dagster_project.failures import plainly
from dagster_project.partitions import TENANTS
from dagster_project.resources import HouseResource
from dagster_project.schemas import contracts_of, holds_tags, tag_value, team_of
from policy.bundle import PolicyBundle
from policy.contracts import Contract

Body = Callable[[dg.AssetExecutionContext, HouseResource], tuple["dg.MaterializeResult[Any]", Settled]]


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
    """A decorator: the body becomes the asset of one layer and dataset, by tenants.

    The body gives what Dagster is told of the asset, and how its tenants fared.
    """
    layer, dataset = key
    contracts = contracts_of(bundle, dataset)
    holds = holds_tags(bundle, dataset) if layer == "silver" else {}
    purpose = contracts[0].description.strip().rstrip(".")

    def decorate(body: Body) -> dg.AssetsDefinition:
        work = plainly(body)

        @resolved
        def step(
            context: dg.AssetExecutionContext, house: HouseResource
        ) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
            result, settled = work(context, house)
            if settled.failure is None:
                yield result
            yield settled.check  # told where the step fails too: whose it is, and the mend
            if told := settled.failure or settled.stopped:
                raise dg.Failure(told, allow_retries=False)

        made: dg.AssetsDefinition = dg.asset(
            key=key,
            group_name=layer,
            partitions_def=TENANTS,
            backfill_policy=dg.BackfillPolicy.single_run(),
            description=f"{purpose}. {text}" if purpose else text,
            owners=sorted({owner for one in contracts if (owner := _owner(one))}),
            tags={"dataset": tag_value(dataset), "load_mode": str(contracts[0].load_mode), **holds},
            deps=deps,
            kinds=kinds,
            check_specs=check_specs,
            metadata=metadata,
        )(step)
        return made

    return decorate


def _owner(contract: Contract) -> str | None:
    name = team_of(contract)
    return f"team:{tag_value(name)}" if name else None
