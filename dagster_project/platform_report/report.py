"""All facts of the platform's page, and the page as a file. Starts no Spark and needs no key."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Engine

from audit.clock import stamp
from audit.pages.platform import LedgerState, Platform, platform_page
from dagster_project.ledger_heads import ledger_state, trouble
from dagster_project.platform_report.kept import holds, kept
from dagster_project.platform_report.persons import exports, frozen, requests
from dagster_project.platform_report.rows import left, violations, volumes
from dagster_project.platform_report.runs import TOLD_NOTHING, told_by_runs
from dagster_project.platform_report.seen import checks, detections, failing, treated, waiting
from dagster_project.settings import Settings
from policy import PolicyBundle
from policy.errors import LakewardError
from tenancy.control import now


def write_page(settings: Settings, engine: Engine, bundle: PolicyBundle, out: Path) -> Platform:
    """Write the page to `out`, over one that is there; the facts in it.

    Raises LakewardError where the file cannot be written there.
    """
    told = gather(settings, engine, bundle)
    draft = out.with_name(f".lakeward-report.{os.getpid()}.new")
    try:
        draft.write_text(platform_page(told), encoding="utf-8")
        draft.replace(out)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise LakewardError(
            f"{out} cannot be written ({error.strerror}). To mend it: give --out a file in a folder that is "
            "there and yours"
        ) from None
    return told


def gather(settings: Settings, engine: Engine, bundle: PolicyBundle) -> Platform:
    """The facts as of now."""
    at = now()
    runs = (
        told_by_runs(settings, bundle) if (settings.dagster_home / "dagster.yaml").exists() else TOLD_NOTHING
    )
    exported, unread = exports(engine, at)
    return Platform(
        made=stamp(at),
        digest=bundle.digest,
        tenants=[(one.id, one.name, one.region, one.tier) for one in bundle.tenants.values()],
        volumes=volumes(engine, bundle),
        reasons=runs.reasons,
        runs_known=runs.known,
        left=left(engine, bundle),
        violations=violations(engine),
        treated=treated(engine, bundle),
        detections=detections(engine, bundle),
        waiting=waiting(engine, bundle),
        checks=checks(engine, bundle),
        failing=failing(engine, bundle),
        requests=requests(engine, settings, at),
        holds=holds(engine, at),
        frozen=frozen(engine),
        kept=kept(engine, bundle, runs),
        ledger=replace(_ledger(engine, settings), unread=unread),
        exports=exported,
    )


def _ledger(engine: Engine, settings: Settings) -> LedgerState:
    entries, head, place = ledger_state(engine, settings)
    has_it = None if place is None else not (place.waiting or place.reason)
    waiting, words = (0, "") if place is None else (place.waiting, trouble(place))
    if head is None:
        return LedgerState(entries, second_has_it=has_it, waiting=waiting, trouble=words)
    return LedgerState(entries, head.size, head.at, head.root, has_it, waiting, words)
