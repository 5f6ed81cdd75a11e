"""Looks for given texts in every file under a folder, in every shape in which they could hide.

Shapes: UTF-8, UTF-16 (both ends), base64 at each of its three alignments, hex. Files are read as
raw bytes; gzip is unpacked; Parquet is decoded value by value, with its footer's statistics.
"""

from __future__ import annotations

import base64
import gzip
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


@dataclass(frozen=True)
class Leak:
    """Where a text was found, which one, and in which shape."""

    file: str
    text: str
    shape: str


def shapes(text: str) -> Iterator[tuple[str, bytes]]:
    """The byte patterns that tell `text`, by name of the shape."""
    plain = text.encode()
    yield "utf-8", plain
    yield "utf-16-le", text.encode("utf-16-le")
    yield "utf-16-be", text.encode("utf-16-be")
    yield "hex", plain.hex().encode()
    yield "hex upper", plain.hex().upper().encode()
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + plain)
        start = (shift * 8 + 5) // 6  # characters that the bytes before the text still touch
        yield f"base64 +{shift}", encoded[start : (shift + len(plain)) * 8 // 6]


def find_leaks(root: Path, texts: Iterable[str]) -> list[Leak]:
    """Every text found in any file or file name under `root`, hidden files included."""
    patterns = [(text, name, pattern) for text in texts for name, pattern in shapes(text)]
    found = []
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        hay = [name.encode()]
        if path.is_symlink():
            hay.append(str(path.readlink()).encode())
        elif path.is_file():
            hay.extend(_contents(path))
        for text, shape, pattern in patterns:
            if any(pattern in part or pattern.lower() in part.lower() for part in hay):
                found.append(Leak(name, text, shape))
    return found


def _contents(path: Path) -> Iterator[bytes]:
    data = path.read_bytes()
    yield data
    if data[:2] == b"\x1f\x8b":
        try:
            yield gzip.decompress(data)
        except (OSError, EOFError, zlib.error):
            yield zlib.decompressobj(31).decompress(data)  # a cut file gives what it has
    if data[:4] == b"PAR1":
        yield from _parquet(path)


def _parquet(path: Path) -> Iterator[bytes]:
    file = pq.ParquetFile(path)
    yield str(file.metadata.metadata).encode()
    for group in range(file.metadata.num_row_groups):
        for column in range(file.metadata.num_columns):
            statistics = file.metadata.row_group(group).column(column).statistics
            if statistics is not None and statistics.has_min_max:
                yield f"{statistics.min_raw!s}\n{statistics.max_raw!s}".encode()
    for column in file.read().columns:
        yield from _leaves(column.to_pylist())


def _leaves(value: object) -> Iterator[bytes]:
    if isinstance(value, list | tuple | set):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield str(key).encode()
            yield from _leaves(item)
    elif isinstance(value, bytes):
        yield value
    elif value is not None:
        yield str(value).encode("utf-8", "replace")


def write_parquet(path: Path, text: str) -> None:
    """A compressed Parquet file with one value, for showing that the scan finds it."""
    pq.write_table(pa.table({"column": [text]}), path, compression="snappy")
