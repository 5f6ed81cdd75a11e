"""Who delivers to a sink: one relay at a time."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def turn(folder: Path, sink: str) -> Iterator[bool]:
    """Hold the right to deliver to `sink`, with a lock file in `folder`; gives False where another has it.

    The lock is the operating system's: it ends with the process, however that ends.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    # By its digest, because a sink may have any name, and a name may tell a host.
    name = hashlib.sha256(sink.encode()).hexdigest()[:16]
    with (folder / f"lineage.{name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
