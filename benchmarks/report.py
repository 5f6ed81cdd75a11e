"""The figures as a table for people and as JSON for comparisons."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.measure import Timing


def machine() -> dict[str, object]:
    """What the figures were taken on, as far as the system tells."""
    models = []
    info = Path("/proc/cpuinfo")
    if info.is_file():
        lines = info.read_text().splitlines()
        models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.processor() or platform.machine(),
        "cores": os.cpu_count() or 1,
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30), 1),
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("pyspark", "delta-spark", "lakeward")},
    }


def ratio(timing: Timing, timings: Sequence[Timing]) -> float | None:
    """The case's median over that of the case it is compared with; None where it is with none."""
    base = next((one for one in timings if one.case.name == timing.case.against), None)
    return timing.median / base.median if base else None


def as_json(timings: Sequence[Timing], rows: int, tenants: int, on: dict[str, object]) -> dict[str, object]:
    """Everything that was measured, with what it was measured on (`machine`, taken before the run)."""
    cases = [
        {
            "name": one.case.name,
            "about": one.case.about,
            "seconds": [round(taken, 3) for taken in one.seconds],
            "median_seconds": round(one.median, 3),
            "rows_per_second": round(rows / one.median),
            "against": one.case.against,
            "ratio": round(found, 3) if (found := ratio(one, timings)) else None,
            "aim": one.case.aim,
        }
        for one in timings
    ]
    return {
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "rows": rows,
        "tenants": tenants,
        "machine": on,
        "cases": cases,
    }


def write_json(result: dict[str, object], folder: Path) -> Path:
    """Write the result to a file of its own below `folder`; its path."""
    folder.mkdir(parents=True, exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    path = folder / f"bench-{stamp}.json"
    path.write_text(json.dumps(result, indent=2) + "\n")
    return path


def show(timings: Sequence[Timing], rows: int, tenants: int, console: Console) -> None:
    """The table."""
    table = Table(title=f"{rows:,} rows, {tenants} tenants, median of {len(timings[0].seconds)}")
    for head in ("case", "seconds", "rows/s", "against", "ratio", "aim"):
        table.add_column(head, justify="right" if head in ("seconds", "rows/s", "ratio", "aim") else "left")
    for one in timings:
        found = ratio(one, timings)
        table.add_row(
            one.case.name,
            f"{one.median:.2f}",
            f"{rows / one.median:,.0f}",
            one.case.against or "",
            f"{found:.2f}" if found else "",
            f"{one.case.aim:.1f}" if one.case.aim else "",
        )
    console.print(table)
