"""What becomes of a landing file once its content is verified in the lake: delete, keep or archive sealed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Engine

from policy.contracts import Disposal
from retention.archive import seal_file
from tenancy.keyring import KeyRing
from transforms.deliveries import record_disposal
from transforms.formats import content_token
from transforms.ingest import Settled
from transforms.landing import GONE, Stamp, changed_from

NOT_REMOVED = "not_removed"


def dispose(settled: Iterable[Settled], keyring: KeyRing, engine: Engine, lake_root: Path) -> dict[str, int]:
    """Deal with each settled file as its contract says; how many met each fate.

    A file that is no longer the bytes that were ingested is left alone (`changed`): the next run
    takes it as a new delivery. A file that is gone already counts as `gone`; one that cannot be read,
    sealed or removed as `not_removed`, and the next run tries again.
    """
    fates: dict[str, int] = {}
    for one in settled:
        fate = _fate(one, keyring, engine, lake_root)
        fates[fate] = fates.get(fate, 0) + 1
    return fates


def _fate(one: Settled, keyring: KeyRing, engine: Engine, lake_root: Path) -> str:
    try:
        return _dispose(one, keyring, engine, lake_root)
    except GONE:
        return "gone"
    except OSError:
        return NOT_REMOVED


def _dispose(one: Settled, keyring: KeyRing, engine: Engine, lake_root: Path) -> str:
    mark = Stamp.of(one.file.path).mark
    if one.disposal is Disposal.KEEP:
        record_disposal(engine, one.delivery_id, one.disposal)
        return str(Disposal.KEEP)
    keys = keyring.tenant_keys(one.file.tenant)
    if not one.file.in_its_place or content_token(one.file, keys.token_key) != one.content_token:
        return "changed"
    folder = lake_root / one.file.region / "archive" / one.file.dataset / f"tenant_id={one.file.tenant}"
    archive = folder / f"{one.delivery_id:012d}.sealed"
    if one.disposal is Disposal.ARCHIVE_SEALED:
        seal_file(one.file.path, archive, one.file.dataset, keys.current)
    if changed_from(mark, one.file.path):
        archive.unlink(missing_ok=True)  # of which bytes, nobody can tell
        return "changed"
    # Written down first: once the file is gone, no later run sees that it was here.
    record_disposal(engine, one.delivery_id, one.disposal)
    one.file.path.unlink()
    return str(one.disposal)
