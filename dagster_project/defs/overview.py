"""`tenants/overview`: one tenant on one page. What it has, what is personal, what waits, what is broken.

`tenants/all` has a line for each of them. Reads the control database and the files of quarantine, and
needs no Spark.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import dagster as dg
from sqlalchemy import Engine

from dagster_project.annotations import resolved
from dagster_project.cli.report import TenantRows, tenant_rows
from dagster_project.defs.landing import INVENTORY
from dagster_project.defs.reviews import said
from dagster_project.defs.verdicts import mend_of, standing_of
from dagster_project.failures import plainly
from dagster_project.house import control_state
from dagster_project.partitions import TENANTS
from dagster_project.resources import HouseResource
from dagster_project.reviewing import all_reviews, personal_columns
from dagster_project.schemas import team_of
from dagster_project.tables import table
from policy import PolicyBundle, load_policies
from retention.holds import holds_over
from retention.requests import UNDONE, all_requests
from transforms.quarantine import QuarantineGroup, quarantine_of
from transforms.refusals import mend_of as reason_mend
from transforms.standings import Standings

OVERVIEW = dg.AssetKey(["tenants", "overview"])
ALL = dg.AssetKey(["tenants", "all"])
GROUP = "tenants"
DATASETS = ("dataset", "owner", "landed", "sealed", "quarantined", "in silver", "files left")
LINE = (
    "tenant", "region", "tier", "undecided", "requests", "failing", "landed", "quarantined", "in silver",
)  # fmt: skip
PERSONAL = ("class", "column", "treatment", "because")


def overview_asset() -> dg.AssetsDefinition:
    """The asset, by tenants."""

    # On the inventory alone, so that it tells of a run that failed too; by its priority it comes late.
    @dg.asset(
        key=OVERVIEW,
        deps=[INVENTORY],
        group_name=GROUP,
        partitions_def=TENANTS,
        backfill_policy=dg.BackfillPolicy.single_run(),
        op_tags={"dagster/priority": "-90"},
        kinds={"python"},
        description="One tenant on one page: choose it under Partitions. Counts, classes, dates; no value.",
    )
    @plainly
    @resolved
    def overview(context: dg.AssetExecutionContext, house: HouseResource) -> dg.MaterializeResult[Any]:
        """Look at the run's tenants as of now."""
        bundle = load_policies(house.settings.policies)
        with control_state(house.settings) as engine:
            rows = tenant_rows(engine, bundle)
            tenants = [one for one in context.partition_keys if one in bundle.tenants]
            kept_out = quarantine_of(house.settings.lake, bundle, tenants)
            for tenant in tenants:
                page = page_of(engine, bundle, tenant, rows, kept_out)
                context.add_asset_metadata(page, partition_key=tenant)
        return dg.MaterializeResult()

    return overview


def all_tenants_asset() -> dg.AssetsDefinition:
    """The asset, of the whole platform."""

    @dg.asset(
        key=ALL,
        deps=[INVENTORY],
        group_name=GROUP,
        op_tags={"dagster/priority": "-90"},
        kinds={"python"},
        description="All tenants, a line each: findings that nobody decided, open requests, failing checks, "
        "rows. One of them: "
        "[tenants/overview](/assets/tenants/overview?view=partitions).",
    )
    @plainly
    @resolved
    def all_tenants(house: HouseResource) -> dg.MaterializeResult[Any]:
        """Look at every tenant as of now."""
        bundle = load_policies(house.settings.policies)
        with control_state(house.settings) as engine:
            return dg.MaterializeResult(metadata=lines_of(engine, bundle))

    return all_tenants


