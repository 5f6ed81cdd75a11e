"""Files that survive a power cut: written is not durable until the disk was told to keep it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

AT_ONCE = 8
"""Waiting side by side lets the file system put many files into one write of its journal."""


def make_durable(files: Iterable[Path], root: Path) -> None:
    """Put these files, and the folders that name them, up to `root`, on the disk.

    Raises OSError where a file is not there or the disk does not take it.
    """
    wanted = list(dict.fromkeys(files))
    folders = dict.fromkeys(
        folder for file in wanted for folder in file.parents if folder.is_relative_to(root)
    )
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(_sync, wanted))
        list(pool.map(_sync, folders))  # after the files: a name must not be durable before what it names


def publish(draft: Path, path: Path) -> None:
    """Give a durable draft its name, if nothing has that name. Raises FileExistsError otherwise."""
    path.hardlink_to(draft)  # unlike a rename, it never replaces
    draft.unlink()
    make_durable([path], path.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
