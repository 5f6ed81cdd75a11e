"""The jobs: the way of a row, and what is due. Each in one process, because a process is a JVM."""

from __future__ import annotations

import dagster as dg

from dagster_project.defs import audit_export, request_desk
from dagster_project.defs.retention import GROUP, PLAN

LAKE = dg.define_asset_job(
    "lake",
    selection=dg.AssetSelection.all()
    - dg.AssetSelection.groups(GROUP, request_desk.GROUP, audit_export.GROUP),
    executor_def=dg.in_process_executor,
    description="Landing files through the lake: sealed, classified, protected, checked, told to lineage.",
)

RETENTION_PLAN = dg.define_asset_job(
    "retention_plan",
    selection=dg.AssetSelection.assets(PLAN),
    executor_def=dg.in_process_executor,
    description="What retention rules would take, and what holds keep. A dry run: reads only.",
)

RETENTION = dg.define_asset_job(
    "retention",
    selection=dg.AssetSelection.groups(GROUP),
    executor_def=dg.in_process_executor,
    description="What is due by the retention rules: planned, then done, with the evidence.",
)

REQUEST_DESK = dg.define_asset_job(
    "request_desk",
    selection=dg.AssetSelection.groups(request_desk.GROUP),
    executor_def=dg.in_process_executor,
    description="Which requests wait, which deadline is near, whether what is done is proved. Reads only.",
)
