"""`lakeward hold place`, `lift` and `list`. None of them starts Spark."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from dagster_project.cli.closing import sign
from dagster_project.cli.guard import OUT, WrongUse, guarded, need_tenants, open_state
from dagster_project.cli.identifiers import Identifiers, read_identifiers
from dagster_project.cli.options import Lake, Policies
from dagster_project.settings import Settings, load_settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from policy import PolicyBundle
    from retention.holds import Hold

app = typer.Typer(
    no_args_is_help=True, help="Legal holds: what must not go, whatever a rule or a request says."
)

Tenant = Annotated[str, typer.Option(help="Whose data.")]
Dataset = Annotated[str | None, typer.Option(help="Only this dataset.")]
Matter = Annotated[str, typer.Option(help="The case's reference, such as CASE-2026-17; no name of a person.")]
Why = Annotated[str, typer.Option(help="In a few words, without anything personal.")]
By = Annotated[str | None, typer.Option(help="Who acts; the name you are logged in with by default.")]
From = Annotated[datetime | None, typer.Option("--from", help="Only what occurred then or later (UTC).")]
Before = Annotated[datetime | None, typer.Option(help="Only what occurred before (UTC).")]
Until = Annotated[datetime | None, typer.Option(help="When it ends by itself (UTC); else when it is lifted.")]
Every = Annotated[bool, typer.Option("--all", help="Those that are lifted or over, too.")]
OnlyTenant = Annotated[str | None, typer.Option("--tenant", help="Only this tenant.")]


@app.command()
@guarded
def place(  # noqa: PLR0913, PLR0917 - an argument is an option of the command
    tenant: Tenant, matter: Matter, why: Why, dataset: Dataset = None, identifiers: Identifiers = None,
    from_: From = None, before: Before = None, until: Until = None, by: By = None, lake: Lake = None,
    policies: Policies = None,
) -> None:  # fmt: skip
    """Place a hold. From now on no rule and no request takes what it is over."""
    from retention.holds import Scope, place_hold

    settings = load_settings(lake=lake, policies=policies)
    engine, bundle = open_state(settings)
    _known(bundle, tenant, dataset)
    tokens = _tokens(settings, engine, bundle, (tenant, dataset), read_identifiers(identifiers))
    _impersonal(matter, why)
    scope = Scope(tenant, dataset, tokens, _utc(from_), _utc(before))
    hold = place_hold(
        engine, scope, matter=matter, by=by or getpass.getuser(), why=why, until=_utc(until)
    )  # fmt: skip
    OUT.print(f"Placed: {hold.hold_id}, over {_scope(hold)}. To end it: lakeward hold lift {hold.hold_id}")
    sign(engine, settings)


@app.command()
@guarded
def lift(
    hold_id: Annotated[str, typer.Argument(help="Its id, from lakeward hold list.")],
    why: Why, by: By = None, lake: Lake = None, policies: Policies = None,
) -> None:  # fmt: skip
    """End a hold, which re-opens what it stopped. It stays on the list, with who lifted it and why."""
    from retention.holds import lift_hold

    settings = load_settings(lake=lake, policies=policies)
    engine, _ = open_state(settings)
    _impersonal(why)
    hold = lift_hold(engine, hold_id, by or getpass.getuser(), why)
    OUT.print(f"Lifted: {hold.hold_id}, over {_scope(hold)}. What it alone held back is due again.")
    sign(engine, settings)


@app.command("list")
@guarded
def list_(
    every: Every = False, tenant: OnlyTenant = None, lake: Lake = None, policies: Policies = None
) -> None:
    """Show the holds in force."""
    from dagster_project.cli.show import grid, since
    from retention.holds import all_holds
    from tenancy.control import now

    engine, _ = open_state(load_settings(lake=lake, policies=policies))
    moment = now()
    rows = [
        (h.hold_id, h.matter, _scope(h), h.placed_by, since(h.placed_at), _state(h, moment), h.why)
        for h in all_holds(engine, tenant)
        if every or h.in_force(moment)
    ]
    grid("Legal holds", ("id", "matter", "over", "by", "since (UTC)", "state", "why"), rows)
    if not rows:
        OUT.print("No hold was ever placed." if every else "No hold is in force.")


def _scope(hold: Hold) -> str:
    scope = hold.scope
    who = "one person" if scope.subject_tokens else "everybody"
    begin = f" from {scope.occurred_from:%Y-%m-%d}" if scope.occurred_from else ""
    end = f" before {scope.occurred_before:%Y-%m-%d}" if scope.occurred_before else ""
    return f"{scope.tenant}, {scope.dataset or 'every dataset'}, {who}{begin}{end}"


def _state(hold: Hold, moment: datetime) -> str:
    if hold.lifted_at is not None:
        return f"lifted {hold.lifted_at:%Y-%m-%d} by {hold.lifted_by}: {hold.lifted_why}"
    if not hold.in_force(moment):
        return f"over since {hold.until:%Y-%m-%d}"
    return f"until {hold.until:%Y-%m-%d}" if hold.until else "in force"


def _known(bundle: PolicyBundle, tenant: str, dataset: str | None) -> None:
    need_tenants(bundle, tenant)
    if dataset is not None and bundle.contract_for(tenant, dataset) is None:
        own = [name for name in bundle.datasets if bundle.contract_for(tenant, name) is not None]
        raise WrongUse(f"{tenant} has no dataset of that name. To mend it: one of {', '.join(own)}")


def _tokens(
    settings: Settings, engine: Engine, bundle: PolicyBundle, place: tuple[str, str | None],
    identifiers: dict[str, str],
) -> tuple[str, ...]:  # fmt: skip
    """The person's tokens; at least one of them has to be what rows are told by."""
    from retention.identifiers import IdentifierError, subject_domains, tokens_of
    from tenancy.keyring import open_keyring

    if not identifiers:
        return ()
    try:
        found = tokens_of(
            bundle, open_keyring(engine, settings.root_key, settings.lake), place[0], identifiers
        )
    except IdentifierError as error:
        raise WrongUse(str(error)) from None
    subjects = subject_domains(bundle, *place)
    if subjects.isdisjoint(found):
        mend = f"give the value for {' or '.join(sorted(subjects))}" if subjects else "leave --id out"
        raise WrongUse(
            f"rows are not told by these identifiers, so nothing would be held. To mend it: {mend}"
        )
    return tuple(found.values())


def _impersonal(*texts: str) -> None:
    """Refuse texts in which the detector is sure of a personal value: they are kept and shown for ever."""
    from classifications.detector import Detector
    from classifications.residual import residual_spans

    found = residual_spans(texts, Detector.default())
    if found:
        raise WrongUse(
            f"the words hold something personal ({', '.join(found)}), and are kept. To mend it: leave it out"
        )


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None else None
