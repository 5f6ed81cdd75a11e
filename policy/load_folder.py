"""Reads the policies folder once; what is parsed and what is hashed are the same bytes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from policy.load_node import Faults, close_match

TENANTS = "tenants.yaml"
TREATMENTS = "treatments.yaml"
TIERS = "tiers.yaml"
RETENTION = "retention.yaml"
DATA_CLASSES = "data_classes.yaml"
DETECTION = "detection.yaml"
DATASETS = "datasets/"

MAX_FILES = 10_000
MAX_BYTES = 64 << 20
"""A folder above these is taken for a mistake (a home folder, a disk), and is not read."""


def read_folder(folder: Path, faults: Faults) -> dict[str, bytes]:
    """Every regular file by its relative POSIX path; hidden files and editor backups are left out.

    A symbolic link to a file inside the folder is read as that file; one that leaves the folder, or
    that leads to a folder, is a fault.
    """
    if not folder.is_dir():
        fact = "this is no folder" if folder.exists() else "the policies folder does not exist"
        faults.add(str(folder), "", fact, "give the folder that holds tenants.yaml")
        return {}
    if not any((folder / name).exists() for name in (TENANTS, TREATMENTS, DATASETS)):
        fact = f"there is no {TENANTS}, no {TREATMENTS} and no {DATASETS} here"
        faults.add(str(folder), "", fact, "give the folder that holds them")
        return {}
    root, files, size = folder.resolve(), dict[str, bytes](), 0
    for path in _walk(root, faults):
        relative = path.relative_to(root).as_posix()
        content = _read(path, root, relative, faults)
        if content is not None:
            files[relative] = content
            size += len(content)
        if len(files) > MAX_FILES or size > MAX_BYTES:
            fact = f"the folder holds more than {MAX_FILES} files or {MAX_BYTES} bytes"
            faults.add(str(folder), "", fact, "give a folder that holds policies and nothing else")
            return {}
    _refuse_strays(files, faults)
    return files


def is_dataset(path: str) -> bool:
    """Whether a relative path is that of a dataset contract: `datasets/NAME.yaml`."""
    return path.startswith(DATASETS) and path.endswith(".yaml") and path.count("/") == 1


def _left_out(name: str) -> bool:
    return name.startswith(".") or name.endswith(("~", ".swp"))


def _walk(root: Path, faults: Faults) -> Iterator[Path]:
    def unreadable(error: OSError) -> None:
        faults.add(Path(error.filename).name, "", "the folder cannot be read", "give read access to it")

    for top, folders, names in os.walk(root, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not _left_out(name))
        for name in folders:
            if (Path(top) / name).is_symlink():
                relative = (Path(top) / name).relative_to(root).as_posix()
                faults.add(relative, "", "a symbolic link leads to a folder", "put the folder itself here")
        yield from (Path(top) / name for name in sorted(names) if not _left_out(name))


def _read(path: Path, root: Path, relative: str, faults: Faults) -> bytes | None:
    try:
        real = path.resolve()
        if not real.is_relative_to(root):
            faults.add(relative, "", "a symbolic link leaves the policies folder", "put the file itself here")
            return None
        if not real.is_file():
            faults.add(relative, "", "this is no regular file", "remove it, or put a file in its place")
            return None
        if real.stat().st_size > MAX_BYTES:
            faults.add(relative, "", f"the file has more than {MAX_BYTES} bytes", "keep it elsewhere")
            return None
        return real.read_bytes()
    except (OSError, RuntimeError):  # RuntimeError: links that lead round in a circle
        faults.add(relative, "", "the file cannot be read", "give read access to it, or mend the link")
        return None


def _refuse_strays(files: dict[str, bytes], faults: Faults) -> None:
    """A policy file under a wrong name would be ignored in silence."""
    known = [TENANTS, TREATMENTS, TIERS, RETENTION, DATA_CLASSES, DETECTION, "datasets/NAME.yaml"]
    for path in files:
        if path.endswith((".yaml", ".yml")) and path not in known and not is_dataset(path):
            renamed = path.removesuffix(".yml") + ".yaml" if path.endswith(".yml") else ""
            if renamed and (renamed in known or is_dataset(renamed)):
                mend = f"name it {renamed}"
            else:
                mend = close_match(path, known)
            faults.add(path, "", "no policy file has this name, it would not be read", mend)
