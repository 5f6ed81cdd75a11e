"""An HTTP endpoint as a place for lineage events."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPMessage, HTTPSConnection
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from audit.errors import LineageError, SinkRejected, SinkUnavailable

CONNECT_SECONDS = 2.0
"""For how long one address may leave us waiting before it counts as dead."""

ENDPOINT_FAULTS = frozenset({401, 403, 404, 405, 407, 408, 421, 423, 425, 429})
"""4xx answers that speak of the endpoint or the login and not of the event: sending it again can help.

408 and 429 ask for that (RFC 9110, RFC 6585); the others end when somebody mends the address or the
credentials, and until then every event would be set aside.
"""

EVENT_MAY_BE_WHY = frozenset({500, 502, 504})
"""5xx answers that a server also gives when one event breaks it. 503 says that it has no time for any."""

LONGEST_ANSWER = 64 * 2**20
"""Bytes of an answer that are read at most."""

TOKEN = re.compile(r"[\x21-\x7e]+")
_URL = re.compile(r"[\x21-\x7e]+")
Token = Callable[[], str | None]


def endpoint(url: str, what: str = "lineage") -> SplitResult:
    """The parts of a plain http(s) URL. Raises LineageError, which does not repeat it, for anything else.

    `what` is what the endpoint takes, for the message.
    """
    try:
        parts = urlsplit(url)
        plain = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        plain = False
    if not plain or "@" in parts.netloc or not _URL.fullmatch(url):
        raise LineageError(
            f"the {what} endpoint is not a plain http(s) URL. To mend it: give scheme, host and path, "
            f"and set credentials as the {what} token."
        )
    return parts


def check_endpoint(url: str, *, has_token: bool, what: str = "lineage") -> None:
    """Raise LineageError for what is no plain http(s) URL, or would show a token to the network."""
    parts = endpoint(url, what)
    if has_token and parts.scheme == "http" and not _on_this_machine(str(parts.hostname)):
        raise LineageError(
            f"the {what} token would cross the network unencrypted. To mend it: give an https URL, or "
            "a proxy on this machine."
        )


def _on_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class HttpSink:
    """POSTs each event as JSON to a URL (Marquez, OpenMetadata, DataHub and the like).

    `token` is asked once, at the first event, and goes out as `Authorization: Bearer`; neither it nor the
    URL's path is shown or stored. Each event has a connection of its own, so that an endpoint that answers
    twice cannot answer for the next event. Proxies and .netrc of the environment are not used, redirects
    are not followed (a POST would become a GET, and the token would go elsewhere), and the body of an answer
    to a POST is not read. Certificates are checked against the machine's own store.
    """

    batch_size = 1

    def __init__(self, url: str, token: Token = lambda: None, name: str | None = None) -> None:
        self._parts = endpoint(url)
        self._token = token
        self._name = name or f"http:{self._parts.netloc}"
        self._headers: dict[str, str] | None = None
        self._tls = ssl.create_default_context() if self._parts.scheme == "https" else None

    @property
    def name(self) -> str:
        """The name given, else `http:` with host and port."""
        return self._name

    def send(self, payloads: Sequence[str], timeout_seconds: float) -> None:
        """POST one event. 2xx takes it; a 4xx about the event refuses it; all else is an outage.

        It ends after `timeout_seconds`, whatever the other side or the name service does.
        """
        (payload,) = payloads
        _judge(self._exchange("POST", timeout_seconds, payload.encode()).answer(timeout_seconds))

    def read(self, timeout_seconds: float) -> bytes:
        """What the endpoint answers to GET, 64 MiB at most. Raises as `send` does."""
        answer = self._exchange("GET", timeout_seconds, most=LONGEST_ANSWER).answer(timeout_seconds)
        _judge(answer)
        return answer.body

    def _exchange(self, method: str, timeout: float, body: bytes | None = None, most: int = 0) -> _Exchange:
        if self._headers is None:
            self._headers = self._login()
        return _Exchange(
            self._connection(timeout), _Request(method, self._target(), body, self._headers, most)
        )

    def _login(self) -> dict[str, str]:
        try:
            token = self._token()
        except (OSError, ValueError) as error:
            raise SinkUnavailable("token-unreadable") from error
        if token is not None and not TOKEN.fullmatch(token):
            raise SinkUnavailable("token-malformed")
        login = {} if token is None else {"Authorization": f"Bearer {token}"}
        return {"Content-Type": "application/json", "Connection": "close", **login}

    def _target(self) -> str:
        query = f"?{self._parts.query}" if self._parts.query else ""
        return (self._parts.path or "/") + query

    def _connection(self, timeout: float) -> HTTPConnection:
        host, port, wait = str(self._parts.hostname), self._parts.port, min(timeout, CONNECT_SECONDS)
        if self._tls is None:
            return HTTPConnection(host, port, timeout=wait)
        return HTTPSConnection(host, port, timeout=wait, context=self._tls)


@dataclass(frozen=True)
class _Request:
    """`most`: how many bytes of the answer's body are wanted."""

    method: str
    target: str
    body: bytes | None
    headers: dict[str, str]
    most: int


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: HTTPMessage
    body: bytes


