"""Many needles looked for at once: in a stream of bytes, or in the cells of a column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum

import ahocorasick_rs
import numpy as np
import numpy.typing as npt

from retention.verify_forms import Bound, Lane, Pattern, is_short, patterns_of, spellings, spread, squeeze
from retention.verify_result import ID_BYTES, AnyNeedle, Needle, NeedleKind, RowIds

Found = Counter[tuple[int, str]]
"""How often each needle (by number) was found in each form."""

GUARD = 8
"""Bytes beside a match that decide whether it is a whole one."""
MOST_GAP = 8
"""Bytes that one digit of a number can take up together with the separators before the next."""
DFA_BYTES = 1 << 16
"""Up to so many bytes of patterns, the fastest automaton stays below about 64 MiB."""
DELIMITERS = b",;\t|\"'\r\n"
DIGITS = frozenset(bytes([one]) for one in b"0123456789")
ALNUM = DIGITS | frozenset(bytes([one]) for one in b"abcdefghijklmnopqrstuvwxyz")
ESCAPES = frozenset(b"\\" + bytes([one]) for one in b"nrtbf")
INNER = b"._%+-"
ID_DIGITS = 2 * ID_BYTES
NO_DIGIT = 16
NIBBLES = np.full(256, NO_DIGIT, np.uint8)
NIBBLES[list(b"0123456789abcdef")] = range(16)
NIBBLES[list(b"ABCDEF")] = range(10, 16)
WINDOWS = 1 << 18
"""Ids that are taken out of a text at a time."""


class Context(Enum):
    """What the bytes are: it decides what must stand beside a match."""

    TEXT = "text"
    JSON = "json"
    BINARY = "binary"  # values lie beside each other with nothing between: any match counts


class Matcher:
    """All patterns of all needles, ready to search. It can be used by several threads at once."""

    def __init__(self, needles: Sequence[AnyNeedle]) -> None:
        named = {number: one for number, one in enumerate(needles) if isinstance(one, Needle)}
        rows = {number: one for number, one in enumerate(needles) if isinstance(one, RowIds)}
        patterns = [one for number, needle in named.items() for one in patterns_of(number, needle)]
        self.lanes: list[_Lane] = [
            _Automaton(lane, chosen)
            for lane in Lane
            if (chosen := [one for one in patterns if one.lane is lane])
        ]
        if rows:
            self.lanes.append(_Rows(rows))
        self.whole = {
            text: number
            for number, needle in named.items()
            if is_short(needle)
            for text in spellings(needle.text)
        }
        self._whole = {text.encode(): number for text, number in self.whole.items()}
        self.numbers = _numbers(named)

    def search(self, data: bytes, context: Context) -> Found:
        """What `data` holds, as one whole."""
        return self.stream([data], context)

    def stream(self, chunks: Iterable[bytes], context: Context) -> Found:
        """What a stream of bytes holds, also across the borders of its chunks."""
        found: Found = Counter()
        runs = [_Run(lane, context, found) for lane in self.lanes]
        for chunk in chunks:
            for run in runs:
                run.feed(chunk)
        for run in runs:
            run.finish()
        return found

    def texts(self, texts: Sequence[bytes], context: Context = Context.TEXT) -> Found:
        """What these texts hold, each on its own."""
        offsets = np.cumsum([0, *map(len, texts)], dtype=np.int64)
        return self.cells(b"".join(texts), offsets, context)

    def whole_cells(self, texts: Sequence[bytes]) -> Found:
        """Short values that are the whole of one of these texts."""
        if not self.whole:
            return Counter()
        return Counter((self._whole[text], "whole cell") for text in texts if text in self._whole)

    def cells(self, data: bytes, offsets: npt.NDArray[np.int64], context: Context) -> Found:
        """What the cells `data[offsets[i]:offsets[i + 1]]` hold, each on its own."""
        found: Found = Counter()
        for lane in self.lanes:
            found.update(lane.in_cells(data, offsets, context))
        return found


class _Automaton:
    """The patterns of one lane."""

    def __init__(self, lane: Lane, patterns: list[Pattern]) -> None:
        self.lane = lane
        self.patterns = patterns
        self.longest = max(len(one.text) for one in patterns) * (MOST_GAP if lane is Lane.SQUEEZED else 1)
        small = sum(len(one.text) for one in patterns) <= DFA_BYTES
        kinds = ahocorasick_rs.Implementation
        self._find = ahocorasick_rs.BytesAhoCorasick(
            [one.text for one in patterns], implementation=kinds.DFA if small else kinds.ContiguousNFA
        ).find_matches_as_indexes

    def prepared(self, data: bytes) -> bytes:
        """`data` as the lane's patterns are written; places stay what they were."""
        return data if self.lane is Lane.EXACT else data.lower()

    def matches(self, prepared: bytes) -> Iterator[tuple[Pattern, int, int]]:
        """Every pattern that is there, with where it starts and ends."""
        if self.lane is not Lane.SQUEEZED:
            for index, start, end in self._find(prepared, overlapping=True):
                yield self.patterns[index], start, end
            return
        for index in {index for index, _, _ in self._find(squeeze(prepared), overlapping=True)}:
            for match in spread(self.patterns[index].text).finditer(prepared):
                yield self.patterns[index], *match.span(1)

    def in_cells(self, data: bytes, offsets: npt.NDArray[np.int64], context: Context) -> Found:
        """What the cells hold, each on its own."""
        found: Found = Counter()
        prepared = self.prepared(data)
        for pattern, start, end in self.matches(prepared):
            cell = int(np.searchsorted(offsets, start, side="right")) - 1
            first, last = int(offsets[cell]), int(offsets[cell + 1])
            if end <= last and _whole(pattern, prepared[first:last], start - first, end - first, context):
                found[pattern.needle, pattern.form] += 1
        return found


