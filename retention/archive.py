"""A landing file sealed as a whole: its bytes in pieces of 1 MiB, each an AES-256-GCM cell of the tenant.

Layout: one JSON line (format, tenant, dataset, key id, pieces), then for each piece a nonce (12 bytes)
and the ciphertext with its tag (piece + 16 bytes). Each piece is bound to the archive's name, its
number and the number of pieces, so that none can be moved, dropped or repeated unnoticed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from policy.errors import LakewardError
from tenancy.durable import make_durable
from tenancy.keyring import DataKey, TenantKeys

PIECE = 1 << 20
NONCE = 12
TAG = 16


class ArchiveError(LakewardError):
    """An archive is cut, changed, or does not open with the tenant's keys."""


def seal_file(source: Path, target: Path, dataset: str, key: DataKey) -> None:
    """Write `source` sealed to `target` (mode 0600), whole or not at all; `source` stays."""
    pieces = max(1, -(-source.stat().st_size // PIECE))
    head = {"format": 1, "tenant": key.tenant_id, "dataset": dataset, "key_id": key.key_id, "pieces": pieces}
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = target.with_suffix(".tmp")
    aead = AESGCM(key.key)
    with (
        source.open("rb") as plain,
        os.fdopen(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as out,
    ):
        out.write(json.dumps(head, sort_keys=True).encode() + b"\n")
        for number in range(pieces):
            nonce = os.urandom(NONCE)
            out.write(nonce + aead.encrypt(nonce, plain.read(PIECE), _aad(head, target.name, number)))
    make_durable([draft], target.parent)
    draft.replace(target)
    make_durable([target], target.parent)  # the landing file goes next


def open_archive(path: Path, keys: TenantKeys) -> Iterator[bytes]:
    """The archived file's bytes, piece by piece. Raises ArchiveError where a piece does not open."""
    with path.open("rb") as sealed:
        head = json.loads(sealed.readline())
        key = next((key for key in keys.data_keys if key.key_id == head["key_id"]), None)
        if key is None or head["tenant"] != keys.tenant_id:
            raise ArchiveError(
                "the archive belongs to another tenant or key. To mend it: open it with the tenant's key ring"
            )
        aead = AESGCM(key.key)
        for number in range(head["pieces"]):
            nonce = sealed.read(NONCE)
            try:
                yield aead.decrypt(nonce, sealed.read(PIECE + TAG), _aad(head, path.name, number))
            except (InvalidTag, ValueError):
                raise ArchiveError(
                    f"piece {number} of an archive does not open: it was cut or changed. "
                    "To mend it: restore the archive"
                ) from None
        if sealed.read(1):
            raise ArchiveError("an archive has more pieces than it says. To mend it: restore the archive")


def _aad(head: dict[str, object], name: str, number: int) -> bytes:
    return json.dumps([head, name, number], sort_keys=True).encode()
