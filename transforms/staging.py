"""Neutral names for landing files while Spark reads them: no plan or error shows what a tenant called one.

They are links inside the landing zone, so that no copy is made. A link's name tells how its file lay
there when its content was named: a run that finds links of a dead one can tell whether that still holds.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from transforms.arrivals import Arrival
from transforms.landing import STAGING, changed_from
from transforms.readers import StagedFile


def staging_folder(landing: Path, region: str, dataset: str, seq: int) -> Path:
    """Where the links of a batch lie."""
    return landing / STAGING / f"{region}.{dataset}.{seq}"


def stage(folder: Path, arrivals: Sequence[Arrival]) -> list[StagedFile]:
    """A link to each arrival's file, in a new `folder`."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    staged = []
    for arrival in arrivals:
        ending = ".gz" if arrival.file.gzipped else ""
        link = folder / f"{arrival.delivery_id}.{arrival.stamp.mark}.{arrival.shape.format}{ending}"
        link.symlink_to(arrival.file.path.resolve())
        staged.append(StagedFile(link, arrival.file.tenant, arrival.batch_id, arrival.shape))
    return staged


def left_behind(landing: Path, region: str, dataset: str) -> Iterator[tuple[int, Path]]:
    """The batches whose links a dead run left, each with its folder."""
    for folder in sorted((landing / STAGING).glob(f"{region}.{dataset}.*")):
        yield int(folder.suffix[1:]), folder


def changed_since(folder: Path) -> list[int]:
    """The deliveries whose files are still there, and are not what they were when they were staged."""
    changed = []
    for link in folder.iterdir():
        delivery_id, mark, _ = link.name.split(".", 2)
        if changed_from(mark, link.readlink()):
            changed.append(int(delivery_id))
    return changed
