"""Retention in words: why a rule holds, and what a plan comes to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from dagster_project.cli.guard import OUT
from dagster_project.cli.show import grid
from policy.bundle import PolicyBundle
from policy.contracts import Contract
from policy.retention import Clock, RetentionRule
from retention.expire import Expired
from retention.holds import Hold
from retention.plan import PlanLine, RetentionPlan
from retention.resolve import Ruling, classes_of, resolve
from retention.stores import StoreResult

UNITS = ("B", "kB", "MB", "GB", "TB")


def explanation(
    bundle: PolicyBundle, tenant: str, dataset: str, data_class: str | None, holds: Sequence[Hold]
) -> Iterator[str]:
    """The lines that tell one dataset of a tenant; none where the tenant does not deliver it."""
    contract, whose = bundle.contract_for(tenant, dataset), bundle.tenants[tenant]
    if contract is None:
        return
    yield f"{dataset} of {tenant} (region {whose.region}, tier {whose.tier})"
    if data_class is None:
        yield from _told("the rows", resolve(bundle, tenant, dataset), contract, "are kept for ever: no rule")
    classes = classes_of(contract) if data_class is None else (data_class,)
    for name in classes:
        rulings = resolve(bundle, tenant, dataset, name)
        if rulings or data_class is not None:
            yield from _told(f"values of {name}", rulings, contract, "live as long as their row: no rule")
    if data_class is not None and data_class not in classes_of(contract):
        yield f"  no column of the contract is declared as {data_class} itself"
    for hold in holds:
        if hold.scope.meets(tenant, dataset):
            who = "one person" if hold.scope.subject_tokens else "everybody"
            yield f"  held: {hold.matter} over {who}, whatever the rules say ({hold.hold_id})"


def _told(what: str, rulings: Sequence[Ruling], contract: Contract, nothing: str) -> Iterator[str]:
    if not rulings:
        yield f"  {what} {nothing} is about them"
    for ruling in rulings:
        yield f"  {what}: {ruling.rule}"
        yield f"      reason: {ruling.rule.reason}"
        yield f"      holds because {ruling.because}"
        if ruling.rule.clock is Clock.OCCURRED and contract.time_column is None:
            yield "      the contract names no time column, so it counts from ingested_at"
        for lost in ruling.lost:
            yield f"      not {lost.rule}: {lost.why} than that for {lost.to.scope}"


def show_plan(plan: RetentionPlan) -> None:
    """What is due, table by table; then what comes next, what holds keep, and what never ends."""
    due = [one for one in plan.lines if one.due or one.held]
    grid(
        f"Due at {plan.at:%Y-%m-%d %H:%M} UTC",
        ("tenant", "table", "what", "rows", "due", "held", "files", "to rewrite", "to remove", "due for"),
        [
            (*_place(one), one.rows, one.due, one.held, one.files, size(one.bytes_rewritten),
             size(one.bytes_removed), f"{one.overdue_days(plan.at)} d")
            for one in due
        ],
        "a row can be due for several actions; silver goes with its records in bronze",
    )  # fmt: skip
    upcoming = [(*_place(one), one.rows, day(one.next)) for one in plan.lines if one.next is not None]
    grid("Next", ("tenant", "table", "what", "rows", "next row due"), upcoming)
    kept = [(*_place(one), one.held, ", ".join(one.matters)) for one in plan.lines if one.held]
    grid("Kept by holds", ("tenant", "table", "what", "rows", "matters"), kept)
    undated = [(*_place(one), one.undated) for one in plan.lines if one.undated]
    grid("Without occurred_at, so counted from ingest", ("tenant", "table", "what", "rows"), undated)
    grid("Never erased by any rule", ("tenant", "dataset"), plan.endless)
    if not due:
        OUT.print(f"Nothing is due at {plan.at:%Y-%m-%d %H:%M} UTC.")
    OUT.print("This is a dry run. To do it: lakeward retention run")


def show_expired(told: Expired, receipts: Path) -> None:
    """What a run did, table by table, and its receipts; what it kept, left to a steward, and could not do."""
    done = [
        (one.tenant, f"{one.layer}/{one.dataset}", f"{one.verb} {one.what}", one.rows) for one in told.effects
    ]
    grid("Done", ("tenant", "table", "what", "rows"), done)
    gone = [(place, one.files, size(one.bytes)) for place, one in told.purged.items()]
    if told.archives:
        gone.append(("archived deliveries", told.archives, size(told.archive_bytes)))
    grid("Left the disk", ("place", "files", "bytes"), gone, "replaced and superseded files count too")
    proofs = [(tenant, one.said, one.receipt) for tenant, one in told.proofs.items()]
    grid("Receipts", ("tenant", "says", "file"), proofs, f"in {receipts}; lakeward receipt verify FILE")
    kept = [(*_place(one), one.held, ", ".join(one.matters)) for one in told.lines if one.held]
    grid("Kept by holds", ("tenant", "table", "what", "rows", "matters"), kept)
    review = [(*_place(one), one.due) for one in told.lines if one.standing.reviews and one.due]
    grid("For a steward to review", ("tenant", "table", "what", "rows"), review)
    failed = [(tenant, dataset, why) for (tenant, dataset), why in told.failed.items()]
    grid(
        "Failed",
        ("tenant", "dataset", "why"),
        failed,
        "run it again after the mend: it goes on where it stopped",
    )
    if not done and not failed:
        OUT.print("Nothing was due.")


def show_stores(stores: Sequence[StoreResult]) -> None:
    """What went from the stores that have a period."""
    rows = [
        (str(one.store), one.gone, size(one.bytes) if one.bytes else "", one.held, one.failed or "")
        for one in stores
    ]
    grid("Stores", ("store", "gone", "bytes", "held", "failed"), rows, "files, findings, events or runs")


def rule_words(rule: RetentionRule, classes: Sequence[str]) -> str:
    """`erase rows P2Y after occurred_at`, or what of the row it takes."""
    what = ", ".join(classes) if classes else "rows"
    return f"{rule.action} {what} {rule.period} after {rule.clock}"


def day(moment: datetime | None) -> str:
    """The date of a moment in UTC."""
    return "" if moment is None else f"{moment:%Y-%m-%d}"


def size(amount: int) -> str:
    """Bytes in the unit that keeps the number below a thousand."""
    value, unit = float(amount), 0
    while value >= 1000 and unit < len(UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.0f} {UNITS[unit]}" if unit == 0 else f"{value:.1f} {UNITS[unit]}"


def _place(line: PlanLine) -> tuple[str, str, str]:
    standing = line.standing
    return (
        standing.tenant, f"{line.layer}/{standing.dataset}", rule_words(standing.rule, standing.classes)
    )  # fmt: skip
