"""A run of its own for a tenant that failed among others, so that Dagster shows whose failure it is.

`lakeward run` makes these runs itself; after a run that the UI, a schedule or a sensor started, the sensor
`failed_tenants` asks for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import dagster as dg
from sqlalchemy import Engine

from dagster_project.defs.delivery import DELIVERY
from dagster_project.defs.landing import INVENTORY
from dagster_project.partitions import AFTER, PARTITION, TENANT
from transforms.standings import Standings

MOST = 10
"""A run after which more tenants than this stand failed was not stopped by a tenant: nobody is run alone."""
LAYERS = ("bronze", "findings", "silver")


@dataclass(frozen=True)
class Alone:
    """A run to come: one tenant, through the datasets in which it failed in the run `after`."""

    tenant: str
    datasets: Sequence[str]
    after: str

    @property
    def assets(self) -> list[dg.AssetKey]:
        """Landing zone, the layers of the datasets, and delivery of lineage."""
        layered = [dg.AssetKey([layer, name]) for name in self.datasets for layer in LAYERS]
        return [INVENTORY, *layered, DELIVERY]

    @property
    def tags(self) -> dict[str, str]:
        """The run's tags: whose it is, and after which run."""
        return {PARTITION: self.tenant, TENANT: self.tenant, AFTER: self.after}


def runs_due(engine: Engine) -> dict[str, list[Alone]]:
    """By run: a run to come for each tenant that failed in it and still stands failed."""
    found: dict[str, dict[str, list[str]]] = {}
    for one in Standings(engine).failing():
        datasets = found.setdefault(one.run_id, {}).setdefault(one.tenant, [])
        if one.dataset not in datasets:
            datasets.append(one.dataset)
    return {
        run_id: [Alone(tenant, datasets, run_id) for tenant, datasets in tenants.items()]
        for run_id, tenants in found.items()
        if len(tenants) <= MOST
    }
