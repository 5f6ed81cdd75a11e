"""Digests: one for the whole policies folder, which every row, event and check carries; and a file's."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path


def digest_of(files: Mapping[str, bytes]) -> str:
    """`sha256:` and 64 hex digits over paths and contents.

    `files` maps relative POSIX paths to bytes as they are on disk; line endings count. Paths go in
    sorted by their bytes, and each path and content is preceded by its length (8 bytes, big endian), so
    that no two folders run together to the same input.
    """
    state = hashlib.sha256()
    for path, content in sorted((os.fsencode(path), content) for path, content in files.items()):
        for part in (path, content):
            state.update(len(part).to_bytes(8, "big"))
            state.update(part)
    return f"sha256:{state.hexdigest()}"


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, 64 hex digits. Raises OSError where it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