class _Rows:
    """Ids of rows, millions if need be: each run of hex digits is looked up, instead of a pattern an id.

    An id that two needles have counts for one of them.
    """

    longest = ID_DIGITS

    def __init__(self, rows: Mapping[int, RowIds]) -> None:
        ids = _packed(b"".join(one.ids for one in rows.values()))
        owners = np.repeat(np.fromiter(rows, np.int64), [len(one) for one in rows.values()])
        order = np.argsort(ids, kind="stable")
        self._ids, self._owners = ids[order], owners[order]

    def prepared(self, data: bytes) -> bytes:
        """`data` as it is: digits of either case are taken for the same."""
        return data

    def matches(self, prepared: bytes) -> Iterator[tuple[Pattern, int, int]]:
        """Every id that is there as hex digits, with where it starts and ends."""
        values = NIBBLES[np.frombuffer(prepared, np.uint8)]
        every = _starts(values < NO_DIGIT)
        for begin in range(0, len(every), WINDOWS):
            starts = every[begin : begin + WINDOWS]
            digits = np.lib.stride_tricks.sliding_window_view(values, ID_DIGITS)[starts]
            for place, needle in self._known((digits[:, ::2] << 4 | digits[:, 1::2]).tobytes()):
                at = int(starts[place])
                yield Pattern(Lane.FOLDED, b"", needle, "text"), at, at + ID_DIGITS

    def in_cells(self, data: bytes, offsets: npt.NDArray[np.int64], context: Context) -> Found:
        """What the cells hold, each on its own; a binary one also by how it begins."""
        found: Found = Counter()
        whole = np.frombuffer(data, np.uint8)
        # Cells lie beside each other without a gap: a digit of one is no digit of the next.
        parted = np.insert(whole, offsets[1:-1], ord("\n")).tobytes()
        for pattern, _, _ in self.matches(self.prepared(parted)):
            found[pattern.needle, pattern.form] += 1
        if context is Context.BINARY:
            begins = offsets[:-1][np.diff(offsets) >= ID_BYTES]
            heads = whole[begins[:, None] + np.arange(ID_BYTES)]
            for _, needle in self._known(heads.tobytes()):
                found[needle, f"{ID_BYTES} bytes"] += 1
        return found

    def _known(self, packed: bytes) -> Iterator[tuple[int, int]]:
        """Those of these ids that are looked for: their place among them, and the needle."""
        asked = _packed(packed)
        if not len(self._ids) or not len(asked):
            return
        nearest = np.minimum(np.searchsorted(self._ids, asked), len(self._ids) - 1)
        for place in np.flatnonzero(self._ids[nearest] == asked):
            yield int(place), int(self._owners[nearest[place]])


