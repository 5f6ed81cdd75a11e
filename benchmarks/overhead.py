"""`python -m benchmarks.overhead`: what governance costs, as a share of a whole run.

A run of the real job, Dagster and all, over the people of `benchmarks.people`: everything is new, a
second time nothing is. Counted as governance are the checks of both layers, the lineage events and
their delivery, and the findings that are written down. Sealing, classifying and protecting are the
work itself.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from pyspark.sql import SparkSession
from rich.console import Console
from rich.table import Table

from audit.outbox import Outbox
from benchmarks.people import REGION, people, write_landing
from benchmarks.report import machine, write_json
from classifications.ledger import FindingsLedger
from dagster_project.lineage import StepLineage
from dagster_project.runner import run_pipeline
from dagster_project.settings import Settings, load_settings
from transforms.session import build_session

OUT = Path(".lakeward/bench")
CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: people
version: 1.0.0
team: {name: bench}
customProperties:
  - {property: lakeward.loadMode, value: merge}
  - {property: lakeward.subjectColumn, value: customer_id}
  - {property: lakeward.timeColumn, value: changed_at}
schema:
  - name: people
    logicalType: object
    properties:
      - name: customer_id
        logicalType: string
        primaryKey: true
        classification: user.unique_id
        customProperties: [{property: lakeward.namespace, value: customer}]
      - {name: full_name, logicalType: string, required: true, classification: user.name}
      - {name: email, logicalType: string, classification: user.contact.email}
      - {name: phone, logicalType: string, classification: user.contact.phone_number}
      - {name: city, logicalType: string}
      - name: state
        logicalType: string
        enum: [{value: new}, {value: active}, {value: paused}, {value: gone}]
      - {name: amount, logicalType: number, logicalTypeOptions: {minimum: 0}}
      - {name: changed_at, logicalType: timestamp, required: true}
"""
GOVERNANCE: tuple[tuple[str, type, str], ...] = (
    ("lineage", StepLineage, "start"),
    ("lineage", StepLineage, "complete"),
    ("lineage", Outbox, "append"),
    ("ledger", FindingsLedger, "record"),
    ("ledger", FindingsLedger, "current"),
)


@dataclass
class Clock:
    """Seconds by part of the run: on the wall, and of all cores by this process and its children."""

    wall: Counter[str] = field(default_factory=Counter)
    cpu: Counter[str] = field(default_factory=Counter)
    _inside: bool = False

    def steps(self) -> Callable[[str, int, int], None]:
        """What the run tells its progress to."""
        begun: dict[str, tuple[float, float]] = {}

        def tell(step: str, _done: int, _steps: int) -> None:
            if step not in begun:
                begun[step] = (time.perf_counter(), cpu_seconds())
                return
            self._add(part_of(step), *begun[step])

        return tell

    @contextmanager
    def of(self, part: str) -> Iterator[None]:
        """Count what runs inside, once, however deep."""
        if self._inside:
            yield
            return
        self._inside, begun = True, (time.perf_counter(), cpu_seconds())
        try:
            yield
        finally:
            self._inside = False
            self._add(part, *begun)

    def _add(self, part: str, wall: float, cpu: float) -> None:
        self.wall[part] += time.perf_counter() - wall
        self.cpu[part] += cpu_seconds() - cpu


def part_of(step: str) -> str:
    """The part of the run (`check bronze`, `ingest`) that a Dagster step is."""
    if step.endswith("_checks"):
        return f"check {step.partition('_')[0]}"
    names = {"landing": "open", "bronze": "ingest", "findings": "classify", "silver": "protect"}
    return names.get(step.partition("__")[0], "relay")


def cpu_seconds() -> float:
    """CPU seconds of this process, its Java process and its Python workers; 0 where the system tells none."""
    parents: dict[int, tuple[int, float]] = {}
    ticks = os.sysconf("SC_CLK_TCK")
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended in between
        parents[int(stat.parent.name)] = (int(fields[1]), sum(map(int, fields[11:15])) / ticks)
    family = {os.getpid()}
    while grown := {pid for pid, (parent, _) in parents.items() if parent in family} - family:
        family |= grown
    return sum(parents[pid][1] for pid in family if pid in parents)


