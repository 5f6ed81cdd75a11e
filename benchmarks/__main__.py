"""`python -m benchmarks`: measure, show a table, leave a JSON file under .lakeward/bench."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.cases import Bench
from benchmarks.measure import measure
from benchmarks.report import as_json, machine, show, write_json
from transforms.session import build_session

OUT = Path(".lakeward/bench")


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """What is asked for on the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rows", type=_positive, default=1_000_000, help="rows to measure on (1,000,000)")
    parser.add_argument("--tenants", type=_positive, default=10, help="tenants that share the rows (10)")
    parser.add_argument("--rounds", type=_positive, default=3, help="measured rounds; the median counts (3)")
    parser.add_argument("--out", type=Path, default=OUT, help=f"folder for the JSON file ({OUT})")
    return parser.parse_args(arguments)


def main() -> None:
    """Measure every case on this machine."""
    asked = options()
    if asked.tenants > asked.rows:
        raise SystemExit("there are fewer rows than tenants. To mend it: give more --rows or fewer --tenants")
    console, on = Console(), machine()
    asked.out.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="work-", dir=asked.out) as work,
        console.status("starting Spark") as status,
    ):
        # Absolute, because Spark and links read paths from elsewhere.
        folder = Path(work).resolve()
        spark = build_session(folder / "spark")
        try:
            status.update(f"making {asked.rows:,} rows")
            bench = Bench(spark, folder, asked.rows, asked.tenants)
            timings = measure(bench.cases(), folder, asked.rounds, status.update)
        finally:
            spark.stop()
    show(timings, asked.rows, asked.tenants, console)
    console.print(f"written to {write_json(as_json(timings, asked.rows, asked.tenants, on), asked.out)}")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("give a number above 0")
    return number


if __name__ == "__main__":
    main()
