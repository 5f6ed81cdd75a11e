"""How much memory a run over one large file takes: `lakeward run` in a process of its own, watched."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.people import HEADER, csv_line, drop_off, tenant_id, write_policies
from benchmarks.processes import peak_memory
from benchmarks.world import Stage

PART = "memory"
DRIVER = "2g"
AIM_MIB = 4096
"""The driver's heap, and as much again for what Java keeps beside it, Python and its workers."""
REMARK = ",".join(["r" * 60] * 4)


def memory(stage: Stage) -> list[Figure]:
    """One run over one file of `stage.asked.memory_mib` MiB under a driver memory of 2 GiB."""
    folder = stage.folder / "memory"
    landing = folder / "landing"
    stage.tell(f"{PART}: writing a file of {stage.asked.memory_mib:,} MiB")
    rows = write_file(drop_off(landing, tenant_id(0)) / "people.csv", stage.asked.memory_mib << 20)
    policies = write_policies(folder / "policies", 1)
    stage.tell(f"{PART}: a run over {rows:,} rows in one file")
    command = [sys.executable, "-c", "from dagster_project.cli import main; main()", "run"]
    places = ["--landing", landing, "--lake", folder / "lake", "--policies", policies]
    environment = os.environ | {"LAKEWARD_DRIVER_MEMORY": DRIVER}
    begun = time.perf_counter()
    with (
        (folder / "run.log").open("w") as log,
        subprocess.Popen([*command, *map(str, places)], env=environment, stdout=log, stderr=log) as process,
        peak_memory(process.pid) as peaks,
    ):
        status = process.wait()
    took = time.perf_counter() - begun
    if status:
        raise RuntimeError(f"the run under {DRIVER} of driver memory ended with {status}")
    return _told(peaks, rows, took, stage.asked.memory_mib)


def write_file(path: Path, size: int) -> int:
    """A CSV file of that many bytes or a row more, with a remark that no contract declares; its rows."""
    rows = written = 0
    with path.open("w", encoding="utf-8") as stream:
        stream.write(HEADER.strip() + ",r1,r2,r3,r4\n")
        while written < size:
            lines = "".join(f"{csv_line(rows + more).strip()},{REMARK}\n" for more in range(1_000))
            written += len(lines.encode())
            rows += 1_000
            stream.write(lines)
    return rows


def _told(peaks: dict[str, int], rows: int, took: float, size: int) -> list[Figure]:
    mib = {kind: peak / (1 << 20) for kind, peak in peaks.items()}
    about = {
        "all": f"all processes at once, over one CSV of {size:,} MiB",
        "java": f"the Spark process, heap of {DRIVER}",
        "python": "the process that was started",
        "others": "Spark's Python workers and small helpers, all together",
    }
    figures = [
        Figure(PART, f"one run, {size:,} MiB in one file", f"{rows:,} rows, the whole job", took, "s", rows)
    ]
    for kind, what in about.items():
        aim = AIM_MIB if kind == "all" else None
        figures.append(Figure(PART, f"peak: {kind}", what, mib.get(kind, 0.0), "MiB", aim=aim))
    return figures