def timed_run(settings: Settings) -> dict[str, dict[str, float]]:
    """One run of the job: seconds by part, on the wall and of the cores, and of all (`run`)."""
    clock, whole = Clock(), Clock()
    with ExitStack() as stack:
        for part, owner, name in GOVERNANCE:
            stack.enter_context(patch.object(owner, name, _counted(clock, part, getattr(owner, name))))
        steps = Clock()
        with whole.of("run"):
            summary = run_pipeline(settings, steps.steps())
    if not summary.ok:
        raise RuntimeError(f"the run that was to be measured is not well: {summary.failures}")
    return {
        name: dict(getattr(steps, name) + getattr(clock, name) + getattr(whole, name))
        for name in ("wall", "cpu")
    }


def _counted(clock: Clock, part: str, method: Callable[..., Any]) -> Callable[..., Any]:
    def run(*args: Any, **kwargs: Any) -> Any:
        with clock.of(part):
            return method(*args, **kwargs)

    return run


def share(seconds: dict[str, float]) -> float:
    """Governance as a share of the run."""
    own = ("check bronze", "check silver", "lineage", "relay", "ledger")
    return sum(seconds.get(part, 0.0) for part in own) / seconds["run"]


def prepare(spark: SparkSession, work: Path, rows: int, tenants: int) -> Settings:
    """A landing zone with `rows` people and the policies for them, below `work`."""
    folder = work / "policies"
    (folder / "datasets").mkdir(parents=True)
    listed = [f"  - {{id: tenant_{n:04d}, name: T, region: {REGION}, tier: bench, calling_code: 44}}"
              for n in range(tenants)]  # fmt: skip
    (folder / "tenants.yaml").write_text("\n".join(["tenants:", *listed]) + "\n")
    (folder / "treatments.yaml").write_text("classes: {user: token}\n")
    (folder / "datasets" / "people.yaml").write_text(CONTRACT)
    write_landing(people(spark, rows, tenants), work / "landing")
    return load_settings(landing=work / "landing", lake=work / "lake", policies=folder)


def measure_overhead(spark: SparkSession, work: Path, rows: int, tenants: int) -> dict[str, Any]:
    """The first run over new rows and the second one over nothing new, after a small run to warm up."""
    timed_run(prepare(spark, work / "warm", 2_000, 2))
    settings = prepare(spark, work / "measured", rows, tenants)
    runs = {"everything new": timed_run(settings), "nothing new": timed_run(settings)}
    return {"rows": rows, "tenants": tenants, "aim": 0.1, "runs": runs}


def show(result: dict[str, Any], console: Console) -> None:
    """The table."""
    for name, seconds in result["runs"].items():
        table = Table(title=f"{name}: {result['rows']:,} rows, {result['tenants']} tenants")
        for head in ("part", "seconds", "CPU seconds", "of the run's CPU"):
            table.add_column(head, justify="left" if head == "part" else "right")
        for part, cpu in sorted(seconds["cpu"].items(), key=lambda one: -one[1]):
            of_all = cpu / seconds["cpu"]["run"] if seconds["cpu"]["run"] else 0.0
            table.add_row(part, f"{seconds['wall'][part]:.1f}", f"{cpu:.1f}", f"{of_all:.0%}")
        table.add_row("governance", f"{share(seconds['wall']):.1%}", f"{share(seconds['cpu']):.1%}", "")
        console.print(table)


def main() -> None:
    """Measure on this machine."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.overhead", description=__doc__)
    parser.add_argument("--rows", type=int, default=400_000)
    parser.add_argument("--tenants", type=int, default=10)
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_args()
    on = machine()
    asked.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="overhead-", dir=asked.out) as made:
        work = Path(made).resolve()
        spark = build_session(work / "spark")
        try:
            result = measure_overhead(spark, work, asked.rows, asked.tenants)
        finally:
            spark.stop()
    console = Console()
    show(result, console)
    console.print(f"written to {write_json(json.loads(json.dumps(result)) | {'machine': on}, asked.out)}")


if __name__ == "__main__":
    main()
