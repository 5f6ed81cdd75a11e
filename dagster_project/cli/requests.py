"""`lakeward requests` and `lakeward requests run`."""

from __future__ import annotations

import uuid
from typing import Annotated

import typer

from dagster_project.cli.closing import close
from dagster_project.cli.guard import FAILED, OUT, guarded
from dagster_project.cli.options import Lake, Landing, Policies
from dagster_project.cli.subject import Full, open_without_spark
from dagster_project.settings import load_settings

app = typer.Typer(help="Erasure requests.")
OnlyTenant = Annotated[str | None, typer.Option("--tenant", help="Only this tenant.")]
Every = Annotated[bool, typer.Option("--all", help="Those that are done, too.")]
Retry = Annotated[bool, typer.Option("--retry", help="Also those that failed.")]


@app.callback(invoke_without_command=True)
@guarded
def list_(
    context: typer.Context, tenant: OnlyTenant = None, every: Every = False, lake: Lake = None,
    policies: Policies = None,
) -> None:  # fmt: skip
    """Show the requests that are not done, the nearest deadline first."""
    from dagster_project.cli.show import grid, since
    from retention.requests import UNDONE, State, all_requests
    from tenancy.control import now

    if context.invoked_subcommand is not None:
        return
    engine, _, _ = open_without_spark(load_settings(lake=lake, policies=policies))
    found = all_requests(engine, tenant, tuple(State) if every else UNDONE)
    moment = now()
    rows = [
        (r.request_id, r.tenant, r.state, since(r.due_at) + (" OVERDUE" if r.overdue(moment) else ""),
         r.outcome, r.receipt)
        for r in found
    ]  # fmt: skip
    grid("Requests", ("id", "tenant", "state", "due (UTC)", "outcome", "receipt"), rows)
    if not rows:
        OUT.print("No request waits." if not every else "No request was ever received.")


@app.command()
@guarded
def run(
    tenant: OnlyTenant = None, retry: Retry = False, full: Full = False, landing: Landing = None,
    lake: Lake = None, policies: Policies = None,
) -> None:  # fmt: skip
    """Take down the inbox's requests, answer the open ones, remove exports whose time is over.

    Exit code 1 unless all requests are done.
    """
    from dagster_project.cli.progress import waiting
    from dagster_project.cli.show import grid
    from dagster_project.erasing import Asked, erase_step, inbox_step
    from dagster_project.exporting import expire_step
    from dagster_project.failures import plainly
    from dagster_project.house import open_house
    from retention.verify import Mode

    settings = load_settings(landing=landing, lake=lake, policies=policies)
    open_without_spark(settings)[0].dispose()
    with waiting("answering requests"):
        plainly(expire_step)(settings)
        ctx = plainly(open_house)(settings, str(uuid.uuid4()))
        taken = plainly(inbox_step)(ctx, settings)
        asked = Asked(tenant=tenant, retry=retry, mode=Mode.FULL if full else Mode.TARGETED)
        answered = plainly(erase_step)(ctx, settings, asked)
    close(ctx, settings)
    refused = [(one.tenant, one.file, one.line, one.reason) for one in taken.refused]
    grid("Refused", ("tenant", "file", "line", "reason"), refused, "file: its number in the tenant's folder")
    rows = [(r.request_id, r.tenant, r.state, r.outcome, r.detail, r.receipt) for r in answered]
    grid("Answered", ("id", "tenant", "state", "outcome", "detail", "receipt"), rows)
    if not rows:
        OUT.print("No request waits.")
    if refused or any(one.state != "done" for one in answered):
        raise typer.Exit(FAILED)
