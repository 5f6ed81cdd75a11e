"""What stands in a lake, from its control database: needs no key and no Spark."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Row

from audit.outbox import Lag, Outbox
from classifications.ledger import FindingsLedger
from dagster_project.lineage_delivery import lineage_sinks
from dagster_project.settings import Settings
from policy.bundle import PolicyBundle
from transforms.deliveries import all_deliveries, all_left
from transforms.plan import plan_columns
from transforms.protect import last_protections
from transforms.refusals import WAITING, code_of
from transforms.violations import all_violations


@dataclass(frozen=True)
class TenantRows:
    """One tenant's dataset: files and rows taken in since the lake began, and what is there now.

    `left` files lay in the landing zone at the last look, refused or waiting; `silver` is None at first.
    """

    tenant: str
    dataset: str
    files: int
    left: int
    landed: int
    sealed: int
    quarantined: int
    silver: int | None


@dataclass(frozen=True)
class LeftFiles:
    """Files of one tenant's dataset that the last look left in the landing zone for one reason."""

    tenant: str
    dataset: str
    reason: str
    files: int

    @property
    def waits(self) -> bool:
        """Whether the next run looks at them again; a refused file needs a mend."""
        return code_of(self.reason) in WAITING


def left_files(engine: Engine, bundle: PolicyBundle) -> list[LeftFiles]:
    """The files that the last looks left, of tenants and datasets that the policies still know."""
    found = [LeftFiles(one.tenant_id, one.dataset, one.reason, one.files) for one in all_left(engine)]
    known = [one for one in found if one.tenant in bundle.tenants]
    return [one for one in known if bundle.contract_for(one.tenant, one.dataset) is not None]


def newest_violations(engine: Engine) -> list[Row[Any]]:
    """The last that was recorded of each kind of violation at each place."""
    return list({(one.kind, one.place): one for one in all_violations(engine)}.values())


def tenant_rows(engine: Engine, bundle: PolicyBundle) -> list[TenantRows]:
    """Every tenant's datasets, in order."""
    sums: dict[tuple[str, str], Counter[str]] = {}
    for left in left_files(engine, bundle):
        counts = sums.setdefault((left.tenant, left.dataset), Counter())
        counts["left"] += left.files
    for row in all_deliveries(engine):
        counts = sums.setdefault((row.tenant_id, row.dataset), Counter())
        if row.state == "ingested":
            counts.update(files=1, landed=row.rows_landed, sealed=row.rows_bronze, bad=row.rows_quarantined)
    protected = {one: last_protections(engine, one) for one in {dataset for _, dataset in sums}}
    return [
        TenantRows(
            tenant, dataset, n["files"], n["left"], n["landed"], n["sealed"], n["bad"],
            None if (last := protected[dataset].get(tenant)) is None else last.rows,
        )
        for (tenant, dataset), n in sorted(sums.items())
    ]  # fmt: skip


def treated_columns(engine: Engine, bundle: PolicyBundle) -> tuple[Counter[tuple[str, str]], list[str]]:
    """Silver columns by class and treatment; and those (`tenant/dataset/column`) that a steward decides."""
    ledger = FindingsLedger(engine)
    counted: Counter[tuple[str, str]] = Counter()
    undecided = []
    for rows in tenant_rows(engine, bundle):
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
