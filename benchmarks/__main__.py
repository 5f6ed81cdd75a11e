"""`python -m benchmarks`: measure, show tables, leave one JSON file under .lakeward/bench."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from benchmarks.classify import classify
from benchmarks.drops import drops
from benchmarks.erasure import erasure
from benchmarks.figures import Figure, machine, show, write_json
from benchmarks.ingest import ingest
from benchmarks.ledger import ledger
from benchmarks.many_tenants import many_tenants
from benchmarks.memory import memory
from benchmarks.protect import protect
from benchmarks.runs import runs
from benchmarks.texts import texts
from benchmarks.world import Asked, Stage

OUT = Path(".lakeward/bench")
SIZES = (1_000_000, 3_000_000, 10_000_000)
PARTS: Mapping[str, Callable[[Stage], list[Figure]]] = {
    "protect": protect,
    "ingest": ingest,
    "classify": classify,
    "tenants": many_tenants,
    "runs": runs,
    "drops": drops,
    "memory": memory,
    "erasure": erasure,
    "ledger": ledger,
    "texts": texts,
}


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """What is asked for on the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only", type=_parts, default=list(PARTS), help=f"parts, by commas: {','.join(PARTS)}"
    )
    sizes = {
        "rows": (1_000_000, "rows to measure on"),
        "tenants": (10, "tenants that share the rows"),
        "rounds": (3, "measured rounds after one to warm up; the median counts"),
        "many-tenants": (1_000, "tenants that share the same rows in the part `tenants`"),
        "stock-rows": (500, "rows for the stock route, which takes milliseconds a text"),
        "drops": (100, "small drops a tenant in the part `drops`"),
        "texts": (6_000, "unique texts in the part `texts`; of tickets ten times as many"),
        "memory-mib": (256, "size of the one file in the part `memory`"),
    }
    for name, (default, about) in sizes.items():
        parser.add_argument(f"--{name}", type=_positive, default=default, help=f"{about} ({default:,})")
    parser.add_argument(
        "--erasure-rows", type=_sizes, default=SIZES,
        help="sizes of the lakes in the part `erasure`, by commas (1000000,3000000,10000000)",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, default=OUT, help=f"folder for the JSON file ({OUT})")
    return parser.parse_args(arguments)


def main() -> None:
    """Measure on this machine what is asked for."""
    told = options()
    sizes = {name: value for name, value in vars(told).items() if name not in ("only", "out")}
    asked = Asked(**sizes)
    if max(asked.tenants, asked.many_tenants) > asked.rows:
        raise SystemExit("there are fewer rows than tenants. To mend it: give more --rows or fewer tenants")
    console, on = Console(), machine()
    told.out.mkdir(parents=True, exist_ok=True)
    figures: list[Figure] = []
    with (
        tempfile.TemporaryDirectory(prefix="work-", dir=told.out) as work,
        console.status("starting") as status,
    ):
        # Absolute, because Spark and links read paths from elsewhere.
        stage = Stage(Path(work).resolve(), asked, status.update)
        try:
            for part in told.only:
                figures += PARTS[part](stage)
        finally:
            stage.stop()
    show(figures, console)
    console.print(f"written to {write_json(figures, asdict(asked), on, told.out)}")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("give a number above 0")
    return number


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(_positive(one) for one in text.split(","))


def _parts(text: str) -> list[str]:
    unknown = set(text.split(",")) - set(PARTS)
    if unknown:
        raise argparse.ArgumentTypeError(
            f"there is no part {', '.join(sorted(unknown))}; there are: {', '.join(PARTS)}"
        )
    return [part for part in PARTS if part in text.split(",")]


if __name__ == "__main__":
    main()
