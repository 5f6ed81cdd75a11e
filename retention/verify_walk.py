"""Every name under a place: files, folders, links, and what is neither; hidden ones too."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from retention.verify_result import Place

_TENANT = re.compile(r"[a-z0-9_]+")
_PARTITION = "tenant_id="
_SHOWN_FOLDER = re.compile(r"[a-z][a-z0-9_]*")
WITHHELD = "(name withheld)"


@dataclass(frozen=True)
class Entry:
    """One name: which place, its path there, and what the system says of it.

    `path` is relative to the place (`.` for the place itself), `status` is None where it cannot be read.
    """

    place: Place
    path: str
    status: os.stat_result | None

    @property
    def full(self) -> Path:
        """Where it lies."""
        return self.place.path if self.path == "." else self.place.path / self.path

    @property
    def mode(self) -> int:
        """What it is, as `stat` tells; 0 where that cannot be read."""
        return self.status.st_mode if self.status else 0

    @property
    def state(self) -> tuple[str, str, int, int, int, int]:
        """What changes when the file or its content does."""
        one = self.status
        facts = (one.st_dev, one.st_ino, one.st_size, one.st_mtime_ns) if one else (0, 0, 0, 0)
        return self.place.name, self.path, *facts

    @property
    def name(self) -> bytes:
        """The last part of its path."""
        return os.fsencode(self.path.rsplit("/", 1)[-1])

    @property
    def parts(self) -> list[str]:
        """The parts of its path, as results may show them."""
        parts = self.path.split("/")
        if self.place.names_withheld and self.path != ".":
            folders = [one if _SHOWN_FOLDER.fullmatch(one) else WITHHELD for one in parts[:-1]]
            return [*folders, WITHHELD]
        return [os.fsencode(one).decode("utf-8", "backslashreplace") for one in parts]


def walk(place: Place, tenant: str | None) -> Iterator[tuple[Entry, bool]]:
    """Each entry of a place, and whether it is to be read: `tenant`'s own, or nobody's (all for None)."""
    base = place.path
    root = Entry(place, ".", _status(base))
    yield root, True
    if stat.S_ISDIR(root.mode):
        yield from _folder(place, "", tenant, reading=True)


def _folder(place: Place, folder: str, tenant: str | None, *, reading: bool) -> Iterator[tuple[Entry, bool]]:
    try:
        names = sorted(one.name for one in (place.path / folder).iterdir())
    except OSError:
        yield Entry(place, folder or ".", None), reading
        return
    for name in names:
        path = f"{folder}/{name}" if folder else name
        entry = Entry(place, path, _status(place.path / path))
        read = reading and not _of_another(place, path, tenant, stat.S_ISDIR(entry.mode))
        yield entry, read
        if stat.S_ISDIR(entry.mode):
            yield from _folder(place, path, tenant, reading=read)


def _of_another(place: Place, path: str, tenant: str | None, is_folder: bool) -> bool:
    if tenant is None or not is_folder:
        return False
    parts = path.split("/")
    name = parts[-1]
    if name.startswith(_PARTITION):
        owner = name.removeprefix(_PARTITION)
    elif len(parts) - 1 == place.tenant_level and not parts[0].startswith("."):
        owner = name
    else:
        return False
    return owner != tenant and _TENANT.fullmatch(owner) is not None


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except OSError:
        return None
