"""`lakeward quarantine list` and `lakeward quarantine retry`."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Annotated

import typer

from dagster_project.cli.closing import close
from dagster_project.cli.guard import FAILED, OUT, WrongUse, guarded, need_lake, need_tenants
from dagster_project.cli.options import Lake, Policies
from dagster_project.settings import load_settings

if TYPE_CHECKING:
    from transforms.context import LakeContext

app = typer.Typer(no_args_is_help=True, help="Records that broke their contract.")
Dataset = Annotated[str | None, typer.Option(help="Only this dataset.")]
Tenants = Annotated[list[str] | None, typer.Option("--tenant", help="Only this tenant; can be given again.")]


@app.command("list")
@guarded
def list_(lake: Lake = None, policies: Policies = None) -> None:
    """Show what waits in quarantine, and why. Shows no value."""
    from dagster_project.cli.progress import waiting
    from dagster_project.cli.show import grid, show_mends
    from transforms.quarantine import list_quarantine

    with waiting("reading quarantine"):
        groups = list_quarantine(_open(lake, policies))
    rows = [(group.tenant, group.region, group.dataset, group.reason, group.rows) for group in groups]
    grid(
        "Quarantine",
        ("tenant", "region", "dataset", "reason", "rows"),
        rows,
        "a row can have several reasons",
    )
    show_mends(group.reason for group in groups)
    OUT.print("Nothing waits in quarantine." if not rows else "After a policy fix: lakeward quarantine retry")


@app.command()
@guarded
def retry(
    lake: Lake = None, policies: Policies = None, dataset: Dataset = None, tenant: Tenants = None
) -> None:
    """Check quarantined records against today's policies; those that hold go on to bronze."""
    from dagster_project.cli.progress import waiting
    from dagster_project.cli.show import grid
    from dagster_project.mends import mend_of_kind
    from transforms.quarantine import retry_quarantine

    with waiting("checking quarantined records again"):
        ctx = _open(lake, policies)
        _known(ctx, dataset, tenant or [])
        outcomes = retry_quarantine(ctx, dataset, tenant or None)
    close(ctx, load_settings(lake=lake, policies=policies))
    done = [one for one in outcomes if one.failed is None]
    rows = [(one.tenant, one.dataset, one.retried, one.accepted, one.remaining) for one in done]
    grid("Quarantine, tried again", ("tenant", "dataset", "tried", "accepted", "remaining"), rows)
    failed = [(o.tenant, o.dataset, o.failed, mend_of_kind(o.failed)) for o in outcomes if o.failed]
    grid("Not tried, it failed", ("tenant", "dataset", "failed with", "to mend it"), failed)
    if any(one.accepted for one in outcomes):
        OUT.print("Accepted records are in bronze. To bring them to silver: lakeward run")
    elif not outcomes:
        OUT.print("Nothing waits in quarantine.")
    if failed:
        raise typer.Exit(FAILED)


def _known(ctx: LakeContext, dataset: str | None, tenants: list[str]) -> None:
    if dataset is not None and dataset not in ctx.bundle.datasets:
        raise WrongUse(f"no dataset of that name. To mend it: one of {', '.join(ctx.bundle.datasets)}")
    need_tenants(ctx.bundle, *tenants)


def _open(lake: Lake, policies: Policies) -> LakeContext:
    from dagster_project.failures import plainly
    from dagster_project.house import open_house

    settings = load_settings(lake=lake, policies=policies)
    need_lake(settings)
    return plainly(open_house)(settings, str(uuid.uuid4()))
