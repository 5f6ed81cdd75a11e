"""A landing file's way to a batch: is it known, can it be read, is there room for it, does it lie still?"""

from __future__ import annotations

from dataclasses import dataclass

from policy.contracts import Contract
from transforms import deliveries
from transforms.context import LakeContext
from transforms.errors import FileWaits, UnreadableFile
from transforms.formats import Shape, content_token, inspect
from transforms.landing import GONE, LandingFile, Stamp, changed_from
from transforms.room import Room

STILL_WRITTEN = "still_being_written"


@dataclass(frozen=True)
class Arrival:
    """A file that comes into the next batch. `stamp` is what the file system said before it was read."""

    file: LandingFile
    stamp: Stamp
    delivery_id: int
    content_token: str
    shape: Shape

    @property
    def batch_id(self) -> str:
        """What its rows will carry."""
        return deliveries.batch_id(self.delivery_id, self.content_token)

    @property
    def changed(self) -> bool:
        """Whether the file is another one by now, or was written to. One that is gone was not."""
        return changed_from(self.stamp.mark, self.file.path)


@dataclass(frozen=True)
class Known:
    """The file's content is in the lake already."""

    delivery_id: int
    content_token: str


@dataclass(frozen=True)
class LeftOut:
    """The file stays where it is, refused or waiting; `reason` is a word of `transforms.refusals`."""

    reason: str
    waits: bool


def arrive(
    ctx: LakeContext, file: LandingFile, contract: Contract, room: Room, token_key: bytes
) -> Arrival | Known | LeftOut | None:
    """What becomes of a file; None where it is no longer there, or a link stands in its place.

    `token_key` is its tenant's.
    """
    try:
        return _arrive(ctx, file, contract, room, token_key) if file.in_its_place else None
    except UnreadableFile as error:
        return LeftOut(error.reason, waits=False)
    except FileWaits as error:
        return LeftOut(error.reason, waits=True)
    except GONE:
        return None
    except OSError:
        return LeftOut("not_readable", waits=True)


def _arrive(
    ctx: LakeContext, file: LandingFile, contract: Contract, room: Room, token_key: bytes
) -> Arrival | Known | LeftOut:
    stamp = Stamp.of(file.path)
    # By its size alone, before it is read: who drops a terabyte must not make the others wait for its hash.
    room.must_ever_hold(max_file_bytes=stamp.size, max_bytes_per_run=stamp.size)
    room.must_hold()  # nor for the hashes of all that comes after a full run
    token = content_token(file, token_key)
    _must_lie_still(file, stamp)
    row = deliveries.register(
        ctx.engine, file.tenant, file.region, file.dataset, token, stamp.size, ctx.bundle.digest, ctx.run_id
    )
    if row.state == "ingested":
        return Known(row.id, token)
    if row.state == "refused":
        return LeftOut(row.reason, waits=False)
    room.must_hold(max_files_per_run=1, max_bytes_per_run=stamp.size)
    try:
        shape = inspect(file, contract)
        room.must_ever_hold(max_rows_per_run=shape.rows)
    except UnreadableFile as error:
        _must_lie_still(file, stamp)
        deliveries.refuse(ctx.engine, row.id, error.reason, ctx.bundle.digest)
        raise
    _must_lie_still(file, stamp)
    room.must_hold(max_rows_per_run=shape.rows)
    room.take(max_files_per_run=1, max_bytes_per_run=stamp.size, max_rows_per_run=shape.rows)
    return Arrival(file, stamp, row.id, token, shape)


def _must_lie_still(file: LandingFile, stamp: Stamp) -> None:
    if Stamp.of(file.path) != stamp:
        raise FileWaits(STILL_WRITTEN)
