from __future__ import annotations

import fcntl
import stat
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from audit.errors import LineageError, SinkRejected, SinkUnavailable
from audit.sinks import ENDPOINT_FAULTS, FileSink, HttpSink, MemorySink

LINE = '{"eventType":"START"}'


@pytest.fixture
def path(tmp_path):
    return tmp_path / "lineage" / "events.jsonl"


def test_a_file_gets_one_line_an_event_and_is_its_owners_alone(path):
    sink = FileSink(path)
    sink.send(LINE, 1)
    sink.send(LINE, 1)
    assert path.read_text() == f"{LINE}\n{LINE}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_others_could_read_is_closed_to_them(path):
    path.parent.mkdir()
    path.write_text("")
    path.chmod(0o644)
    FileSink(path).send(LINE, 1)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("torn", ["{", LINE, "x" * 200_000])
@pytest.mark.parametrize("whole", ["", LINE + "\n", (LINE + "\n") * 3])
def test_a_torn_last_line_is_cut_before_the_next_event(path, whole, torn):
    path.parent.mkdir()
    path.write_text(whole + torn)
    FileSink(path).send(LINE, 1)
    assert path.read_text() == whole + LINE + "\n"


def test_a_file_that_cannot_be_written_is_an_outage_told_by_the_systems_code(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SinkUnavailable) as failure:
        FileSink(tmp_path / "file" / "events.jsonl").send(LINE, 1)
    assert failure.value.kind in {"ENOTDIR", "EEXIST"}


def test_a_link_in_place_of_the_file_is_not_followed(path, tmp_path):
    path.parent.mkdir()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SinkUnavailable) as failure:
        FileSink(path).send(LINE, 1)
    assert failure.value.kind == "ELOOP"
    assert not (tmp_path / "elsewhere").exists()


def test_a_failed_write_leaves_no_part_of_the_line(path, monkeypatch):
    sink = FileSink(path)
    sink.send(LINE, 1)

    def full_disk(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("audit.sinks.os.fsync", full_disk)
    with pytest.raises(SinkUnavailable) as failure:
        sink.send(LINE, 1)
    assert failure.value.kind == "ENOSPC"
    assert path.read_text() == LINE + "\n"


def test_what_is_more_than_one_line_is_refused(path):
    with pytest.raises(SinkRejected):
        FileSink(path).send("{\n}", 1)
    assert not path.exists()


def test_a_file_that_another_process_is_writing_is_unavailable_for_the_moment(path):
    FileSink(path).send(LINE, 1)
    with path.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(SinkUnavailable) as failure:
            FileSink(path).send(LINE, 1)
    assert failure.value.kind == "EAGAIN"
    assert path.read_text() == LINE + "\n"
    FileSink(path).send(LINE, 1)
    assert path.read_text() == (LINE + "\n") * 2


def test_a_file_is_locked_while_it_is_written(path, monkeypatch):
    locked = []

    def sync(_handle):
        with path.open("rb") as other:
            try:
                fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                locked.append(True)

    monkeypatch.setattr("audit.sinks.os.fsync", sync)
    monkeypatch.setattr("audit.sinks._sync_folder", lambda _folder: None)
    FileSink(path).send(LINE, 1)
    assert locked == [True]


class Endpoint:
    """An HTTP endpoint on loopback that answers with `status`, or not before `gate` opens."""

    def __init__(self):
        self.status, self.location, self.requests = 200, None, []
        self.gate = threading.Event()
        self.gate.set()
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                endpoint.requests.append((self.path, dict(self.headers), body))
                endpoint.gate.wait(20)
                self.send_response(endpoint.status)
                if endpoint.location:
                    self.send_header("Location", endpoint.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/api/v1/lineage"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self):
        self.gate.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def endpoint():
    endpoint = Endpoint()
    yield endpoint
    endpoint.close()


@pytest.fixture
def http(endpoint):
    with HttpSink(endpoint.url, {"Authorization": "Bearer t0ken"}, timeout_seconds=5) as sink:
        yield sink


def test_an_event_is_posted_as_json_with_the_headers_given(endpoint, http):
    http.send(LINE, 5)
    ((path, headers, body),) = endpoint.requests
    assert path == "/api/v1/lineage"
    assert headers["Content-Type"] == "application/json"
    assert headers["Authorization"] == "Bearer t0ken"
    assert body.decode() == LINE


@pytest.mark.parametrize("status", [400, 406, 409, 413, 415, 422, 431])
def test_a_4xx_about_the_event_is_a_refusal(endpoint, http, status):
    endpoint.status = status
    with pytest.raises(SinkRejected) as failure:
        http.send(LINE, 5)
    assert failure.value.kind == f"http-{status}"


@pytest.mark.parametrize("status", [*sorted(ENDPOINT_FAULTS), 302, 307, 500, 502, 503, 504])
def test_an_answer_about_the_endpoint_is_an_outage(endpoint, http, status):
    endpoint.status = status
    with pytest.raises(SinkUnavailable) as failure:
        http.send(LINE, 5)
    assert failure.value.kind == f"http-{status}"


def test_a_redirect_is_not_followed(endpoint, http):
    endpoint.status, endpoint.location = 307, endpoint.url
    with pytest.raises(SinkUnavailable):
        http.send(LINE, 5)
    assert len(endpoint.requests) == 1


def test_an_endpoint_that_does_not_answer_is_given_up_at_the_shorter_timeout(endpoint, http):
    endpoint.gate.clear()
    with pytest.raises(SinkUnavailable) as failure:
        http.send(LINE, 0.05)
    assert failure.value.kind == "timeout"


def test_an_endpoint_that_is_not_there_is_an_outage(endpoint, http):
    endpoint.close()
    with pytest.raises(SinkUnavailable) as failure:
        http.send(LINE, 5)
    assert failure.value.kind == "ConnectionError"


def test_the_environments_proxy_is_not_used(endpoint, http, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    http.send(LINE, 5)
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize("url", ["ftp://host/x", "host/path", "http:///path", "https://me:secret@host/x"])
def test_what_is_no_plain_http_url_is_refused_and_not_repeated(url):
    with pytest.raises(LineageError) as refused:
        HttpSink(url)
    assert "secret" not in str(refused.value)


def test_the_name_shows_the_host_and_neither_path_nor_token():
    with HttpSink("https://lineage.example:8443/api/s3cret?key=s3cret", {"Authorization": "s3cret"}) as sink:
        assert sink.name == "http:lineage.example:8443"
        assert "s3cret" not in repr(sink)


def test_a_memory_sink_fails_as_scripted_and_then_takes():
    sink = MemorySink()
    sink.fail_next(SinkUnavailable("timeout"))
    with pytest.raises(SinkUnavailable):
        sink.send(LINE, 1)
    sink.send(LINE, 1)
    assert sink.events == [{"eventType": "START"}]
