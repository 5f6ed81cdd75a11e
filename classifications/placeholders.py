"""The mark that takes a personal value's place in free text, and how it is known again."""

from __future__ import annotations

import re

# `<data class:token>`; a token is 32 hex digits (tenancy.tokens), the key is a dotted fideslang key.
PLACEHOLDER = re.compile(r"<[a-z_]+(?:\.[a-z_]+)*:[0-9a-f]{32}>")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")  # no UTF-8, so the language model cannot read it
TOKEN = re.compile(r"\A[0-9a-f]{32}\Z")


def placeholder(data_class: str, token: str) -> str:
    """The mark that stands for a value of `data_class` with this token."""
    return f"<{data_class}:{token}>"


def hide_placeholders(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text with the inside of every placeholder blanked, and where they are.

    The length stays, so that offsets stay. The brackets stay too: no pattern reads across them.
    """
    places = [match.span() for match in PLACEHOLDER.finditer(text)] if ":" in text else []
    if places:
        text = PLACEHOLDER.sub(lambda match: f"<{' ' * (len(match[0]) - 2)}>", text)
    return _LONE_SURROGATE.sub("\ufffd", text), places