def _starts(digits: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    """Where an id of hex digits could start: each place with digits enough after it."""
    edges = np.flatnonzero(np.diff(digits, prepend=False, append=False))
    first, last = edges[::2], edges[1::2]
    ids = np.maximum(last - first - ID_DIGITS + 1, 0)
    before = np.cumsum(ids) - ids
    return np.repeat(first - before, ids) + np.arange(ids.sum())


def _packed(ids: bytes) -> npt.NDArray[np.bytes_]:
    return np.frombuffer(ids, f"S{ID_BYTES}")


_Lane = _Automaton | _Rows


class _Run:
    """One lane's way along a stream."""

    def __init__(self, automaton: _Lane, context: Context, found: Found) -> None:
        self._automaton = automaton
        self._context = context
        self._found = found
        self._buffer = b""
        self._done = 0  # matches that end up to here are counted

    def feed(self, chunk: bytes) -> None:
        self._buffer += self._automaton.prepared(chunk)
        self._count(len(self._buffer) - GUARD)
        keep = max(0, self._done - self._automaton.longest - GUARD)
        self._buffer = self._buffer[keep:]
        self._done -= keep

    def finish(self) -> None:
        self._count(len(self._buffer))

    def _count(self, limit: int) -> None:
        for pattern, start, end in self._automaton.matches(self._buffer):
            if self._done < end <= limit and _whole(pattern, self._buffer, start, end, self._context):
                self._found[pattern.needle, pattern.form] += 1
        self._done = max(self._done, limit)


def _whole(pattern: Pattern, data: bytes, start: int, end: int, context: Context) -> bool:
    """Whether what stands beside the match lets it be the needle."""
    bound = pattern.bound
    if bound is Bound.NONE:
        return True
    if bound is Bound.FIELD:
        return _field(data, start, end, context)
    if bound is Bound.DIGITS:
        before = data[max(0, start - 3) : start].removesuffix(b"0").removesuffix(b"0")[-1:]
        return before not in DIGITS and data[end : end + 1] not in DIGITS
    if context is Context.BINARY:
        return True
    if data[end : end + 1] in ALNUM or not _free_before(data, start):
        return False
    return bound is Bound.WORD or not _inside_address(data, start)


def _field(data: bytes, start: int, end: int, context: Context) -> bool:
    if context is Context.BINARY:
        return False
    ends = b'"' if context is Context.JSON else DELIMITERS
    before, after = data[start - 1 : start] if start else b"", data[end : end + 1]
    return (before in ends if before else context is Context.TEXT) and (
        after in ends if after else context is Context.TEXT
    )


def _free_before(data: bytes, start: int) -> bool:
    r"""Whether no letter or digit stands before; `\n`, `\u0020` and `%20` are no letters."""
    if data[max(0, start - 1) : start] not in ALNUM:
        return True
    if data[max(0, start - 2) : start] in ESCAPES:
        return True
    return (start >= 6 and data[start - 6 : start - 4] == b"\\u") or (start >= 3 and data[start - 3] == 0x25)


def _inside_address(data: bytes, start: int) -> bool:
    """Whether an e-mail address began before: `x.` before `a@b.de`."""
    at = start
    while at > 0 and data[at - 1] in INNER:
        at -= 1
    return at < start and not _free_before(data, at)


def _numbers(needles: Mapping[int, Needle]) -> dict[int, int]:
    """Values that are whole numbers, for columns that hold numbers."""
    return {
        int(text): number
        for number, needle in needles.items()
        if needle.kind is NeedleKind.VALUE and not is_short(needle)
        if (text := needle.text.strip()).isdecimal() and text.isascii()
    }
