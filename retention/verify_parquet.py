"""A Parquet file searched whole: every value of every column, footer, page index, dictionaries."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from retention.verify_arrow import leaves, search_leaf
from retention.verify_findings import Findings, shown
from retention.verify_matcher import Context, Matcher
from retention.verify_result import Why
from retention.verify_thrift import BrokenThrift, Struct, binaries, read_struct

MAGIC, ENCRYPTED = b"PAR1", b"PARE"
BATCH_BYTES = 16 << 20
MOST_ROWS = 65_536
_CODECS = {1: "snappy", 2: "gzip", 4: "brotli", 6: "zstd", 7: "lz4_raw"}
_DICTIONARY_PAGE = 2
_BYTE_ARRAY = 6
_HEADER_BYTES = 1 << 16  # a page header with statistics of long values

Batches = Callable[[Any, Findings, str], None]
"""What else looks at each batch of rows: the batch, the findings, how the file is named in them."""


class ParquetSearch:
    """Searches Parquet files for the needles of `matcher`; `look` sees each batch as well."""

    def __init__(self, matcher: Matcher, look: Batches | None = None) -> None:
        self._matcher = matcher
        self._look = look

    def search(self, file: BinaryIO, source: Path | BinaryIO, findings: Findings, label: str = "") -> None:
        """Search one file: `file` for its structure, `source` for its rows; `label` goes before each spot."""
        footer = _footer(file)
        if footer is None:
            findings.gap(Why.UNREADABLE, f"{label}Parquet without a whole footer: searched as bytes only")
            return
        self._texts(footer, f"{label}footer", findings)
        chunks = [chunk for group in footer.get(4, []) for chunk in group.get(1, [])]
        for chunk in chunks:
            self._index(file, chunk, findings, label)
        self._dictionaries(file, footer, findings, label)
        if any(8 in chunk for chunk in chunks):
            findings.gap(Why.ENCRYPTED, f"{label}Parquet with encrypted columns")
            return
        self._rows(source, findings, label)

    def _texts(self, struct: Struct, where: str, findings: Findings) -> None:
        for text in binaries(struct):
            findings.add(where, self._matcher.search(text, Context.TEXT))

    def _index(self, file: BinaryIO, chunk: Struct, findings: Findings, label: str) -> None:
        """The page index: each page's lowest and highest value."""
        if 6 not in chunk or not chunk.get(7):
            return
        try:
            index, _ = read_struct(_read(file, chunk[6], chunk[7]))
        except BrokenThrift:
            findings.gap(Why.UNREADABLE, f"{label}a Parquet page index is damaged")
            return
        self._texts(index, f"{label}page index", findings)

    def _dictionaries(self, file: BinaryIO, footer: Struct, findings: Findings, label: str) -> None:
        for group, chunks in enumerate(footer.get(4, [])):
            for column, chunk in enumerate(chunks.get(1, [])):
                where = f"{label}row group {group}, {_column(chunk, column)}, dictionary"
                try:
                    page = _dictionary(file, chunk.get(3, {}))
                except (BrokenThrift, OSError, ValueError, KeyError):
                    findings.gap(Why.UNREADABLE, f"{label}a Parquet dictionary page cannot be unpacked")
                    continue
                findings.add(where, self._matcher.texts(page))

    def _rows(self, source: Path | BinaryIO, findings: Findings, label: str) -> None:
        try:
            with pq.ParquetFile(source, arrow_extensions_enabled=False) as file:
                for group in range(file.metadata.num_row_groups):
                    self._group(file, group, findings, label)
        except (pa.ArrowException, OSError, ValueError) as error:
            # Its text may quote data; its kind does not.
            kind = type(error).__name__
            findings.gap(Why.UNREADABLE, f"{label}Parquet rows cannot be decoded ({kind})")

    def _group(self, file: Any, group: int, findings: Findings, label: str) -> None:
        meta = file.metadata.row_group(group)
        row = max(1, meta.total_byte_size // max(1, meta.num_rows))
        size = max(1, min(MOST_ROWS, BATCH_BYTES // row))
        for batch in file.iter_batches(batch_size=size, row_groups=[group]):
            for number, (name, column) in enumerate(zip(batch.schema.names, batch.columns, strict=True)):
                where = f"{label}row group {group}, {shown(name, number, 'column')}"
                for leaf in leaves(column):
                    findings.values += len(leaf)
                    findings.add(where, search_leaf(leaf, self._matcher))
            if self._look is not None:
                self._look(batch, findings, f"{label}row group {group}")


def _footer(file: BinaryIO) -> Struct | None:
    """The file's metadata as `FileMetaData` of parquet.thrift; None where it is not whole."""
    end = file.seek(0, 2)
    if end < 12:
        return None
    tail = _read(file, end - 8, 8)
    length = int.from_bytes(tail[:4], "little")
    if tail[4:] != MAGIC or length > end - 12:
        return None
    try:
        return read_struct(_read(file, end - 8 - length, length))[0]
    except BrokenThrift:
        return None


def _read(file: BinaryIO, at: int, length: int) -> bytes:
    file.seek(at)
    return file.read(length)


def _column(chunk: Struct, number: int) -> str:
    path = b".".join(chunk.get(3, {}).get(3, [])).decode(errors="replace")
    return shown(path, number, "column")


def _dictionary(file: BinaryIO, meta: Struct) -> list[bytes]:
    """The texts of a column chunk's dictionary page, also those that no row uses; raises where it is damaged.

    Some writers do not tell where the dictionary is: then it is the chunk's first page.
    """
    start = min((at for at in (meta.get(11), meta.get(9)) if at), default=None)
    if start is None:
        return []
    header, used = read_struct(_read(file, start, _HEADER_BYTES))
    if header[1] != _DICTIONARY_PAGE:
        return []
    page = _read(file, start + used, header[3])
    codec = meta[4]
    if codec:
        page = pa.Codec(_CODECS[codec]).decompress(page, header[2], asbytes=True)
    return _plain_texts(page) if meta[1] == _BYTE_ARRAY else [page]


def _plain_texts(page: bytes) -> list[bytes]:
    texts, at = [], 0
    while at + 4 <= len(page):
        length = int.from_bytes(page[at : at + 4], "little")
        texts.append(page[at + 4 : at + 4 + length])
        at += 4 + length
    return texts
