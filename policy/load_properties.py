"""`lakeward.*` custom properties of a contract or of a column."""

from __future__ import annotations

from collections.abc import Iterable

from policy.load_node import Node, close_match, quoted

PREFIX = "lakeward."
CONTRACT_PROPERTIES = (
    "landingDisposal", "loadMode", "owner", "subjectColumn", "tenantColumn", "timeColumn", "versionColumn",
)  # fmt: skip
COLUMN_PROPERTIES = ("freeText", "namespace", "treatment")


def own_properties(holder: Node, allowed: Iterable[str]) -> dict[str, Node]:
    """The value nodes of `holder.customProperties` that are Lakeward's, by name without the prefix.

    Properties of other vendors are left alone; one of ours that is misspelt or given twice is a fault.
    """
    names = [PREFIX + name for name in allowed]
    found: dict[str, Node] = {}
    entries = holder.child("customProperties")
    for entry in entries.items() if isinstance(entries.value, list) else []:
        name = entry.child("property").value
        if not isinstance(name, str) or not name.lower().startswith(PREFIX):
            continue
        if name not in names:
            entry.child("property").fault(
                f"the property {quoted(name)} is not known here", close_match(name, names)
            )
        elif name.removeprefix(PREFIX) in found:
            entry.child("property").fault(
                f"the property {quoted(name)} stands here twice", "keep one of the two"
            )
        elif entry.child("value").value is None:
            entry.fault(f"the property {quoted(name)} has no value", "add value")
        else:
            found[name.removeprefix(PREFIX)] = entry.child("value")
    return found
