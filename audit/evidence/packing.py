"""A folder of evidence becomes one zip: every file listed and signed, and the zip's own bytes signed too."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rfc8785

from audit.standalone.verify_bundle import FORMAT, MANIFEST, MANIFEST_SAYS, SEAL_BYTES, ZIP_SAYS
from policy.digest import sha256_of
from tenancy.durable import make_durable
from tenancy.signing import SigningKey

FIXED_TIME = (1980, 1, 1, 0, 0, 0)
"""Members carry no time of their own: when the bundle was made stands in its manifest."""
BLOCK = 1 << 20


@dataclass(frozen=True)
class Packed:
    """The zip as it lies there: SHA-256 and bytes of it, and the SHA-256 of the manifest in it."""

    sha256: str
    size: int
    manifest_sha256: str
    files: int


def sign_manifest(folder: Path, about: Mapping[str, Any], key: SigningKey) -> int:
    """Write the manifest of everything in the folder; how many files it lists.

    `about` is what it says beside the files: whose bundle, of which time, what was left out.
    """
    files = {path.relative_to(folder).as_posix(): _digest(path) for path in files_in(folder)}
    body = {**about, "format": FORMAT, "key_id": key.key_id, "files": files}
    signature = key.sign(MANIFEST_SAYS + rfc8785.dumps(body)).hex()
    (folder / MANIFEST).write_bytes(rfc8785.dumps({"body": body, "signature": signature}) + b"\n")
    return len(files)


def pack(folder: Path, path: Path, key: SigningKey) -> Packed:
    """Write the folder into a new zip, durably, signed over its own bytes.

    Raises FileExistsError where the name is taken.
    """
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as stream:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
            # Its place is kept first, because a zip says at its end how long its comment is.
            packed.comment = b"." * SEAL_BYTES
            for file in files_in(folder):
                _add(packed, file, file.relative_to(folder).as_posix())
        _seal(stream, key)
        stream.seek(0)
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    make_durable([path], path.parent)
    return Packed(digest, path.stat().st_size, sha256_of(folder / MANIFEST), len(files_in(folder)))


def files_in(folder: Path) -> list[Path]:
    """Every file under the folder, in order."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _add(packed: zipfile.ZipFile, path: Path, name: str) -> None:
    member = zipfile.ZipInfo(name, FIXED_TIME)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = 0o600 << 16
    member.file_size = path.stat().st_size  # so that a long one gets the form for long ones
    with path.open("rb") as source, packed.open(member, "w") as target:
        while block := source.read(BLOCK):
            target.write(block)


def _seal(stream: Any, key: SigningKey) -> None:
    """Put the signature over every byte before it where the zip's comment stands."""
    left = stream.seek(0, os.SEEK_END) - SEAL_BYTES
    stream.seek(0)
    digest = hashlib.sha256()
    while left and (block := stream.read(min(BLOCK, left))):
        digest.update(block)
        left -= len(block)
    seal = ZIP_SAYS.strip() + b" " + key.sign(ZIP_SAYS + digest.digest()).hex().encode()
    stream.seek(-SEAL_BYTES, os.SEEK_END)
    stream.write(seal)
    stream.flush()


def _digest(path: Path) -> dict[str, Any]:
    return {"sha256": sha256_of(path), "bytes": path.stat().st_size}
