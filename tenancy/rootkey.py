"""The root key: 32 bytes in a file that only its owner can read. It wraps every tenant's key."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tenancy.durable import make_durable
from tenancy.errors import RootKeyError
from tenancy.keyfile import KEY_BYTES, draft_key_file, read_key_file

NONCE_BYTES = 12


@dataclass(frozen=True)
class RootKey:
    """A root key in memory. Its repr shows the fingerprint only."""

    _key: bytes = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """16 hex digits that name the key without telling it."""
        return hashlib.sha256(b"lakeward root key fingerprint" + self._key).hexdigest()[:16]

    def wrap(self, key: bytes, label: str) -> bytes:
        """`key` sealed by AES-256-GCM under the root key, bound to `label`."""
        return wrap(self._key, key, label)

    def unwrap(self, wrapped: bytes, label: str) -> bytes:
        """The key that `wrap` sealed. Raises RootKeyError for another root key, label or bytes."""
        return unwrap(self._key, wrapped, label)


def wrap(wrapping_key: bytes, key: bytes, label: str) -> bytes:
    """nonce | ciphertext | tag of `key` under `wrapping_key`, with `label` as associated data."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(wrapping_key).encrypt(nonce, key, label.encode())


def unwrap(wrapping_key: bytes, wrapped: bytes, label: str) -> bytes:
    """The inverse of `wrap`. Raises RootKeyError where it does not open."""
    try:
        return AESGCM(wrapping_key).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], label.encode())
    except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
        raise RootKeyError(
            f"the key {label!r} does not open: the root key file belongs to another lake, or the control "
            "database was changed. To mend it: point LAKEWARD_ROOT_KEY to the key file of this lake"
        ) from None


def create_root_key(path: Path) -> RootKey:
    """Write a new random root key with mode 0600. Raises RootKeyError where the file exists."""
    if path.exists():
        raise RootKeyError(f"{path} exists already. To mend it: use that key, or name another file")
    key = os.urandom(KEY_BYTES)
    draft_key_file(path, key).replace(path)
    make_durable([path], path.parent)
    return RootKey(key)


def read_root_key(path: Path) -> RootKey:
    """The root key in `path`. Raises RootKeyError if missing, open to others, or not 64 hex digits."""
    lost = "restore it from your key backup; without it nothing in this lake can be opened"
    return RootKey(read_key_file(path, "root key", lost, RootKeyError))
