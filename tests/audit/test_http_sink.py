"""What one answer of an HTTP endpoint means, and that no answer holds the sender."""

from __future__ import annotations

import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from lineage_endpoint import Endpoint, after, hang_up, raw, silence, status, trickle

from audit.errors import LineageError, SinkRejected, SinkUnavailable
from audit.http_sink import ENDPOINT_FAULTS, HttpSink, check_endpoint

LINE = '{"eventType":"START"}'
SOON = 0.3
"""Seconds that a test which waits for a limit waits."""
AT_ONCE = 5.0
"""Seconds that a loaded machine may take for what has to be quick."""


@pytest.fixture
def endpoint():
    endpoint = Endpoint()
    yield endpoint
    endpoint.close()


@pytest.fixture
def http(endpoint):
    return HttpSink(endpoint.url, lambda: "t0ken")


def outage(http, limit=20.0):
    """The failure of a send that is an outage."""
    with pytest.raises(SinkUnavailable) as told:
        http.send([LINE], limit)
    return told.value


def test_an_event_is_posted_as_json_with_the_token(endpoint, http):
    http.send([LINE], 5)
    (request,) = endpoint.requests
    assert request.path == "/api/v1/lineage"
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Authorization"] == "Bearer t0ken"
    assert request.body.decode() == LINE


def test_without_a_token_there_is_no_login(endpoint):
    HttpSink(endpoint.url).send([LINE], 5)
    assert "Authorization" not in endpoint.requests[0].headers


def test_a_query_in_the_url_goes_along_and_an_empty_path_is_the_root(endpoint):
    root = endpoint.url.removesuffix("/api/v1/lineage")
    HttpSink(f"{root}/a/b?key=1").send([LINE], 5)
    HttpSink(root).send([LINE], 5)
    assert [request.path for request in endpoint.requests] == ["/a/b?key=1", "/"]


@pytest.mark.parametrize("code", [200, 201, 202, 204, 299])
def test_a_2xx_takes_the_event(endpoint, http, code):
    endpoint.script.append(status(code))
    http.send([LINE], 5)
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize("code", [400, 406, 409, 413, 415, 422, 431])
def test_a_4xx_about_the_event_is_a_refusal(endpoint, http, code):
    endpoint.script.append(status(code))
    with pytest.raises(SinkRejected) as told:
        http.send([LINE], 5)
    assert told.value.kind == f"http-{code}"


@pytest.mark.parametrize("code", [*sorted(ENDPOINT_FAULTS), 300, 302, 307, 308, 501, 503, 505])
def test_an_answer_about_the_endpoint_is_an_outage_that_says_nothing_of_the_event(endpoint, http, code):
    endpoint.script.append(status(code))
    failure = outage(http)
    assert (failure.kind, failure.event_may_be_why) == (f"http-{code}", False)


@pytest.mark.parametrize("code", [500, 502, 504])
def test_a_server_that_breaks_may_break_because_of_the_event(endpoint, http, code):
    endpoint.script.append(status(code))
    failure = outage(http)
    assert (failure.kind, failure.event_may_be_why) == (f"http-{code}", True)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_so_the_token_goes_nowhere_else(endpoint, http, code):
    elsewhere = Endpoint()
    endpoint.script.append(status(code, Location=elsewhere.url))
    assert outage(http).kind == f"http-{code}"
    assert (len(endpoint.requests), len(elsewhere.requests)) == (1, 0)
    elsewhere.close()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry_After": "120"}, 120),
        ({"Retry_After": "0"}, 0),
        ({"Retry_After": "Wed, 21 Oct 2026 07:28:30 GMT", "Date": "Wed, 21 Oct 2026 07:28:00 GMT"}, 30),
        ({"Retry_After": "Wed, 21 Oct 2026 07:00:00 GMT", "Date": "Wed, 21 Oct 2026 07:28:00 GMT"}, 0),
        ({"Retry_After": "Wed, 21 Oct 2026 07:28:30 GMT"}, None),
        ({"Retry_After": "soon"}, None),
        ({"Retry_After": "-5"}, None),
        ({"Retry_After": "9" * 400}, None),
        ({}, None),
    ],
)
@pytest.mark.parametrize("code", [429, 503])
def test_how_long_an_endpoint_asks_to_be_left_alone_is_told(endpoint, http, code, headers, seconds):
    endpoint.script.append(status(code, **headers))
    assert outage(http).retry_after == seconds


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (raw(b"HTTP/1.1 2"), "BadStatusLine"),
        (raw(b"\x00\xff\xfe garbage \r\n\r\n"), "BadStatusLine"),
        (raw(b"SSH-2.0-OpenSSH_9.6\r\n"), "BadStatusLine"),
        (raw(b"HTTP/1.1 two hundred\r\n\r\n"), "BadStatusLine"),
        (raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000), "LineTooLong"),
        (raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"), "HTTPException"),
        (raw(b""), "RemoteDisconnected"),
        (hang_up, "ConnectionResetError"),
    ],
)
def test_an_answer_that_is_none_is_an_outage_told_by_its_kind(endpoint, http, answer, kind):
    endpoint.script.append(answer)
    failure = outage(http)
    assert (failure.kind, failure.event_may_be_why) == (kind, True)


