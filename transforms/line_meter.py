"""Lines and records of a text, told from its bytes as they pass: how many, how long, how they end."""

from __future__ import annotations

import re

MAX_RECORD = 16 << 20
"""Bytes of the longest record that is read: Spark and its JSON parser hold one whole, several times over."""

_BLANKS = bytes(range(33))  # what Java trims, and so what Spark's CSV reader takes for an empty line
_BLANK_LINES = tuple(re.compile(mark + rb"[\x00-\x09\x0b\x0c\x0e-\x20]++[\r\n]") for mark in (b"\n", b"\r"))


class LineMeter:
    """Fed with a text in pieces of at most a few KiB; `longest` is exact for records above that size.

    A record ends with a line end that is not `inside` quotes. Line ends are LF, CRLF and CR.
    """

    def __init__(self) -> None:
        self.lines = 0
        """Lines that have ended so far."""
        self.records = 0
        self.longest = 0
        self.longest_begun = 1
        """The line on which the longest record began."""
        self.blank_line = False
        """Whether a record is nothing but blanks (an empty line is none)."""
        self.begun = 1
        """The line on which the record at hand began."""
        self.open = 0
        """Bytes of it so far."""
        self._blank_so_far = True
        self._ends = {"\n": 0, "\r": 0, "\r\n": 0}

    def line_ends(self) -> list[str]:
        """The kinds of line ends that end records."""
        alone = {kind: count - self._ends["\r\n"] for kind, count in self._ends.items() if len(kind) == 1}
        return [kind for kind, count in (alone | {"\r\n": self._ends["\r\n"]}).items() if count]

    def outside(self, data: bytes, start: int, end: int) -> None:
        """Bytes in which a line end ends a record; `data[start - 1]`, if any, came just before them."""
        feeds, returns, pairs = _count(data, start, end)
        if not feeds and not returns:
            self.open += end - start
            self._blank_so_far = self._blank_so_far and not data[start:end].strip(_BLANKS)
            return
        self._ends["\n"] += feeds
        self._ends["\r"] += returns
        self._ends["\r\n"] += pairs
        self.lines += feeds + returns - pairs
        self.records += feeds + returns - pairs
        first = min(at for mark in (b"\n", b"\r") if (at := data.find(mark, start, end)) >= 0)
        last = max(data.rfind(b"\n", start, end), data.rfind(b"\r", start, end))
        self.open += first - start
        self._end_record(data[start:first])
        self.blank_line = self.blank_line or any(one.search(data, first, last + 1) for one in _BLANK_LINES)
        self.begun, self.open = self.lines + 1, end - last - 1
        self._blank_so_far = not data[last + 1 : end].strip(_BLANKS)

    def inside(self, data: bytes, start: int, end: int) -> int:
        """Bytes that are part of a quoted field. Returns how many lines ended in it."""
        feeds, returns, pairs = _count(data, start, end)
        self.lines += feeds + returns - pairs
        self.open += end - start
        self._blank_so_far = False
        return feeds + returns - pairs

    def finish(self) -> None:
        """The text is over: what follows the last line end is a record too."""
        if self.open:
            self.records += 1
            self._end_record(b"")
            self.open = 0

    def too_long(self) -> int | None:
        """The line on which a record of more than MAX_RECORD begins; None where there is none so far."""
        if self.longest > MAX_RECORD:
            return self.longest_begun
        return self.begun if self.open > MAX_RECORD else None

    def _end_record(self, rest: bytes) -> None:
        if self.open > self.longest:
            self.longest, self.longest_begun = self.open, self.begun
        if self.open and self._blank_so_far and not rest.strip(_BLANKS):
            self.blank_line = True


def _count(data: bytes, start: int, end: int) -> tuple[int, int, int]:
    """LF, CR and CRLF; a CRLF that the start cuts in two counts here."""
    feeds, returns = data.count(b"\n", start, end), data.count(b"\r", start, end)
    pairs = data.count(b"\r\n", max(start - 1, 0), end) if feeds else 0
    return feeds, returns, pairs
