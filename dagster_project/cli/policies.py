"""`lakeward policy check`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dagster_project.cli.guard import OUT, guarded, need_folder
from dagster_project.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="The policies folder.")
Folder = Annotated[Path | None, typer.Argument(help="The policies folder. [env: LAKEWARD_POLICIES]")]


@app.callback()
def policies() -> None:
    """The policies folder."""


@app.command()
@guarded
def check(folder: Folder = None) -> None:
    """Say whether the policies hold together; every fault with file, place and mend."""
    from policy import load_policies

    settings = load_settings(policies=folder)
    need_folder(settings.policies, "policies", "give its path")
    bundle = load_policies(settings.policies)
    if bundle.detection.models or bundle.detection.recognizers:  # or Presidio is loaded for nothing
        from classifications.detector_config import check_detection

        check_detection(bundle.detection)
    OUT.print(
        f"The policies hold: {len(bundle.tenants)} tenants in {len(bundle.regions)} regions, "
        f"{len(bundle.datasets)} datasets, {len(bundle.contracts)} contracts, "
        f"{len(bundle.rules)} treatment rules, "
        f"{len(bundle.retention.rules)} retention rules, "
        f"{len(bundle.undecided)} limits on undecided findings, "
        f"{len(bundle.detection.recognizers)} recognizers of your own.\n{bundle.digest}",
        soft_wrap=True,
    )
