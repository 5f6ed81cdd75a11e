"""An HTTP endpoint on loopback that behaves as badly as it is told to."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 20
"""Seconds after which a test has gone wrong; nothing that goes well waits so long."""

Answer = Callable[["Endpoint", socket.socket], None]


@dataclass(frozen=True)
class Request:
    """What arrived. `body` is complete."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def identity(self) -> tuple[str, str, str]:
        """What a receiver tells duplicates by."""
        event = json.loads(self.body)
        return event["run"]["runId"], event["eventType"], event["eventTime"]


def status(code: int, **headers: str) -> Answer:
    """A whole answer."""
    lines = [f"HTTP/1.1 {code} Answer", *(f"{k.replace('_', '-')}: {v}" for k, v in headers.items())]
    head = "\r\n".join([*lines, "Content-Length: 0", "", ""]).encode()
    return lambda _endpoint, connection: connection.sendall(head)


def raw(data: bytes) -> Answer:
    """These bytes, and the end of the connection."""
    return lambda _endpoint, connection: connection.sendall(data)


def silence(endpoint: Endpoint, _connection: socket.socket) -> None:
    """Nothing, until the endpoint closes."""
    endpoint.closing.wait(PATIENCE)


def trickle(endpoint: Endpoint, connection: socket.socket) -> None:
    """A good answer, one byte at a time, for ever: each byte comes soon, the head never ends."""
    with suppress(OSError):
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while not endpoint.closing.wait(0.01):
            connection.sendall(b"x")


def hang_up(_endpoint: Endpoint, connection: socket.socket) -> None:
    """Nothing, and a reset connection."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")


def after(gate: threading.Event, answer: Answer) -> Answer:
    """`answer`, as soon as the gate opens."""

    def wait(endpoint: Endpoint, connection: socket.socket) -> None:
        gate.wait(PATIENCE)
        answer(endpoint, connection)

    return wait


class Endpoint:
    """Reads each request whole, notes it, and answers by `script`, then by `usual`.

    `usual` is called with the request and gives the answer. With a certificate it speaks TLS.
    """

    def __init__(self, certificate: Path | None = None) -> None:
        self._tls = None
        if certificate is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(certificate)
        self.requests: list[Request] = []
        self.script: deque[Answer] = deque()
        self.usual: Callable[[Request], Answer] = lambda _request: status(201)
        self.came = threading.Semaphore(0)
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._port = 0
        self.up()
        self.url = f"{'https' if self._tls else 'http'}://127.0.0.1:{self._port}/api/v1/lineage"

    def up(self) -> None:
        """Listen, at the same port each time."""
        self._listener = socket.create_server(("127.0.0.1", self._port), reuse_port=False)
        self._port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, args=(self._listener,), daemon=True)
        self._thread.start()

    def down(self) -> None:
        """Refuse connections."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(PATIENCE)

    def close(self) -> None:
        """End for good."""
        self.closing.set()
        if self._thread.is_alive():
            self.down()

    @property
    def identities(self) -> list[tuple[str, str, str]]:
        """The identity of each request, in the order in which they came."""
        return [request.identity for request in self.requests]

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE)
        # Who speaks no HTTP, or no TLS, is left without an answer.
        with suppress(OSError, LookupError), connection, self._secured(connection) as opened:
            request = _read(opened)
            with self._lock:
                self.requests.append(request)
                answer = self.script.popleft() if self.script else self.usual(request)
            self.came.release()
            answer(self, opened)

    def _secured(self, connection: socket.socket) -> socket.socket:
        return connection if self._tls is None else self._tls.wrap_socket(connection, server_side=True)


def _read(connection: socket.socket) -> Request:
    with connection.makefile("rb") as stream:
        path = stream.readline().decode("latin-1").split(" ")[1]
        headers = {}
        while line := stream.readline().decode("latin-1").strip():
            name, _, value = line.partition(": ")
            headers[name] = value
        return Request(path, headers, stream.read(int(headers.get("Content-Length", 0))))


def assert_sound(endpoint: Endpoint, known: int) -> None:
    """Each of `known` events came, each run's in order, and what came twice came the same."""
    bodies: dict[tuple[str, str, str], bytes] = {}
    for request in endpoint.requests:
        assert bodies.setdefault(request.identity, request.body) == request.body
    assert len(bodies) == known
    runs: dict[str, list[str]] = {}
    for run, kind, _ in bodies:  # in the order of first arrival
        runs.setdefault(run, []).append(kind)
    assert set(map(tuple, runs.values())) <= {("START",), ("START", "COMPLETE"), ("START", "FAIL")}
