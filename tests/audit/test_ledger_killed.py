"""Two processes append at once, and one ends by kill -9 wherever it is: the ledger is whole all the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from audit.ledger import Fact, Ledger
from audit.ledger_check import check_ledger
from tenancy.control import open_control
from tenancy.signing import open_signing_key, public_key_file, read_public_key

REPOSITORY = Path(__file__).parents[2]
WRITER = """
import sys
from pathlib import Path
from audit.ledger import Fact, Ledger
from tenancy.control import open_control
from tenancy.signing import open_signing_key

folder, name, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
ledger, key = Ledger(open_control(folder / "control.db")), open_signing_key(folder / "signing.key")
for number in range(rounds):
    ledger.append(Fact("check", f"{name}/{number}/{part}", {"part": part}) for part in range(1 + number % 5))
    if number % 10 == 9:
        ledger.sign_head(key)
    print(number, flush=True)
"""


@pytest.fixture
def lake(tmp_path):
    """The control database and public key of a lake whose ledger was begun."""
    key = open_signing_key(tmp_path / "signing.key")
    engine = open_control(tmp_path / "control.db")
    Ledger(engine).sign_head(key)
    return engine, read_public_key(public_key_file(tmp_path / "signing.key"))


def writer(folder, name, rounds):
    command = [sys.executable, "-c", WRITER, str(folder), name, str(rounds)]
    return subprocess.Popen(
        command, env=os.environ | {"PYTHONPATH": str(REPOSITORY)}, stdout=subprocess.PIPE, text=True
    )


def sources(engine, name):
    return [one.source for one in Ledger(engine).entries() if one.source.startswith(f"{name}/")]


def written(name, rounds):
    return [f"{name}/{number}/{part}" for number in range(rounds) for part in range(1 + number % 5)]


def test_two_processes_append_and_sign_at_once_without_gap_or_loss(lake, tmp_path):
    engine, public = lake
    both = [writer(tmp_path, name, 40) for name in ("one", "two")]
    assert [process.communicate(timeout=60) and process.returncode for process in both] == [0, 0]
    assert sources(engine, "one") == written("one", 40)
    assert sources(engine, "two") == written("two", 40)
    checked = check_ledger(engine, [], public)
    assert checked.findings == ()
    assert checked.size == len(written("one", 40)) * 2


@pytest.mark.parametrize("after", [1, 9, 23])
def test_a_process_killed_in_the_midst_of_appends_leaves_whole_appends_and_nothing_else(
    lake, tmp_path, after
):
    engine, public = lake
    process = writer(tmp_path, "one", 10_000)
    for line in process.stdout:
        if int(line) == after:
            process.send_signal(signal.SIGKILL)
            break
    rest = process.stdout.read().split()
    assert process.wait(60) == -signal.SIGKILL
    told = after + len(rest) + 1  # rounds that it had said were done
    found = sources(engine, "one")
    assert found in [written("one", rounds) for rounds in (told, told + 1)]
    assert check_ledger(engine, [], public).findings == ()
    ledger = Ledger(engine)
    assert ledger.append([Fact("check", "after", {})]) == 1
    assert ledger.sign_head(open_signing_key(tmp_path / "signing.key")).size == len(found) + 1
    assert check_ledger(engine, ledger.heads(), public).findings == ()
