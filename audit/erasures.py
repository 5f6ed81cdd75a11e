"""What lineage is told of an erasure: one job run a request and dataset, with the receipt that proves it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from openlineage.client.event_v2 import RunEvent
from openlineage.client.facet_v2 import lifecycle_state_change_dataset

from audit.events import complete_event, start_event
from audit.facets import ERASURE_KEY, PRODUCER, LakewardErasureRunFacet
from audit.steps import DatasetRef, StepRun


def erasure_events(
    step: StepRun,
    tables: Sequence[DatasetRef],
    rows: dict[str, int],
    facet: LakewardErasureRunFacet,
    at: datetime,
) -> list[RunEvent]:
    """START and COMPLETE of one erasure in one dataset.

    Args:
        step: The run; its `run_id` is the request's id, so that telling it again changes nothing.
        tables: What was rewritten, each as input and output.
        rows: Rows that went, by table.
        facet: Which request, and which receipt.
        at: When it was proved.
    """
    begun = start_event(step, tables, tables)
    ended = complete_event(step, tables, tables, counts=rows, at=at)
    for event in (begun, ended):
        (event.run.facets or {})[ERASURE_KEY] = facet
    for output in ended.outputs or ():
        # The spec has no word for rows that are deleted: what the table held is overwritten by less.
        (output.facets or {})["lifecycleStateChange"] = (
            lifecycle_state_change_dataset.LifecycleStateChangeDatasetFacet(
                lifecycleStateChange=lifecycle_state_change_dataset.LifecycleStateChange.OVERWRITE,
                producer=PRODUCER,
            )
        )
    return [begun, ended]
