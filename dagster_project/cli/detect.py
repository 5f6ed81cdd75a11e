"""`lakeward detect IN OUT`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dagster_project.cli.guard import OUT, WrongUse, guarded
from dagster_project.cli.options import Policies
from dagster_project.cli.reader import Tenant, detector_of, tell_skipped

Source = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, readable=True, metavar="IN", help="JSON lines.")
]
Target = Annotated[
    Path, typer.Argument(dir_okay=False, metavar="OUT", help="JSON lines; replaced when whole.")
]


@guarded
def detect(source: Source, target: Target, tenant: Tenant = None, policies: Policies = None) -> None:
    """Find personal values in texts: lines {"id","text"} become {"id","spans"}."""
    from classifications.jsonl import detect_file
    from dagster_project.cli.progress import count_progress

    if not target.absolute().parent.is_dir():
        raise WrongUse(f"the folder of {target} is not there. To mend it: make it first")
    detector = detector_of(tenant, policies)
    with count_progress("texts") as progress:
        done = detect_file(source, target, detector, progress)
    OUT.print(f"{done.texts:,} texts read. Spans are in {target}", markup=False, soft_wrap=True)
    tell_skipped(done.skipped, "texts")
