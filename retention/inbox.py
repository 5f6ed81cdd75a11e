"""Requests that come as files: one a line, taken down as tokens; the file, which holds values, goes.

`<folder>/<tenant>/*.csv` has a header of identifiers' names; `*.jsonl` has an object of names and values a
line. A line can name its tenant, too. What is told of a line is its number and what is wrong with it, never
what stands there.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine

from policy.bundle import PolicyBundle
from policy.errors import LakewardError
from policy.tenants import TENANT_ID
from retention.identifiers import tokens_of
from retention.requests import DUE, receive
from tenancy.durable import make_durable
from tenancy.keyring import KeyRing

TENANT = "tenant"
"""The name under which a line can say whose person it is about."""
Lines = Iterator[tuple[int, Mapping[str, str] | None]]
"""Each record's line with its identifiers; None where it cannot be taken apart."""


@dataclass(frozen=True)
class Refused:
    """A line that was not taken (0: the whole file or folder). `file` is its number of the tenant's."""

    tenant: str
    file: int
    line: int
    reason: str


@dataclass
class Taken:
    """What an inbox came to: ids of requests, and what was refused."""

    request_ids: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def take_inbox(engine: Engine, bundle: PolicyBundle, keyring: KeyRing, folder: Path, due: str = DUE) -> Taken:
    """Take down every good line of every file, then remove the file.

    A file of which no line is good stays where it is. Nothing outside of the folder is followed to.
    """
    taken = Taken()
    for place in sorted(folder.iterdir()) if folder.is_dir() and not folder.is_symlink() else ():
        if place.name.startswith("."):
            continue
        if place.is_symlink() or not place.is_dir() or place.name not in bundle.tenants:
            named = place.name if TENANT_ID.fullmatch(place.name) else "(name withheld)"
            taken.refused.append(Refused(named, 0, 0, "this is no folder of a tenant"))
            continue
        for number, file in enumerate(sorted(place.iterdir()), start=1):
            if not file.name.startswith("."):
                _take(engine, bundle, keyring, (place.name, number, file), due, taken)
    return taken


def _take(
    engine: Engine,
    bundle: PolicyBundle,
    keyring: KeyRing,
    which: tuple[str, int, Path],
    due: str,
    taken: Taken,
) -> None:
    tenant, number, file = which
    if file.is_symlink() or not file.is_file() or file.suffix not in _READERS:
        taken.refused.append(Refused(tenant, number, 0, "this is no .csv or .jsonl file"))
        return
    asked: list[tuple[str, Mapping[str, str]]] = []
    try:
        for line, identifiers in _READERS[file.suffix](file):
            try:
                asked.append((tenant, tokens_of(bundle, keyring, tenant, _of(tenant, identifiers))))
            except LakewardError as error:
                taken.refused.append(Refused(tenant, number, line, str(error)))
    except (UnicodeDecodeError, csv.Error):
        taken.refused.append(Refused(tenant, number, 0, "the file is not UTF-8 text, or no CSV"))
        return
    if asked:
        taken.request_ids += receive(engine, bundle.tenants, asked, "inbox", due)
        file.unlink()
        make_durable([file.parent], file.parent)


def _of(tenant: str, told: Mapping[str, str] | None) -> Mapping[str, str]:
    """A line's identifiers. The folder says whose they are; a line that says it too has to say the same."""
    identifiers = dict(told or {})
    if identifiers.pop(TENANT, tenant) != tenant:
        raise LakewardError(
            "the line is for another tenant than the folder it lies in. To mend it: put it where it belongs"
        )
    if not identifiers:
        raise LakewardError("the line names nobody, or is not what the file's ending says")
    return identifiers


def _csv(file: Path) -> Lines:
    with file.open(encoding="utf-8-sig", newline="") as text:
        rows = csv.reader(text)
        names = next(rows, [])
        for row in rows:
            if not row:
                continue
            whole = len(row) == len(names) and all(names)
            yield (
                rows.line_num,
                {n: v for n, v in zip(names, row, strict=False) if v.strip()} if whole else None,
            )


def _jsonl(file: Path) -> Lines:
    with file.open(encoding="utf-8-sig") as text:
        for number, line in enumerate(text, start=1):
            if line.strip():
                yield number, _identifiers(line)


def _identifiers(line: str) -> Mapping[str, str] | None:
    try:
        told = json.loads(line)
    except ValueError:
        return None
    if not isinstance(told, dict) or not all(isinstance(value, str | int) for value in told.values()):
        return None
    return {name: str(value) for name, value in told.items()}


_READERS: Mapping[str, Callable[[Path], Lines]] = {".csv": _csv, ".jsonl": _jsonl}
