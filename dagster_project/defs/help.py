"""Whose a check is, how they are reached, and where it is written what to do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import dagster as dg

from dagster_project.schemas import contracts_of, team_of
from dagster_project.settings import docs_address
from policy import PolicyBundle

DESK_PAGE = "docs/desk.md"
NOBODY = "no contract names one"
NO_PLATFORM = "tenants.yaml names none (platform)"


def help_metadata(page: str, bundle: PolicyBundle, dataset: str | None = None) -> dict[str, Any]:
    """Playbook, owner and contact of a check.

    The playbook is a link where the pages are served (`LAKEWARD_DOCS_URL`), else the page's path. Owners are
    the teams of the dataset's contracts; of what is of no dataset, the team that runs the lake.
    """
    address = docs_address()
    link = dg.MetadataValue.url(f"{address}/{page.removeprefix('docs/')}") if address else page
    if dataset is None:
        who = bundle.platform
        return {"playbook": link, "owner": who.owner or NO_PLATFORM, "contact": who.contact or NO_PLATFORM}
    contracts = contracts_of(bundle, dataset)
    return {
        "playbook": link,
        "owner": _listed(team_of(one) for one in contracts),
        "contact": _listed(one.contact for one in contracts),
    }


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted({name for name in names if name})) or NOBODY
