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


def dispose(settled: Iterable[Settled], keyring: KeyRing, engine: Engine, lake_root: Path) -> dict[str, int]:
    """Deal with each settled file as its contract says; how many met each fate.

    A file that is no longer the bytes that were ingested is left alone (`changed`): the next run
    takes it as a new delivery. A file that is gone already counts as `gone`.
    """
    fates: dict[str, int] = {}
    for one in settled:
        fate = _dispose(one, keyring, engine, lake_root)
        fates[fate] = fates.get(fate, 0) + 1
    return fates


def _dispose(one: Settled, keyring: KeyRing, engine: Engine, lake_root: Path) -> str:
    if not one.file.path.exists():
        return "gone"
    if one.disposal is Disposal.KEEP:
        record_disposal(engine, one.delivery_id, one.disposal)
        return str(Disposal.KEEP)
    keys = keyring.tenant_keys(one.file.tenant)
    if content_token(one.file, keys.token_key) != one.content_token:
        return "changed"
    if one.disposal is Disposal.ARCHIVE_SEALED:
        folder = lake_root / one.file.region / "archive" / one.file.dataset / f"tenant_id={one.file.tenant}"
        seal_file(one.file.path, folder / f"{one.delivery_id:012d}.sealed", one.file.dataset, keys.current)
    # Written down first: once the file is gone, no later run sees that it was here.
    record_disposal(engine, one.delivery_id, one.disposal)
    one.file.path.unlink()
    return str(one.disposal)
