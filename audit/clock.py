"""Points in time as the control tables and events write them: UTC, microseconds, sortable as text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from audit.errors import LineageError

Clock = Callable[[], datetime]
"""Gives the present time, with a zone."""


def utc_now() -> datetime:
    """The system's clock, in UTC."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """RFC 3339 text in UTC with six digits of a second, so that text order is time order.

    Raises LineageError for a time without a zone.
    """
    if moment.utcoffset() is None:
        raise LineageError(
            "a time without a zone was given. To mend it: pass an aware datetime, such as in UTC."
        )
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def moment(text: str) -> datetime:
    """The time that `stamp` wrote."""
    return datetime.fromisoformat(text)
