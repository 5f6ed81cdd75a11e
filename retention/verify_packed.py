"""What lies inside packed files, member by member, as streams of bytes."""

from __future__ import annotations

import bz2
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

import pyarrow as pa

from retention.verify_findings import Findings
from retention.verify_matcher import Context, Matcher
from retention.verify_result import Why

PIECE = 1 << 20
_INPUT = 1 << 14  # deflate gives at most about a thousand times as much

BROKEN = (
    OSError,
    EOFError,
    ValueError,  # pyarrow's too
    RuntimeError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    tarfile.TarError,
)
"""What reading a damaged archive raises."""

Member = tuple[str, Iterator[bytes]]
"""How a member is named in results, by number and never by its name, and its bytes."""


def members(kind: str, file: BinaryIO, matcher: Matcher, findings: Findings, label: str) -> Iterator[Member]:
    """The members of a packed file. Raises one of BROKEN where it is damaged."""
    file.seek(0)
    if kind == "zip":
        yield from _zip(file, matcher, findings, label)
    elif kind == "tar":
        yield from _tar(file, matcher, findings, label)
    elif kind in ("zstd", "lz4"):
        stream = pa.CompressedInputStream(pa.PythonFile(_Borrowed(file), mode="r"), kind)
        yield f"{label}unpacked, ", _chunks(stream)
    else:
        yield f"{label}unpacked, ", _inflated(kind, file)


def until_broken(chunks: Iterator[bytes], findings: Findings, label: str) -> Iterator[bytes]:
    """The chunks as far as they can be unpacked; a damage is told as a gap."""
    try:
        yield from chunks
    except BROKEN as error:
        # Its text may quote data; its kind does not.
        kind = type(error).__name__
        findings.gap(Why.UNREADABLE, f"{label}packed data is damaged ({kind}): searched up to there")


class _Borrowed(io.RawIOBase):
    """A file that Arrow may read, and closes without closing the one behind it."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _inflated(kind: str, file: BinaryIO) -> Iterator[bytes]:
    """One stream after the other, as `cat a.gz b.gz` makes them; what follows the last is no stream."""
    data = file.read(_INPUT)
    while data and _begins(kind, data):
        unpack = _Unpack(kind)
        yield from unpack.feed(data)
        while unpack.hungry:
            if not (data := file.read(_INPUT)):
                raise EOFError("the stream is cut")
            yield from unpack.feed(data)
        data = unpack.unused or file.read(_INPUT)


def _chunks(stream: Any) -> Iterator[bytes]:
    while chunk := stream.read(PIECE):
        yield chunk


def _begins(kind: str, data: bytes) -> bool:
    magic = {"gzip": b"\x1f\x8b", "bzip2": b"BZh", "xz": b"\xfd7zXZ\0"}[kind]
    return data.startswith(magic[: len(data)])


class _Unpack:
    """The three decompressors of the standard library under one face, each with bounded output."""

    def __init__(self, kind: str) -> None:
        makers: dict[str, Any] = {
            "gzip": lambda: zlib.decompressobj(31),
            "bzip2": bz2.BZ2Decompressor,
            "xz": lzma.LZMADecompressor,
        }
        self._kind = kind
        self._it = makers[kind]()

    @property
    def hungry(self) -> bool:
        return not self._it.eof

    @property
    def unused(self) -> bytes:
        return bytes(self._it.unused_data)

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._kind == "gzip":
            yield self._it.decompress(data)
            return
        yield self._it.decompress(data, PIECE)
        while not (self._it.eof or self._it.needs_input):
            yield self._it.decompress(b"", PIECE)


def _zip(file: BinaryIO, matcher: Matcher, findings: Findings, label: str) -> Iterator[Member]:
    with zipfile.ZipFile(file) as packed:
        for number, info in enumerate(packed.infolist()):
            here = f"{label}member {number}"
            findings.add(f"{here} name", matcher.search(info.filename.encode(), Context.TEXT))
            if info.flag_bits & 1:
                findings.gap(Why.ENCRYPTED, f"{here} of a zip file is encrypted")
            elif not info.is_dir():
                with packed.open(info) as stream:
                    yield f"{here}, ", _chunks(stream)


def _tar(file: BinaryIO, matcher: Matcher, findings: Findings, label: str) -> Iterator[Member]:
    with tarfile.open(fileobj=file, mode="r:") as packed:
        for number, info in enumerate(packed):
            here = f"{label}member {number}"
            names = f"{info.name}\n{info.linkname}".encode("utf-8", "surrogateescape")
            findings.add(f"{here} name", matcher.search(names, Context.TEXT))
            stream = packed.extractfile(info) if info.isreg() else None
            if stream is not None:
                yield f"{here}, ", _chunks(stream)
