"""Where lineage events go: a file, an HTTP endpoint, or memory."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, Self
from urllib.parse import urlsplit

import requests

from audit.errors import LineageError, SinkError, SinkRejected, SinkUnavailable

BLOCK = 65_536

ENDPOINT_FAULTS = frozenset({401, 403, 404, 405, 407, 408, 421, 423, 425, 429})
"""4xx answers that speak of the endpoint or the login and not of the event: sending it again can help.

408 and 429 ask for that (RFC 9110, RFC 6585); the others end when somebody mends the address or the
credentials, and until then every event would be set aside.
"""


class Sink(Protocol):
    """A place that takes events one by one."""

    @property
    def name(self) -> str:
        """A stable name without a secret in it; deliveries are remembered by it."""

    def send(self, payload: str, timeout_seconds: float) -> None:
        """Take one event (one line of JSON) for good, or raise SinkUnavailable or SinkRejected.

        It should give up after `timeout_seconds`. The same event can come twice.
        """


class MemorySink:
    """Keeps events in a list; a stand-in for a real sink. `fail_next` scripts its failures."""

    def __init__(self, name: str = "memory") -> None:
        self._name = name
        self._failures: deque[SinkError] = deque()
        self.payloads: list[str] = []

    @property
    def name(self) -> str:
        """The name given."""
        return self._name

    @property
    def events(self) -> list[dict[str, Any]]:
        """What was taken, parsed, in order."""
        return [json.loads(payload) for payload in self.payloads]

    def fail_next(self, *failures: SinkError) -> None:
        """Raise these, one a send, before anything more is taken."""
        self._failures.extend(failures)

    def send(self, payload: str, timeout_seconds: float) -> None:
        """Take the event, or raise the next scripted failure."""
        if self._failures:
            raise self._failures.popleft()
        self.payloads.append(payload)


class FileSink:
    """Appends events to a file of JSON lines, mode 0600, and is sure that each is on disk before it returns.

    A torn last line, left by a crash in mid-write, is cut off before the next one is written: its event
    was never acknowledged, so the outbox still has it. While another process writes, the file is unavailable.
    """

    def __init__(self, path: Path, name: str = "file") -> None:
        self._path = path
        self._name = name

    @property
    def name(self) -> str:
        """The name given; the path stays out of the control database."""
        return self._name

    def send(self, payload: str, timeout_seconds: float) -> None:
        """Append one line. Raises SinkUnavailable with the system's error name (such as ENOSPC)."""
        if "\n" in payload:
            raise SinkRejected("not-one-line")
        try:
            self._append(payload.encode() + b"\n")
        except OSError as error:
            raise SinkUnavailable(_errno_name(error)) from error

    def _append(self, line: bytes) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        is_new = not self._path.exists()
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            os.fchmod(handle, 0o600)
            # Not waiting: a writer that hangs must not hang the relay; who finds it locked comes again later.
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            end = _cut_torn_line(handle)
            try:
                _write_all(handle, line, end)
                os.fsync(handle)
            except OSError:
                os.ftruncate(handle, end)
                raise
        finally:
            os.close(handle)
        if is_new:
            _sync_folder(self._path.parent)


class HttpSink:
    """POSTs each event as JSON to a URL (Marquez, OpenMetadata, DataHub and the like).

    `headers` may carry a token; neither they nor the URL's path are shown or stored. Proxies and .netrc
    of the environment are not used, redirects are not followed (a POST would become a GET), and the
    answer's body is not read. `timeout_seconds` bounds connecting and each wait for the answer's head.
    """

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        timeout_seconds: float = 5.0,
        name: str | None = None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
            raise LineageError(
                "the lineage endpoint is not a plain http(s) URL. To mend it: give scheme, host and path, "
                "and put credentials into headers."
            )
        self._url = url
        self._timeout = timeout_seconds
        self._name = name or f"http:{parts.netloc}"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers.update({"Content-Type": "application/json", **(headers or {})})

    @property
    def name(self) -> str:
        """The name given, else `http:` with host and port."""
        return self._name

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the kept connections."""
        self._session.close()

    def send(self, payload: str, timeout_seconds: float) -> None:
        """POST one event. 2xx takes it; a 4xx about the event refuses it; all else is an outage."""
        timeout = min(self._timeout, timeout_seconds)
        try:
            with self._session.post(
                self._url,
                data=payload.encode(),
                timeout=timeout,
                allow_redirects=False,
                stream=True,
            ) as answer:
                status = answer.status_code
        except requests.Timeout as error:
            raise SinkUnavailable("timeout") from error
        except requests.RequestException as error:
            raise SinkUnavailable(type(error).__name__) from error
        if 200 <= status < 300:
            return
        if 400 <= status < 500 and status not in ENDPOINT_FAULTS:
            raise SinkRejected(f"http-{status}")
        raise SinkUnavailable(f"http-{status}")


def _errno_name(error: OSError) -> str:
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
