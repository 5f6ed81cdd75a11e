"""What a lake's lineage tells: in the outbox, and in the file that a consumer reads."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from dagster_project.settings import Settings

ENDS = ("COMPLETE", "FAIL", "ABORT")


def completed_jobs(settings: Settings) -> set[str]:
    """The jobs that the file tells a COMPLETE of."""
    return {
        f"{event['job']['namespace']}/{event['job']['name']}"
        for event in map(json.loads, _lines(settings))
        if event["eventType"] == "COMPLETE"
    }


def faults(settings: Settings, twin_jobs: set[str]) -> Iterator[str]:
    """Half told runs, events that are lost, strange or out of order, work of the twin that nobody told."""
    with closing(sqlite3.connect(settings.control_db)) as connection:
        query = "SELECT run_id, event_type, payload FROM lineage_outbox ORDER BY seq"
        stored = list(connection.execute(query))
    yield from half_told(stored)
    lines = _lines(settings)
    if not lines:
        return  # nothing was delivered yet: an act without a relay
    payloads = {payload for _, _, payload in stored}
    yield from (f"{json.loads(lost)['eventType']} is not in the file" for lost in payloads - set(lines))
    yield from ("a line of the file is no event of the outbox" for _ in set(lines) - payloads)
    yield from _out_of_order(lines)
    yield from (f"no COMPLETE was told of {job}" for job in sorted(twin_jobs - completed_jobs(settings)))


def half_told(stored: list[tuple[str, str, str]]) -> Iterator[str]:
    """The runs that are not told by one START and then one end. `stored`: run, type and payload of events."""
    runs: dict[str, list[str]] = defaultdict(list)
    for run, kind, _payload in stored:
        runs[run].append(kind)
    for run, kinds in runs.items():
        if len(kinds) != 2 or kinds[0] != "START" or kinds[1] not in ENDS:
            yield f"lineage of run {run} is {kinds}"


def _out_of_order(lines: list[str]) -> Iterator[str]:
    first: dict[str, str] = {}
    for event in map(json.loads, lines):
        first.setdefault(event["run"]["runId"], event["eventType"])
    yield from (f"the file tells {kind} of run {run} first" for run, kind in first.items() if kind != "START")


def _lines(settings: Settings) -> list[Any]:
    return settings.lineage_file.read_text().splitlines() if settings.lineage_file.exists() else []
