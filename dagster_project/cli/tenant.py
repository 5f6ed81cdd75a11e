"""`lakeward tenant export`: a tenant takes its data and leaves."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Annotated

import typer

from dagster_project.cli.closing import close
from dagster_project.cli.guard import OUT, WrongUse, guarded, need_tenants
from dagster_project.cli.options import Lake, Policies
from dagster_project.cli.subject import Tenant, open_without_spark
from dagster_project.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="A tenant as a whole.")
To = Annotated[
    str, typer.Option(help="The recipient's age public key (age1...), or an SSH one (ssh-ed25519 ...).")
]
Out = Annotated[Path, typer.Option(help="A new folder.")]


@app.callback()
def tenants() -> None:
    """A tenant as a whole."""


@app.command()
@guarded
def export(tenant: Tenant, to: To, out: Out, lake: Lake = None, policies: Policies = None) -> None:
    """Write a tenant's present data, opened, into files that only the recipient's key opens."""
    from dagster_project.cli.progress import waiting
    from dagster_project.cli.show import grid
    from dagster_project.exporting import export_tenant
    from dagster_project.failures import plainly
    from dagster_project.house import open_house
    from retention.age_file import ExportError, read_recipient

    settings = load_settings(lake=lake, policies=policies)
    try:
        recipient = read_recipient(to)
    except ExportError as error:
        raise WrongUse(str(error)) from None
    engine, bundle, _ = open_without_spark(settings)
    engine.dispose()
    need_tenants(bundle, tenant)
    folder = out.expanduser().absolute()
    with waiting("exporting"):
        ctx = plainly(open_house)(settings, str(uuid.uuid4()))
        told = plainly(export_tenant)(ctx, settings, tenant, recipient, folder)
    close(ctx, settings)
    grid(
        "Exported",
        ("dataset", "rows", "bytes", "SHA-256"),
        [(one.contract.dataset, one.rows, one.size, one.sha256) for one in told],
        "the present state of each record; bytes and SHA-256 are those of the encrypted file",
    )
    OUT.print(f"Folder: {folder}", markup=False, soft_wrap=True)
