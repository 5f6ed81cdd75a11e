"""Pictures of the platform as it stands: rows by tenant and dataset, columns by class and treatment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from audit.pages.svg import box, picture, shortened, text
from audit.pages.words import COLOURS

WIDTH, LEFT, RIGHT = 1080, 250, 190
BRONZE, QUARANTINE = COLOURS["encrypted"], "#e3a3a0"
SHOWN = 40
"""So many bars are drawn; the table under the picture has all."""


def draw_volumes(volumes: Sequence[tuple[str, int, int]]) -> str:
    """A bar for each name, rows in bronze, rows in quarantine: the longest fills the width."""
    shown = volumes[:SHOWN]
    longest = max((bronze + bad for _, bronze, bad in shown), default=0)
    if not longest:
        return ""
    scale, parts, y = (
        (WIDTH - LEFT - RIGHT) / longest,
        _key({"in bronze": BRONZE, "in quarantine": QUARANTINE}),
        34.0,
    )
    for name, bronze, bad in shown:
        parts.append(text(0, y + 14, shortened(name, 36), 12.5))
        parts.append(box(LEFT, y + 1, bronze * scale, 17, BRONZE, f"{bronze:,} in bronze"))
        # A few bad rows among many good ones must still be seen.
        width = max(bad * scale, 3) if bad else 0
        if bad:
            parts.append(box(LEFT + bronze * scale, y + 1, width, 17, QUARANTINE, f"{bad:,} in quarantine"))
        words = f"{bronze:,}" + (f" and {bad:,} in quarantine" if bad else "")
        parts.append(text(LEFT + bronze * scale + width + 8, y + 14, words, 11.5))
        y += 23
    return picture(WIDTH, y + 6, "Rows by tenant and dataset", parts)


def draw_treatments(classes: Mapping[str, Counter[str]]) -> str:
    """A bar for each class, its columns by what is left of them for analysts."""
    most = max((counts.total() for counts in classes.values()), default=0)
    if not most:
        return ""
    used = {
        words: colour for words, colour in COLOURS.items() if any(words in one for one in classes.values())
    }
    scale, parts, y = (WIDTH - LEFT - RIGHT) / most, _key(used), 34.0
    for name, counts in sorted(classes.items(), key=lambda one: (-one[1].total(), one[0])):
        parts.append(text(0, y + 14, shortened(name, 36), 12.5))
        x = float(LEFT)
        for words, colour in used.items():
            if counts[words]:
                parts.append(box(x, y + 1, counts[words] * scale, 17, colour, f"{words}: {counts[words]}"))
                x += counts[words] * scale
        parts.append(text(x + 8, y + 14, f"{counts.total():,}", 11.5))
        y += 23
    return picture(WIDTH, y + 6, "Columns by class and treatment", parts)


def _key(colours: Mapping[str, str]) -> list[str]:
    parts, x = [], float(LEFT)
    for words, colour in colours.items():
        parts += [box(x, 4, 13, 13, colour), text(x + 19, 15, words, 12)]
        x += 40 + 6.4 * len(words)
    return parts
