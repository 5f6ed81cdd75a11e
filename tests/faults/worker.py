"""A process that plays acts until it is killed: forked with all imported, a JVM of its own in its session.

The parent never starts a JVM or a thread, so that forking it is safe, and costs no second import.
"""

from __future__ import annotations

import hashlib
import json
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from types import SimpleNamespace
from typing import Any

SHIFT = "FAULTS_CLOCK_SHIFT"
READY, DONE, FAILED = "ready", "done", "failed"


@dataclass
class Worker:
    """A child as its parent sees it. `marks` are what it told of the present act, with their times."""

    pid: int
    _to: int
    _from: int
    marks: list[tuple[float, str]] = field(default_factory=list)
    alive: bool = True
    _rest: bytes = b""

    def play(
        self,
        home: Path,
        act: str,
        run_id: str,
        kill_after: int | str | None = None,
        tenants: Sequence[str] = (),
    ) -> None:
        """Begin an act. `kill_after`: the child kills itself after its nth effect, or the first so named."""
        self.marks.clear()
        order = {
            "home": str(home), "act": act, "run_id": run_id, "kill_after": kill_after, "tenants": tenants,
        }  # fmt: skip
        os.write(self._to, json.dumps(order).encode() + b"\n")

    def wait(self, seconds: float | None = None) -> str | None:
        """What the child says: ready, done, failed (and why), or that it is `dead`; None when time is up."""
        end = None if seconds is None else time.monotonic() + seconds
        while True:
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0:
                return None
            if not select.select([self._from], [], [], left)[0]:
                return None
            data = os.read(self._from, 65536)
            if not data:
                return "dead"
            now = time.monotonic()
            *lines, self._rest = (self._rest + data).split(b"\n")
            for line in lines:
                text = line.decode()
                if text in (READY, DONE) or text.startswith(FAILED):
                    return text
                self.marks.append((now, text))

    def kill(self) -> None:
        """SIGKILL to the whole session, JVM and Python workers included; returns when none is left."""
        if not self.alive:
            return
        self.alive = False
        kill_session(self.pid)
        os.waitpid(self.pid, 0)
        self.wait(0.05)  # what it still had told
        for handle in (self._to, self._from):
            os.close(handle)


def kill_session(leader: int) -> None:
    """SIGKILL to every process of a session; returns when none is left."""
    while alive := _session(leader):
        for pid in alive:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.01)


def _session(leader: int) -> list[int]:
    """The living processes of a session; a zombie is dead."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            _, _, rest = (entry / "stat").read_text().rpartition(") ")
        except (FileNotFoundError, ProcessLookupError):
            continue
        state, _parent, _group, session = rest.split()[:4]
        if int(session) == leader and state not in "ZX":
            found.append(int(entry.name))
    return found


def start_worker(scratch: Path, conf: Mapping[str, str], java: str, environment: Mapping[str, str]) -> Worker:
    """Fork a worker. It says `ready` when its Spark session answers."""
    to_child, orders = os.pipe()
    marks, from_child = os.pipe()
    pid = os.fork()
    if pid:
        os.close(to_child)
        os.close(from_child)
        return Worker(pid, orders, marks)
    try:
        os.close(orders)
        os.close(marks)
        _live(to_child, from_child, scratch, conf, {"JDK_JAVA_OPTIONS": java, **environment})
        os._exit(0)
    except BaseException:  # noqa: BLE001 - a fork must never go on as its parent
        traceback.print_exc()
    finally:
        os._exit(1)


def _live(
    orders: int, marks: int, scratch: Path, conf: Mapping[str, str], environment: Mapping[str, str]
) -> None:
    os.setsid()
    os.environ.update(environment)
    time.tzset()
    scratch.mkdir(parents=True, exist_ok=True)
    log = os.open(scratch / f"worker-{os.getpid()}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(log, stream)
    told = _Told(marks)
    from tests.faults.effects import tell_effects
    from tests.faults.scenario import play
    from transforms.session import build_session

    fix_keys()
    shift_clock(float(environment.get(SHIFT, "0")))
    tell_effects(told.effect)
    session = build_session(scratch / "spark", conf)
    session.range(1).count()
    told.say(READY)
    with os.fdopen(orders) as stream:
        for line in stream:
            order = json.loads(line)
            told.begin(order["kill_after"])
            try:
                play(Path(order["home"]), order["act"], order["run_id"], conf, told.step, order["tenants"])
            except Exception as error:  # noqa: BLE001 - the parent is told whatever it was
                traceback.print_exc()
                told.say(f"{FAILED} {type(error).__name__}: {error}".replace("\n", " "))
            else:
                told.say(DONE)


class _Told:
    """The child's side of the marks."""

    def __init__(self, handle: int) -> None:
        self._handle, self._step, self._effects = handle, "", 0
        self._kill_after: int | str | None = None

    def say(self, text: str) -> None:
        os.write(self._handle, text.encode() + b"\n")

    def begin(self, kill_after: int | str | None) -> None:
        self._step, self._effects, self._kill_after = "open", 0, kill_after

    def step(self, name: str) -> None:
        self._step = name
        self.say(f"= {name}")

    def effect(self, what: str) -> None:
        name = f"{self._step}: {what[2:]}"
        self.say(f"{what[0]} {name}")
        self._effects += what[0] == ">"
        if what[0] == ">" and self._kill_after in (self._effects, name):
            os.killpg(0, signal.SIGKILL)


def shift_clock(seconds: float) -> None:
    """Make this process's clock wrong by so much."""
    from audit import clock
    from tenancy import control

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) + timedelta(seconds=seconds)

    for module in (clock, control):
        module.datetime = Shifted  # type: ignore[attr-defined]


def fix_keys() -> None:
    """The same tenant keys in every lake, so that tokens of two lakes can be compared as they are."""
    from tenancy import keyring

    real = keyring.KeyRing._new_keys

    def new_keys(ring: Any, tenant: str) -> list[dict[str, Any]]:
        count = iter(range(9))
        keyring.os = SimpleNamespace(  # type: ignore[attr-defined]
            urandom=lambda size: hashlib.sha256(f"{tenant} {next(count)}".encode()).digest()[:size]
        )
        return real(ring, tenant)

    keyring.KeyRing._new_keys = new_keys  # type: ignore[method-assign]


def preload() -> None:
    """Import and build what every worker needs, before the first fork."""
    from classifications.detector import Detector
    from tests.faults import effects, scenario  # noqa: F401

    Detector.default().detect(["warm"])


if __name__ == "__main__":
    sys.exit("this module is no command; python -m tests.faults")
