"""A signed head: how long the ledger was at a moment, and the root of its tree then."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from audit.errors import LedgerError
from tenancy.signing import SigningKey, key_id_of

DOMAIN = b"lakeward-ledger-head-v1\n"
"""Stands before what is signed, so that no other signature of the key can pass for a head's."""
FILE_NAME = re.compile(r"[0-9]{12}-[0-9a-f]{64}[.]json")
"""What heads are called where each is a file: names rise with the ledger."""


@dataclass(frozen=True)
class SignedHead:
    """The head of the ledger `log`, 64 hex digits. `root` is hex, `at` as in entries, `signature` base64.

    The signature is Ed25519 over `DOMAIN` and the canonical JSON of all other fields.
    """

    log: str
    size: int
    root: str
    at: str
    key_id: str
    signature: str

    def document(self) -> dict[str, Any]:
        """All fields, to be written as JSON."""
        return dict(vars(self))

    @property
    def file_name(self) -> str:
        """`<entries>-<root>.json`."""
        return f"{self.size:012d}-{self.root}.json"

    def to_json(self) -> bytes:
        """The canonical JSON of `document`."""
        return rfc8785.dumps(self.document())

    def signed_by(self, public: Ed25519PublicKey) -> bool:
        """Whether the key made this signature over these very fields."""
        try:
            signature = base64.b64decode(self.signature, validate=True)
            public.verify(signature, message(self.log, self.size, self.root, self.at, self.key_id))
        except (InvalidSignature, binascii.Error):
            return False
        return self.key_id == key_id_of(public)


def message(log: str, size: int, root: str, at: str, key_id: str) -> bytes:
    """The bytes that a head's signature is over."""
    body: dict[str, Any] = {"log": log, "size": size, "root": root, "at": at, "key_id": key_id}
    return DOMAIN + rfc8785.dumps(body)


def make_head(key: SigningKey, log: str, size: int, root: bytes, at: str) -> SignedHead:
    """A head signed by the key."""
    signature = key.sign(message(log, size, root.hex(), at, key.key_id))
    return SignedHead(log, size, root.hex(), at, key.key_id, base64.b64encode(signature).decode())


def parse_head(text: str | bytes) -> SignedHead:
    """The head that JSON says. Raises LedgerError where it is none."""
    try:
        head = SignedHead(**json.loads(text))
    except (ValueError, TypeError):
        head = None
    texts = () if head is None else (head.log, head.root, head.at, head.key_id, head.signature)
    if head is None or type(head.size) is not int or head.size < 0 or not all(type(t) is str for t in texts):
        raise LedgerError("a text is no signed head. To mend it: get the file again from where it was kept")
    return head
