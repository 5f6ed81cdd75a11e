"""The file of lineage events made shorter: lines of events before a moment leave it."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

from audit.clock import moment
from tenancy.durable import make_durable


def drop_lines(path: Path, before: datetime) -> int:
    """Write the file anew without the events that happened before then; how many went.

    Needs the turn to deliver to that sink (`audit.turns`), because nobody may append meanwhile. Whole or not
    at all, mode 0600. A line that is no event stays.
    """
    if not path.exists():
        return 0
    draft, gone = path.with_suffix(".new"), 0
    with (
        path.open("rb") as lines,
        os.fdopen(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as kept,
    ):
        for line in lines:
            if _is_before(line, before):
                gone += 1
            else:
                kept.write(line)
    if gone:
        make_durable([draft], path.parent)
        draft.replace(path)
        make_durable([path], path.parent)
    else:
        draft.unlink()
    return gone


def _is_before(line: bytes, before: datetime) -> bool:
    try:
        return moment(json.loads(line)["eventTime"]) < before
    except (ValueError, KeyError, TypeError):
        return False
