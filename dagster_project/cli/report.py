"""What stands in a lake, from its control database: needs no key and no Spark."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Engine

from audit.outbox import Lag, Outbox
from classifications.ledger import FindingsLedger
from dagster_project.lineage_delivery import lineage_sinks
from dagster_project.settings import Settings
from policy.bundle import PolicyBundle
from transforms.deliveries import all_deliveries
from transforms.plan import plan_columns
from transforms.protect import last_protection


@dataclass(frozen=True)
class TenantRows:
    """One tenant's dataset: files and rows since the lake began, rows present in silver (None: none yet)."""

    tenant: str
    dataset: str
    files: int
    refused: int
    landed: int
    sealed: int
    quarantined: int
    silver: int | None


def tenant_rows(engine: Engine) -> list[TenantRows]:
    """Every tenant's datasets, in order."""
    sums: dict[tuple[str, str], Counter[str]] = {}
    for row in all_deliveries(engine):
        counts = sums.setdefault((row.tenant_id, row.dataset), Counter())
        counts[row.state] += 1
        counts.update(landed=row.rows_landed or 0, sealed=row.rows_bronze or 0, bad=row.rows_quarantined or 0)
    return [
        TenantRows(
            tenant, dataset, n["ingested"], n["refused"], n["landed"], n["sealed"], n["bad"],
            None if (last := last_protection(engine, tenant, dataset)) is None else last.rows,
        )
        for (tenant, dataset), n in sorted(sums.items())
    ]  # fmt: skip


def treated_columns(engine: Engine, bundle: PolicyBundle) -> tuple[Counter[tuple[str, str]], list[str]]:
    """Silver columns by class and treatment; and those (`tenant/dataset/column`) that a steward decides."""
    ledger = FindingsLedger(engine)
    counted: Counter[tuple[str, str]] = Counter()
    undecided = []
    for rows in tenant_rows(engine):
        contract = bundle.contract_for(rows.tenant, rows.dataset) if rows.tenant in bundle.tenants else None
        if contract is None or rows.silver is None:
            continue
        declared = {column.name: column.data_class for column in contract.columns}
        effective = ledger.effective_classes(rows.tenant, rows.dataset, declared)
        for plan in plan_columns(bundle, rows.tenant, contract, effective):
            kind = plan.data_class or ("free text" if plan.column.free_text else "not personal")
            counted[kind, str(plan.treatment)] += 1
            if plan.undecided:
                undecided.append(f"{rows.tenant}/{rows.dataset}/{plan.column.name}")
    return counted, undecided


def sink_lags(engine: Engine, settings: Settings) -> list[tuple[str, Lag]]:
    """How far lineage is at every sink that the settings name."""
    return [(sink.name, Outbox(engine).lag(sink.name)) for sink in lineage_sinks(settings)]
