"""`tiers.yaml`: the limits of each tier that a tenant can be of."""

from __future__ import annotations

import re
from dataclasses import fields

from policy.load_node import Node, quoted
from policy.tiers import Tier

LIMITS = tuple(field.name for field in fields(Tier) if field.name != "name")
UNITS = {
    "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12,
    "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
}  # fmt: skip
SIZE = re.compile(rf"([0-9]{{1,15}}) ?({'|'.join(UNITS)})")
MOST = 10**18


def load_tiers(root: Node) -> dict[str, Tier]:
    """All tiers by name; faults go to the node's list."""
    top = root.fields(["tiers"])
    node = top.get("tiers")
    if node is None:
        return {}
    if not isinstance(node.value, dict):
        node.fault(
            "a mapping of tiers is expected here", "write lines such as standard: {max_file_bytes: 1 GB}"
        )
        return {}
    return {str(name): _tier(str(name), node.child(name)) for name in node.value}


def _tier(name: str, entry: Node) -> Tier:
    got = entry.fields([], LIMITS)
    return Tier(name, **{limit: _amount(node, sized="bytes" in limit) for limit, node in got.items()})


def _amount(node: Node, *, sized: bool) -> int | None:
    """A whole number from 1 up; a size also as a text with its unit."""
    value = node.value
    if sized and isinstance(value, str) and (parts := SIZE.fullmatch(value)):
        value = int(parts[1]) * UNITS[parts[2]]
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST:
        return value
    written = "a number of bytes, or a text such as 500 MB or 2 GiB" if sized else "a whole number from 1 up"
    node.fault(f"{quoted(value)} is no limit", f"write {written}; or leave {node.path[-1]} out")
    return None
