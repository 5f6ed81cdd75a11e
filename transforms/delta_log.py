"""A Delta table's log, read without Spark: which commits there are, what they carry, what is live.

Delta itself takes an empty commit for one that did nothing, and does not look at a data file before it
reads it. After a power cut that is not good enough, so whatever is not whole stops the reader here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

COMMIT = re.compile(r"(\d{20})\.json")
CHECKPOINT = re.compile(r"(\d{20})\.checkpoint\.parquet")
SIDE_HEAD = b"crc\0"
COMMIT_ID = "commit"
"""The key under which the one door to tables puts a commit's id into `userMetadata`."""


class DamagedLog(Exception):
    """Part of a log is not whole. `place` is the file within the table; `version` the one that it spoils."""

    def __init__(self, place: str, fact: str, version: int) -> None:
        self.place, self.fact, self.version = place, fact, version
        super().__init__(f"{place} {fact}")


@dataclass(frozen=True)
class Commit:
    """One commit. Files are told by their path in the table; those added, with their size.

    `writers`: the sequence number that each writer committed in it.
    """

    version: int
    commit_id: str | None
    delta_id: str | None
    added: dict[str, int] = field(default_factory=dict)
    removed: frozenset[str] = frozenset()
    writers: dict[str, int] = field(default_factory=dict)


