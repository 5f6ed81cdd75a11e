"""Where lineage events go: a file, or memory; audit.http_sink has the HTTP endpoint."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from audit.errors import SinkError, SinkRejected, SinkUnavailable

BLOCK = 65_536


class Sink(Protocol):
    """A place that takes events, in order."""

    @property
    def name(self) -> str:
        """A stable name without a secret in it; deliveries are remembered by it."""

    @property
    def batch_size(self) -> int:
        """How many events it takes at once, at most."""

    def send(self, payloads: Sequence[str], timeout_seconds: float) -> None:
        """Take these events (a line of JSON each) for good, or raise SinkUnavailable or SinkRejected.

        What raised took none of them, or did not say so. It should give up after `timeout_seconds`. The
        same event can come twice.
        """


class MemorySink:
    """Keeps events in a list; a stand-in for a real sink. `fail_next` scripts its failures."""

    def __init__(self, name: str = "memory", batch_size: int = 1) -> None:
        self._name, self._batch_size = name, batch_size
        self._failures: deque[SinkError] = deque()
        self.payloads: list[str] = []

    @property
    def name(self) -> str:
        """The name given."""
        return self._name

    @property
    def batch_size(self) -> int:
        """The size given."""
        return self._batch_size

    @property
    def events(self) -> list[dict[str, Any]]:
        """What was taken, parsed, in order."""
        return [json.loads(payload) for payload in self.payloads]

    def fail_next(self, *failures: SinkError) -> None:
        """Raise these, one a send, before anything more is taken."""
        self._failures.extend(failures)

    def send(self, payloads: Sequence[str], timeout_seconds: float) -> None:
        """Take the events, or raise the next scripted failure."""
        if self._failures:
            raise self._failures.popleft()
        self.payloads.extend(payloads)


class FileSink:
    """Appends events to a file of JSON lines, mode 0600, and is sure that they are on disk before it returns.

    It takes many at once, because a disk asks the same time for one as for a hundred.

    A torn last line, left by a crash in mid-write, is cut off before the next one is written: its event
    was never acknowledged, so the outbox still has it. While another process writes, the file is unavailable.
    """

    batch_size = 200

    def __init__(self, path: Path, name: str = "file") -> None:
        self._path = path
        self._name = name

    @property
    def name(self) -> str:
        """The name given; the path stays out of the control database."""
        return self._name

    def send(self, payloads: Sequence[str], timeout_seconds: float) -> None:
        """Append a line each. Raises SinkUnavailable with the system's error name (such as ENOSPC)."""
        if any("\n" in payload for payload in payloads):
            raise SinkRejected("not-one-line")
        try:
            self._append("".join(f"{payload}\n" for payload in payloads).encode())
        except OSError as error:
            raise SinkUnavailable(errno_name(error)) from error

    def _append(self, lines: bytes) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        is_new = not self._path.exists()
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            os.fchmod(handle, 0o600)
            # Not waiting: a writer that hangs must not hang the relay; who finds it locked comes again later.
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            end = _cut_torn_line(handle)
            try:
                _write_all(handle, lines, end)
                os.fsync(handle)
            except OSError:
                os.ftruncate(handle, end)
                raise
        finally:
            os.close(handle)
        if is_new:
            _sync_folder(self._path.parent)


def errno_name(error: OSError) -> str:
    """The system's name of an error, such as ENOSPC."""
    return errno.errorcode.get(error.errno or 0, type(error).__name__)


def _cut_torn_line(handle: int) -> int:
    """Cut the file after its last newline; return its length then."""
    end = os.lseek(handle, 0, os.SEEK_END)
    if end == 0 or os.pread(handle, 1, end - 1) == b"\n":
        return end
    whole, position = 0, end
    while position > 0:
        start = max(0, position - BLOCK)
        found = os.pread(handle, position - start, start).rfind(b"\n")
        if found >= 0:
            whole = start + found + 1
            break
        position = start
    os.ftruncate(handle, whole)
    return whole


def _write_all(handle: int, data: bytes, offset: int) -> None:
    while data:
        written = os.pwrite(handle, data, offset)
        data, offset = data[written:], offset + written


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
