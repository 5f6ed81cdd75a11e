"""`lakeward audit export`: what an auditor of one tenant gets. Starts no Spark."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dagster_project.cli.guard import OUT, WrongUse, guarded
from dagster_project.cli.options import Lake, Policies
from dagster_project.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="What an auditor gets, to be checked without this lake.")

Tenant = Annotated[str, typer.Option(help="Whose data it is about.")]
From = Annotated[str | None, typer.Option("--from", help="The first day (UTC), such as 2026-01-01.")]
To = Annotated[str | None, typer.Option("--to", help="The last day (UTC), such as 2026-12-31.")]
Out = Annotated[Path, typer.Option(help="A new file, such as evidence.zip.")]


@app.callback()
def audit() -> None:
    """What an auditor gets, to be checked without this lake."""


@app.command()
@guarded
def export(
    tenant: Tenant, out: Out, begin: From = None, end: To = None, lake: Lake = None, policies: Policies = None
) -> None:
    """Write a tenant's evidence bundle: ledger entries with proofs, lineage, receipts, a report."""
    from audit.errors import EvidenceError
    from dagster_project.cli.guard import need_folder, need_lake
    from dagster_project.cli.progress import waiting
    from dagster_project.cli.show import grid
    from dagster_project.evidence import export_bundle, scope_of
    from dagster_project.house import control_state

    settings = load_settings(lake=lake, policies=policies)
    need_folder(settings.policies, "policies", "give --policies, or make the folder")
    need_lake(settings)
    try:
        scope = scope_of(tenant, begin, end)
    except EvidenceError as error:
        raise WrongUse(str(error)) from None
    with control_state(settings) as engine, waiting("gathering the evidence"):
        made = export_bundle(settings, engine, scope, out.expanduser().absolute())
    grid("Evidence", ("kind of entry", "entries"), list(made.counts["by_kind"].items()), "in the bundle")
    left_out = [
        (name.replace("_", " "), count)
        for name, count in made.counts["left_out"].items()
        if isinstance(count, int) and count
    ]
    grid("Left out", ("what", "number"), left_out, "counted in the bundle, too")
    OUT.print(f"File: {made.path}", markup=False, soft_wrap=True)
    OUT.print(f"SHA-256: {made.packed.sha256}", markup=False)
    OUT.print(
        f"Ledger: proved to the head of {made.head.size} entries, {made.head.root}",
        markup=False,
        soft_wrap=True,
    )
    OUT.print(f"Signed by key {made.head.key_id}: tell the auditor by another way.", markup=False)
