"""Whose data there is: tenants, their region, tier and contacts; and who runs the lake for them."""

from __future__ import annotations

import re
from dataclasses import dataclass

TENANT_ID = re.compile(r"[a-z][a-z0-9_]{1,39}")
"""A tenant id becomes a partition value, a tag and a folder: ASCII, lower case, 2 to 40 characters."""

REGION_ID = re.compile(r"[a-z][a-z0-9_]{1,19}")
DATASET_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


@dataclass(frozen=True)
class Contact:
    """A mailbox or team of the tenant, by role (`owner`, `privacy`, `security`)."""

    role: str
    address: str


@dataclass(frozen=True)
class Platform:
    """The team that runs the lake, and how it is reached: whose is what belongs to no dataset."""

    owner: str = ""
    contact: str = ""


@dataclass(frozen=True)
class Tenant:
    """One tenant company. `calling_code` is the country calling code that its national phone numbers lack."""

    id: str
    name: str
    region: str
    tier: str
    calling_code: str
    contacts: tuple[Contact, ...] = ()