class DeltaLog:
    """The log of the table in `folder`, as it lay there when its names were first asked for."""

    def __init__(self, folder: Path) -> None:
        self.table = folder
        self.folder = folder / "_delta_log"

    @cached_property
    def commits(self) -> list[int]:
        """The versions of which a commit is there, in order."""
        return self._numbers(COMMIT)

    @cached_property
    def checkpoints(self) -> list[int]:
        """The versions of which a checkpoint is there, in order. Delta passes an empty one by: so do we."""
        return [one for one in self._numbers(CHECKPOINT) if self.checkpoint_file(one).stat().st_size]

    @property
    def version(self) -> int | None:
        """The table's version; None where there is no table."""
        return max([*self.commits[-1:], *self.checkpoints[-1:]], default=None)

    def commit_file(self, version: int) -> Path:
        """Where a commit lies."""
        return self.folder / f"{version:020d}.json"

    def checkpoint_file(self, version: int) -> Path:
        """Where a checkpoint lies."""
        return self.folder / f"{version:020d}.checkpoint.parquet"

    def commit(self, version: int) -> Commit:
        """What a commit carries. Raises DamagedLog where it is missing, empty, cut or not Delta's."""
        file = self.commit_file(version)
        place = f"_delta_log/{file.name}"
        if not file.exists():
            raise DamagedLog(place, "is missing", version)
        raw = file.read_bytes()
        if not raw:
            raise DamagedLog(place, "is empty", version)
        try:
            if not raw.endswith(b"\n"):
                raise DamagedLog(place, "is cut", version)
            commit = _commit(version, [json.loads(line) for line in raw.splitlines()])
        except (ValueError, TypeError, KeyError):
            raise DamagedLog(place, "is cut or overwritten", version) from None
        self.check_side_file(file, version)
        return commit

    def live(self, until: int | None = None) -> dict[str, int] | None:
        """The live files of a version (the present one by default), path in the table to size.

        None where the log no longer reaches back to it. Raises DamagedLog where what makes up the
        version is not whole.
        """
        last = self.version if until is None else until
        if last is None:
            return {}
        base = max((one for one in self.checkpoints if one <= last), default=None)
        if base is None and 0 not in self.commits and self.checkpoints:
            return None
        files = {} if base is None else self._checkpoint(base)
        for version in range(0 if base is None else base + 1, last + 1):
            commit = self.commit(version)
            for path in commit.removed:
                files.pop(path, None)
            files |= commit.added
        return files

    def writers(self) -> dict[str, int]:
        """The last sequence number of every writer of the present version; empty where there is no table.

        Raises DamagedLog where what makes up the version is not whole.
        """
        if self.version is None:
            return {}
        base = max(self.checkpoints, default=None)
        writers = {} if base is None else self.checkpointed_writers(base)
        for version in range(0 if base is None else base + 1, self.version + 1):
            writers |= self.commit(version).writers
        return writers

    def files_since(self, writer: str, sequence: int) -> list[str]:
        """Live files that `writer`'s commit of this number, or a commit after it, added: paths in the table.

        Empty where the writer did not come to that number. Where the log no longer reaches back to it, all
        live files. Raises DamagedLog where what makes them up is not whole.
        """
        found: list[str] = []
        removed: set[str] = set()
        for version in reversed(self.commits):
            commit = self.commit(version)
            number = commit.writers.get(writer)
            if number is not None and number < sequence:
                return []
            found += [path for path in commit.added if path not in removed]
            removed |= commit.removed
            if number == sequence:
                return found
        return found if 0 in self.commits else list(self.live() or {})

    def checkpointed_writers(self, version: int) -> dict[str, int]:
        """The last sequence number of every writer, as the checkpoint of `version` tells it.

        Raises DamagedLog where it does not.
        """
        file = self.checkpoint_file(version)
        try:
            told = pq.ParquetFile(file).read(columns=["txn.appId", "txn.version"]).column("txn")
            names, numbers = (pc.struct_field(told, name).to_pylist() for name in ("appId", "version"))
        except (pa.ArrowException, OSError, KeyError):
            raise DamagedLog(f"_delta_log/{file.name}", "is cut or overwritten", version) from None
        pairs = zip(names, numbers, strict=True)
        return {name: int(number) for name, number in pairs if name is not None}

    def whole_without_checkpoint(self, version: int) -> bool:
        """Whether the table can be read without the checkpoint of `version`, and without any after it."""
        rest = DeltaLog(self.table)
        rest.checkpoints = [one for one in self.checkpoints if one < version]
        try:
            rest.live()
        except DamagedLog:
            return False
        return True

    def files_of(self, commit: Commit) -> Iterator[Path]:
        """Every file that the commit put on the disk, with the side files that lie beside them."""
        names = (f"{commit.version:020d}.crc", self.checkpoint_file(commit.version).name, "_last_checkpoint")
        own = [self.folder / name for name in names]
        data = [self.table / path for path in commit.added]
        yield self.commit_file(commit.version)
        yield from data
        yield from (file for file in own if file.exists())
        yield from (
            side
            for file in (self.commit_file(commit.version), *own, *data)
            if (side := side_file(file)).exists()
        )

    def counted(self, commit: Commit) -> tuple[int, int] | None:
        """Files and bytes of the table by Delta's checksum of the commit; None where it cannot be read."""
        try:
            told = json.loads((self.folder / f"{commit.version:020d}.crc").read_bytes())
            return (told["numFiles"], told["tableSizeBytes"]) if told["txnId"] == commit.delta_id else None
        except (OSError, ValueError, TypeError, KeyError):
            return None  # Delta makes it anew

    def check_side_file(self, file: Path, version: int) -> None:
        """Raise DamagedLog where Hadoop's checksums of a file are cut: they make a whole file unreadable."""
        side = side_file(file)
        if side.exists() and not fits(side, file.stat().st_size):
            raise DamagedLog(str(side.relative_to(self.table)), "is cut", version)

    def _checkpoint(self, version: int) -> dict[str, int]:
        file = self.checkpoint_file(version)
        try:
            adds = pq.ParquetFile(file).read(columns=["add.path", "add.size"]).column("add")
            paths, sizes = (pc.struct_field(adds, name).to_pylist() for name in ("path", "size"))
        except (pa.ArrowException, OSError, KeyError):
            raise DamagedLog(f"_delta_log/{file.name}", "is cut or overwritten", version) from None
        self.check_side_file(file, version)
        return {unquote(path): size for path, size in zip(paths, sizes, strict=True) if path is not None}

    def _numbers(self, pattern: re.Pattern[str]) -> list[int]:
        if not self.folder.is_dir():
            return []
        names = (pattern.fullmatch(file.name) for file in self.folder.iterdir())
        return sorted(int(name.group(1)) for name in names if name)


def side_file(file: Path) -> Path:
    """Where Hadoop's local file system keeps a file's checksums."""
    return file.with_name(f".{file.name}.crc")


def fits(side: Path, size: int) -> bool:
    """Whether a side file is as long as the checksums of a file of this size are."""
    with side.open("rb") as opened:
        head = opened.read(8)
    if len(head) < len(SIDE_HEAD) + 4 or head[:4] != SIDE_HEAD:
        return False
    piece = int.from_bytes(head[4:])
    return piece > 0 and side.stat().st_size == 8 + 4 * -(-size // piece)


def _commit(version: int, actions: list[dict[str, Any]]) -> Commit:
    info = actions[0]["commitInfo"]
    note = json.loads(info.get("userMetadata") or "{}")
    added = {unquote(a["add"]["path"]): int(a["add"]["size"]) for a in actions if "add" in a}
    removed = frozenset(unquote(a["remove"]["path"]) for a in actions if "remove" in a)
    writers = {a["txn"]["appId"]: int(a["txn"]["version"]) for a in actions if "txn" in a}
    return Commit(version, note.get(COMMIT_ID), info.get("txnId"), added, removed, writers)
