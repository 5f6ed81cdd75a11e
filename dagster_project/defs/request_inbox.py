"""The sensor on the inbox of requests: asks for an erasure run when files lie there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

import dagster as dg

from dagster_project.defs.erasure import ERASURE
from dagster_project.defs.sensors import digest_of, look
from dagster_project.failures import plainly
from dagster_project.settings import Settings
from policy import load_policies

INTERVAL = 60


def request_inbox(settings: Settings) -> dg.SensorDefinition:
    """The sensor; stopped until somebody starts it."""

    @dg.sensor(
        name="request_inbox",
        job=ERASURE,
        minimum_interval_seconds=INTERVAL,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description="Asks for an erasure run when new files of requests have lain still for one interval.",
    )
    @plainly
    def evaluate(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        waiting = files_waiting(settings.requests, load_policies(settings.policies).tenants)
        ready, cursor = look(waiting, json.loads(context.cursor or "{}"))
        key = hashlib.sha256("".join(waiting[tenant] for tenant in ready).encode()).hexdigest()
        return dg.SensorResult(
            run_requests=[dg.RunRequest(run_key=key)] if ready else [],
            skip_reason=None if ready else dg.SkipReason("no new file of requests has lain still"),
            cursor=json.dumps(cursor, sort_keys=True),
        )

    return evaluate


def files_waiting(folder: Path, tenants: Iterable[str]) -> dict[str, str]:
    """One digest a tenant that has files in the inbox, over what the file system says of them, without names.

    A file that was looked at and has no good line stays, and changes no digest.
    """
    marks = {}
    for tenant in sorted(tenants):
        place = folder / tenant
        files = place.iterdir() if place.is_dir() and not place.is_symlink() else ()
        own = [file for file in files if not file.name.startswith(".")]
        if own:
            marks[tenant] = digest_of(own)
    return marks
