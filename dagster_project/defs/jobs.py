"""The one job: every asset, in one process, because a process is a JVM."""

from __future__ import annotations

import dagster as dg

LAKE = dg.define_asset_job(
    "lake",
    selection=dg.AssetSelection.all(),
    executor_def=dg.in_process_executor,
    description="Landing files through the lake: sealed, classified, protected, checked, told to lineage.",
)
