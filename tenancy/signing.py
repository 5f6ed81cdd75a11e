"""The key that signs receipts: Ed25519, one a lake, with its public half in a file beside it."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from tenancy.durable import make_durable, publish
from tenancy.errors import SigningKeyError
from tenancy.keyfile import KEY_BYTES, draft_key_file, read_key_file


@dataclass(frozen=True)
class SigningKey:
    """A signing key in memory. Its repr shows the key id only."""

    key_id: str
    _key: Ed25519PrivateKey = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        """The Ed25519 signature (RFC 8032) of `message`, 64 bytes."""
        return self._key.sign(message)


def key_id_of(public: Ed25519PublicKey) -> str:
    """The first 16 hex digits of SHA-256 over the public key's 32 bytes."""
    return hashlib.sha256(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def public_key_file(path: Path) -> Path:
    """Where the public half of the key in `path` lies: `signing.pub` beside `signing.key`."""
    return path.with_suffix(".pub")


def open_signing_key(path: Path) -> SigningKey:
    """The signing key in `path`, made with mode 0600 where neither it nor its public half is there.

    Raises SigningKeyError where the file is missing beside its public half, open to others, malformed, or
    not the one that the public half belongs to.
    """
    public_file = public_key_file(path)
    if not path.exists() and not public_file.exists():
        _create(path)
    lost = "restore it from your key backup; a new key would not be that of the receipts signed so far"
    key = Ed25519PrivateKey.from_private_bytes(read_key_file(path, "signing key", lost, SigningKeyError))
    public = key.public_key()
    if not public_file.exists():
        _write_public(public_file, public)
    if read_public_key(public_file) != public:
        raise SigningKeyError(
            f"{public_file} is not the public half of {path}. To mend it: restore both from the same backup"
        )
    return SigningKey(key_id_of(public), key)


def read_public_key(path: Path) -> Ed25519PublicKey:
    """The Ed25519 public key in a PEM file. Raises SigningKeyError where it is none."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise SigningKeyError(
            f"{path} does not hold an Ed25519 public key in PEM. To mend it: get the public key of the lake"
        )
    return key


def _create(path: Path) -> None:
    draft = draft_key_file(path, os.urandom(KEY_BYTES))
    try:
        publish(draft, path)
    except FileExistsError:
        draft.unlink()  # another process made it in the same moment; ours was never used


def _write_public(path: Path, public: Ed25519PublicKey) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    draft.write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    make_durable([draft], path.parent)
    draft.replace(path)
    make_durable([path], path.parent)
