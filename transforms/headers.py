"""Column names that a contract does not declare: shown only where they cannot be a person's value."""

from __future__ import annotations

import re

PLAIN = re.compile(r"[A-Za-z][a-z]*(?:[_ -]?[A-Za-z][a-z]*){0,5}[0-9]{0,2}")
"""Words of letters with at most two digits at the end: `shoe_size`, `AddressLine2`."""

WITHHELD = "(name withheld)"


def showable(name: str) -> str:
    """The name if it is built like an identifier of at most 40 characters, else `(name withheld)`.

    A file that comes without a header has values where names belong.
    """
    return name if len(name) <= 40 and name.isascii() and PLAIN.fullmatch(name) else WITHHELD
