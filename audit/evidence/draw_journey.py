"""The journey as a picture: a lane for each class of personal data, from delivered file to readers."""

from __future__ import annotations

from collections.abc import Sequence

from audit.evidence.journey import Journey, Stop
from audit.pages.svg import arrow, box, picture, shortened, text
from audit.pages.words import COLOURS, UNTOLD, class_words, treatment_words

WIDTH = 1080
READERS = {
    UNTOLD: UNTOLD,
    "readable": "the tenant's analysts",
    "made coarser": "analysts, in part",
    "partly hidden": "analysts, in part",
    "pseudonym": "analysts: a code only",
    "free text, persons blanked": "analysts, with blanks",
    "encrypted": "who has the tenant's key",
    "removed": "nobody",
}
EXPORTED = {"subject_export": "persons: their own", "tenant_export": "the tenant, on leaving"}
COLUMNS = {"class": 0, "landing": 200, "bronze": 456, "silver": 600, "readers": 906}
WIDE = {"landing": 226, "bronze": 118, "silver": 276, "readers": 174}
ROW, GAP, TOP = 21, 16, 64
HEADS = (
    ("class", "Kind of data", ""),
    ("landing", "1. Delivered file", "column in the tenant's files"),
    ("bronze", "2. Sealed store", "“bronze”"),
    ("silver", "3. Analysts' tables", "“silver”, after treatment"),
    ("readers", "4. Who can read it", ""),
)


def draw_journey(journey: Journey) -> str:
    """The picture; empty where no event told of a personal class."""
    parts, y = [], float(TOP)
    for name, head, under in HEADS:
        parts.append(text(COLUMNS[name], 18, head, 14, weight=700))
        parts.append(text(COLUMNS[name], 36, under, 11.5))
    lanes = [one for one in journey.classes() if one.startswith("user")]
    for data_class in lanes:
        drawn, height = _lane(journey, data_class, y)
        parts.append(drawn)
        y += height + GAP
    return picture(WIDTH, y, "Where each kind of personal data went", parts) if lanes else ""


def _lane(journey: Journey, data_class: str, y: float) -> tuple[str, float]:
    steps = journey.of_class(data_class)
    landing = _names(steps.get("landing", ()))
    treated = _by_treatment(steps)
    height = ROW * max(len(landing), len(treated), 1) + 10
    middle = y + height / 2
    parts = [text(COLUMNS["class"], middle + 4, shortened(class_words(data_class), 30), 13, weight=600)]
    parts.append(box(COLUMNS["landing"], y, WIDE["landing"], height, "#ffffff", "\n".join(landing)))
    for number, name in enumerate(landing):
        parts.append(text(COLUMNS["landing"] + 8, y + 20 + ROW * number, shortened(name, 35), 12))
    parts.append(box(COLUMNS["bronze"], middle - 13, WIDE["bronze"], 26, COLOURS["encrypted"]))
    parts.append(text(COLUMNS["bronze"] + WIDE["bronze"] / 2, middle + 4, "encrypted", 12, "middle"))
    first = middle - ROW * len(treated) / 2
    for number, (words, names) in enumerate(treated):
        at = first + ROW * number
        parts.append(box(COLUMNS["silver"], at, WIDE["silver"], ROW - 3, COLOURS[words], ", ".join(names)))
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        shown = f"{words}: {shortened(names[0], 38 - len(words) - len(more))}{more}"
        parts.append(text(COLUMNS["silver"] + 7, at + 13.5, shown, 11.5))
    parts.append(arrow(COLUMNS["landing"] + WIDE["landing"] + 2, COLUMNS["bronze"] - 2, middle))
    parts.append(arrow(COLUMNS["bronze"] + WIDE["bronze"] + 2, COLUMNS["silver"] - 2, middle))
    parts.append(arrow(COLUMNS["silver"] + WIDE["silver"] + 2, COLUMNS["readers"] - 4, middle))
    for number, words in enumerate(_readers(journey, steps, treated)):
        parts.append(text(COLUMNS["readers"], middle + 4 + 15 * number, words, 12))
    return "".join(parts), height


def _names(stops: Sequence[Stop], most: int = 3) -> list[str]:
    names = [f"{one.dataset}: {one.column}" for one in stops]
    return names if len(names) <= most else [*names[: most - 1], f"and {len(names) - most + 1} more columns"]


def _by_treatment(steps: dict[str, list[Stop]]) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for one in steps.get("silver", ()):
        found.setdefault(treatment_words(one.treatment), []).append(f"{one.dataset}.{one.column}")
    gone = [f"{one.dataset}.{one.column}" for one in steps.get("dropped", ())]
    if gone:
        found["removed"] = gone
    order = list(COLOURS)
    return sorted(found.items(), key=lambda one: order.index(one[0]))


def _readers(
    journey: Journey, steps: dict[str, list[Stop]], treated: list[tuple[str, list[str]]]
) -> list[str]:
    """Who can read the most open form of it, and who got it by an export."""
    datasets = {one.dataset for stops in steps.values() for one in stops}
    layers = {flow.target.partition(".")[0] for flow in journey.exports() if flow.dataset in datasets}
    first = READERS[treated[0][0]] if treated else "nobody yet"
    return [first, *(EXPORTED.get(one, one.replace("_", " ")) for one in sorted(layers))]
