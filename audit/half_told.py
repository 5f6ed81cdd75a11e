"""Steps that a dead run had begun, and of which lineage was never told an end."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import Engine, or_, select

from audit.clock import moment
from audit.facets import GOVERNANCE_KEY
from audit.outbox_tables import events
from audit.steps import StepRun


def half_told(engine: Engine, run_ids: Collection[str]) -> list[StepRun]:
    """The steps of these pipeline runs that have a START and no end, in the order in which they began.

    Only for runs that are dead: a living one tells its ends itself.
    """
    if not run_ids:
        return []
    ended = events.alias()
    of_these = or_(*(events.c.payload.contains(run_id, autoescape=True) for run_id in run_ids))
    query = (
        select(events.c.payload)
        .where(events.c.event_type == "START", of_these)
        .where(
            ~select(ended.c.seq)
            .where(ended.c.run_id == events.c.run_id, ended.c.event_type != "START")
            .exists()
        )
        .order_by(events.c.seq)
    )
    with engine.connect() as connection:
        steps = [_step(json.loads(payload)) for payload in connection.execute(query).scalars()]
    return [step for step in steps if step.run_id in run_ids]


def _step(start: dict[str, Any]) -> StepRun:
    facets = start["run"]["facets"]
    governance, engine = facets[GOVERNANCE_KEY], facets["processing_engine"]
    tags = {tag["key"]: tag["value"] for tag in facets["tags"]["tags"]}
    return StepRun(
        tenant_id=governance["tenant"],
        region=governance["region"],
        step=governance["step"],
        dataset=start["job"]["name"].partition(".")[2],
        run_id=tags["pipeline_run_id"],
        policy_digest=governance["policyDigest"],
        key_epoch=governance["keyEpoch"],
        contract_version=governance["contractVersion"],
        started_at=moment(start["eventTime"]),
        engine_version=engine["version"],
        engine_name=engine["name"],
        job_namespace=start["job"]["namespace"].removesuffix(f".{governance['tenant']}"),
    )
