"""Heads of a lake's ledger: signed at each run's end, brought to a second place, and what is amiss there."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from isodate import parse_duration
from sqlalchemy import Engine

from audit.bucket_place import BucketPlace, is_bucket
from audit.clock import utc_now
from audit.ledger import Ledger, SignedHead
from audit.ledger_archive import archive
from audit.ledger_delivery import OTHER_HISTORY, Kept, keep_heads, kept_heads
from audit.ledger_places import FolderPlace, HeadPlace, HttpPlace
from audit.ledger_segments import Segment
from dagster_project.ledger_facts import enter_facts
from dagster_project.settings import Settings, is_url
from policy.errors import LakewardError
from tenancy.signing import open_signing_key
from transforms.context import LakeContext

LATE = timedelta(hours=1)
"""From here on a second place that takes nothing is told as a trouble."""


def head_place(settings: Settings) -> HeadPlace | None:
    """The second place that the settings name. Opens and reads nothing."""
    if settings.ledger_heads is None:
        return None
    if is_url(settings.ledger_heads):
        return HttpPlace(settings.ledger_heads, settings.read_ledger_heads_token)
    if is_bucket(settings.ledger_heads):
        return BucketPlace(settings.ledger_heads)
    return FolderPlace(Path(settings.ledger_heads))


def sign_and_keep(engine: Engine, settings: Settings) -> tuple[SignedHead, Kept | None]:
    """Sign the ledger as it is, and bring every head that is not there yet to the second place.

    A second place that is down is in what is given, and made up for the next time. Raises LedgerError where
    the ledger is not what was signed before.
    """
    head = Ledger(engine).sign_head(open_signing_key(settings.signing_key))
    place = head_place(settings)
    return head, keep_heads(engine, place) if place is not None else None


def close_ledger(ctx: LakeContext, settings: Settings) -> Kept | None:
    """At a run's end: enter what it did, sign, and keep the head elsewhere. Raises as `sign_and_keep`."""
    enter_facts(ctx)
    return sign_and_keep(ctx.engine, settings)[1]


def archive_step(engine: Engine, settings: Settings, before: datetime | None = None) -> list[Segment]:
    """Move entries from before then, or older than the settings keep them, into segments; which ones.

    Raises LakewardError where no folder is set, or no period.
    """
    if settings.ledger_archive is None:
        raise LakewardError("no folder for segments is set. To mend it: set LAKEWARD_LEDGER_ARCHIVE")
    if before is None:
        if settings.ledger_keep is None:
            raise LakewardError("how long entries stay is not set. To mend it: set LAKEWARD_LEDGER_KEEP")
        before = utc_now() - parse_duration(settings.ledger_keep)
    return archive(engine, open_signing_key(settings.signing_key), before, settings.ledger_archive)


def trouble(kept: Kept | None, now: datetime | None = None) -> str:
    """What a steward should look at, in words; empty while heads arrive, or have no second place."""
    if kept is None or not kept.reason:
        return ""
    if kept.reason == OTHER_HISTORY:
        return (
            "the second place has a head that this ledger never signed: the control database is an older "
            "copy, or another one. To mend it: lakeward ledger check"
        )
    since = kept.failing_since
    late = since is not None and since < (now or utc_now()) - LATE
    told = f"since {since:%Y-%m-%d %H:%M} UTC" if since is not None and late else "for now"
    return (
        f"{kept.waiting} heads wait for {kept.place} {told}, because of {kept.reason}. To mend it: mend the "
        "place; what waits is sent by the next run, or by lakeward ledger head"
    )


def ledger_state(engine: Engine, settings: Settings) -> tuple[int, SignedHead | None, Kept | None]:
    """How many entries there are, the newest head, how far the second place is. Asks the database only."""
    ledger, place = Ledger(engine), head_place(settings)
    newest = ledger.newest_head()
    return ledger.size(), newest, kept_heads(engine, place) if place is not None else None
