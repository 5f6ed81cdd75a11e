"""Relays in processes of their own that end by kill -9, wherever they are."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from lineage_endpoint import Endpoint, assert_sound, status

from audit.relay import deliver
from audit.sinks import FileSink, MemorySink

REPOSITORY = Path(__file__).parents[2]
RELAY = """
import os, signal, sys
from pathlib import Path
import audit.sinks
from audit.http_sink import HttpSink
from audit.outbox import Outbox
from audit.relay import deliver
from tenancy.control import open_control

def die(*_args):
    os.kill(os.getpid(), signal.SIGKILL)

def die_in_mid_write(handle, data, offset):
    os.pwrite(handle, data[: len(data) * 2 // 3], offset)
    os.fsync(handle)
    die()

folder, where, how = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
if how == "between answer and mark":
    Outbox.mark_delivered = die
if how == "in the middle of a write":
    audit.sinks._write_all = die_in_mid_write
sink = HttpSink(where) if where.startswith("http") else audit.sinks.FileSink(Path(where))
deliver(Outbox(open_control(folder / "control.db")), [sink], folder / "turns")
"""


def relay_process(folder, where, how="by others"):
    command = [sys.executable, "-c", RELAY, str(folder), str(where), how]
    return subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(REPOSITORY)})


def ended_by_kill(process):
    return process.wait(60) == -signal.SIGKILL


def test_killed_between_the_answer_and_the_mark_it_sends_the_same_bytes_again(
    endpoint, http, outbox, turns, work, tmp_path
):
    work("run-0", "acme")
    assert ended_by_kill(relay_process(tmp_path, endpoint.url, "between answer and mark"))
    (report,) = deliver(outbox, [http], turns).sinks
    assert (report.delivered, report.stopped_by) == (2, None)  # and the dead one's turn is free
    first, again, last = endpoint.requests
    assert (first.identity, first.body) == (again.identity, again.body)
    assert last.identity != first.identity
    assert_sound(endpoint, 2)


def test_killed_while_it_waits_for_an_answer_time_after_time_it_loses_nothing(
    endpoint: Endpoint, http, outbox, turns, work, tmp_path
):
    work("run-0", "acme", "globex")
    for taken in range(3):
        dying = []

        def kill(_endpoint, _connection, dying=dying):
            dying[0].kill()
            dying[0].wait(60)

        endpoint.script.extend([status(201)] * min(taken, 1))
        endpoint.script.append(kill)
        dying.append(relay_process(tmp_path, endpoint.url))
        assert ended_by_kill(dying[0])
    (report,) = deliver(outbox, [http], turns).sinks
    assert (report.lag.delivered, report.lag.pending) == (4, 0)
    assert_sound(endpoint, 4)


def test_killed_in_the_middle_of_a_write_it_leaves_a_file_that_the_next_one_mends(
    outbox, turns, work, tmp_path
):
    work("run-0", "acme", "globex")
    file, expected = tmp_path / "events.jsonl", MemorySink("all")
    deliver(outbox, [expected], turns)
    assert ended_by_kill(relay_process(tmp_path, file, "in the middle of a write"))
    assert not file.read_text().endswith("\n")
    deliver(outbox, [FileSink(file)], turns)
    lines = file.read_text().splitlines()
    assert all(json.loads(line) for line in lines)
    assert list(dict.fromkeys(lines)) == expected.payloads
    assert len(lines) > len(expected.payloads)
