"""What a file is, told by its first bytes and never by its name."""

from __future__ import annotations

import codecs
import json

from retention.verify_matcher import Context
from retention.verify_result import Why

HEAD = 1 << 16
"""Bytes that are enough to tell."""

_MAGICS = {
    b"PAR1": "parquet",
    b"SQLite format 3\0": "sqlite",
    b"\x37\x7f\x06\x82": "sqlite-wal",
    b"\x37\x7f\x06\x83": "sqlite-wal",
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x04\x22\x4d\x18": "lz4",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
}
_CLOSED = {
    b"PARE": ("encrypted parquet", Why.ENCRYPTED),
    b"age-encryption.org/": ("age", Why.ENCRYPTED),
    b"-----BEGIN AGE ENCRYPTED FILE": ("age", Why.ENCRYPTED),
    b"-----BEGIN PGP MESSAGE": ("pgp", Why.ENCRYPTED),
    b"Obj\x01": ("avro", Why.UNKNOWN_FORMAT),
    b"ORC": ("orc", Why.UNKNOWN_FORMAT),
    b"%PDF": ("pdf", Why.UNKNOWN_FORMAT),
    b"7z\xbc\xaf\x27\x1c": ("7z", Why.UNKNOWN_FORMAT),
    b"Rar!": ("rar", Why.UNKNOWN_FORMAT),
    b"LZ4Block": ("lz4 blocks", Why.UNKNOWN_FORMAT),
    b"\xff\x06\x00\x00sNaPpY": ("snappy", Why.UNKNOWN_FORMAT),
}
"""Formats whose content is searched as bytes only, and why."""

PACKED = frozenset(("gzip", "bzip2", "xz", "zstd", "lz4", "zip", "tar"))


def kind_of(head: bytes) -> str:
    """`parquet`, `sqlite`, `gzip`, `json`, `text`, `binary`, ... for a file that begins with `head`."""
    if not head:
        return "empty"
    for magic, kind in _MAGICS.items():
        if head.startswith(magic):
            return kind
    for magic, (kind, _) in _CLOSED.items():
        if head.startswith(magic):
            return kind
    if head[257:262] == b"ustar":
        return "tar"
    if _is_archive(head):
        return "sealed archive"
    return _text_kind(head)


def closed(kind: str) -> Why | None:
    """Why a file of this kind cannot be taken apart here; None where it can."""
    return next((why for name, why in _CLOSED.values() if name == kind), None)


def context_of(kind: str) -> Context:
    """What stands beside a value in the raw bytes of such a file."""
    if kind == "json":
        return Context.JSON
    # Parquet's values are decoded as well: its raw bytes need no lenience.
    return Context.TEXT if kind in ("text", "parquet", "pgp", "age") else Context.BINARY


def _is_archive(head: bytes) -> bool:
    """Whether it is a sealed landing file (docs/architecture.md, Seal): a line of JSON, then pieces."""
    line = head.split(b"\n", 1)[0]
    if not line.startswith(b"{") or b'"pieces"' not in line:
        return False
    try:
        return set(json.loads(line)) >= {"format", "tenant", "dataset", "key_id", "pieces"}
    except ValueError:
        return False


def _text_kind(head: bytes) -> str:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "binary"
    if b"\0" in head:
        return "binary"
    return "json" if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[", b'"') else "text"
