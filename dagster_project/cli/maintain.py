"""`lakeward maintain`."""

from __future__ import annotations

import uuid
from typing import Annotated

import typer

from dagster_project.cli.closing import close
from dagster_project.cli.guard import FAILED, OUT, guarded, need_lake, need_tenants
from dagster_project.cli.options import Lake, Policies
from dagster_project.settings import load_settings

Tenants = Annotated[list[str] | None, typer.Option("--tenant", help="Only this tenant; can be given again.")]


@guarded
def maintain(tenant: Tenants = None, lake: Lake = None, policies: Policies = None) -> None:
    """Put each person's rows into few files, and end old versions of tables. Changes no row."""
    from dagster_project.cli.progress import words_progress
    from dagster_project.cli.show import grid
    from dagster_project.cli.show_retention import size
    from dagster_project.failures import plainly
    from dagster_project.house import open_house
    from retention.maintain import maintain as maintain_lake
    from tenancy.control import now

    settings = load_settings(lake=lake, policies=policies)
    need_lake(settings)
    with words_progress("open the lake") as progress:
        ctx = plainly(open_house)(settings, str(uuid.uuid4()))
        need_tenants(ctx.bundle, *(tenant or []))
        told = plainly(maintain_lake)(ctx, tenant or sorted(ctx.bundle.tenants), now(), progress)
    close(ctx, settings)
    rows = [(whose, table, *depths) for (table, whose), depths in told.clustered.items()]
    grid("Clustered", ("tenant", "table", "before", "now"), rows, "files in which a person's rows can lie")
    gone = [(table, one.files, size(one.bytes)) for table, one in told.purged.items()]
    grid("Left the disk", ("table", "files", "bytes"), gone)
    grid("Failed", ("whose", "dataset", "why"), [(*where, why) for where, why in told.failed.items()])
    if told.failed:
        raise typer.Exit(FAILED)
    if not rows and not gone:
        OUT.print("Nothing needed maintenance.")
