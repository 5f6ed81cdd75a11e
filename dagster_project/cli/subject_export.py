"""`lakeward subject export` and `exports`: a person's records for the person (GDPR articles 15 and 20)."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Annotated

import typer

from dagster_project.cli.closing import close
from dagster_project.cli.guard import OUT, WrongUse, guarded
from dagster_project.cli.identifiers import Identifiers, read_identifiers
from dagster_project.cli.options import Lake, Policies
from dagster_project.cli.subject import Tenant, open_without_spark, tokens_given
from dagster_project.settings import load_settings

To = Annotated[
    str, typer.Option(help="The recipient's age public key (age1...), or an SSH one (ssh-ed25519 ...).")
]
Out = Annotated[
    Path | None,
    typer.Option(help="A new file. Without it, the archive lies in <control>/exports, and expires."),
]
Datasets = Annotated[list[str] | None, typer.Option("--dataset", help="Only this one; can be given again.")]
Expires = Annotated[str, typer.Option(help="How long it is kept: an ISO 8601 period, such as P30D.")]
OnlyTenant = Annotated[str | None, typer.Option("--tenant", help="Only this tenant.")]


@guarded
def export(  # noqa: PLR0913, PLR0917 - an argument is an option of the command
    tenant: Tenant, to: To, identifiers: Identifiers = None, out: Out = None, dataset: Datasets = None,
    expires: Expires = "P30D", lake: Lake = None, policies: Policies = None,
) -> None:  # fmt: skip
    """Write all records of a person, opened, into a zip that only the recipient's key opens."""
    from dagster_project.cli.progress import waiting
    from dagster_project.cli.show import grid
    from dagster_project.exporting import SubjectAsked, export_subject
    from dagster_project.failures import plainly
    from dagster_project.house import open_house
    from policy.load_retention import PERIOD
    from retention.age_file import ExportError, read_recipient, refuse_taken

    settings = load_settings(lake=lake, policies=policies)
    path = None if out is None else out.expanduser().absolute()
    try:
        recipient = read_recipient(to)
        if path is not None:
            refuse_taken(path)
    except ExportError as error:
        raise WrongUse(str(error)) from None
    if not PERIOD.fullmatch(expires):
        raise WrongUse("--expires is no ISO 8601 period. To mend it: write one of whole days such as P30D")
    engine, bundle, ring = open_without_spark(settings)
    unknown = [name for name in dataset or () if bundle.contract_for(tenant, name) is None]
    if tenant in bundle.tenants and unknown:
        raise WrongUse("the tenant has no dataset of that name. To mend it: leave --dataset out for all")
    tokens = tokens_given(bundle, ring, tenant, read_identifiers(identifiers))
    engine.dispose()
    asked = SubjectAsked(tenant, tokens, recipient, path, dataset or (), expires)
    with waiting("gathering the person's records"):
        ctx = plainly(open_house)(settings, str(uuid.uuid4()))
        made = plainly(export_subject)(ctx, settings, asked)
    close(ctx, settings)
    grid(
        "Exported",
        ("dataset", "records", "of others that name the person"),
        [(one.contract.dataset, len(one.records), one.named) for one in made.dossier.parts],
        "every version that is kept, quarantine too",
    )
    OUT.print(f"Export: {made.export.export_id}, until {made.export.expires:%Y-%m-%d}", markup=False)
    OUT.print(f"File: {made.path}", markup=False, soft_wrap=True)
    if not made.dossier.records:
        OUT.print("Nothing of this person is in the lake; the file says so.")
    if path is not None:
        OUT.print("It lies outside of the lake's own folder: to remove it in time is up to you.")


@guarded
def exports(tenant: OnlyTenant = None, lake: Lake = None, policies: Policies = None) -> None:
    """Show the exports that were made. `lakeward requests run` removes those whose time is over."""
    from dagster_project.cli.show import grid, since
    from retention.exports import all_exports

    engine, _, _ = open_without_spark(load_settings(lake=lake, policies=policies))
    rows = [
        (one.export_id, one.tenant, one.kind, since(one.created), "" if one.expires is None else
         since(one.expires), "removed" if one.gone else "here" if one.kept_here else "elsewhere")
        for one in all_exports(engine, tenant)
    ]  # fmt: skip
    grid("Exports", ("id", "tenant", "of a", "made (UTC)", "until (UTC)", "archive"), rows)
    if not rows:
        OUT.print("Nothing was ever exported.")
