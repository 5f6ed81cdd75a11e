"""`lakeward report`: the platform on one page, for steward and manager. Starts no Spark, needs no key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dagster_project.cli.guard import OUT, WrongUse, guarded, need_folder, need_lake
from dagster_project.cli.options import Lake, Policies
from dagster_project.settings import Settings, load_settings

Out = Annotated[
    Path | None,
    typer.Option(help="The page's file, by default beside the lake. One that is there is replaced."),
]
Open = Annotated[bool, typer.Option("--open", help="Show it in the browser, too.")]
SUFFIXES = (".html", ".htm")


@guarded
def report(out: Out = None, open_: Open = False, lake: Lake = None, policies: Policies = None) -> None:
    """Write one HTML page about the lake: rows, classes, checks, requests, holds, retention, ledger."""
    from dagster_project.house import control_state
    from dagster_project.platform_report.report import write_page
    from policy import load_policies

    settings = load_settings(lake=lake, policies=policies)
    path = out.expanduser().absolute() if out is not None else settings.report
    need_folder(settings.policies, "policies", "give --policies, or make the folder")
    need_lake(settings)
    _writable(settings, path)
    bundle = load_policies(settings.policies)
    with control_state(settings) as engine:
        told = write_page(settings, engine, bundle, path)
    OUT.print(
        f"{len(told.tenants)} tenants, {told.total('landed'):,} rows landed, {len(told.failing)} checks fail."
    )
    OUT.print(f"File: {path}", markup=False, soft_wrap=True)
    if open_:
        _show(path)


def _writable(settings: Settings, path: Path) -> None:
    if path.suffix.lower() not in SUFFIXES or path.is_dir():
        raise WrongUse("--out is no HTML file. To mend it: give one such as report.html")
    if not path.parent.is_dir():
        raise WrongUse(f"the folder {path.parent} is not there. To mend it: make it, or give another --out")
    if path.is_relative_to(settings.lake) or path.is_relative_to(settings.control):
        raise WrongUse("--out lies in the lake or its control folder. To mend it: give a file elsewhere")


def _show(path: Path) -> None:
    import webbrowser

    if not webbrowser.open(path.as_uri()):
        OUT.print("No browser could be opened; open the file yourself.")