@pytest.mark.parametrize(
    "answer",
    [
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"),
        raw(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nzz"),
        raw(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"),
        raw(b"HTTP/1.1 200\r\n\r\n"),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n"),
    ],
)
def test_the_head_of_an_answer_decides_however_its_body_ends(endpoint, http, answer):
    endpoint.script.append(answer)
    http.send([LINE], 20)
    assert len(endpoint.requests) == 1


def test_a_body_that_never_ends_is_not_waited_for(endpoint, http):
    head = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
    endpoint.script.append(lambda *given: (head(*given), silence(*given)))
    began = time.monotonic()
    http.send([LINE], 20)
    assert time.monotonic() - began < AT_ONCE


def test_a_second_answer_is_not_taken_for_the_next_events(endpoint, http):
    endpoint.script.append(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" * 2))
    endpoint.script.append(status(500))
    http.send([LINE], 5)
    assert outage(http).kind == "http-500"


def test_an_endpoint_that_does_not_answer_is_given_up_at_the_limit(endpoint, http):
    endpoint.script.append(silence)
    began = time.monotonic()
    failure = outage(http, SOON)
    assert (failure.kind, failure.event_may_be_why) == ("timeout", True)
    assert SOON <= time.monotonic() - began < AT_ONCE


def test_an_endpoint_that_sends_a_byte_now_and_then_is_given_up_at_the_same_limit(endpoint, http):
    endpoint.script.append(trickle)
    began = time.monotonic()
    assert outage(http, SOON).kind == "timeout"
    assert time.monotonic() - began < AT_ONCE


def test_what_was_given_up_leaves_no_thread_behind(endpoint, http):
    endpoint.script.extend([silence, trickle])
    for _ in range(2):
        outage(http, SOON)
    for thread in threading.enumerate():
        if thread.name == "lineage-send":
            thread.join(AT_ONCE)
            assert not thread.is_alive()


def test_an_endpoint_that_answers_slowly_and_in_time_has_taken_the_event(endpoint, http):
    gate = threading.Event()
    endpoint.script.append(after(gate, status(200)))
    opener = threading.Thread(target=lambda: (endpoint.came.acquire(), gate.set()))
    opener.start()
    http.send([LINE], 20)
    opener.join()
    assert len(endpoint.requests) == 1


def test_an_endpoint_that_is_not_there_is_an_outage_that_says_nothing_of_the_event(endpoint, http):
    endpoint.down()
    failure = outage(http)
    assert (failure.kind, failure.event_may_be_why) == ("ConnectionRefusedError", False)


def test_a_host_that_takes_no_connection_is_given_up_at_the_limit():
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        first = socket.create_connection(full.getsockname())  # fills the queue; the next one waits in vain
        failure = outage(HttpSink(f"http://127.0.0.1:{full.getsockname()[1]}/x"), SOON)
        first.close()
    assert failure.kind == "timeout"


def test_a_name_service_that_thinks_is_given_up_at_the_limit(http, monkeypatch):
    gate = threading.Event()

    def think(*_address):
        gate.wait(20)
        raise socket.gaierror

    monkeypatch.setattr("socket.getaddrinfo", think)
    failure = outage(http, SOON)
    gate.set()
    assert (failure.kind, failure.event_may_be_why) == ("timeout", False)


def test_who_connects_too_late_does_not_send_any_more(endpoint, http, monkeypatch):
    gate, connect = threading.Event(), socket.create_connection

    def late(*address, **how):
        gate.wait(20)
        return connect(*address, **how)

    monkeypatch.setattr("http.client.socket.create_connection", late)
    outage(http, SOON)
    gate.set()
    for thread in threading.enumerate():
        if thread.name == "lineage-send":
            thread.join(AT_ONCE)
    assert endpoint.requests == []


def test_an_endpoint_that_speaks_no_tls_is_an_outage_that_says_nothing_of_the_event(endpoint):
    failure = outage(HttpSink(endpoint.url.replace("http:", "https:")), SOON)
    assert failure.kind == "timeout" or failure.kind.startswith("SSL")
    assert not failure.event_may_be_why


@pytest.fixture
def certificate(tmp_path):
    """A certificate for 127.0.0.1, signed by itself, in one file with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "endpoint")])
    begin = datetime.now(UTC) - timedelta(days=1)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, begin, begin + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    file = tmp_path / "endpoint.pem"
    file.write_bytes(
        made.public_bytes(pem)
        + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return file


def test_the_token_goes_only_to_who_has_a_certificate_that_the_machine_trusts(certificate, monkeypatch):
    endpoint = Endpoint(certificate)
    failure = outage(HttpSink(endpoint.url, lambda: "t0ken"))
    assert (failure.kind, endpoint.requests) == ("SSLCertVerificationError", [])
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    HttpSink(endpoint.url, lambda: "t0ken").send([LINE], 20)
    assert endpoint.requests[0].headers["Authorization"] == "Bearer t0ken"
    endpoint.close()


def test_the_environments_proxy_is_not_used(endpoint, http, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    http.send([LINE], 5)
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    ("read", "kind"),
    [
        (lambda: (_ for _ in ()).throw(FileNotFoundError("/run/secrets/s3cret")), "token-unreadable"),
        (b"\xff".decode, "token-unreadable"),
        (lambda: "", "token-malformed"),
        (lambda: "two words", "token-malformed"),
        (lambda: "s3cret\r\nX-Other: 1", "token-malformed"),
        (lambda: "gehëim", "token-malformed"),
    ],
)
def test_a_token_that_cannot_be_sent_is_an_outage_and_nothing_leaves(endpoint, read, kind):
    failure = outage(HttpSink(endpoint.url, read))
    assert (failure.kind, endpoint.requests) == (kind, [])
    assert "s3cret" not in str(failure)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host/x", "host/path", "http:///path", "https://me:secret@host/x", "https://host:secret/x",
        "https://host:0/x", "https://host/a b?secret", "https://host/\x00secret", "https://host/é-secret", "",
    ],
)  # fmt: skip
def test_what_is_no_plain_http_url_is_refused_and_not_repeated(url):
    with pytest.raises(LineageError) as refused:
        HttpSink(url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["http://lineage.example/x", "http://10.0.0.1:5000/", "http://127.evil.example"]
)
def test_a_token_does_not_cross_the_network_in_the_clear(url):
    check_endpoint(url, has_token=False)
    with pytest.raises(LineageError, match="unencrypted"):
        check_endpoint(url, has_token=True)


@pytest.mark.parametrize(
    "url", ["https://lineage.example/x", "http://127.0.0.1:5000/", "http://[::1]/", "http://localhost/"]
)
def test_a_token_goes_out_by_tls_or_stays_on_this_machine(url):
    check_endpoint(url, has_token=True)


def test_the_name_shows_the_host_and_neither_path_nor_token():
    sink = HttpSink("https://lineage.example:8443/api/s3cret?key=s3cret", lambda: "s3cret")
    assert sink.name == "http:lineage.example:8443"
    assert "s3cret" not in repr(sink)
