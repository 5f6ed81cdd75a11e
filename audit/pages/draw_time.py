"""Pictures over time: how long data is kept, requests and their deadlines, what detection found when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from audit.pages.svg import INK, box, line, picture, shortened, text
from audit.pages.words import STATES, class_words
from policy.retention import RetentionRule

WIDTH, LEFT = 1080, 330
ACTIONS = {"erase": "#e3a3a0", "anonymise": "#b9d9f2", "review": "#f7e3a1"}
ACTION_WORDS = {"erase": "erased", "anonymise": "made anonymous", "review": "looked at by a person"}
SHADES = ("#3d6b96", "#7fa8cc", "#c5873b", "#8fb48f", "#9c7fb0", "#b5b5b5")
SHOWN = 25
MONTH = 30.44
DAILY = timedelta(days=62)
"""A period up to this long is drawn by day, a longer one by month."""


@dataclass
class Asked:
    """An erasure request as a picture shows it; times are RFC 3339, `changed` is that of its last state."""

    request_id: str
    received: str
    due: str
    state: str
    changed: str
    outcome: str = ""
    verified: bool | None = None


def draw_retention(rules: Sequence[RetentionRule], *, name_scopes: bool = False) -> str:
    """A bar a rule, as long as its period; the shortest first.

    `name_scopes` for a page of many tenants: `region eu` and not `this region`.
    """
    ordered = sorted(rules, key=lambda rule: rule.period.nominal)
    if not ordered:
        return ""
    days = [rule.period.months * MONTH + rule.period.days for rule in ordered]
    scale = (WIDTH - LEFT - 150) / max(days)
    parts, y = [], 10.0
    for rule, length in zip(ordered, days, strict=True):
        width = max(length * scale, 4)
        what = f"values: {class_words(rule.data_class)}" if rule.data_class else "whole rows"
        parts.append(text(0, y + 15, shortened(f"{_scope(rule, name_scopes)}: {what}", 48), 12.5))
        parts.append(box(LEFT, y + 2, width, 18, ACTIONS[rule.action], rule.reason))
        words = f"{_period(rule)}, then {ACTION_WORDS[rule.action]}"
        if width > 240:
            parts.append(text(LEFT + 8, y + 15.5, words, 12))
        else:
            parts.append(text(LEFT + width + 8, y + 15.5, words, 12))
        y += 27
    step = 1 if max(days) <= 3 * 365 else 2
    for year in range(0, int(max(days) // 365) + 1, step):
        x = LEFT + year * 365.25 * scale
        parts.insert(0, line(x, 4, x, y, "#dfe4e8"))
        parts.append(text(x, y + 14, f"{year} years" if year != 1 else "1 year", 11, "middle"))
    return picture(WIDTH, y + 22, "How long data is kept", parts)


def _scope(rule: RetentionRule, named: bool) -> str:
    own = {name: who for name in ("tenant", "tier", "region") if (who := getattr(rule, name)) is not None}
    where = rule.dataset or "every dataset"
    if named and own:
        return f"{where} ({', '.join(f'{name} {who}' for name, who in own.items())})"
    return f"{where} (this {' and '.join(own)})" if own else where


def _period(rule: RetentionRule) -> str:
    years, months = divmod(rule.period.months, 12)
    told = ((years, "year"), (months, "month"), (rule.period.days, "day"))
    return " ".join(f"{number} {word}{'s' if number != 1 else ''}" for number, word in told if number)


def draw_requests(requests: Sequence[Asked], until: str) -> str:
    """A line a request from its receipt to its answer, with its deadline; the latest ones."""
    shown = sorted(requests, key=lambda one: one.received)[-SHOWN:]
    if not shown:
        return ""
    now = _moment(until)
    begin = min(_moment(one.received) for one in shown)
    end = max([now, *(_moment(one.due) for one in shown if one.due)])
    span = max((end - begin).total_seconds(), 1)

    def at(moment: datetime) -> float:
        return LEFT + (moment - begin).total_seconds() / span * (WIDTH - LEFT - 120)

    parts, y = [], 28.0
    for one in shown:
        stop = _moment(one.changed) if one.state == "done" else now
        late = bool(one.due) and stop > _moment(one.due)
        fill = "#e3a3a0" if late else "#c5e3c6" if one.state == "done" else "#f7e3a1"
        words = f"{one.request_id[:8]}: {_answer(one)}"
        parts.append(text(0, y + 13, shortened(words, 50), 12.5))
        parts.append(
            box(at(_moment(one.received)), y + 3, max(at(stop) - at(_moment(one.received)), 5), 13, fill)
        )
        if one.due:
            x = at(_moment(one.due))
            parts.append(line(x, y - 1, x, y + 20, "#b03a2e", 2))
            parts.append(text(max(x, at(stop)) + 6, y + 13, f"due {one.due[:10]}", 11))
        y += 25
    parts.append(line(at(now), 16, at(now), y, INK, 1))
    parts.append(text(at(now), 11, f"this report: {until[:10]}", 11, "middle"))
    parts.append(text(LEFT, y + 14, f"first received {begin:%Y-%m-%d}", 11))
    return picture(WIDTH, y + 22, "Requests and their deadlines", parts)


def _answer(one: Asked) -> str:
    words = STATES.get(one.state, one.state)
    return f"{words}, {one.outcome.replace('_', ' ')}" if one.outcome else words


def draw_detections(found: Counter[tuple[str, str]]) -> str:
    """Stacked bars: findings by day or month, and by class; the rarer classes as one."""
    if not found:
        return ""
    days = sorted({day for day, _ in found})
    long = datetime.fromisoformat(days[-1]) - datetime.fromisoformat(days[0]) > DAILY
    counts: Counter[tuple[str, str]] = Counter()
    by_class: Counter[str] = Counter()
    for (day, data_class), number in found.items():
        counts[day[:7] if long else day, data_class] += number
        by_class[data_class] += number
    named = [one for one, _ in by_class.most_common(len(SHADES) - 1)]
    bars = sorted({when for when, _ in counts})
    tallest = max(sum(n for (when, _), n in counts.items() if when == bar) for bar in bars)
    wide, tall = min(60.0, (WIDTH - LEFT - 60) / len(bars)), 150.0
    parts = []
    for number, bar in enumerate(bars):
        base, x = 14 + tall, 40 + number * wide
        for shade, group in zip(SHADES, [*named, None], strict=False):
            amount = sum(
                n for (w, c), n in counts.items() if w == bar and (c == group if group else c not in named)
            )
            height = amount / tallest * tall
            base -= height
            if amount:
                parts.append(box(x, base, wide - 4, height, shade, f"{bar}: {amount}"))
        if number % max(1, len(bars) // 8) == 0:
            parts.append(text(x + wide / 2 - 2, tall + 30, bar, 11, "middle"))
    parts += [line(38, 14 + tall, WIDTH - LEFT, 14 + tall), text(34, 24, str(tallest), 11, "end")]
    for number, group in enumerate([*named, *(["other"] if len(by_class) > len(named) else [])]):
        y = 24 + 22 * number
        words = "other kinds" if group == "other" else class_words(group)
        amount = (
            by_class[group] if group in by_class else sum(n for c, n in by_class.items() if c not in named)
        )
        parts.append(box(WIDTH - LEFT + 30, y - 11, 14, 14, SHADES[number]))
        parts.append(text(WIDTH - LEFT + 52, y, f"{words}: {amount}", 12.5))
    return picture(WIDTH, max(tall + 40, 24 + 22 * len(SHADES)), "What detection found", parts)


def _moment(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp)
