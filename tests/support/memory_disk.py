"""Temporary files in memory where there is room: much of a run of the tests was waiting for the disk."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 4 << 30
"""Bytes; a whole run of the tests leaves 0.6 GB."""


def use_memory() -> None:
    """Have this program and those that it starts put temporary files there, unless `TMPDIR` says otherwise.

    Nothing is about what a disk keeps: who is killed is a process.
    """
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)
