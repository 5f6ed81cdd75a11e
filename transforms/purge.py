"""A table's past leaves the disk: every file that its present version does not need, and the log before it.

VACUUM would do the first half, but it says that it is done also where it could not delete a file, and it
passes hidden folders by. Here the rule is VACUUM's with a retention of nothing, and its result is listed.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from policy.digest import sha256_of
from tenancy.durable import make_durable
from transforms.delta_log import DamagedLog, DeltaLog, side_file
from transforms.errors import LakeStateError
from transforms.lake import Lake, Table

LOG = "_delta_log"
PARTITION = "tenant_id="


class FilesRemain(LakeStateError):
    """Files that hold what was erased could not be removed. `files` is how many."""

    def __init__(self, name: str, files: int) -> None:
        self.files = files
        super().__init__(
            f"table {name}: {files} files of its past could not be removed. To mend it: see to the rights "
            "and the health of that folder, then run the request again"
        )


@dataclass(frozen=True)
class Removed:
    """A data file that is gone: its path in the table, its size in bytes, and the SHA-256 that it had."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Purged:
    """What left the disk: data files with their bytes, files of the log; and those that were asked for."""

    files: int = 0
    bytes: int = 0
    log_files: int = 0
    named: tuple[Removed, ...] = ()


def has_past(lake: Lake, table: Table, tenants: Collection[str]) -> bool:
    """Whether files lie in the table's folder that are not live, and are one of the tenants' or nobody's.

    Needs the dataset's lease: a writer's files are not live until it commits.
    """
    folder = Path(lake.path(table))
    own = {f"{PARTITION}{tenant}" for tenant in tenants}
    places = (_first(folder, file) for file in _dead(folder, _kept(folder)))
    return any(place in own or not place.startswith(PARTITION) for place in places)


def purge(lake: Lake, table: Table, named: Collection[str] = ()) -> Purged:
    """Leave only the present version of the table on the disk. Needs the dataset's lease.

    Of the data files in `named` (their own names, without folder) the result says which were removed.

    The log goes first: until the last dead data file is gone, `has_past` says that there is more to do.
    Can die at any point and be called again. Older versions cannot be read any more after this, and a
    reader of one that runs meanwhile fails.

    Raises:
        FilesRemain: a file could not be removed.
        LakeStateError: the table has deletion vectors, or its checkpoint does not say what the log says.
    """
    if lake.has_deletion_vectors(table):
        raise LakeStateError(
            f"table {table.name} has deletion vectors, which only mark rows. To mend it: run REORG TABLE ... "
            "APPLY (PURGE) on it, turn delta.enableDeletionVectors off, then run the request again"
        )
    lake.commit_nothing(table)
    _checkpoint(lake, table)
    log_files = _remove_log(lake, table)
    lake.forget(table)
    folder = Path(lake.path(table))
    kept = _kept(folder)
    gone = [(file, file.lstat().st_size) for file in _dead(folder, kept)]
    told = tuple(
        Removed(str(file.relative_to(folder)), size, sha256_of(file))
        for file, size in gone
        if file.name in named
    )
    _remove(table, folder, [file for file, _ in gone])
    if left := sum(1 for _ in _dead(folder, kept)):
        raise FilesRemain(table.name, left)
    data = [size for file, size in gone if not file.name.endswith(".crc")]
    return Purged(len(data), sum(data), log_files, told)


def _checkpoint(lake: Lake, table: Table) -> None:
    """The present version in one file, held against the log that it replaces, and on the disk."""
    folder = Path(lake.path(table))
    before = DeltaLog(folder)
    live, writers = before.live(), before.writers()
    lake.checkpoint(table)
    log = DeltaLog(folder)
    version = log.version or 0
    if log.checkpoints[-1:] != [version]:
        raise LakeStateError(f"table {table.name}: no checkpoint was written. To mend it: run this again")
    log.commits = [version]
    try:
        same = log.live() == live and log.checkpointed_writers(version) == writers
    except DamagedLog:
        same = False
    if not same:
        raise LakeStateError(
            f"table {table.name}: its checkpoint does not say what its log says. To mend it: remove the "
            f"checkpoint of version {version}, then run this again"
        )
    make_durable(_needed(folder / LOG, version), lake.root)


def _remove_log(lake: Lake, table: Table) -> int:
    folder = Path(lake.path(table)) / LOG
    version = DeltaLog(folder.parent).version or 0
    needed = set(_needed(folder, version))
    gone = [file for file in _files(folder) if file not in needed]
    _remove(table, folder, gone)
    if left := sum(1 for file in _files(folder) if file not in needed):
        raise FilesRemain(table.name, left)
    return len(gone)


def _needed(log: Path, version: int) -> list[Path]:
    names = [f"{version:020d}.{ending}" for ending in ("json", "crc", "checkpoint.parquet")]
    files = [log / name for name in (*names, "_last_checkpoint")]
    return [file for one in files for file in (one, side_file(one)) if file.exists()]


def _kept(folder: Path) -> frozenset[Path]:
    """The live files with their side files. Raises LakeStateError for one that lies outside of the table."""
    kept = set()
    for path in DeltaLog(folder).live() or {}:
        file = folder / path
        if ":" in path or ".." in Path(path).parts or not file.is_relative_to(folder):
            raise LakeStateError(
                f"the table in {folder} names files outside of its folder, as a shallow clone does. To mend "
                "it: make it a table of its own, then run this again"
            )
        kept |= {file, side_file(file)}
    return frozenset(kept)


def _dead(folder: Path, kept: frozenset[Path]) -> Iterator[Path]:
    log = folder / LOG
    return (file for file in _files(folder) if file not in kept and not file.is_relative_to(log))


def _files(folder: Path) -> Iterator[Path]:
    """Every file, link and special file under the folder, hidden ones too; links are not followed."""
    for place, folders, names in os.walk(folder):
        at = Path(place)
        yield from (at / name for name in names)
        yield from (at / name for name in folders if (at / name).is_symlink())


def _remove(table: Table, folder: Path, files: list[Path]) -> None:
    left = 0
    for file in files:
        try:
            file.unlink(missing_ok=True)
        except OSError:
            left += 1
    if left:
        raise FilesRemain(table.name, left)
    # A removed name must not come back after a power cut; a folder that is empty now goes too.
    places = sorted({file.parent for file in files}, reverse=True)
    for place in places:
        if place != folder and not any(place.iterdir()):
            place.rmdir()
    make_durable([place for place in places if place.exists()], folder.parent)


def _first(folder: Path, file: Path) -> str:
    return file.relative_to(folder).parts[0]
