"""A place in a policy file: its value, where it stands, and the list that faults go to."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from policy.errors import Problem

Path = tuple[str | int, ...]

SHORT_LIST = 12
"""Up to so many options are told in full where none is near."""

_SURE = 0.85
"""difflib's ratio above which the nearest word is told alone."""

QUOTED = 40
"""A value from a policy file is quoted in a message up to this many characters."""


@dataclass
class Faults:
    """Every fault found so far. A muted place has had its fault; nothing more is said of it."""

    problems: list[Problem] = field(default_factory=list)
    muted: set[tuple[str, Path]] = field(default_factory=set)

    def add(self, file: str, where: str, fact: str, mend: str) -> None:
        """Records one fault; the same fault twice counts once."""
        problem = Problem(file, where, fact, mend)
        if problem not in self.problems:
            self.problems.append(problem)


@dataclass(frozen=True)
class Node:
    """One value in a policy file. Its methods return None (or nothing) after they record a fault."""

    file: str
    path: Path
    value: object
    lines: Mapping[Path, int]
    faults: Faults

    @property
    def where(self) -> str:
        """`schema[0].properties[3] (line 12)`; the line is that of the nearest place that exists."""
        text = ""
        for part in self.path:
            text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
        place = self.path
        while place and place not in self.lines:
            place = place[:-1]
        line = f"line {self.lines.get(place, 1)}"
        return f"{text} ({line})" if text else line

    def fault(self, fact: str, mend: str) -> None:
        """Records a fault at this place."""
        if (self.file, self.path) not in self.faults.muted:
            self.faults.add(self.file, self.where, fact, mend)

    def mute(self) -> None:
        """Says that this place has had its fault."""
        self.faults.muted.add((self.file, self.path))

    def child(self, key: str | int) -> Node:
        """The place under `key`; its value is None where there is nothing."""
        value: object = None
        if isinstance(self.value, dict):
            value = self.value.get(key)
        elif isinstance(self.value, list) and isinstance(key, int) and key < len(self.value):
            value = self.value[key]
        return Node(self.file, (*self.path, key), value, self.lines, self.faults)

    def fields(self, required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, Node]:
        """The children of a mapping that may hold these keys and no others; those present with a value."""
        needed, allowed = list(required), [*required, *optional]
        if not isinstance(self.value, dict):
            self.fault(
                f"a mapping is expected here, not {kind_of(self.value)}", f"write the keys {listed(allowed)}"
            )
            return {}
        for key in self.value:
            if key not in allowed:
                self.child(key).fault(f"the key {quoted(key)} is not known", close_match(key, allowed))
        for key in needed:
            if self.value.get(key) is None:
                self.fault(f"the key {quoted(key)} is missing", f"add {key}")
        return {key: self.child(key) for key in allowed if self.value.get(key) is not None}

    def items(self) -> list[Node]:
        """The entries of a list."""
        if not isinstance(self.value, list):
            self.fault(f"a list is expected here, not {kind_of(self.value)}", "begin each entry with a dash")
            return []
        return [self.child(index) for index in range(len(self.value))]

    def text(self) -> str | None:
        """A text that is not blank."""
        if not isinstance(self.value, str):
            self.fault(f"a text is expected here, not {kind_of(self.value)}", "write it in quotes")
            return None
        if not self.value.strip():
            self.fault("the text is empty", "fill it in, or take the key away")
            return None
        return self.value

    def matching(self, pattern: re.Pattern[str], what: str, rule: str) -> str | None:
        """A text that matches `pattern` from end to end; `what` names it, `rule` says how it is written."""
        text = self.text()
        if text is not None and not pattern.fullmatch(text):
            # Letters that only look like ours are told by their numbers, or the fault could not be seen.
            shown = quoted(text).encode("ascii", "backslashreplace").decode()
            self.fault(f"{shown} is not {what}", rule)
            return None
        return text

    def choice(self, allowed: Iterable[str]) -> str | None:
        """One of the `allowed` texts."""
        text, options = self.text(), list(allowed)
        if text is not None and text not in options:
            self.fault(f"{quoted(text)} is not one of {listed(options)}", close_match(text, options))
            return None
        return text

    def flag(self) -> bool | None:
        """A truth value, and nothing that only looks like one."""
        if not isinstance(self.value, bool):
            self.fault(f"true or false is expected here, not {kind_of(self.value)}", "write true or false")
            return None
        return self.value

    def integer(self, low: int, high: int) -> int | None:
        """A whole number from `low` to `high`."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or not low <= self.value <= high:
            self.fault(
                f"a whole number from {low} to {high} is expected here",
                f"write a number from {low} to {high}",
            )
            return None
        return self.value

    def share(self) -> float | None:
        """A number from 0 to 1."""
        if (
            isinstance(self.value, bool)
            or not isinstance(self.value, int | float)
            or not 0 <= self.value <= 1
        ):
            self.fault("a number from 0 to 1 is expected here", "write a number such as 0.6")
            return None
        return float(self.value)


def quoted(value: object) -> str:
    """The value in quotes, cut to a length that a message can carry."""
    text = str(value).replace("\n", " ")
    return f"'{text}'" if len(text) <= QUOTED else f"'{text[:QUOTED]}…'"


def listed(values: Iterable[str]) -> str:
    """`a, b or c`."""
    *head, last = list(values)
    return f"{', '.join(head)} or {last}" if head else last


def close_match(given: object, known: Iterable[str]) -> str:
    """The mend for a misspelt word: the nearest known ones, or all where they are few."""
    folded = {option.lower(): option for option in sorted(known)}
    word = str(given).lower()
    near = difflib.get_close_matches(word, folded, n=1, cutoff=_SURE) or difflib.get_close_matches(
        word, folded
    )
    if near:
        return f"write {listed(folded[each] for each in near)}, if that is meant"
    return f"use {listed(folded.values())}" if 0 < len(folded) <= SHORT_LIST else "use one that is declared"


def kind_of(value: object) -> str:
    """The plain word for what YAML made of a value."""
    if value is None:
        return "nothing"
    names = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        str: "a text",
        list: "a list",
        dict: "a mapping",
    }
    return names.get(type(value), f"a {type(value).__name__}")
