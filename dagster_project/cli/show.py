"""The tables that commands print."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from textwrap import fill

from rich import box
from rich.table import Table
from sqlalchemy import Engine

from dagster_project.cli.guard import OUT
from dagster_project.cli.report import left_files, newest_violations, sink_lags, tenant_rows, treated_columns
from dagster_project.defs.verdicts import mend_of as mend_of_result
from dagster_project.defs.verdicts import standing_of
from dagster_project.ledger_heads import ledger_state, trouble
from dagster_project.lineage_delivery import set_aside
from dagster_project.mends import PLAYBOOK
from dagster_project.runner import RunSummary
from dagster_project.settings import Settings
from policy.bundle import PolicyBundle
from transforms.refusals import code_of, mend_of
from transforms.standings import Standings

READABLE = 24
"""Text of several words gets a column of at least so many characters, or all that it needs."""


def grid(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], note: str | None = None
) -> None:
    """Print a table; numbers stand to the right. Nothing is printed where there is no row.

    Where the terminal is too narrow for it, each row is told as lines of its own, so that ids stay whole.
    """
    filled = [["" if cell is None else cell for cell in row] for row in rows]
    if not filled:
        return
    texts = [[f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row] for row in filled]
    widths = _widths(columns, texts)
    OUT.print(title, style="bold", markup=False, soft_wrap=True)
    if widths is None:
        _print_records(columns, texts)
    else:
        table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
        for place, column in enumerate(columns):
            numbers = all(isinstance(row[place], int) or row[place] == "" for row in filled)
            table.add_column(column, justify="right" if numbers else "left", width=widths[place])
        for text in texts:
            table.add_row(*text)
        OUT.print(table)
    if note:
        OUT.print(note, style="dim italic", markup=False, soft_wrap=True)
    OUT.print()


def _widths(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int] | None:
    """A width for each column, so that all fit the terminal and no word is cut. None: there are none."""
    lines = [
        [line for cell in cells for line in cell.splitlines()] or [""]
        for cells in zip(columns, *rows, strict=True)
    ]
    widths = [max(map(len, own)) for own in lines]
    words = [max(len(word) for line in own for word in line.split() or [""]) for own in lines]
    spare = [wide - max(word, min(wide, READABLE)) for wide, word in zip(widths, words, strict=True)]
    over = sum(widths) + 2 * len(widths) - 1 - OUT.width  # two blanks between columns, one at the end
    for place in sorted(range(len(widths)), key=lambda place: spare[place], reverse=True):
        cut = max(0, min(over, spare[place]))
        widths[place] -= cut
        over -= cut
    return widths if over <= 0 else None


def _print_records(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    labels = [column.replace("-\n", "").replace("\n", " ") for column in columns]
    room = max(map(len, labels))
    for row in rows:
        OUT.print()
        for label, text in zip(labels, row, strict=True):
            if text:
                told = fill(
                    f"{label:<{room}}  {text}", OUT.width, subsequent_indent=" " * (room + 2),
                    break_long_words=False, break_on_hyphens=False,
                )  # fmt: skip
                OUT.print(told, markup=False, soft_wrap=True)


def show_lake(engine: Engine, bundle: PolicyBundle, settings: Settings) -> None:
    """Rows, columns, boundary violations and lineage of a lake."""
    regions = {tenant.id: tenant.region for tenant in bundle.tenants.values()}
    rows = []
    for r in tenant_rows(engine, bundle):
        counts = (r.files, r.left, r.landed, r.sealed, r.quarantined, r.silver)
        rows.append((r.tenant, regions.get(r.tenant), r.dataset, *counts))
    heads = (
        "tenant",
        "region",
        "dataset",
        "files\ntaken",
        "files\nleft",
        "landed",
        "sealed",
        "quaran-\ntined",
        "in\nsilver",
    )
    grid(
        "Rows", heads, rows, "landed = sealed + quarantined; silver holds the present version of each record"
    )
    counted, undecided = treated_columns(engine, bundle)
    told = "a column counts once a tenant"
    grid(
        "Columns in silver",
        ("class", "treatment", "columns"),
        [(*k, n) for k, n in sorted(counted.items())],
        told,
    )
    grid(
        "For a steward to decide (until then the stricter treatment holds)",
        ("column",),
        [(c,) for c in undecided],
    )
    show_failed(engine, bundle)
    show_left(engine, bundle)
    show_lineage(engine, settings)
    show_ledger(engine, settings)


def show_failed(engine: Engine, bundle: PolicyBundle) -> None:
    """Every tenant that a step or check last failed for; the others went on."""
    rows = [
        (one.tenant, f"{one.layer}/{one.dataset}", one.name, one.detail, mend_of_result(one))
        for one in standing_of(Standings(engine).failing(), bundle)
    ]
    grid(
        "Tenants that failed",
        ("tenant", "where", "check", "found", "to mend it"),
        rows,
        f"step by step: {PLAYBOOK}",
    )


def show_left(engine: Engine, bundle: PolicyBundle) -> None:
    """What was not taken as it came: files and folders, each with the reason, and how to mend each reason."""
    files = left_files(engine, bundle)
    told = [(one.tenant, one.dataset, one.reason, "waits" if one.waits else "refused", one.files)
            for one in files]  # fmt: skip
    grid("Files left in the landing zone", ("tenant", "dataset", "reason", "", "files"), told)
    bad = newest_violations(engine)
    places = [(one.kind, one.place, one.amount, since(one.found_at)) for one in bad]
    grid("Boundary violations (not taken)", ("what", "where", "files\nor rows", "since (UTC)"), places)
    show_mends([*(one.reason for one in files), *(one.kind for one in bad)])


def show_mends(reasons: Iterable[str]) -> None:
    """How to mend each of these reasons; each word is told once."""
    grid(
        "What to do",
        ("", "to mend it"),
        [(word, mend_of(word)) for word in sorted(set(map(code_of, reasons)))],
    )


def show_lineage(engine: Engine, settings: Settings) -> None:
    """How far lineage is at every sink; and what was set aside, with the reason."""
    sinks = [
        (sink, lag.delivered, lag.pending, since(lag.oldest_pending_at), lag.reason, lag.dead)
        for sink, lag in sink_lags(engine, settings)
    ]
    grid(
        "Lineage events", ("sink", "delivered", "waiting", "since (UTC)", "why", "set aside"), sinks,
        f"of those that all have taken, the newest {settings.lineage_keep:,} are kept",
    )  # fmt: skip
    aside = [(a.sink, a.tenant, a.step, a.reason, a.events) for a in set_aside(engine, settings)]
    grid(
        "Lineage events that were set aside", ("sink", "tenant", "step", "refused with", "events"), aside,
        "to send them again, when the sink is mended: lakeward lineage retry",
    )  # fmt: skip


def show_ledger(engine: Engine, settings: Settings) -> None:
    """How long the ledger is, how much of it is signed, and whether its heads arrive in a second place."""
    size, head, kept = ledger_state(engine, settings)
    signed = (head.size, head.at[:16].replace("T", " ")) if head is not None else (0, "")
    where = ("none is set", "") if kept is None else (kept.place, kept.waiting)
    columns = ("entries", "signed", "at (UTC)", "second place", "heads\nwaiting")
    grid("Ledger", columns, [(size, *signed, *where)], trouble(kept) or "to check it: lakeward ledger check")


def since(moment: datetime | None) -> str:
    """A point in time to the minute."""
    return "" if moment is None else moment.strftime("%Y-%m-%d %H:%M")


def show_checks(summary: RunSummary) -> None:
    """Passed and failed checks of a run by name, and every failure by its place."""
    passed = Counter(check.name for check in summary.checks if check.passed)
    failed: dict[str, list[str]] = {}
    for check in summary.checks:
        if not check.passed:
            failed.setdefault(check.name, []).append(check.asset)
    advice = {check.name for check in summary.checks if check.advice}
    rows = [
        (name, passed[name], len(failed.get(name, ())),
         ", ".join(failed.get(name, ())) + (" (advice)" if name in advice and name in failed else ""))
        for name in sorted({check.name for check in summary.checks})
    ]  # fmt: skip
    grid("Checks", ("check", "passed", "failed", "failed on"), rows)
    for step, message in summary.failures:
        OUT.print(f"[red]{step}[/]: ", end="")
        OUT.print(message, markup=False)
    if summary.skipped:
        OUT.print("not run, because of what failed before: " + ", ".join(summary.skipped))


def show_next(settings: Settings, given: Mapping[str, Path], *, quarantined: bool) -> None:
    """Where to look next. `given` are the paths that were options: the next command needs them too."""

    def lakeward(command: str, *names: str) -> str:
        return " ".join(["lakeward", command, *(f"--{n} {near(given[n])}" for n in names if n in given)])

    OUT.print("\n[bold]Where to look next[/]")
    lines = [
        ("tables", f"{near(settings.lake)}/<region>/silver/<dataset>"),
        ("lineage", near(settings.lineage_file)),
        ("run, checks, column classes", lakeward("dev", "landing", "lake", "policies")),
        ("what stands, any time", lakeward("status", "lake", "policies")),
    ]
    if quarantined:
        lines.append(("records that broke a contract", lakeward("quarantine list", "lake", "policies")))
    for what, where in lines:
        OUT.print(f"  {what:<30} {where}", markup=False, soft_wrap=True)


def near(path: Path) -> str:
    """The path as seen from here, where that is shorter."""
    return min(str(path), os.path.relpath(path), key=len)
