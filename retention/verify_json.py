"""Every text of JSON documents and JSON lines, with its escapes taken out, also of JSON inside a text."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from retention.verify_findings import Findings
from retention.verify_matcher import Matcher
from retention.verify_result import Why

LARGEST = 64 << 20
"""Bytes of one line, or of one document, that are taken apart at most."""
_TEXTS = 4096
_DEEPEST = 6


class JsonSearch:
    """Takes the bytes of one file piece by piece, and searches what its lines, or the whole of it, say."""

    def __init__(self, matcher: Matcher, findings: Findings, label: str = "") -> None:
        self._matcher = matcher
        self._findings = findings
        self._where = f"{label}decoded json"
        self._line = bytearray()
        self._whole: bytearray | None = bytearray()
        self._cut = False
        self._parsed = self._failed = 0
        self._texts: list[bytes] = []

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the file."""
        if self._whole is not None:
            self._whole += chunk
            if len(self._whole) > LARGEST:
                self._whole = None
        *lines, rest = chunk.split(b"\n")
        for line in lines:
            self._append(line)
            self._end_line()
        self._append(rest)

    def finish(self) -> None:
        """Take the end of the file."""
        self._end_line()
        if self._failed and self._whole is not None:
            self._parse(bytes(self._whole))
        elif self._failed and not self._parsed:
            self._cut = True
        self._flush()
        if self._cut:
            self._findings.gap(
                Why.TOO_LARGE, "a JSON text of more than 64 MiB in one piece: searched as bytes only"
            )

    def _append(self, part: bytes) -> None:
        if len(self._line) + len(part) > LARGEST:
            self._cut = True
            self._line.clear()
        else:
            self._line += part

    def _end_line(self) -> None:
        line = bytes(self._line)
        self._line.clear()
        if line.strip() and not self._parse(line):
            self._failed += 1

    def _parse(self, text: bytes) -> bool:
        try:
            for one in _texts(json.loads(text.removeprefix(b"\xef\xbb\xbf"), object_pairs_hook=list), 0):
                self._take(one)
        except (ValueError, RecursionError):
            return False
        self._parsed += 1
        return True

    def _take(self, one: str | int) -> None:
        self._findings.values += 1
        if isinstance(one, int):
            if one in self._matcher.numbers:
                self._findings.add(self._where, Counter({(self._matcher.numbers[one], "number"): 1}))
            return
        self._texts.append(one.encode("utf-8", "surrogatepass"))
        if len(self._texts) >= _TEXTS:
            self._flush()

    def _flush(self) -> None:
        self._findings.add(self._where, self._matcher.texts(self._texts))
        self._findings.add(self._where, self._matcher.whole_cells(self._texts))
        self._texts.clear()


def _texts(value: Any, depth: int) -> Iterator[str | int]:
    """Texts and whole numbers of a decoded document; objects come as lists of pairs."""
    if isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part, depth)
    elif isinstance(value, str):
        yield value
        if value[:1] in ("{", "[", '"') and depth < _DEEPEST:
            try:
                inner = json.loads(value, object_pairs_hook=list)
            except ValueError:
                return
            yield from _texts(inner, depth + 1)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield value
