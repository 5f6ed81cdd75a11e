"""`lakeward classify`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from dagster_project.cli.guard import OUT, guarded
from dagster_project.cli.options import Policies
from dagster_project.cli.reader import Tenant, detector_of, tell_skipped

if TYPE_CHECKING:
    from classifications.catalogue import ColumnRecord
    from classifications.detector import Detector
    from classifications.risks import Combination

Files = Annotated[
    list[Path],
    typer.Argument(exists=True, dir_okay=False, metavar="FILE...", help="CSV, JSON or Parquet."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the records as one JSON list.")]
Risks = Annotated[
    bool, typer.Option("--risks", help="Instead: which columns together single people out, and how many.")
]


@guarded
def classify(
    files: Files,
    as_json: AsJson = False,
    risks: Risks = False,
    tenant: Tenant = None,
    policies: Policies = None,
) -> None:
    """Say what each column of a file holds, and which together single people out, without a contract
    and without a lake.
    """
    detector = detector_of(tenant, policies)
    by_file = {path: read(path, detector, quiet=as_json) for path in files}
    _show(by_file, as_json=as_json, risks=risks)
    tell_skipped(skipped_of(record for own in by_file.values() for record in own), "values")


def _show(by_file: Mapping[Path, list[ColumnRecord]], *, as_json: bool, risks: bool) -> None:
    records = [record for own in by_file.values() for record in own]
    if as_json and not risks:
        _print_json(records)
        return
    told = [one for path, own in by_file.items() for one in _risks_of(path, own)]
    if as_json:
        _print_json(told)
        return
    if not risks:
        _print_table(records)
    for one in told:
        OUT.print(f"{one.table}: {one}", highlight=False)
    if risks and not told:
        OUT.print("no two columns tell of people together")


def _print_json(records: Sequence[ColumnRecord | Combination]) -> None:
    typer.echo(json.dumps([record.as_json() for record in records], ensure_ascii=False, indent=1))


def _risks_of(path: Path, records: list[ColumnRecord]) -> list[Combination]:
    from classifications.file_risks import file_risks

    return file_risks(path, records)


def _print_table(records: Sequence[ColumnRecord]) -> None:
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


def skipped_of(records: Iterable[ColumnRecord]) -> Counter[str]:
    """The recognizers that failed on the records' columns, with on how many values each."""
    return sum((Counter(record.skipped) for record in records), Counter())


def read(path: Path, detector: Detector, *, quiet: bool = False) -> list[ColumnRecord]:
    """The records of one file, with a sign of life while it is read."""
    from classifications.catalogue import catalogue
    from dagster_project.cli.progress import waiting

    if quiet:
        return catalogue(path, detector)
    with waiting(f"reading {path.name}"):
        return catalogue(path, detector)
