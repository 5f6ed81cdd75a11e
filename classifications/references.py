"""HTML character references read as what they stand for: `Jos&eacute;&nbsp;Sanz` is `José Sanz`."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from classifications.spans import Span

# Those of angle brackets stay: read, they would make a tag of what is none.
_REFERENCE = re.compile(
    r"&(?!(?:lt|gt|#0*6[02]|#[xX]0*3[cCeE]);)(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});"
)
# Blanks and hyphens that differ from the usual ones in how a line breaks.
_PLAIN = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2011": "-", "\u00ad": None})


@dataclass(frozen=True)
class Written:
    """A text as it is read, and where in the original each of its characters stands: start and end."""

    text: str
    places: tuple[tuple[int, int], ...] = ()

    def original(self, spans: Iterable[Span]) -> list[Span]:
        """`spans` of the text that is read, as spans of the original."""
        if not self.places:
            return list(spans)
        return [
            replace(span, start=self.places[span.start][0], end=self.places[span.end - 1][1])
            for span in spans
        ]


def written(text: str) -> Written:
    """`text` with its character references read; unknown ones and those of angle brackets stay."""
    if "&" not in text or ";" not in text:
        return Written(text)
    parts: list[str] = []
    places: list[tuple[int, int]] = []
    end = 0
    for match in _REFERENCE.finditer(text):
        read = html.unescape(match[0]).translate(_PLAIN)
        if read == match[0]:
            continue
        parts += [text[end : match.start()], read]
        places += [(at, at + 1) for at in range(end, match.start())]
        places += [match.span()] * len(read)
        end = match.end()
    if not parts:
        return Written(text)
    parts.append(text[end:])
    places += [(at, at + 1) for at in range(end, len(text))]
    return Written("".join(parts), tuple(places))
