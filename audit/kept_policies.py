"""Policies as they were: a copy of the folder for each digest that was ever in force, under that digest."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from policy import PolicyBundle, load_policies
from policy.digest import digest_of
from policy.errors import LakewardError, PolicyError
from policy.load_folder import read_folder
from policy.load_node import Faults
from tenancy.durable import make_durable

DRAFT = ".draft"
KEPT, NOT_KEPT, CHANGED, UNREAD = "kept", "not kept", "changed since", "of a form that is not read any more"


@dataclass(frozen=True)
class OlderPolicies:
    """The policies with a digest: a word of `KEPT` … `UNREAD`, and the rest where they are kept."""

    digest: str
    state: str
    folder: Path | None = None
    bundle: PolicyBundle | None = None


def keep_policies(source: Path, bundle: PolicyBundle, kept: Path) -> None:
    """Copy the policies folder into `kept`, unless it has the bundle's digest already; durable at the end.

    For one caller at a time. Raises LakewardError where the folder is not what the bundle was loaded from.
    """
    place = _place(kept, bundle.digest)
    if place.is_dir():
        return
    files = read_folder(source, Faults())
    if digest_of(files) != bundle.digest:
        raise LakewardError("the policies were changed while they were read. To mend it: run it again")
    kept.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = kept / DRAFT
    if draft.is_dir():  # of a run that was killed
        shutil.rmtree(draft)
    for name, content in files.items():
        path = draft / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_bytes(content)
    make_durable((draft / name for name in files), kept)  # whole, before it has its name
    draft.rename(place)
    make_durable((place / name for name in files), kept.parent)


def older_policies(kept: Path, digest: str) -> OlderPolicies:
    """The policies with this digest, if a copy is kept that still has it and can be read."""
    place = _place(kept, digest)
    if not place.is_dir():
        return OlderPolicies(digest, NOT_KEPT)
    if digest_of(read_folder(place, Faults())) != digest:
        return OlderPolicies(digest, CHANGED)
    try:
        return OlderPolicies(digest, KEPT, place, load_policies(place))
    except PolicyError:
        return OlderPolicies(digest, UNREAD)


def _place(kept: Path, digest: str) -> Path:
    return kept / digest.removeprefix("sha256:")
