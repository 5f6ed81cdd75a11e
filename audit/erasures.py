"""What lineage is told of erasures: of a request, with the receipt that proves it; and of retention."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from openlineage.client.event_v2 import RunEvent
from openlineage.client.facet_v2 import base_subset_dataset, lifecycle_state_change_dataset

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
    events = expiry_events(step, tables, rows, at, which=f"rows found by {facet.tokens} tokens")
    for event in events:
        (event.run.facets or {})[ERASURE_KEY] = facet
    return events


def expiry_events(
    step: StepRun,
    tables: Sequence[DatasetRef],
    rows: dict[str, int],
    at: datetime,
    which: str = "rows past their time",
) -> list[RunEvent]:
    """START and COMPLETE of what retention did in one dataset.

    Args:
        step: The run; its `run_id` is the pipeline's.
        tables: What was rewritten, each as input and output.
        rows: Rows that went or lost values, by what became of them and table.
        at: When it was done.
        which: Which rows of the tenant's partition, in words that tell nobody.
    """
    begun = start_event(step, tables, tables)
    ended = complete_event(step, tables, tables, counts=rows, at=at)
    part = base_subset_dataset.Partition(dimensions={"tenant_id": step.tenant_id}, identifier=which)
    for output in ended.outputs or ():
        # The spec has no word for rows that are deleted: what the table held is overwritten by less.
        output.facets = (output.facets or {}) | {
            "lifecycleStateChange": lifecycle_state_change_dataset.LifecycleStateChangeDatasetFacet(
                lifecycleStateChange=lifecycle_state_change_dataset.LifecycleStateChange.OVERWRITE,
                producer=PRODUCER,
            )
        }
        output.outputFacets = (output.outputFacets or {}) | {
            "subset": base_subset_dataset.OutputSubsetOutputDatasetFacet(
                outputCondition=base_subset_dataset.PartitionSubsetCondition(partitions=[part]),
                producer=PRODUCER,
            )
        }
    return [begun, ended]
