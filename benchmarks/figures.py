"""What was measured, as tables for people and as JSON for comparisons."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """One measured value. `aim` is an upper bound: of `ratio` where there is one, else of `value`.

    `rows`: how many it took, for rows a second. `ratio` and `cpu_ratio` are to `against`, on the wall and
    in CPU seconds, which a busy machine changes less. `more`: what belongs to it, for the JSON file.
    """

    part: str
    name: str
    about: str
    value: float
    unit: str
    rows: int | None = None
    against: str = ""
    ratio: float | None = None
    cpu_ratio: float | None = None
    aim: float | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def met(self) -> bool | None:
        """Whether the aim is met; None where there is none."""
        if self.aim is None:
            return None
        return (self.value if self.ratio is None else self.ratio) <= self.aim

    @property
    def rows_a_second(self) -> float | None:
        """Rows a second, where the value is seconds of so many rows."""
        return self.rows / self.value if self.rows and self.unit == "s" and self.value else None


def machine() -> dict[str, object]:
    """What the figures are taken on, as far as the system tells; taken before the first of them."""
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


def write_json(figures: Sequence[Figure], asked: Mapping[str, object], on: object, folder: Path) -> Path:
    """Everything to one file below `folder`; its path. `on` is the machine, `asked` the sizes asked for."""
    told = [
        asdict(one) | {"met": one.met, "rows_a_second": one.rows_a_second and round(one.rows_a_second)}
        for one in figures
    ]
    now = datetime.now(UTC)
    ended = {"ended_at": now.isoformat(timespec="seconds"), "load_average_at_end": os.getloadavg()}
    path = folder / f"bench-{now:%Y%m%dT%H%M%SZ}.json"
    path.write_text(json.dumps({**ended, "asked": asked, "machine": on, "figures": told}, indent=2) + "\n")
    return path


def show(figures: Sequence[Figure], console: Console) -> None:
    """A table for each part."""
    for part, own in groupby(figures, key=lambda one: one.part):
        table = Table(title=part, title_justify="left")
        heads = ("figure", "value", "rows/s", "against", "ratio", "CPU ratio", "aim", "met")
        for head in heads:
            table.add_column(head, justify="left" if head in ("figure", "against", "met") else "right")
        for one in own:
            numbers = (one.ratio, one.cpu_ratio, one.aim)
            ratio, cpu, aim = ("" if number is None else f"{number:.2f}" for number in numbers)
            rate = f"{one.rows_a_second:,.0f}" if one.rows_a_second else ""
            met = "" if one.met is None else "yes" if one.met else "no"
            value = f"{one.value:,.2f} {one.unit}"
            table.add_row(
                f"{one.name}\n[dim]{one.about}[/dim]", value, rate, one.against, ratio, cpu, aim, met
            )
        console.print(table)
