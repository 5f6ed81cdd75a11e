"""The first asset: what waits in the landing zone, and what lies where it must not."""

from __future__ import annotations

from collections import Counter
from typing import Any

import dagster as dg

from dagster_project.annotations import resolved
from dagster_project.defs.help import help_metadata
from dagster_project.failures import plainly
from dagster_project.resources import HouseResource
from dagster_project.tables import table
from policy import PolicyBundle
from transforms.landing import Inventory
from transforms.refusals import mend_of

INVENTORY = dg.AssetKey(["landing", "inventory"])
VIOLATIONS = "no_boundary_violations"


@dg.asset(
    key=INVENTORY,
    group_name="landing",
    description="The files that wait in the landing zone, counted. The only place with plain values.",
    check_specs=[
        dg.AssetCheckSpec(
            VIOLATIONS,
            asset=INVENTORY,
            description="Nothing lies in an unregistered tenant's folder, in another region or behind a link",
        )
    ],
)
@plainly
@resolved
def inventory(house: HouseResource) -> dg.MaterializeResult[Any]:
    """Take the inventory; record boundary violations."""
    found = house.inventory()
    return dg.MaterializeResult(
        metadata=_metadata(found), check_results=[_verdict(found, house.context().bundle)]
    )


def _metadata(found: Inventory) -> dict[str, Any]:
    waiting = Counter((file.region, file.tenant, file.dataset) for file in found.files)
    rows = [(*place, count) for place, count in sorted(waiting.items())]
    return {
        "files": dg.MetadataValue.int(len(found.files)),
        "waiting": table(["region", "tenant", "dataset", "files"], rows),
    }


def _verdict(found: Inventory, bundle: PolicyBundle) -> dg.AssetCheckResult:
    rows = [(one.kind, one.place, one.amount, mend_of(one.kind)) for one in found.violations]
    return dg.AssetCheckResult(
        passed=not rows,
        check_name=VIOLATIONS,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"violations": table(["kind", "place", "files", "to mend it"], rows)}
        | help_metadata("docs/bad-input.md", bundle),
    )
