"""What came in, what of it went where, and what was left: from the records of ingest."""

from __future__ import annotations

from sqlalchemy import Engine

from audit.pages.platform import Row, Volume
from dagster_project.cli.report import left_files, newest_violations, tenant_rows
from dagster_project.schemas import team_of
from policy import PolicyBundle
from transforms.refusals import code_of


def owner_of(bundle: PolicyBundle, tenant: str, dataset: str) -> str:
    """The team that owns a tenant's contract; empty where none is named, or by an address only."""
    contract = bundle.contract_for(tenant, dataset) if tenant in bundle.tenants else None
    return team_of(contract)


def volumes(engine: Engine, bundle: PolicyBundle) -> list[Volume]:
    """Every tenant's datasets of which a file was taken in."""
    return [
        Volume(
            one.tenant, one.dataset, owner_of(bundle, one.tenant, one.dataset), one.files, one.landed,
            one.sealed, one.quarantined, one.silver,
        )
        for one in tenant_rows(engine, bundle)
        if one.files
    ]  # fmt: skip


def left(engine: Engine, bundle: PolicyBundle) -> list[Row]:
    """Tenant, dataset, reason, waits or refused, files. What follows a reason's word is not told here."""
    return [
        (one.tenant, one.dataset, code_of(one.reason), "waits" if one.waits else "refused", one.files)
        for one in left_files(engine, bundle)
    ]


def violations(engine: Engine) -> list[Row]:
    """Kind, place, amount and since when."""
    return [
        (one.kind, one.place, one.amount, f"{one.found_at:%Y-%m-%d}") for one in newest_violations(engine)
    ]