def lines_of(engine: Engine, bundle: PolicyBundle) -> dict[str, Any]:
    """Every tenant's numbers, first what waits for somebody; and the sums, which Dagster draws over time."""
    landed, quarantined, silver = Counter[str](), Counter[str](), Counter[str]()
    for one in tenant_rows(engine, bundle):
        landed[one.tenant] += one.landed
        quarantined[one.tenant] += one.quarantined
        silver[one.tenant] += one.silver or 0
    waiting = Counter(one.finding.tenant_id for one in all_reviews(engine, bundle) if one.waiting)
    asked = Counter(one.tenant for one in all_requests(engine, None, UNDONE))
    failing = Counter(one.tenant for one in standing_of(Standings(engine).failing(), bundle))
    counted = (waiting, asked, failing, landed, quarantined, silver)
    lines: list[tuple[str | int, ...]] = [
        (one.id, one.region, one.tier, *[counts[one.id] for counts in counted])
        for one in bundle.tenants.values()
    ]
    sums = {
        name: sum(counts[tenant] for tenant in bundle.tenants)
        for name, counts in zip(LINE[3:], counted, strict=True)
    }
    return {"tenants": table(LINE, lines), **sums}


def page_of(
    engine: Engine,
    bundle: PolicyBundle,
    tenant: str,
    rows: Iterable[TenantRows],
    kept_out: Iterable[QuarantineGroup],
) -> dict[str, Any]:
    """A tenant's page. `rows`, and `kept_out` (what is in quarantine now), are those of the lake, of which
    the tenant's own are taken.
    """
    own = [one for one in rows if one.tenant == tenant]
    reviews = [one for one in all_reviews(engine, bundle, tenant) if one.waiting]
    asked = all_requests(engine, tenant, UNDONE)
    failing = [one for one in standing_of(Standings(engine).failing(), bundle) if one.tenant == tenant]
    holds = holds_over(engine, tenant)
    return {
        "waits_for_somebody": len(reviews) + len(asked) + len(failing),
        "region": bundle.tenants[tenant].region,
        "tier": bundle.tenants[tenant].tier,
        "datasets": table(DATASETS, [_dataset(bundle, one) for one in own]),
        "personal_columns": table(PERSONAL, _personal(engine, bundle, tenant)),
        "waits_for_a_verdict": table(
            ("column", "found", "confidence", "verdict", "because"),
            [
                (f"{f.dataset}.{f.column}", f.data_class, f.confidence, said(one), f.reason)
                for one in reviews
                for f in (one.finding,)
            ],
        ),
        "requests_open": table(
            ("request", "state", "due (UTC)"), [(r.request_id, str(r.state), _day(r.due_at)) for r in asked]
        ),
        "holds_in_force": table(
            ("hold", "matter", "over", "ends (UTC)"),
            [(h.hold_id, h.matter, h.scope.dataset or "every dataset", _day(h.until)) for h in holds],
        ),
        "failing": table(
            ("where", "check", "found", "to mend it"),
            [(f"{one.layer}/{one.dataset}", one.name, one.detail, mend_of(one)) for one in failing],
        ),
        "in_quarantine": table(
            ("dataset", "reason", "records", "to mend it"),
            [
                (one.dataset, one.reason, one.rows, reason_mend(one.reason))
                for one in kept_out
                if one.tenant == tenant
            ],
        ),
    }


def _dataset(bundle: PolicyBundle, one: TenantRows) -> tuple[str | int, ...]:
    owner = team_of(bundle.contract_for(one.tenant, one.dataset))
    return (
        one.dataset, owner, one.landed, one.sealed, one.quarantined, one.silver or 0, one.left,
    )  # fmt: skip


def _personal(engine: Engine, bundle: PolicyBundle, tenant: str) -> list[tuple[str, str, str, str]]:
    """By class, so that all columns of one class stand together."""
    return sorted(
        (key, f"{dataset}.{plan.column.name}", str(plan.treatment), plan.because)
        for dataset, key, plan in personal_columns(engine, bundle, tenant)
    )


def _day(moment: datetime | None) -> str:
    return "when lifted" if moment is None else f"{moment:%Y-%m-%d}"
