"""The job `audit_export`: a tenant's evidence bundle, as the asset `audit/evidence`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field

from audit.evidence.export import Evidence
from dagster_project.annotations import resolved
from dagster_project.evidence import export_bundle, scope_of
from dagster_project.failures import plainly
from dagster_project.house import control_state
from dagster_project.resources import HouseResource
from dagster_project.tables import table

EVIDENCE = dg.AssetKey(["audit", "evidence"])
GROUP = "audit"


class EvidenceConfig(dg.Config):
    """What the launchpad asks for."""

    tenant: str = Field(description="Whose data the bundle is about")
    from_day: str | None = Field(default=None, description="The first day (UTC), such as 2026-01-01")
    to_day: str | None = Field(default=None, description="The last day (UTC); none: until now")
    out: str | None = Field(default=None, description="A new file; none: one in <lake>-evidence")


@dg.asset(
    key=EVIDENCE,
    group_name=GROUP,
    kinds={"evidence"},
    description="A bundle for an auditor: what is provable of one tenant's data, checked without this lake.",
)
@plainly
@resolved
def evidence(house: HouseResource, config: EvidenceConfig) -> dg.MaterializeResult[Any]:
    """Write the bundle that the launchpad asks for; starts no Spark."""
    settings = house.settings
    scope = scope_of(config.tenant, config.from_day, config.to_day)
    with control_state(settings) as engine:
        out = Path(config.out) if config.out else _named(settings.evidence, config.tenant)
        return dg.MaterializeResult(metadata=_metadata(export_bundle(settings, engine, scope, out)))


def _named(folder: Path, tenant: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / f"{tenant}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.zip"


def _metadata(made: Evidence) -> dict[str, Any]:
    left_out = made.counts["left_out"].items()
    return {
        "path": dg.MetadataValue.path(str(made.path)),
        "sha256": made.packed.sha256,
        "bytes": made.packed.size,
        "entries": table(("kind", "entries"), list(made.counts["by_kind"].items())),
        "left_out": table(("what", "number"), [(n, c) for n, c in left_out if isinstance(c, int)]),
        "head": f"{made.head.size} entries, {made.head.root}",
        "key_id": made.head.key_id,
    }


AUDIT_EXPORT = dg.define_asset_job(
    "audit_export",
    selection=dg.AssetSelection.assets(EVIDENCE),
    executor_def=dg.in_process_executor,
    description="Evidence for an auditor of one tenant: a zip that checks itself, and a report.",
)
