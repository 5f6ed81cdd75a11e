"""The landing sensor: keeps tenants in step with the policies and asks for a run when files came."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import dagster as dg

from dagster_project.defs.jobs import LAKE
from dagster_project.failures import plainly
from dagster_project.partitions import TENANTS, changes, span
from dagster_project.run_locks import fail_dead_runs
from dagster_project.settings import Settings
from policy import load_policies
from transforms.landing import Inventory, Stamp, take_inventory

INTERVAL = 60


def landing_files(settings: Settings) -> dg.SensorDefinition:
    """The sensor; stopped until somebody starts it."""

    @dg.sensor(
        name="landing_files",
        job=LAKE,
        minimum_interval_seconds=INTERVAL,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description="Asks for a run over the tenants whose new files have lain still for one interval.",
    )
    @plainly
    def evaluate(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        fail_dead_runs(context.instance, settings.leases)
        bundle = load_policies(settings.policies)
        now = fingerprints(take_inventory(settings.landing, bundle))
        added, deleted = changes(context.instance.get_dynamic_partitions("tenants"), bundle.tenants)
        kept = [t for t in context.instance.get_dynamic_partitions("tenants") if t not in deleted]
        ready, cursor = look(now, json.loads(context.cursor or "{}"))
        key = hashlib.sha256("".join(now[tenant] for tenant in ready).encode()).hexdigest()
        return dg.SensorResult(
            run_requests=[dg.RunRequest(run_key=key, tags=span([*kept, *added], ready))] if ready else [],
            skip_reason=None if ready else dg.SkipReason("no new file has lain still for one interval"),
            dynamic_partitions_requests=[
                *([TENANTS.build_add_request(added)] if added else []),
                *([TENANTS.build_delete_request(deleted)] if deleted else []),
            ],
            cursor=json.dumps(cursor, sort_keys=True),
        )

    return evaluate


def fingerprints(found: Inventory) -> dict[str, str]:
    """One digest a tenant over what the file system says of its files.

    Names are left out: a tenant may put an e-mail address into one, and the digest is stored.
    """
    files: dict[str, list[Path]] = {}
    for file in found.files:
        files.setdefault(file.tenant, []).append(file.path)
    return {tenant: digest_of(own) for tenant, own in sorted(files.items())}


def look(
    now: Mapping[str, str], cursor: Mapping[str, Sequence[str]]
) -> tuple[list[str], dict[str, list[str]]]:
    """Tenants with files new since their last run and unchanged since the last look; the next cursor.

    The cursor holds, for each tenant, the digest at the last look and the one that was run. An upload
    that still grows changes its digest at every look, and so waits.
    """
    ready, following = [], {}
    for tenant, digest in now.items():
        seen, run = cursor.get(tenant, ("", ""))
        if digest == seen != run:
            ready.append(tenant)
            run = digest
        following[tenant] = [digest, run]
    return ready, following


def digest_of(files: Iterable[Path]) -> str:
    """32 hex digits over what the file system says of these files, in whatever order and without names."""
    return hashlib.sha256("".join(sorted(map(_mark, files))).encode()).hexdigest()[:32]


def _mark(file: Path) -> str:
    try:
        return Stamp.of(file).mark
    except OSError:
        return ""  # taken away or shut since we looked
