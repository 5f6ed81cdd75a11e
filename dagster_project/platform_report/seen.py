"""What is personal and how it is treated, what waits for a verdict, and what the checks last said."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import Engine

from audit.pages.platform import Row, Treated
from classifications.findings import FindingStatus
from classifications.ledger import FindingsLedger
from dagster_project.defs.help import help_metadata
from dagster_project.defs.verdicts import mend_of, standing_of
from dagster_project.platform_report.rows import owner_of
from dagster_project.reviewing import all_reviews, personal_columns
from policy import PolicyBundle
from transforms.standings import CheckResult, Standings

SEEN = (FindingStatus.DECLARED, FindingStatus.UNDECLARED, FindingStatus.DIFFERS)
LAYERS = ("bronze", "findings", "silver")


def treated(engine: Engine, bundle: PolicyBundle) -> list[Treated]:
    """Every tenant's personal columns with the treatment that policy, findings and verdicts come to now."""
    return [
        Treated(tenant, f"{dataset}.{plan.column.name}", key, str(plan.treatment), plan.because)
        for tenant in bundle.tenants
        for dataset, key, plan in personal_columns(engine, bundle, tenant)
    ]


def detections(engine: Engine, bundle: PolicyBundle) -> Counter[tuple[str, str]]:
    """How many columns hold what detection saw, by the day on which it saw them so, and by class."""
    ledger = FindingsLedger(engine)
    return Counter(
        (f"{one.found_at:%Y-%m-%d}", one.data_class)
        for tenant, dataset in ledger.judged_datasets()
        if tenant in bundle.tenants
        for one in ledger.current(tenant, dataset)
        if one.status in SEEN
    )


def waiting(engine: Engine, bundle: PolicyBundle) -> list[Row]:
    """Tenant, column, class, confidence and state of each finding that waits for a verdict."""
    return [
        (f.tenant_id, f"{f.dataset}.{f.column}", f.data_class, f"{f.confidence:.2f}", str(one.state))
        for one in all_reviews(engine, bundle)
        if one.waiting
        for f in (one.finding,)
    ]


def checks(engine: Engine, bundle: PolicyBundle) -> list[Row]:
    """Table, owner, passed, failed and the last day of it, all tenants together."""
    rows: list[Row] = []
    standings = Standings(engine)
    for layer in LAYERS:
        for dataset in bundle.datasets:
            found = standing_of(standings.all(layer, dataset), bundle)
            if found:
                owner = str(help_metadata("", bundle, dataset)["owner"])
                passed = sum(one.success for one in found)
                last = max(one.checked_at for one in found)
                rows.append((f"{layer}/{dataset}", owner, passed, len(found) - passed, _day(last)))
    return rows


def failing(engine: Engine, bundle: PolicyBundle) -> list[Row]:
    """Tenant, table, check, owner, what was found, the mend, and since when."""
    return [_failing(bundle, one) for one in standing_of(Standings(engine).failing(), bundle)]


def _failing(bundle: PolicyBundle, one: CheckResult) -> Row:
    owner = owner_of(bundle, one.tenant, one.dataset)
    where = f"{one.layer}/{one.dataset}"
    return (one.tenant, where, one.name, owner, one.detail, mend_of(one), _day(one.checked_at))


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"
