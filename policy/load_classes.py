"""The data classes: those that ship with Lakeward, and those that a policies folder adds."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from policy.errors import PolicyError
from policy.load_node import Faults, Node, close_match, quoted
from policy.load_yaml import parse_yaml
from policy.taxonomy import DataClass, Normaliser, Taxonomy

CLASS_KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){0,9}")

GROUPS = (
    "name", "email", "phone", "street", "city", "region", "postal", "country", "birth_date", "gender", "ssn",
    "national_id", "card", "bank_account", "ip", "username", "password", "health", "organisation",
    "free_text", "other",
)  # fmt: skip
"""The plain words that a steward reads; `DataClass.group` is one of them."""


@cache
def shipped_taxonomy() -> Taxonomy:
    """The classes in `policy/data/data_classes.yaml`. Raises PolicyError if the installation is damaged."""
    faults = Faults()
    content = (files("policy") / "data" / "data_classes.yaml").read_bytes()
    root = parse_yaml("policy/data/data_classes.yaml", content, faults)
    taxonomy = Taxonomy(_classes(root, {}) if root else {})
    if faults.problems:
        raise PolicyError(faults.problems)
    return taxonomy


def load_taxonomy(root: Node | None) -> Taxonomy:
    """The shipped data classes with those of a folder's `data_classes.yaml` (None where it has none)."""
    shipped = shipped_taxonomy()
    return shipped if root is None else Taxonomy(_classes(root, dict(shipped.classes)))


def _classes(root: Node, known: dict[str, DataClass]) -> dict[str, DataClass]:
    top = root.fields(["classes"])
    shipped = set(known)
    added: list[tuple[Node, DataClass]] = []
    for entry in top["classes"].items() if "classes" in top else []:
        found = _class(entry)
        if found is None:
            continue
        if found.key in known:
            by = "ships with Lakeward" if found.key in shipped else "is declared above"
            entry.child("key").fault(
                f"the class {quoted(found.key)} {by}", "choose another key, or remove this one"
            )
            continue
        known[found.key] = found
        added.append((entry, found))
    for entry, found in added:
        parent = known.get(found.parent) if found.parent else None
        if found.parent and parent is None:
            entry.child("key").fault(
                f"the parent {quoted(found.parent)} is not declared", close_match(found.parent, known)
            )
        elif parent and parent.personal and not found.personal:
            entry.child("personal").fault(
                f"{found.key} is not personal, but its parent is",
                "say personal: true, or put it under system",
            )
    return known


def _class(entry: Node) -> DataClass | None:
    got = entry.fields(["key", "personal", "normaliser", "group"])
    rule = "write lower-case words joined by dots"
    key = got["key"].matching(CLASS_KEY, "a data class key", rule) if "key" in got else None
    personal = got["personal"].flag() if "personal" in got else None
    normaliser = got["normaliser"].choice(list(Normaliser)) if "normaliser" in got else None
    group = got["group"].choice(GROUPS) if "group" in got else None
    if key is None or personal is None or normaliser is None or group is None:
        return None
    return DataClass(key, personal, Normaliser(normaliser), group)
