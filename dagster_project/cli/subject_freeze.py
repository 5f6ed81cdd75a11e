"""`lakeward subject freeze`, `thaw` and `frozen`: restriction of processing (GDPR article 18)."""

from __future__ import annotations

import uuid
from typing import Annotated

import typer

from dagster_project.cli.closing import close
from dagster_project.cli.guard import OUT, guarded
from dagster_project.cli.identifiers import Identifiers, read_identifiers
from dagster_project.cli.options import Lake, Policies
from dagster_project.cli.subject import Tenant, open_without_spark, tokens_given
from dagster_project.settings import load_settings

OnlyTenant = Annotated[str | None, typer.Option("--tenant", help="Only this tenant.")]


@guarded
def freeze(
    tenant: Tenant, identifiers: Identifiers = None, lake: Lake = None, policies: Policies = None
) -> None:
    """Keep a person's records from being processed: out of silver now, sealed in bronze until thawed."""
    from dagster_project.cli.progress import waiting
    from dagster_project.cli.show import grid
    from dagster_project.failures import plainly
    from dagster_project.house import open_house
    from retention.restrict import freeze as restrict

    settings = load_settings(lake=lake, policies=policies)
    engine, bundle, ring = open_without_spark(settings)
    tokens = tokens_given(bundle, ring, tenant, read_identifiers(identifiers))
    engine.dispose()
    with waiting("taking the person out of silver"):
        ctx = plainly(open_house)(settings, str(uuid.uuid4()))
        frozen = plainly(restrict)(ctx, tenant, tokens)
    close(ctx, settings)
    grid(
        "Withheld", ("dataset", "records"), sorted(frozen.records.items()), "sealed in bronze, not in silver"
    )
    OUT.print(f"Frozen: {frozen.restriction_id}. To end it: lakeward subject thaw, with an identifier")


@guarded
def thaw(
    tenant: Tenant, identifiers: Identifiers = None, lake: Lake = None, policies: Policies = None
) -> None:
    """End a person's restriction. The next run brings their records back into silver."""
    from transforms.restrictions import lift

    engine, bundle, ring = open_without_spark(load_settings(lake=lake, policies=policies))
    lifted = lift(engine, tenant, tokens_given(bundle, ring, tenant, read_identifiers(identifiers)))
    if lifted:
        OUT.print(f"Thawed: {lifted}. The records come back into silver by: lakeward run")
    else:
        OUT.print("Nobody with these identifiers is frozen.")


@guarded
def frozen(tenant: OnlyTenant = None, lake: Lake = None, policies: Policies = None) -> None:
    """Show the restrictions in force."""
    from dagster_project.cli.show import grid, since
    from transforms.restrictions import in_force

    engine, _, _ = open_without_spark(load_settings(lake=lake, policies=policies))
    rows = [
        (one.restriction_id, one.tenant, since(one.since), len(one.tokens))
        for one in in_force(engine, tenant)
    ]
    grid("Frozen persons", ("id", "tenant", "since (UTC)", "tokens"), rows)
    if not rows:
        OUT.print("Nobody is frozen.")
