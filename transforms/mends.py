"""What to tell the one who is woken: which table is not well, and what to do about it."""

from __future__ import annotations

from transforms.delta_log import CHECKPOINT, DamagedLog, DeltaLog
from transforms.errors import LakeStateError
from transforms.table_versions import KnownVersion

GUIDE = "docs/power-loss.md"


def contradiction(name: str, fact: str) -> LakeStateError:
    """The error for a table and a control database that are of different times."""
    return LakeStateError(
        f"table {name} {fact}: one of them is older than the other, or something else wrote to the table. "
        f"To mend it: {_restore(name)}"
    )


def refusal(name: str, log: DeltaLog, known: KnownVersion, fault: DamagedLog) -> LakeStateError:
    """The error for a table of which a part is not whole."""
    return LakeStateError(f"table {name}: {fault}. To mend it: {_mend(name, log, known, fault)}")


def _mend(name: str, log: DeltaLog, known: KnownVersion, fault: DamagedLog) -> str:
    last = fault.place.rsplit("/", 1)[-1]
    if last.startswith("."):
        return f"remove that file: it holds checksums only ({GUIDE}, part 1)"
    if fault.version > known.version:
        return (
            f"move the files of version {fault.version} out of _delta_log: that commit was never settled, "
            f"and the next run makes it again ({GUIDE}, part 2)"
        )
    spare = CHECKPOINT.fullmatch(last) and log.whole_without_checkpoint(fault.version)
    if spare or last.endswith(".crc"):
        return f"move that file out of the table: the commits are all there, and suffice ({GUIDE}, part 1)"
    return _restore(name)


def _restore(name: str) -> str:
    whole = f"restore lake and control folder from the same backup ({GUIDE}, part 3)"
    return f"let silver be made anew ({GUIDE}, part 4), or {whole}" if "/silver/" in name else whole
