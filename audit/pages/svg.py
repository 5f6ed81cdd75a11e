"""The few shapes that the report's pictures are made of, as SVG text. Every text is escaped here."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

INK, LINE, PALE = "#22313f", "#8a97a3", "#eef2f5"


def text(x: float, y: float, words: str, size: float = 13, anchor: str = "start", weight: int = 400) -> str:
    """A line of text; `x` is its start, middle or end by `anchor`."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}" '
        f'fill="{INK}">{escape(words)}</text>'
    )


def box(x: float, y: float, width: float, height: float, fill: str = PALE, hint: str = "") -> str:
    """A rectangle with round corners; `hint` shows when a mouse rests on it."""
    title = f"<title>{escape(hint)}</title>" if hint else ""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{height:.1f}" rx="4" '
        f'fill={quoteattr(fill)} stroke="{LINE}" stroke-width="0.6">{title}</rect>'
    )


def line(x1: float, y1: float, x2: float, y2: float, colour: str = LINE, width: float = 1) -> str:
    """A straight line."""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke={quoteattr(colour)} '
        f'stroke-width="{width}"/>'
    )


def arrow(x1: float, x2: float, y: float) -> str:
    """A level arrow to the right."""
    head = f'<path d="M{x2:.1f},{y:.1f} l-7,-4 v8 z" fill="{LINE}"/>'
    return line(x1, y, x2 - 6, y) + head


def picture(width: float, height: float, title: str, parts: Iterable[str]) -> str:
    """A whole SVG that fits the page's width; `title` is read out to who does not see it."""
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label={quoteattr(title)} '
        f'font-family="inherit">{"".join(parts)}</svg>'
    )


def shortened(words: str, most: int) -> str:
    """At most so many characters."""
    return words if len(words) <= most else words[: most - 1] + "…"
