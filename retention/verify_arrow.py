"""The cells of an Arrow array searched by its buffers: whole columns at a time, nested ones too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from retention.verify_matcher import Context, Found, Matcher


def leaves(array: Any) -> Iterator[Any]:
    """The arrays of plain values that a nested array is made of; dictionaries whole, used or not."""
    kind = array.type
    if isinstance(array, pa.ExtensionArray):
        yield from leaves(array.storage)
    elif pa.types.is_struct(kind):
        for part in array.flatten():
            yield from leaves(part)
    elif pa.types.is_map(kind):
        yield from leaves(array.keys)
        yield from leaves(array.items)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        yield from leaves(array.flatten())
    elif pa.types.is_dictionary(kind):
        yield from leaves(array.dictionary)
    else:
        yield array


def search_leaf(array: Any, matcher: Matcher) -> Found:
    """What an array of plain values holds: inside its texts, as whole short texts, as whole numbers."""
    kind = array.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return _numbers(array, matcher)
    if is_text(kind):
        found = matcher.cells(*cells_of(array), Context.TEXT)
        found.update(_whole(array, matcher))
        return found
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return matcher.cells(*cells_of(array), Context.BINARY)
    return Counter()  # dates, times, booleans, nulls: none of them is an identifier


def is_text(kind: Any) -> bool:
    """Whether a type's cells are texts."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def cells_of(array: Any) -> tuple[bytes, npt.NDArray[np.int64]]:
    """The bytes of all cells of a text or binary array, one after the other, and where each begins."""
    large = array.cast(pa.large_string() if is_text(array.type) else pa.large_binary())
    _, places, values = large.buffers()
    if places is None:
        return b"", np.zeros(1, np.int64)
    offsets = np.frombuffer(places, np.int64, len(large) + 1, large.offset * 8)
    first, last = int(offsets[0]), int(offsets[-1])
    data = bytes(memoryview(values)[first:last]) if values is not None else b""
    return data, offsets - first


def _whole(array: Any, matcher: Matcher) -> Found:
    if not matcher.whole:
        return Counter()
    chosen = array.filter(pc.is_in(array, value_set=pa.array(list(matcher.whole), array.type)))
    return Counter((matcher.whole[text], "whole cell") for text in chosen.to_pylist())


def _numbers(array: Any, matcher: Matcher) -> Found:
    wanted = [one for one in matcher.numbers if _fits(one, array.type)]
    if not wanted:
        return Counter()
    decimal = pa.types.is_decimal(array.type)
    values = pa.array([Decimal(one) for one in wanted] if decimal else wanted, array.type)
    chosen = array.filter(pc.is_in(array, value_set=values))
    return Counter((matcher.numbers[int(one)], "number") for one in chosen.to_pylist())


def _fits(number: int, kind: Any) -> bool:
    """Whether the type can hold the number exactly."""
    if pa.types.is_decimal(kind):
        return len(str(number)) <= int(kind.precision) - int(kind.scale)
    width = int(kind.bit_width)
    bits = width - 1 if pa.types.is_signed_integer(kind) else width
    return number < 1 << (bits if pa.types.is_integer(kind) else {16: 11, 32: 24, 64: 53}[width])
