"""Redacted texts that a Python worker keeps: a template or signature is looked at once, not once a batch."""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from collections.abc import Callable

MOST_CHARACTERS = 16 << 20


class Remembered:
    """The latest redacted texts, by a digest of what they were made from; no plain text and no key is kept.

    At most `most` code points; the ones that were asked for longest ago go first.
    """

    def __init__(self, most: int = MOST_CHARACTERS) -> None:
        self._most, self._size = most, 0
        self._kept: OrderedDict[bytes, str] = OrderedDict()
        # Of this process alone: without it, a digest in a memory dump would tell whether a text was there.
        self._secret = os.urandom(32)

    def redacted(
        self, texts: list[str], key: bytes, code: str, redact: Callable[[list[str]], list[str]]
    ) -> list[str]:
        """Each of the distinct `texts` redacted under `key` and calling `code`: as kept, or by `redact`."""
        begun = hashlib.blake2b(key, key=self._secret, digest_size=16)
        begun.update(f"{len(key)} {code}\n".encode())
        digests = [_digest(begun, text) for text in texts]
        new = [number for number, digest in enumerate(digests) if digest not in self._kept]
        made = dict(zip(new, redact([texts[number] for number in new]), strict=True)) if new else {}
        done = [made[n] if n in made else self._kept[digest] for n, digest in enumerate(digests)]
        for digest, text in zip(digests, done, strict=True):
            self._keep(digest, text)
        return done

    def _keep(self, digest: bytes, text: str) -> None:
        if digest not in self._kept:
            self._size += len(text)
        self._kept[digest] = text
        self._kept.move_to_end(digest)
        while self._size > self._most:
            self._size -= len(self._kept.popitem(last=False)[1])


def _digest(begun: hashlib.blake2b, text: str) -> bytes:
    whole = begun.copy()
    whole.update(text.encode("utf-8", "surrogatepass"))
    return whole.digest()
