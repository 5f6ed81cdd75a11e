"""`lakeward run` and `lakeward demo`."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from dagster_project.cli.guard import FAILED, OUT, guarded, need_folder
from dagster_project.cli.options import Lake, Landing, Policies
from dagster_project.settings import Settings, load_settings

CheckAll = Annotated[
    bool, typer.Option("--check-all", help="Check every row again, also where nothing changed.")
]
EXAMPLES = Path(__file__).parents[2] / "examples"


@guarded
def run(
    landing: Landing = None, lake: Lake = None, policies: Policies = None, check_all: CheckAll = False
) -> None:
    """Take every tenant's waiting files through the whole lake."""
    settings = load_settings(landing=landing, lake=lake, policies=policies)
    need_folder(settings.landing, "landing", "give --landing, or make the folder")
    need_folder(settings.policies, "policies", "give --policies, or make the folder")
    given = {"landing": landing, "lake": lake, "policies": policies}
    _run(settings, {name: path for name, path in given.items() if path is not None}, check_all=check_all)


@guarded
def demo() -> None:
    """Take the example tenants' files through the whole lake, under .lakeward/."""
    settings = load_settings()
    need_folder(EXAMPLES / "landing", "examples", "run it from a clone of the repository")
    if not settings.landing.exists():
        shutil.copytree(EXAMPLES / "landing", settings.landing)
    _run(settings, {})


def _run(settings: Settings, given: dict[str, Path], *, check_all: bool = False) -> None:
    from dagster_project.cli.progress import step_progress
    from dagster_project.cli.report import tenant_rows
    from dagster_project.cli.show import show_checks, show_lake, show_next
    from dagster_project.house import control_state
    from dagster_project.runner import run_pipeline
    from policy import load_policies

    with step_progress() as progress:
        summary = run_pipeline(settings, progress, check_all=check_all)
    bundle = load_policies(settings.policies)
    with control_state(settings) as engine:
        show_lake(engine, bundle, settings)
        show_checks(summary)
        rows = tenant_rows(engine, bundle)
    show_next(settings, given, quarantined=any(one.quarantined for one in rows))
    if not summary.ok:
        OUT.print("\n[red]Something failed; see the checks above.[/]")
        raise typer.Exit(FAILED)
    left = sum(one.left for one in rows)
    OUT.print(
        "\n[green]Done.[/]" + (f" Files left in the landing zone: {left:,}; see What to do." if left else "")
    )
