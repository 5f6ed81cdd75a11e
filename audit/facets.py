"""Our own run facet: under which promises a run worked. Its schema lies in audit/facets/."""

from __future__ import annotations

import json
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import Any

import attr
from openlineage.client.facet_v2 import RunFacet

PRODUCER = f"urn:lakeward:{version('lakeward')}"
"""The URI that names this software and its version in every event and facet."""

GOVERNANCE_KEY = "lakeward_governance"
_SCHEMA_ID = "urn:lakeward:openlineage-facet:1-0-1:LakewardGovernanceRunFacet.json"
GOVERNANCE_SCHEMA_URL = f"{_SCHEMA_ID}#/$defs/LakewardGovernanceRunFacet"
"""A name, not an address. It never changes for a given schema: a changed schema gets the next version."""


@attr.define
class LakewardGovernanceRunFacet(RunFacet):
    """Tenant, region, policy and keys of a run, with columns by treatment and rows by outcome.

    The field names are those of the JSON schema, hence camel case.
    """

    tenant: str
    region: str
    step: str
    contractVersion: str
    policyDigest: str
    keyEpoch: int
    treatments: dict[str, int] = attr.field(factory=dict)
    counts: dict[str, int] = attr.field(factory=dict)

    @staticmethod
    def _get_schema() -> str:
        return GOVERNANCE_SCHEMA_URL


@cache
def governance_schema() -> dict[str, Any]:
    """The JSON schema (2020-12) of `LakewardGovernanceRunFacet`, as shipped."""
    text = files("audit").joinpath("facets", "LakewardGovernanceRunFacet.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
