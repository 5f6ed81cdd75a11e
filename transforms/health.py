"""Is a table what the control database knows? Asked when the lake is opened, before anything is written.

After a power cut, or when one of the two came back from a backup, a table and the control database can
be of different times, or part of a table can be empty, cut or gone. Delta notices some of that late and
some of it never; here all of it stops the lake, with what to do. What a kill can leave passes: a table
that is ahead by the one commit that the dead run had announced.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from transforms import mends
from transforms.delta_log import Commit, DamagedLog, DeltaLog
from transforms.errors import LakeStateError
from transforms.leases import lease_if_free
from transforms.table_versions import NEVER_WRITTEN, KnownVersion, TableVersions

MAGIC = b"PAR1"
SHOWN = 5


def check_lake(versions: TableVersions, root: Path, leases: Path) -> None:
    """Look at every table. Raises LakeStateError that names each one that is not well, with the mend.

    A dataset that another process holds the lease of is passed by: that process has looked at it.
    Reads the logs since their last checkpoints, and of each live file its size.
    """
    names = {str(log.parent.relative_to(root)) for log in root.glob("*/*/*/_delta_log") if log.is_dir()}
    faults: list[str] = []
    groups: dict[tuple[str, str], list[str]] = {}
    for name in sorted(names | set(versions.all())):
        region, _, dataset = name.split("/")
        groups.setdefault((region, dataset), []).append(name)
    for (region, dataset), members in groups.items():
        with lease_if_free(leases, region, dataset) as free:
            for name in members if free else ():
                try:
                    check_table(name, DeltaLog(root / name), versions.of(name))
                except LakeStateError as error:
                    faults.append(str(error))
    if faults:
        more = [f"and {len(faults) - SHOWN} more tables"] if len(faults) > SHOWN else []
        raise LakeStateError("\n".join(faults[:SHOWN] + more))


def check_table(name: str, log: DeltaLog, known: KnownVersion | None) -> None:
    """Raise LakeStateError where a table is not whole, or not the one that the control database knows."""
    newer = commits_since(name, log, known)
    if log.version is None or known is None:
        return
    try:
        settled = log.live(known.version)
        if settled is not None and (known.files, known.bytes) != (len(settled), sum(settled.values())):
            raise DamagedLog("_delta_log", "has lost part of a commit", known.version)
        live = (log.live() if newer or settled is None else settled) or {}
        _check_counted(log, log.commit(log.version), live)
        fresh = {path: commit.version for commit in newer for path in commit.added}
        _check_files(log, live, fresh, known.version)
    except DamagedLog as fault:
        raise mends.refusal(name, log, known, fault) from None


def commits_since(name: str, log: DeltaLog, known: KnownVersion | None) -> list[Commit]:
    """The commits that a table has and the control database does not know, each announced by a dead run.

    Raises LakeStateError where the table is older, was replaced, or has commits that nobody announced.
    """
    version = NEVER_WRITTEN if log.version is None else log.version
    if known is None:
        if version == NEVER_WRITTEN:
            return []
        raise mends.contradiction(name, "is there, and the control database has never heard of it")
    if version < known.version:
        stands = "is not there" if version == NEVER_WRITTEN else f"stands at version {version}"
        raise mends.contradiction(name, f"{stands}, and the control database knows version {known.version}")
    try:
        if known.version in log.commits and log.commit(known.version).commit_id != known.commit_id:
            raise mends.contradiction(
                name, f"has another commit at version {known.version} than the control database knows"
            )
        newer = [log.commit(one) for one in range(known.version + 1, version + 1)]
    except DamagedLog as fault:
        raise mends.refusal(name, log, known, fault) from None
    if any(commit.commit_id != known.next_commit_id for commit in newer):
        raise mends.contradiction(
            name,
            f"stands at version {version}, the control database knows version {known.version}, "
            "and no run of its own has made the rest",
        )
    return newer


def _check_counted(log: DeltaLog, newest: Commit, live: Mapping[str, int]) -> None:
    """Delta's checksum of the newest commit: of a commit that nobody recorded, the only other witness."""
    counted = log.counted(newest)
    if counted is not None and counted != (len(live), sum(live.values())):
        raise DamagedLog(f"_delta_log/{newest.version:020d}.crc", "does not fit the log", newest.version)


def _check_files(log: DeltaLog, live: Mapping[str, int], fresh: Mapping[str, int], settled: int) -> None:
    """`fresh`: the files, with their commit's version, that nobody has told the disk to keep."""
    for path, size in live.items():
        version, file = fresh.get(path, settled), log.table / path
        try:
            found = file.stat().st_size
        except FileNotFoundError:
            raise DamagedLog(path, "is missing", version) from None
        if found != size or (path in fresh and not _is_parquet(file)):
            raise DamagedLog(path, "is empty, cut or overwritten", version)
        log.check_side_file(file, version)


def _is_parquet(file: Path) -> bool:
    with file.open("rb") as opened:
        head = opened.read(len(MAGIC))
        opened.seek(-len(MAGIC), 2)
        return head == opened.read() == MAGIC