class _Exchange:
    """One request and its answer, under a limit for the whole.

    Timeouts of sockets bound each wait, not their sum: an endpoint that sends a byte a second, or a name
    service that thinks, would hold us for ever. So a thread does it, and is left behind at the limit.
    """

    def __init__(self, connection: HTTPConnection, request: _Request) -> None:
        self._connection, self._request = connection, request
        self._answer: _Answer | None = None
        self._failure: Exception | None = None
        self._reached = False
        self._given_up = threading.Event()

    def answer(self, timeout: float) -> _Answer:
        """The answer. Raises SinkUnavailable."""
        work = threading.Thread(target=self._work, args=(timeout,), name="lineage-send", daemon=True)
        work.start()
        work.join(timeout)
        answer, failure = self._answer, self._failure
        if answer is not None:
            return answer
        self._given_up.set()
        if failure is None or isinstance(failure, TimeoutError):
            self._hang_up()
            raise SinkUnavailable("timeout", event_may_be_why=self._reached) from failure
        raise SinkUnavailable(type(failure).__name__, event_may_be_why=self._reached) from failure

    def _work(self, timeout: float) -> None:
        try:
            self._connection.connect()
            if self._given_up.is_set():
                return
            self._reached = True
            self._connection.sock.settimeout(timeout)
            with suppress(BrokenPipeError):  # who refuses a long event may answer before it has read it all
                asked = self._request
                self._connection.request(asked.method, asked.target, asked.body, asked.headers)
            with self._connection.getresponse() as response:
                body = response.read(self._request.most) if self._request.most else b""
                self._answer = _Answer(response.status, response.headers, body)
        except (OSError, HTTPException, ValueError) as error:
            self._failure = error
        finally:
            self._connection.close()

    def _hang_up(self) -> None:
        """Wake the thread, if it waits on the socket, so that it ends."""
        opened = self._connection.sock
        if opened is not None:
            with suppress(OSError):  # it may be closed already
                opened.shutdown(socket.SHUT_RDWR)


def _judge(answer: _Answer) -> None:
    status = answer.status
    if 200 <= status < 300:
        return
    if 400 <= status < 500 and status not in ENDPOINT_FAULTS:
        raise SinkRejected(f"http-{status}")
    raise SinkUnavailable(
        f"http-{status}",
        retry_after=_retry_after(answer.headers),
        event_may_be_why=status in EVENT_MAY_BE_WHY,
    )


def _retry_after(headers: HTTPMessage) -> float | None:
    """Seconds that `Retry-After` asks for; a date in it is held against the endpoint's own clock."""
    asked = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", asked):
        return float(asked)
    try:
        later = parsedate_to_datetime(asked) - parsedate_to_datetime(headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    return max(0.0, later.total_seconds())
