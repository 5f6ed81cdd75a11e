"""The root key: 32 bytes in a file that only its owner can read. It wraps every tenant's key."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tenancy.durable import make_durable
from tenancy.errors import RootKeyError

KEY_BYTES = 32
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
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists():
        raise RootKeyError(f"{path} exists already. To mend it: use that key, or name another file")
    key = os.urandom(KEY_BYTES)
    # Whole or not at all: a run that dies here must not leave a key file without a key.
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(key.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    make_durable([path], path.parent)
    return RootKey(key)


def read_root_key(path: Path) -> RootKey:
    """The root key in `path`. Raises RootKeyError if missing, open to others, or not 64 hex digits."""
    if not path.is_file():
        raise RootKeyError(
            f"the root key file {path} is missing. To mend it: restore it from your key backup; "
            "without it nothing in this lake can be opened"
        )
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise RootKeyError(
            f"the root key file {path} has mode {mode:04o}, so others can read it. "
            f"To mend it: chmod 600 {path}, and rotate the key if others may have read it"
        )
    try:
        key = bytes.fromhex(path.read_text().strip())
    except (ValueError, UnicodeDecodeError):
        key = b""
    if len(key) != KEY_BYTES:
        raise RootKeyError(
            f"the root key file {path} does not hold 64 hex digits. To mend it: restore it from backup"
        )
    return RootKey(key)
