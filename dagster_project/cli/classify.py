"""`lakeward classify`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from dagster_project.cli.guard import OUT, guarded

if TYPE_CHECKING:
    from classifications.catalogue import ColumnRecord

Files = Annotated[
    list[Path],
    typer.Argument(exists=True, dir_okay=False, metavar="FILE...", help="CSV, JSON or Parquet."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the records as one JSON list.")]


@guarded
def classify(files: Files, as_json: AsJson = False) -> None:
    """Say what each column of a file holds, without a contract and without a lake."""
    records = [record for path in files for record in read(path, quiet=as_json)]
    if as_json:
        typer.echo(json.dumps([record.as_json() for record in records], ensure_ascii=False, indent=1))
        return
    shown = Table(show_edge=False)
    for heading in ("table", "column", "class", "personal", "sure", "treatment", "because"):
        shown.add_column(heading, overflow="fold")
    for record in records:
        shown.add_row(
            record.table,
            record.column,
            record.data_class or "-",
            "yes" if record.personal else "no",
            f"{record.confidence:.2f}",
            record.treatment,
            record.reason,
        )
    OUT.print(shown)


def read(path: Path, *, quiet: bool = False) -> list[ColumnRecord]:
    """The records of one file, with a sign of life while it is read."""
    from classifications.catalogue import catalogue
    from classifications.detector import Detector
    from dagster_project.cli.progress import waiting

    if quiet:
        return catalogue(path, Detector.default())
    with waiting(f"reading {path.name}"):
        return catalogue(path, Detector.default())
