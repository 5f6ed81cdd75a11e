"""The mark that takes a personal value's place in free text, and how it is known again."""

from __future__ import annotations

import re
from dataclasses import dataclass

from classifications import headers
from classifications.casing import restored

# `<data class:token>`; a token is 32 hex digits (tenancy.tokens), the key is a dotted fideslang key.
# `<data class:erased>` stands where a value was that an erasure took out for good.
PLACEHOLDER = re.compile(r"<[a-z_]+(?:\.[a-z_]+)*:(?:[0-9a-f]{32}|erased)>")
# Tags without attributes (an attribute may hold a value) hide names from a model for prose.
_BARE_TAG = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9_-]{0,24})\s?/?>")
# What HTML calls its own parts says nothing of a value; an element of XML may name it.
_HTML = frozenset(
    "a abbr address article aside b body br button caption cite code data dd div dl dt em footer form h1 h2"
    " h3 h4 h5 h6 head header hr html i img input label legend li link main mark menu nav ol option output p"
    " pre q s section select small span strong style sub sup table tbody td textarea tfoot th thead time"
    " title tr u ul".split()
)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")  # no UTF-8, so the language model cannot read it
TOKEN = re.compile(r"\A[0-9a-f]{32}\Z")


def placeholder(data_class: str, token: str) -> str:
    """The mark that stands for a value of `data_class` with this token."""
    return f"<{data_class}:{token}>"


def _blank(tag: re.Match[str]) -> str:
    """Blanks in a tag's place; where it says what its value is, a label: `<dob>` reads as ` dob:`."""
    name = tag["name"]
    said = name.lower() not in _HTML and (headers.class_by_header(name) or headers.is_bare_name(name))
    label = f" {name}:" if said and not tag["end"] else ""
    return label.ljust(len(tag[0]))


@dataclass(frozen=True)
class Readable:
    """A text as the recognizers see it, as long as the original.

    No span may touch the `placeholders`; a name ends where one of the `tags` stands.
    """

    text: str
    placeholders: tuple[tuple[int, int], ...]
    tags: tuple[tuple[int, int], ...]


def readable(text: str) -> Readable:
    """`text` with the insides of placeholders, tags without attributes and lone surrogates blanked, elements
    of XML read as labels, and capitals where its writer used none, or nothing else (casing).

    Offsets stay. A placeholder's brackets stay too, so that no pattern reads across it.
    """
    places = tuple(match.span() for match in PLACEHOLDER.finditer(text)) if ":" in text else ()
    if places:
        text = PLACEHOLDER.sub(lambda match: f"<{' ' * (len(match[0]) - 2)}>", text)
    tags = tuple(match.span() for match in _BARE_TAG.finditer(text)) if "</" in text else ()
    if tags:
        text = _BARE_TAG.sub(_blank, text)
    return Readable(restored(_LONE_SURROGATE.sub("\ufffd", text)), places, tags)
