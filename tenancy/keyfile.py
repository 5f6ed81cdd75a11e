"""A file with one key of 32 bytes as 64 hex digits, that only its owner can read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from policy.errors import LakewardError

KEY_BYTES = 32


def draft_key_file(path: Path, key: bytes) -> Path:
    """Write `key` beside `path` with mode 0600, and give the draft, for the caller to give it its name.

    Whole or not at all: a run that dies here leaves no key file without a key.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(key.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return draft


def read_key_file(path: Path, what: str, lost: str, error: type[LakewardError]) -> bytes:
    """The key in `path`; raises `error` if missing, open to others, or not 64 hex digits.

    `what` names the key in messages, `lost` is the mend where its file is missing.
    """
    if not path.is_file():
        raise error(f"the {what} file {path} is missing. To mend it: {lost}")
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise error(
            f"the {what} file {path} has mode {mode:04o}, so others can read it. "
            f"To mend it: chmod 600 {path}, and rotate the key if others may have read it"
        )
    try:
        key = bytes.fromhex(path.read_text().strip())
    except (ValueError, UnicodeDecodeError):
        key = b""
    if len(key) != KEY_BYTES:
        raise error(f"the {what} file {path} does not hold 64 hex digits. To mend it: restore it from backup")
    return key
