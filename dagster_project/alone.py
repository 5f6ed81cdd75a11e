"""A run of its own for a tenant that failed among others, so that Dagster shows whose failure it is."""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg
from sqlalchemy import Engine

from dagster_project.defs.landing import INVENTORY
from transforms.standings import Standings

MOST = 10
"""A run after which more tenants than this stand failed was not stopped by a tenant: nobody is run alone."""
DELIVERY = dg.AssetKey(["lineage", "delivery"])


def failed_in(engine: Engine, run_id: str) -> dict[str, list[str]]:
    """The tenants that failed in a run, with the datasets in which they did; none where it was too many."""
    found: dict[str, list[str]] = {}
    for one in Standings(engine).failed(run_id):
        if one.dataset not in found.setdefault(one.tenant, []):
            found[one.tenant].append(one.dataset)
    return found if len(found) <= MOST else {}


def assets_of(datasets: Sequence[str]) -> list[dg.AssetKey]:
    """The assets of a run that takes these datasets alone through the lake."""
    layers = ("bronze", "findings", "silver")
    return [INVENTORY, *(dg.AssetKey([layer, name]) for name in datasets for layer in layers), DELIVERY]
