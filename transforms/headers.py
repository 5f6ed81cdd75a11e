"""The columns that a file says it has, beside those that its contract declares."""

from __future__ import annotations

import re
from collections.abc import Sequence

from policy.contracts import Contract
from transforms.errors import UnreadableFile

PLAIN = re.compile(r"[A-Za-z][a-z]*(?:[_ -]?[A-Za-z][a-z]*){0,5}[0-9]{0,2}")
"""Words of letters with at most two digits at the end: `shoe_size`, `AddressLine2`."""

WITHHELD = "(name withheld)"


def showable(name: str) -> str:
    """The name if it is built like an identifier of at most 40 characters, else `(name withheld)`.

    A file that comes without a header has values where names belong.
    """
    return name if len(name) <= 40 and name.isascii() and PLAIN.fullmatch(name) else WITHHELD


def declared(names: Sequence[str], contract: Contract) -> int:
    """How many of a header's names the contract declares, whatever their case."""
    return sum(name.casefold() in _declared(contract) for name in names)


def contract_names(names: Sequence[str], contract: Contract) -> tuple[str, ...]:
    """A header's names in file order, as the contract writes those that it declares.

    Raises UnreadableFile where a required column is missing, or a name stands there twice or is empty.
    """
    known, folded = _declared(contract), [name.casefold() for name in names]
    required = {column.path[0] for column in contract.columns if column.required}
    missing = sorted(name for name in required if name.casefold() not in folded)
    if missing:
        raise UnreadableFile("missing_columns", ",".join(missing))
    if len(set(folded)) < len(folded) or "" in folded:
        raise UnreadableFile("duplicate_or_empty_header")
    return tuple(known.get(name.casefold(), name) for name in names)


def _declared(contract: Contract) -> dict[str, str]:
    return {column.path[0].casefold(): column.path[0] for column in contract.columns}
