"""`lakeward ledger check`, `head` and `archive`. None of them starts Spark."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dagster_project.cli.guard import FAILED, OUT, WrongUse, guarded, need_lake
from dagster_project.cli.options import Lake
from dagster_project.settings import Settings, load_settings

if TYPE_CHECKING:
    from audit.ledger import SignedHead

app = typer.Typer(no_args_is_help=True, help="The ledger of what happened: append-only, signed, checkable.")

PublicKey = Annotated[
    Path | None, typer.Option(help="The lake's public key; by default signing.pub in its control folder.")
]
Heads = Annotated[
    list[Path] | None,
    typer.Option(help="A file of heads, a line of JSON each, or a folder of such; can be given again."),
]
Segments = Annotated[
    Path | None, typer.Option(help="Where archived segments lie now, if not where they were written.")
]
Before = Annotated[datetime | None, typer.Option(help="Only entries from before then (UTC).")]


@app.command()
@guarded
def check(
    heads: Heads = None, public_key: PublicKey = None, segments: Segments = None, lake: Lake = None
) -> None:
    """Say whether the ledger is what was signed. Exit code 1 where something does not hold."""
    from audit.ledger_check import check_ledger
    from dagster_project.house import control_state
    from tenancy.signing import public_key_file, read_public_key

    settings = load_settings(lake=lake)
    need_lake(settings)
    key_file = public_key or public_key_file(settings.signing_key)
    if not key_file.is_file():
        raise WrongUse(f"the public key {key_file} is not there. To mend it: give --public-key, or --lake")
    with control_state(settings) as engine:
        kept, unread = _kept_elsewhere(settings)
        given = [head for path in heads or () for head in _heads_in(path)]
        told = check_ledger(engine, [*kept, *given], read_public_key(key_file), segments)
    for one in told.findings:
        _say(f"Does not hold: {one.words}")
    if told.holds:
        _say(f"Holds: {told.size} entries, {told.heads} heads here, {told.elsewhere} heads kept elsewhere")
    _say(f"Signed: the first {told.signed} entries; {told.size - told.signed} came after the newest head")
    if unread:
        _say(f"Not checked: the heads in the second place could not be read ({unread})")
    elif not told.elsewhere:
        _say("Not checked: no head is kept elsewhere, so an older copy of this whole database looks like it")
    if not told.holds or unread:
        raise typer.Exit(FAILED)


@app.command()
@guarded
def head(lake: Lake = None) -> None:
    """Sign the ledger as it is, keep the head in the second place, and print it as a line of JSON."""
    from dagster_project.house import control_state
    from dagster_project.ledger_heads import sign_and_keep, trouble

    settings = load_settings(lake=lake)
    need_lake(settings)
    with control_state(settings) as engine:
        signed, kept = sign_and_keep(engine, settings)
    _say(signed.to_json().decode())
    if told := trouble(kept):
        _say(told)
        raise typer.Exit(FAILED)


@app.command()
@guarded
def archive(before: Before = None, lake: Lake = None) -> None:
    """Move old entries into sealed files, where LAKEWARD_LEDGER_ARCHIVE says; their hashes stay."""
    from dagster_project.house import control_state
    from dagster_project.ledger_heads import archive_step

    settings = load_settings(lake=lake)
    need_lake(settings)
    with control_state(settings) as engine:
        written = archive_step(engine, settings, before.replace(tzinfo=UTC) if before is not None else None)
    for one in written:
        _say(f"Entries {one.first} to {one.last}: {one.path}")
    if not written:
        _say("No entry is that old.")


def _kept_elsewhere(settings: Settings) -> tuple[list[SignedHead], str]:
    """The heads of the second place, and why they could not be read: a code, or empty."""
    from audit.errors import LedgerError, SinkError
    from dagster_project.ledger_heads import head_place

    place = head_place(settings)
    try:
        return (list(place.heads()), "") if place is not None else ([], "")
    except SinkError as error:
        return [], error.kind
    except LedgerError:
        return [], "no-head"


def _heads_in(path: Path) -> Iterable[SignedHead]:
    from audit.ledger_head import parse_head

    if not path.exists():
        raise WrongUse(f"{path} is not there. To mend it: give a file of heads, or a folder of such files")
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    return [parse_head(line) for file in files for line in file.read_bytes().splitlines() if line.strip()]


def _say(words: str) -> None:
    OUT.print(words, markup=False, soft_wrap=True)
