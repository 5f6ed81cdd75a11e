"""The commands of `lakeward`, put together. Heavy libraries are imported by the command that needs them."""

from __future__ import annotations

from importlib.metadata import version as package_version

import typer

from dagster_project.cli import (
    audit,
    classify,
    detect,
    dev,
    hold,
    ledger,
    lineage,
    maintain,
    onboard,
    policies,
    quarantine,
    receipt,
    report_page,
    requests,
    retention,
    review,
    review_ask,
    run,
    status,
    subject,
    subject_export,
    subject_freeze,
    tenant,
)
from dagster_project.cli.guard import OUT

app = typer.Typer(
    name="lakeward",
    help="Governance and privacy for a multi-tenant data lake.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(run.run)
app.command()(run.demo)
app.command()(status.status)
app.command()(report_page.report)
app.add_typer(quarantine.app, name="quarantine")
review.app.command()(review_ask.ask)
app.add_typer(review.app, name="review")
for command in (
    subject_export.export, subject_export.exports,
    subject_freeze.freeze, subject_freeze.thaw, subject_freeze.frozen,
):  # fmt: skip
    subject.app.command()(command)
app.add_typer(subject.app, name="subject")
app.add_typer(tenant.app, name="tenant")
app.add_typer(requests.app, name="requests")
app.add_typer(hold.app, name="hold")
app.add_typer(retention.app, name="retention")
app.add_typer(lineage.app, name="lineage")
app.add_typer(ledger.app, name="ledger")
app.add_typer(receipt.app, name="receipt")
app.add_typer(audit.app, name="audit")
app.command()(maintain.maintain)
app.command()(detect.detect)
app.command()(classify.classify)
app.command()(onboard.onboard)
app.add_typer(policies.app, name="policy")
app.command()(dev.dev)


@app.command()
def version() -> None:
    """Show the version."""
    OUT.print(f"lakeward {package_version('lakeward')}")


def main() -> None:
    """Run the command line and end the process with its exit code."""
    app()
