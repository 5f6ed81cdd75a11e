"""The nginx example: a password for everything, a role's own interface, a tenant's own evidence."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import nginx
import pytest
from nginx import ask, proxy

pytestmark = pytest.mark.skipif(
    nginx.NGINX is None, reason="nginx is not installed (Debian: apt install nginx-light)"
)


def server(name: str) -> ThreadingHTTPServer:
    """A stand-in for a UI: says its name and whether it was shown a password."""

    class Told(BaseHTTPRequestHandler):
        def do_GET(self):
            body = f"{name} {'with' if self.headers.get('Authorization') else 'without'} password".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    made = ThreadingHTTPServer(("127.0.0.1", 0), Told)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    return made


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("proxy")
    for tenant in ("acme", "globex"):
        place = folder / "srv" / "evidence" / tenant
        place.mkdir(parents=True)
        (place / "bundle.zip").write_text(f"evidence of {tenant}")
    (folder / "srv" / "docs").mkdir()
    (folder / "srv" / "docs" / "desk.md").write_text("# The desk")
    full, read_only = server("full"), server("read only")
    with proxy(folder, full.server_port, read_only.server_port) as address:
        yield address
    for one in (full, read_only):
        one.shutdown()
        one.server_close()


@pytest.mark.parametrize(
    "path", ["/", "/graphql", "/evidence/acme/bundle.zip", "/evidence/", "/docs/desk.md"]
)
def test_without_a_password_everything_is_asked_for_one(address, path):
    assert ask(address + path, None)[0] == 401
    assert ask(address + path, "data-steward", "another password")[0] == 401
    assert ask(address + path, "nobody")[0] == 401


@pytest.mark.parametrize(("user", "ui"), [("data-steward", "full"), ("auditor", "read only")])
def test_each_role_sees_its_own_interface_which_sees_no_password(address, user, ui):
    assert ask(address + "/assets", user) == (200, f"{ui} without password")


@pytest.mark.parametrize("user", ["acme-auditor", "somebody"])
@pytest.mark.parametrize("path", ["/", "/graphql", "/assets"])
def test_a_tenant_s_auditor_and_who_has_no_role_see_no_interface(address, user, path):
    assert ask(address + path, user)[0] == 403


@pytest.mark.parametrize("user", ["acme-auditor", "auditor", "data-steward"])
def test_a_tenant_s_evidence_is_read_by_its_auditor_and_by_those_of_the_house(address, user):
    assert ask(address + "/evidence/acme/bundle.zip", user) == (200, "evidence of acme")
    assert "bundle.zip" in ask(address + "/evidence/acme/", user)[1]


@pytest.mark.parametrize(
    "path",
    [
        "/evidence/globex/bundle.zip",
        "/evidence/globex/",
        "/evidence/globex/nothing.zip",
        "/evidence/nobody/",
        "/evidence/",
        "/evidence/acme/../globex/bundle.zip",
        "/evidence/acme/%2e%2e/globex/bundle.zip",
        "/evidence/acme/..%2fglobex/bundle.zip",
        "/evidence//globex/bundle.zip",
        "/evidence/acme-2/",
    ],
)
def test_another_tenant_s_evidence_is_refused_however_it_is_asked_for(address, path):
    status, body = ask(address + path, "acme-auditor")
    assert status == 403
    assert "evidence of globex" not in body


def test_somebody_without_a_role_reads_no_evidence(address):
    assert ask(address + "/evidence/acme/bundle.zip", "somebody")[0] == 403


def test_the_pages_are_served_for_the_links_of_checks(address):
    assert ask(address + "/docs/desk.md", "acme-auditor") == (200, "# The desk")
