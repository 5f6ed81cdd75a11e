"""`lakeward retention explain`, `plan` and `run`. The first two change nothing."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from dagster_project.cli.closing import close
from dagster_project.cli.guard import FAILED, OUT, WrongUse, guarded, need_folder, need_lake, need_tenants
from dagster_project.cli.options import Lake, Policies
from dagster_project.settings import Settings, load_settings

if TYPE_CHECKING:
    from policy import PolicyBundle
    from retention.holds import Hold

app = typer.Typer(no_args_is_help=True, help="How long things live, what is due, and doing it.")

OneTenant = Annotated[str, typer.Option("--tenant", help="Whose data.")]
Tenants = Annotated[list[str] | None, typer.Option("--tenant", help="Only this tenant; can be given again.")]
Dataset = Annotated[str | None, typer.Option(help="Only this dataset.")]
DataClass = Annotated[str | None, typer.Option("--class", help="Only the values of this data class.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the plan only, as `plan` does.")]
At = Annotated[datetime | None, typer.Option(help="As of this moment (UTC); now by default.")]


@app.command()
@guarded
def explain(
    tenant: OneTenant, dataset: Dataset = None, data_class: DataClass = None, lake: Lake = None,
    policies: Policies = None,
) -> None:  # fmt: skip
    """Show which rule holds for rows and values, why, and why the others do not. Starts no Spark."""
    from dagster_project.cli.show_retention import explanation
    from policy import load_policies

    settings = load_settings(lake=lake, policies=policies)
    need_folder(settings.policies, "policies", "give --policies, or make the folder")
    bundle = load_policies(settings.policies)
    _known(bundle, [tenant], dataset, data_class)
    wanted = bundle.datasets if dataset is None else (dataset,)
    for name in wanted:
        for line in explanation(bundle, tenant, name, data_class, _holds(settings, tenant)):
            OUT.print(line, markup=False, soft_wrap=True)


@app.command()
@guarded
def plan(
    tenant: Tenants = None, at: At = None, lake: Lake = None, policies: Policies = None
) -> None:  # fmt: skip
    """Show what the rules would take: rows, files, bytes, and what holds keep. A dry run: reads only."""
    from dagster_project.cli.progress import waiting
    from dagster_project.cli.show_retention import show_plan
    from dagster_project.failures import plainly
    from dagster_project.house import open_house
    from retention.plan import plan_retention
    from tenancy.control import now

    settings = load_settings(lake=lake, policies=policies)
    need_lake(settings)
    with waiting("looking for what is due"):
        ctx = plainly(open_house)(settings, str(uuid.uuid4()))
        _known(ctx.bundle, tenant or [], None, None)
        moment = at.replace(tzinfo=UTC) if at is not None else now()
        found = plainly(plan_retention)(ctx, tenant or list(ctx.bundle.tenants), moment)
    show_plan(found)


@app.command()
@guarded
def run(
    tenant: Tenants = None, dry_run: DryRun = False, lake: Lake = None, policies: Policies = None
) -> None:  # fmt: skip
    """Do what is due: erase rows, make them anonymous, take values. Exit code 1 where a tenant failed."""
    from dagster_project.cli.progress import words_progress
    from dagster_project.cli.show_retention import show_expired, show_stores
    from dagster_project.failures import plainly
    from dagster_project.house import open_house
    from dagster_project.instance import open_instance
    from dagster_project.retaining import expire_step
    from dagster_project.stores import stores_step

    if dry_run:
        plan(tenant, None, lake, policies)
        return
    settings = load_settings(lake=lake, policies=policies)
    need_lake(settings)
    with words_progress("open the lake") as progress:
        ctx = plainly(open_house)(settings, str(uuid.uuid4()))
        _known(ctx.bundle, tenant or [], None, None)
        tenants = tenant or list(ctx.bundle.tenants)
        told = plainly(expire_step)(ctx, settings, tenants, progress)
        progress("archives, logs and other stores")
        with open_instance(settings.dagster_home) as instance:
            stores = plainly(stores_step)(ctx, settings, instance, tenants)
    close(ctx, settings)
    show_expired(told, settings.receipts)
    show_stores(stores)
    if told.failed or any(one.failed is not None for one in stores):
        raise typer.Exit(FAILED)


def _holds(settings: Settings, tenant: str) -> list[Hold]:
    """The holds in force over the tenant; none where there is no lake yet."""
    from dagster_project.house import open_control_state
    from retention.holds import holds_over

    return holds_over(open_control_state(settings), tenant) if settings.control_db.exists() else []


def _known(bundle: PolicyBundle, tenants: list[str], dataset: str | None, data_class: str | None) -> None:
    need_tenants(bundle, *tenants)
    if dataset is not None and bundle.contract_for(tenants[0], dataset) is None:
        own = [name for name in bundle.datasets if bundle.contract_for(tenants[0], name) is not None]
        raise WrongUse(f"{tenants[0]} has no dataset of that name. To mend it: one of {', '.join(own)}")
    if data_class is not None and data_class not in bundle.taxonomy:
        raise WrongUse("no data class of that key. To mend it: give one such as user.contact.email")
