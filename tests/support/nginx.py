"""The example proxy, run for a test: examples/nginx/lakeward.conf with ports and paths of its own."""

from __future__ import annotations

import base64
import hashlib
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tracked_files import REPOSITORY

NGINX = shutil.which("nginx") or next((p for p in ("/usr/sbin/nginx",) if Path(p).is_file()), None)
EXAMPLE = REPOSITORY / "examples" / "nginx" / "lakeward.conf"
PASSWORD = "a password of the test"
USERS = ("data-steward", "auditor", "acme-auditor", "globex-auditor", "somebody")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def proxy(folder: Path, steward: int, auditor: int) -> Iterator[str]:
    """The proxy before UIs on these ports; its address. `folder`/srv stands for /srv/lakeward."""
    port, refusing = free_port(), free_port()
    text = EXAMPLE.read_text()
    for old, new in {
        "127.0.0.1:3000": f"127.0.0.1:{steward}",
        "127.0.0.1:3001": f"127.0.0.1:{auditor}",
        "127.0.0.1:8079": f"127.0.0.1:{refusing}",
        "127.0.0.1:8080": f"127.0.0.1:{port}",
        "/etc/nginx/lakeward.htpasswd": str(folder / "htpasswd"),
        "/srv/lakeward": str(folder / "srv"),
    }.items():
        assert old in text
        text = text.replace(old, new)
    salted = base64.b64encode(hashlib.sha1(PASSWORD.encode() + b"salt").digest() + b"salt").decode()  # noqa: S324
    (folder / "htpasswd").write_text("".join(f"{user}:{{SSHA}}{salted}\n" for user in USERS))
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{ access_log off;\n{temporary}{text}}}\n"
    )
    process = subprocess.Popen([str(NGINX), "-p", str(folder), "-c", str(folder / "nginx.conf")])
    try:
        _listens(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)


def ask(url: str, user: str | None, password: str = PASSWORD, data: bytes | None = None) -> tuple[int, str]:
    """Status and body of a request by that user; None is nobody."""
    headers: Mapping[str, str] = {}
    if user is not None:
        word = base64.b64encode(f"{user}:{password}".encode()).decode()
        headers = {"Authorization": f"Basic {word}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, data=data, headers=dict(headers))  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - as above
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def _listens(port: int, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 20
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, "nginx refused the example"
        assert time.monotonic() < deadline, "nginx does not listen"
        time.sleep(0.02)
