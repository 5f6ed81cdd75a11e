"""The proxy example before Lakeward's real interfaces: what an auditor can see and cannot do."""

from __future__ import annotations

import json

import nginx
import pytest
from live_house import House
from nginx import ask, free_port, proxy

pytestmark = pytest.mark.skipif(
    nginx.NGINX is None, reason="nginx is not installed (Debian: apt install nginx-light)"
)
CHANGE = json.dumps(
    {"query": 'mutation { addDynamicPartition(repositorySelector: {repositoryLocationName: "lakeward", '
     'repositoryName: "__repository__"}, partitionsDefName: "tenants", partitionKey: "planted") '
     "{ __typename } }"}
).encode()  # fmt: skip
TENANTS = json.dumps(
    {"query": 'query { assetNodeOrError(assetKey: {path: ["silver", "orders"]}) '
     "{ ... on AssetNode { partitionKeys } } }"}
).encode()  # fmt: skip


def test_an_auditor_sees_what_a_steward_sees_and_changes_nothing(house: House, tmp_path) -> None:
    evidence = tmp_path / "srv" / "evidence" / "acme"
    evidence.mkdir(parents=True)
    (evidence / "bundle.zip").write_text("evidence of acme")
    port = free_port()
    with house.ui("--read-only", "--port", str(port)), proxy(tmp_path, house.port, port) as address:
        assert ask(address, None)[0] == 401
        assert "Dagster" in ask(address, "data-steward")[1]
        for user in ("data-steward", "auditor"):
            told = json.loads(ask(f"{address}/graphql", user, data=TENANTS)[1])
            assert told["data"]["assetNodeOrError"]["partitionKeys"] == ["acme", "globex", "northwind"]
        status, refused = ask(f"{address}/graphql", "auditor", data=CHANGE)
        assert "planted" not in ask(f"{address}/graphql", "auditor", data=TENANTS)[1]
        assert "UnauthorizedError" in refused or status >= 400, refused
        assert ask(f"{address}/graphql", "acme-auditor", data=TENANTS)[0] == 403
        assert ask(f"{address}/evidence/acme/bundle.zip", "acme-auditor") == (200, "evidence of acme")
        assert ask(f"{address}/evidence/globex/", "acme-auditor")[0] == 403
        # The same change through the steward's interface is made: it was the role that was refused.
        assert "AddDynamicPartitionSuccess" in ask(f"{address}/graphql", "data-steward", data=CHANGE)[1]
