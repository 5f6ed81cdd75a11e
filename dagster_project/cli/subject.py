"""`lakeward subject erase`, `find` and `consent`: what a person asks for."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Annotated

import typer

from dagster_project.cli.closing import close, sign
from dagster_project.cli.guard import FAILED, OUT, WrongUse, guarded, need_tenants, open_state
from dagster_project.cli.identifiers import Identifiers, read_identifiers
from dagster_project.cli.options import Lake, Landing, Policies
from dagster_project.settings import Settings, load_settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from policy import PolicyBundle
    from retention.requests import Request
    from tenancy.keyring import KeyRing

app = typer.Typer(no_args_is_help=True, help="What a person asks for. Only tokens of identifiers are kept.")
Tenant = Annotated[str, typer.Option(help="Whose data.")]
Wait = Annotated[bool, typer.Option("--wait", help="Erase, verify and write the receipt in this process.")]
Full = Annotated[bool, typer.Option("--full", help="Verify every file, also those of other tenants' parts.")]


@app.command()
@guarded
def erase(
    tenant: Tenant, identifiers: Identifiers = None, wait: Wait = False, full: Full = False,
    landing: Landing = None, lake: Lake = None, policies: Policies = None,
) -> None:  # fmt: skip
    """Take a person's request to be erased; with --wait answer it. Exit code 1 unless it is done then."""
    from retention.requests import receive, the_request

    settings = load_settings(landing=landing, lake=lake, policies=policies)
    engine, bundle, ring = open_without_spark(settings)
    given = read_identifiers(identifiers)
    tokens = tokens_given(bundle, ring, tenant, given)
    [request_id] = receive(engine, bundle.tenants, [(tenant, tokens)], "cli", settings.request_period)
    OUT.print(f"Request: {request_id}", markup=False)
    sign(engine, settings)
    if not wait:
        OUT.print(
            f"Due {the_request(engine, request_id).due_at:%Y-%m-%d}. To answer it: lakeward requests run"
        )
        return
    engine.dispose()
    [request] = _answer(settings, request_id, list(given.values()), full=full)
    show_outcome(settings, request)
    if request.state != "done":
        raise typer.Exit(FAILED)


@app.command()
@guarded
def find(
    tenant: Tenant, identifiers: Identifiers = None, lake: Lake = None, policies: Policies = None
) -> None:
    """Show which tables hold a person, in how many rows and files. Changes nothing."""
    from dagster_project.cli.progress import waiting
    from dagster_project.cli.show import grid
    from dagster_project.house import open_house
    from retention.look import look_for

    settings = load_settings(lake=lake, policies=policies)
    _, bundle, ring = open_without_spark(settings)
    tokens = tokens_given(bundle, ring, tenant, read_identifiers(identifiers))
    with waiting("looking for the person"):
        rows = look_for(open_house(settings, str(uuid.uuid4())), tenant, tokens)
    grid("Found", ("where", "rows", "files"), [(one.place, one.rows, one.files) for one in rows],
         "named: records of others that name the person")  # fmt: skip
    if not rows:
        OUT.print("Nothing of this person is in the lake.")


@app.command()
@guarded
def consent(
    tenant: Tenant, identifiers: Identifiers = None, lake: Lake = None, policies: Policies = None
) -> None:
    """Record that an erased person consented anew: later records of theirs are taken in again."""
    from transforms.suppressions import consent as lift

    settings = load_settings(lake=lake, policies=policies)
    engine, bundle, ring = open_without_spark(settings)
    lifted = lift(engine, tenant, tokens_given(bundle, ring, tenant, read_identifiers(identifiers)))
    if not lifted:
        OUT.print("Nobody with these identifiers is kept out.")
        return
    OUT.print(f"Lifted: {lifted} entries. What waits in quarantine comes in by: lakeward quarantine retry")


def open_without_spark(settings: Settings) -> tuple[Engine, PolicyBundle, KeyRing]:
    """Control database, policies and keys. Raises WrongUse where there is no lake."""
    from tenancy.keyring import open_keyring

    engine, bundle = open_state(settings)
    return engine, bundle, open_keyring(engine, settings.root_key, settings.lake)


def show_outcome(settings: Settings, request: Request) -> None:
    """How a request stands, and where its receipt lies."""
    OUT.print(f"State: {request.state}" + (f" ({request.outcome})" if request.outcome else ""), markup=False)
    if request.detail:
        OUT.print(request.detail, markup=False, soft_wrap=True)
    if request.receipt:
        OUT.print(f"Receipt: {settings.receipts / request.receipt}", markup=False, soft_wrap=True)
    if request.state == "held":
        OUT.print("A legal hold stops it (lakeward hold list). It goes on when the hold is lifted.")


def _answer(settings: Settings, request_id: str, values: list[str], *, full: bool) -> list[Request]:
    from dagster_project.cli.progress import waiting
    from dagster_project.erasing import Asked, erase_step
    from dagster_project.failures import plainly
    from dagster_project.house import open_house
    from retention.verify import Mode

    mode = Mode.FULL if full else Mode.TARGETED
    asked = Asked([request_id], values={request_id: values}, retry=True, mode=mode)
    with waiting("answering the request"):
        ctx = plainly(open_house)(settings, str(uuid.uuid4()))
        answered = plainly(erase_step)(ctx, settings, asked)
    close(ctx, settings)
    return answered


def tokens_given(bundle: PolicyBundle, ring: KeyRing, tenant: str, given: dict[str, str]) -> dict[str, str]:
    """The tokens of the identifiers that were given. Raises WrongUse, which repeats none of them."""
    from retention.identifiers import IdentifierError, tokens_of

    need_tenants(bundle, tenant)
    if not given:
        raise WrongUse("no identifier is given. To mend it: give --id name=value, or --id name=-")
    try:
        return tokens_of(bundle, ring, tenant, given)
    except IdentifierError as error:
        raise WrongUse(str(error)) from None
