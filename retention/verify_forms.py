"""The byte patterns in which a token or a raw identifier can lie: encodings, escapes, normal forms."""

from __future__ import annotations

import base64
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from urllib.parse import quote, quote_plus

from retention.verify_result import Needle, NeedleKind

SHORTEST_INSIDE = 6
"""Characters that a value needs to be looked for inside texts: shorter ones occur everywhere by chance."""
SHORTEST_BASE64 = 8
"""Characters of base64 below which a pattern turns up by chance in a lake's worth of sealed cells."""
SEPARATORS = b" ()./-\xc2\xa0"
"""What people put between groups of digits; the two last bytes are a no-break space."""
FEWEST_DIGITS = 7
_GAP = rb"(?:[ ()./\-\xc2\xa0]{0,3}(?:\(0\)[ ()./\-\xc2\xa0]{0,2})?)"


class Lane(Enum):
    """How bytes are prepared before a pattern is looked for in them."""

    EXACT = "exact"
    FOLDED = "folded"  # ASCII letters in lower case
    SQUEEZED = "squeezed"  # folded, and looked at without SEPARATORS


class Bound(Enum):
    """What must stand beside a pattern for it to be the needle and not a part of something longer."""

    NONE = "none"
    WORD = "word"  # no ASCII letter or digit
    EMAIL = "email"  # as WORD, and no further part of an address
    FIELD = "field"  # a quote, a delimiter or a line's end
    DIGITS = "digits"  # no digit but a leading 0 or 00


@dataclass(frozen=True)
class Pattern:
    """One pattern: its bytes as its lane shows them, the needle's number, and the name of the form."""

    lane: Lane
    text: bytes
    needle: int
    form: str
    bound: Bound = Bound.NONE


def patterns_of(number: int, needle: Needle) -> list[Pattern]:
    """All patterns of one needle; none is given twice."""
    make = _token_patterns if needle.kind is NeedleKind.TOKEN else _value_patterns
    distinct: dict[tuple[Lane, bytes], Pattern] = {}
    for one in make(number, needle.text):
        distinct.setdefault((one.lane, one.text), one)
    return list(distinct.values())


def is_short(needle: Needle) -> bool:
    """Whether a value is compared with whole cells and fields only."""
    return needle.kind is NeedleKind.VALUE and len(needle.text.strip()) < SHORTEST_INSIDE


def spellings(value: str) -> list[str]:
    """A value as given and in its normal forms: case, Unicode composition, without blanks at the ends."""
    text = value.strip()
    cased = [text, text.lower(), text.upper(), text.casefold(), text.title()]
    forms = [unicodedata.normalize(form, one) for one in cased for form in ("NFC", "NFD", "NFKC")]
    return list(dict.fromkeys([*cased, *forms]))


def _token_patterns(number: int, token: str) -> Iterator[Pattern]:
    raw = bytes.fromhex(token)
    grouped = "-".join(token[a:b] for a, b in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32)))
    yield Pattern(Lane.EXACT, raw, number, "16 bytes")
    for data in (raw, token.encode(), token.upper().encode()):
        yield from _base64(number, data)
    yield Pattern(Lane.FOLDED, grouped.encode(), number, "grouped")
    yield from _encodings(number, token, Bound.NONE)


def _value_patterns(number: int, value: str) -> Iterator[Pattern]:
    if len(value.strip()) < SHORTEST_INSIDE:
        for text in spellings(value):
            yield Pattern(Lane.FOLDED, text.encode().lower(), number, "text", Bound.FIELD)
        return
    bound = Bound.EMAIL if "@" in value else Bound.WORD
    for text in spellings(value):
        yield from _encodings(number, text, bound)
        yield from _base64(number, text.encode())
    yield from _squeezed(number, value)


def _encodings(number: int, text: str, bound: Bound) -> Iterator[Pattern]:
    plain = text.encode()
    yield Pattern(Lane.FOLDED, plain.lower(), number, "text", bound)
    for escaped, form in _escapes(text):
        yield Pattern(Lane.FOLDED, escaped.encode().lower(), number, form, bound)
    for name in ("utf-16-le", "utf-16-be"):
        yield Pattern(Lane.FOLDED, text.encode(name).lower(), number, name)
    yield Pattern(Lane.FOLDED, plain.hex().encode(), number, "hex")


def _escapes(text: str) -> Iterator[tuple[str, str]]:
    once = json.dumps(text)[1:-1]
    yield once, "json"
    yield json.dumps(once)[1:-1], "json in json"
    yield once.replace("/", "\\/"), "json"
    yield text.encode("unicode_escape").decode("ascii"), "python"
    yield quote(text, safe=""), "url"
    yield quote(text), "url"
    yield quote_plus(text), "url"


def _base64(number: int, plain: bytes) -> Iterator[Pattern]:
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + plain)
        start = (shift * 8 + 5) // 6  # characters that the bytes before the needle still touch
        pattern = encoded[start : (shift + len(plain)) * 8 // 6]
        if len(pattern) >= SHORTEST_BASE64:
            yield Pattern(Lane.EXACT, pattern, number, "base64")
            yield Pattern(Lane.EXACT, pattern.translate(bytes.maketrans(b"+/", b"-_")), number, "base64")


def _squeezed(number: int, value: str) -> Iterator[Pattern]:
    """Phone, card and account numbers, whatever stands between their digits."""
    text = squeeze(unicodedata.normalize("NFKC", value).encode().lower()).decode()
    if sum(map(str.isdigit, text)) < FEWEST_DIGITS or not re.fullmatch(r"\+?[0-9a-z]+", text):
        return
    digits = text.removeprefix("+")
    national = digits.removeprefix("00") if digits.startswith("00") else digits.removeprefix("0")
    for form in dict.fromkeys((digits, national)):
        if len(form) >= FEWEST_DIGITS:
            yield Pattern(Lane.SQUEEZED, form.encode(), number, "digits", Bound.DIGITS)


def squeeze(folded: bytes) -> bytes:
    """`folded` without SEPARATORS and without the `(0)` of a number that is written both ways."""
    return folded.replace(b"(0)", b"").translate(None, SEPARATORS)


def spread(squeezed: bytes) -> re.Pattern[bytes]:
    """Finds `squeezed` in bytes that still have their separators; group 1 is the match."""
    return re.compile(b"(?=(" + _GAP.join(re.escape(bytes([one])) for one in squeezed) + b"))")
