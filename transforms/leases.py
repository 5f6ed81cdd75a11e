"""Whose turn it is to write a dataset's tables in a region.

Delta on a local disk has no safe commit between processes, so writers take turns. The locks are the
operating system's: they end with the process that holds them, however it ends.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def lease(folder: Path, region: str, dataset: str, jvm: Any) -> Iterator[None]:
    """Hold the lease; waits until it is free.

    Two locks on one file: this process's, and its Java process's, which writes the tables and can
    outlive a killed Python by a moment in which nobody else may begin.
    """
    file = _lock_file(folder, region, dataset)
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        java_file = jvm.java.io.RandomAccessFile(str(file), "rw")
        try:
            java_file.getChannel().lock()
            yield
        finally:
            java_file.close()


@contextmanager
def lease_if_free(folder: Path, region: str, dataset: str) -> Iterator[bool]:
    """Hold the lease where it is free, and say whether it was: for looking, not for writing."""
    with _lock_file(folder, region, dataset).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _lock_file(folder: Path, region: str, dataset: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / f"{region}.{dataset}.lock"
