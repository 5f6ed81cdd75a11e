"""A store that speaks as S3 does, as far as heads need it: put, look, list, get. Checks no login."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

AT = "Sun, 29 Nov 2026 13:00:00 GMT"
LISTED = """<?xml version="1.0"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
<IsTruncated>false</IsTruncated><KeyCount>{count}</KeyCount>{items}</ListBucketResult>"""
ITEM = (
    "<Contents><Key>{key}</Key><Size>{size}</Size>"
    "<LastModified>2026-11-29T13:00:00.000Z</LastModified></Contents>"
)


class Store(ThreadingHTTPServer):
    """Its objects, by `/BUCKET/KEY`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.objects: dict[str, bytes] = {}


class Answer(BaseHTTPRequestHandler):
    server: Store
    protocol_version = "HTTP/1.1"

    def do_PUT(self):
        self.server.objects[self.path.partition("?")[0]] = self._content()
        self._answer(200, b"", ETag='"x"')

    def do_HEAD(self):
        found = self.server.objects.get(self.path)
        if found is None:
            self._answer(404, b"")
        else:
            self._answer(200, found, Last_Modified=AT)

    def do_GET(self):
        asked = urlsplit(self.path)
        if "list-type" in asked.query:
            listed = self._listed(asked.path, parse_qs(asked.query))
            self._answer(200, listed, Content_Type="application/xml")
        else:
            self._answer(206, self.server.objects[asked.path], Last_Modified=AT)

    def _listed(self, bucket: str, asked: dict[str, list[str]]) -> bytes:
        objects = self.server.objects
        prefix = f"{bucket.rstrip('/')}/{asked.get('prefix', [''])[0]}"
        keys = sorted(one for one in objects if one.startswith(prefix))
        items = [ITEM.format(key=one.split("/", 2)[2], size=len(objects[one])) for one in keys]
        return LISTED.format(count=len(keys), items="".join(items)).encode()

    def _content(self) -> bytes:
        """The object. It comes in pieces: first its length, then itself, then what is signed of it."""
        sent = b""
        while size := int(self.rfile.readline(), 16):
            sent += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        length, _, rest = sent.partition(b"\r\n")
        return rest[: int(length.split(b";")[0], 16)]

    def _answer(self, code: int, body: bytes, **headers: str) -> None:
        self.send_response(code)
        for name, value in {**headers, "Content_Length": str(len(body))}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def store() -> Iterator[tuple[str, dict[str, bytes]]]:
    """Its address, and its objects, which a test can change."""
    server = Store()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", server.objects
    finally:
        server.shutdown()
        server.server_close()
