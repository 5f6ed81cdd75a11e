"""`tenants.yaml`: whose data there is, and who runs the lake."""

from __future__ import annotations

import re
from collections.abc import Collection

from policy.load_node import Node, close_match, quoted
from policy.tenants import REGION_ID, TENANT_ID, Contact, Platform, Tenant

CALLING_CODE = re.compile(r"[1-9][0-9]{0,3}")
_ID_RULE = "begin with a lower-case letter; go on with lower-case letters, digits and _; {} characters"


def load_tenants(root: Node, tiers: Collection[str] | None) -> dict[str, Tenant]:
    """All tenants by id; faults go to the node's list.

    `tiers` are those that are declared; None where none are, and a tenant's tier is but a word.
    """
    top = root.fields(["tenants"], ["platform"])
    tenants: dict[str, Tenant] = {}
    entries = top["tenants"].items() if "tenants" in top else []
    if "tenants" in top and isinstance(root.child("tenants").value, list) and not entries:
        top["tenants"].fault("there is no tenant", "declare at least one")
    for entry in entries:
        tenant = _tenant(entry, tiers)
        if tenant is None:
            continue
        if tenant.id in tenants:
            entry.child("id").fault(
                f"the tenant {quoted(tenant.id)} is declared twice", "remove one of the two"
            )
            continue
        tenants[tenant.id] = tenant
    return tenants


def load_platform(root: Node) -> Platform:
    """Who runs the lake; empty where the file does not say. Faults go to the node's list."""
    node = root.child("platform") if isinstance(root.value, dict) else root
    if not isinstance(root.value, dict) or node.value is None:
        return Platform()
    got = node.fields(["owner", "contact"])
    told = {name: text for name, one in got.items() if (text := one.text()) is not None}
    return Platform(**told)


def _tenant(entry: Node, tiers: Collection[str] | None) -> Tenant | None:
    got = entry.fields(["id", "name", "region", "tier", "calling_code"], ["contacts"])
    id_ = got["id"].matching(TENANT_ID, "a tenant id", _ID_RULE.format("2 to 40")) if "id" in got else None
    name = got["name"].text() if "name" in got else None
    region = None
    if "region" in got:
        region = got["region"].matching(REGION_ID, "a region id", _ID_RULE.format("2 to 20"))
    tier = got["tier"].text() if "tier" in got else None
    if tier is not None and tiers is not None and tier not in tiers:
        got["tier"].fault(f"the tier {quoted(tier)} is not declared", close_match(tier, tiers))
    code = _calling_code(got["calling_code"]) if "calling_code" in got else None
    contacts = [_contact(each) for each in got["contacts"].items()] if "contacts" in got else []
    if id_ is None or name is None or region is None or tier is None or code is None:
        return None
    return Tenant(id_, name, region, tier, code, tuple(each for each in contacts if each))


def _calling_code(node: Node) -> str | None:
    value = node.value
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not CALLING_CODE.fullmatch(text):
        node.fault(
            f"{quoted(value)} is not a country calling code",
            "write 1 to 4 digits without + or 00, such as 49",
        )
        return None
    return text


def _contact(entry: Node) -> Contact | None:
    got = entry.fields(["role", "address"])
    role = got["role"].text() if "role" in got else None
    address = got["address"].text() if "address" in got else None
    return Contact(role, address) if role and address else None
