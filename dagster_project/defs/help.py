"""Whose a check is, and where it is written what to do."""

from __future__ import annotations

from typing import Any

import dagster as dg

from dagster_project.schemas import contracts_of, team_of
from dagster_project.settings import docs_address
from policy import PolicyBundle

DESK_PAGE = "docs/desk.md"


def help_metadata(page: str, bundle: PolicyBundle | None = None, dataset: str = "") -> dict[str, Any]:
    """A check's playbook: a link where the pages are served (`LAKEWARD_DOCS_URL`), else the page's path.

    With policies, also the teams that own the dataset's contracts.
    """
    address = docs_address()
    link = dg.MetadataValue.url(f"{address}/{page.removeprefix('docs/')}") if address else page
    if bundle is None:
        return {"playbook": link}
    owners = sorted({team for one in contracts_of(bundle, dataset) if (team := team_of(one))})
    return {"playbook": link, "owner": ", ".join(owners) or "no contract names one"}
