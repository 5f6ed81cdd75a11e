"""Our own run facets: a run's promises, the erasure that it answered. Their schemas lie in audit/facets/."""

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
_SCHEMA_ID = "urn:lakeward:openlineage-facet:1-0-2:LakewardGovernanceRunFacet.json"
GOVERNANCE_SCHEMA_URL = f"{_SCHEMA_ID}#/$defs/LakewardGovernanceRunFacet"
"""A name, not an address. It never changes for a given schema: a changed schema gets the next version."""

ERASURE_KEY = "lakeward_erasure"
_ERASURE_ID = "urn:lakeward:openlineage-facet:1-0-0:LakewardErasureRunFacet.json"
ERASURE_SCHEMA_URL = f"{_ERASURE_ID}#/$defs/LakewardErasureRunFacet"


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


@attr.define
class LakewardErasureRunFacet(RunFacet):
    """The request that was answered, by how many tokens the rows were told, and its receipt's SHA-256.

    The field names are those of the JSON schema, hence camel case.
    """

    requestId: str
    tokens: int
    receiptSha256: str

    @staticmethod
    def _get_schema() -> str:
        return ERASURE_SCHEMA_URL


SCHEMAS = {
    GOVERNANCE_KEY: (GOVERNANCE_SCHEMA_URL, "LakewardGovernanceRunFacet.json"),
    ERASURE_KEY: (ERASURE_SCHEMA_URL, "LakewardErasureRunFacet.json"),
}
"""Our own run facets by the key that they have in an event: the schema's name, and its file."""


@cache
def facet_schema(key: str) -> dict[str, Any]:
    """The JSON schema (2020-12) of one of our run facets, by its key, as shipped."""
    text = files("audit").joinpath("facets", SCHEMAS[key][1]).read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
