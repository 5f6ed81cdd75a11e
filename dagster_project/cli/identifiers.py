"""A person's identifiers on the command line: in an option, or on standard input, which leaves no trace."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from dagster_project.cli.guard import WrongUse

Identifiers = Annotated[
    list[str] | None,
    typer.Option(
        "--id",
        "--subject",
        help="Name and value of an identifier, such as customer_id=C-000001; with - for a value, the next "
        "line of standard input is taken. Can be given again for the same person. Only tokens are kept.",
    ),
]


def read_identifiers(given: Sequence[str] | None) -> dict[str, str]:
    """Name to value. Raises WrongUse, which never repeats what was given: it may be a value."""
    found: dict[str, str] = {}
    for one in given or ():
        name, equals, value = one.partition("=")
        if not equals or not name:
            raise WrongUse("an identifier has no name. To mend it: write it as name=value, or as name=-")
        if name in found:
            raise WrongUse("an identifier is named twice. To mend it: name each once")
        found[name] = _next_line() if value == "-" else value
    return found


def _next_line() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("value", hide_input=True))
    line = sys.stdin.readline()
    if not line:
        raise WrongUse(
            "standard input has fewer lines than identifiers ask for. To mend it: write one value a line"
        )
    return line.rstrip("\r\n")
