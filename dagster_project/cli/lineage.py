"""`lakeward lineage retry`."""

from __future__ import annotations

import typer

from dagster_project.cli.guard import FAILED, OUT, guarded, need_lake
from dagster_project.cli.options import Lake
from dagster_project.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Lineage events on their way out.")


@app.command()
@guarded
def retry(lake: Lake = None) -> None:
    """Send events that a sink refused once more, and those that wait for its next try now."""
    from dagster_project.cli.progress import waiting
    from dagster_project.cli.show import show_lineage
    from dagster_project.house import control_state
    from dagster_project.lineage_delivery import retry_step

    settings = load_settings(lake=lake)
    need_lake(settings)
    with control_state(settings) as engine:
        with waiting("delivering lineage"):
            report = retry_step(engine, settings)
        show_lineage(engine, settings)
    if not report.all_delivered:
        OUT.print("Not all of it was taken; see the reasons above.")
        raise typer.Exit(FAILED)
