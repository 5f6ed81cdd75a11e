"""Each tenant's part of a table as the log and the file system tell it: whose files, and are they the same?

A digest over a part's files answers whether anything can have changed since it was looked at, without
a look at a row. Whoever writes to a file changes what the file system says of it, even where its
length and its time stamp are put back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from policy.bundle import PolicyBundle
from transforms.delta_log import DeltaLog

_FOLDER = "tenant_id="


def part_digests(table: Path) -> dict[str, str]:
    """Tenant to a digest of the tenant's live files: names, and what the file system says of each.

    A file that is gone gives a digest too, another one. Tenants are those that have a file.
    """
    files: dict[str, list[str]] = {}
    for path in DeltaLog(table).live() or {}:
        folder, _, _ = path.partition("/")
        files.setdefault(folder.removeprefix(_FOLDER), []).append(f"{path}|{_facts(table / path)}")
    return {
        tenant: hashlib.sha256("\n".join(sorted(own)).encode()).hexdigest() for tenant, own in files.items()
    }


def strangers(parts: Iterable[str], bundle: PolicyBundle, region: str) -> int:
    """How many partitions of a region's table belong to no tenant of that region."""
    own = {tenant.id for tenant in bundle.tenants.values() if tenant.region == region}
    return len(set(parts) - own)


def _facts(file: Path) -> str:
    try:
        told = file.stat()
    except FileNotFoundError:
        return "gone"
    # The change time cannot be set by a program; a restored or copied file has another one, and is read.
    return f"{told.st_ino}|{told.st_size}|{told.st_mtime_ns}|{told.st_ctime_ns}"
