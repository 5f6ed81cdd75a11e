"""Thrift's compact protocol, read only: enough for Parquet's footer, page index and page headers.

Source of the format: thrift-compact-protocol.md of Apache Thrift, parquet.thrift of Apache Parquet.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT, _UUID = 1, 2, 3, 7, 8, 9, 10, 11, 12, 13
_FIXED = {_DOUBLE: 8, _UUID: 16}
_DEEPEST = 64

Struct = dict[int, Any]
"""A thrift struct: values by field number."""


class BrokenThrift(ValueError):
    """The bytes are not a struct of the compact protocol."""


def read_struct(data: bytes, at: int = 0) -> tuple[Struct, int]:
    """The struct that begins at `at`, and where it ends. Raises BrokenThrift."""
    try:
        reader = _Reader(data, at)
        return reader.struct(0), reader.at
    except IndexError:
        raise BrokenThrift("the struct is cut") from None


def binaries(value: Any) -> Iterator[bytes]:
    """Every text and binary in a struct, however deep."""
    if isinstance(value, bytes):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from binaries(part)
    elif isinstance(value, list):
        for part in value:
            yield from binaries(part)


class _Reader:
    def __init__(self, data: bytes, at: int) -> None:
        self.data = data
        self.at = at

    def struct(self, depth: int) -> Struct:
        if depth > _DEEPEST:
            raise BrokenThrift("the struct lies too deep")
        fields: Struct = {}
        number = 0
        while kind := (head := self._byte()) & 0x0F:
            delta = head >> 4
            number = number + delta if delta else self._zigzag()
            fields[number] = kind == _TRUE if kind in (_TRUE, _FALSE) else self._value(kind, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        if kind in (_LIST, _SET):
            return self._list(depth)
        if kind == _MAP:
            return self._map(depth)
        if kind == _STRUCT:
            return self.struct(depth + 1)
        return self._plain(kind)

    def _plain(self, kind: int) -> Any:
        if kind in (_TRUE, _FALSE):  # as an element: one byte each
            return self._byte() == _TRUE
        if kind == _BYTE:
            return self._byte()
        if kind in _FIXED:
            return self._bytes(_FIXED[kind])
        if kind == _BINARY:
            return self._bytes(self._varint())
        if kind < _DOUBLE:
            return self._zigzag()
        raise BrokenThrift("a type is unknown")

    def _list(self, depth: int) -> list[Any]:
        head = self._byte()
        size = head >> 4
        return [self._value(head & 0x0F, depth + 1) for _ in range(self._varint() if size == 0x0F else size)]

    def _map(self, depth: int) -> list[Any]:
        size = self._varint()
        kinds = self._byte() if size else 0
        return [self._value(kind, depth + 1) for _ in range(size) for kind in (kinds >> 4, kinds & 0x0F)]

    def _byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def _bytes(self, length: int) -> bytes:
        if self.at + length > len(self.data):
            raise BrokenThrift("a text is longer than the struct")
        self.at += length
        return self.data[self.at - length : self.at]

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def _zigzag(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)
