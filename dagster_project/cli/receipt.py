"""`lakeward receipt verify FILE`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from dagster_project.cli.guard import FAILED, OUT, WrongUse, guarded
from dagster_project.cli.options import Lake
from dagster_project.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Receipts of answered requests and of runs of retention.")
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The receipt.")]
PublicKey = Annotated[
    Path | None, typer.Option(help="The lake's public key; by default signing.pub in its control folder.")
]


@app.callback()
def receipts() -> None:
    """Receipts of answered requests and of runs of retention."""


@app.command()
@guarded
def verify(file: File, public_key: PublicKey = None, lake: Lake = None) -> None:
    """Say what of a receipt holds and what does not. Exit code 1 unless it holds and says `verified`."""
    from retention.receipt_check import ReceiptRefused, read_receipt, statements
    from tenancy.signing import read_public_key

    key_file = public_key or load_settings(lake=lake).signing_key.with_suffix(".pub")
    if not key_file.is_file():
        raise WrongUse(f"the public key {key_file} is not there. To mend it: give --public-key, or --lake")
    try:
        body = read_receipt(file.read_bytes(), read_public_key(key_file))
    except ReceiptRefused as refused:
        _say(f"Does not hold: {refused}")
        raise typer.Exit(FAILED) from None
    _say(f"Holds: it is as the lake signed it (key {body['key_id']})")
    checked = statements(body, file.parent)
    for one in checked:
        _say(f"{_WORDS[one.holds]}: {one.words}")
    _tell(body)
    if body["verdict"] != "verified" or any(one.holds is False for one in checked):
        raise typer.Exit(FAILED)


_WORDS = {True: "Holds", False: "Does not hold", None: "Not checked"}


def _tell(body: dict[str, Any]) -> None:
    search = body["search"]
    _say(
        f"\nRequest {body['request_id']} ({body['kind']}) of tenant {body['tenant']}, lake {body['lake_id']}"
    )
    _say(f"Received {body['received']}, due {body['due'] or 'without a date'}, verified {body['verified']}")
    for one in body.get("expired", ()):
        _say(f"  {one['table']}: {one['rows']} rows in {one['files']} files {one['verb']} ({one['what']}), "
             f"{one['held']} held: {one['rule']}")  # fmt: skip
    changed = [one for one in body["tables"] if one["version_before"] != one["version_after"]]
    _say(f"Tables changed: {len(changed)} of {len(body['tables'])}; files removed: {len(body['removed'])}")
    needles = search["needles"]
    _say(f"Searched ({search['mode']}): {', '.join(search['places'])}, for {needles['token']} tokens, "
         f"{needles['value']} raw identifiers and {needles.get('row', 0)} ids of expired rows")  # fmt: skip
    _say(f"Found: {len(body['found'])}")
    for one in body["found"]:
        _say(f"  {one['place']}/{one['path']}: {one['where']}, needle {one['needle']}, {one['count']} times")
    for name, title in (("kept", "Kept on purpose"), ("not_searchable", "Not searchable")):
        _say(f"{title}: {len(body[name])}")
        for one in body[name]:
            _say(f"  {one['place']}/{one['path']}: {one.get('reason') or one['detail']}{_until(one)}")
    _say(f"Out of reach: {len(body['out_of_reach'])}")
    for one in body["out_of_reach"]:
        _say(f"  {one['what']}: {one['reason']}{_until(one)}")
    _say(f"Verdict: {body['verdict']}")


def _until(one: dict[str, Any]) -> str:
    return f", until {one['until']}" if one.get("until") else ""


def _say(line: str) -> None:
    OUT.print(line, markup=False, soft_wrap=True)
