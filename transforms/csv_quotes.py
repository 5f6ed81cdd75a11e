"""Where the quoted fields of a CSV begin and end, told from its bytes without a loop over characters."""

from __future__ import annotations

import re

from transforms.errors import UnreadableFile
from transforms.line_meter import LineMeter


class QuoteScan:
    """Follows the quotes of a CSV, fed in pieces.

    A field is quoted if it begins with a quote; a quote within is doubled. Any other quote is a character
    like others, as in `5" nail`, and so is what follows a closing quote before the next delimiter.
    """

    def __init__(self, delimiter: str) -> None:
        mark = re.escape(delimiter.encode())
        blanks = rb"[ \t]" if delimiter != "\t" else b" "
        # No quote; a quote that opens nothing; a quoted field that closes on its line.
        self._plain = re.compile(
            rb'(?:[^"]++|(?<=[^' + mark + rb'\r\n])"|"(?:[^"\r\n]++|"")*+"(?=[' + mark + rb"\r\n]))*+"
        )
        self._quoted = re.compile(rb'(?:[^"]++|"")*+')
        self._closed = re.compile(blanks + rb"*+(?:[" + mark + rb"\r\n]|\Z)")
        self._opened: int | None = None  # the line on which the quoted field at hand opens
        self._before = b"\n"  # outside: the last byte; inside: bytes that only the next ones explain
        self._broken = False  # whether the quoted field at hand holds a line break
        self.meter = LineMeter()
        self.breaks = False
        """Whether a quoted field holds a line break."""

    def feed(self, chunk: bytes) -> None:
        """The next piece. Raises UnreadableFile where a quote or a record does not end."""
        data = self._before + chunk
        at = 0 if self._opened is not None else 1
        while at < len(data):
            at = self._outside(data, at) if self._opened is None else self._inside(data, at)
        if self._opened is None:
            self._before = data[-1:]
        self._check_length()

    def finish(self) -> None:
        """The file is over. Raises UnreadableFile where a quote is still open."""
        if self._opened is not None:
            if not self._before.startswith(b'"'):
                raise UnreadableFile("unclosed_quote", f"line {self._opened}")
            self._close(self._before, 0)
            self.meter.outside(self._before, 1, len(self._before))
        self.meter.finish()
        self._check_length()

    def _outside(self, data: bytes, at: int) -> int:
        matched = self._plain.match(data, at)
        stop = matched.end() if matched else at
        self.meter.outside(data, at, stop)
        if stop < len(data):
            self._opened, self._broken, self._before = self.meter.lines + 1, False, b""
            self.meter.inside(data, stop, stop + 1)
        return stop + 1

    def _inside(self, data: bytes, at: int) -> int:
        matched = self._quoted.match(data, at)
        stop = matched.end() if matched else at
        if stop == len(data) and data.endswith(b"\r"):
            stop -= 1  # perhaps half a CRLF
        self._broken = self.meter.inside(data, at, stop) > 0 or self._broken
        closed = self._closed.match(data, stop + 1)
        if stop == len(data) or data[stop : stop + 1] == b"\r" or (closed and closed.end() == len(data)):
            self._before = data[stop:]  # what follows may double the quote, or show that it closes nothing
            return len(data)
        if self._broken and not closed:
            # What was taken for the end is the beginning of a quoted field some lines below.
            raise UnreadableFile("unclosed_quote", f"line {self._opened}")
        self._close(data, stop)
        return stop + 1

    def _close(self, data: bytes, at: int) -> None:
        self.meter.inside(data, at, at + 1)
        self.breaks = self.breaks or self._broken
        self._opened = None

    def _check_length(self) -> None:
        line = self.meter.too_long()
        if line is not None:
            if self._opened is not None and self._broken:
                raise UnreadableFile("unclosed_quote", f"line {self._opened}")
            raise UnreadableFile("record_too_long", f"line {line}")
