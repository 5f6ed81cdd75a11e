"""The receipt of an answered request, or of what expired: what was done, searched and found, signed.

A receipt is one line of canonical JSON (RFC 8785): `{"body": {...}, "signature": "<128 hex digits>"}`, with
Ed25519 over the canonical form of `body`. The list of the files that were searched lies beside it as JSON
lines; the body holds its SHA-256.
"""

from __future__ import annotations

import hashlib
import os
import re
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import rfc8785

from policy.errors import LakewardError
from retention.verify_result import NeedleKind, Searched, Unsearched, Verification
from tenancy.durable import make_durable, publish
from tenancy.signing import SigningKey

FORMAT = "lakeward-receipt/1"
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class ReceiptError(LakewardError):
    """A receipt cannot be written."""


@dataclass(frozen=True)
class Proof:
    """What the verifier said: whether nothing is left, and the receipt's file name.

    `receipt_sha256` is the digest of the receipt's bytes, in hex.
    """

    complete: bool
    receipt: str
    detail: str = ""
    receipt_sha256: str | None = None

    @property
    def said(self) -> str:
        """What the verifier said, for a table."""
        return "nothing found" if self.complete else self.detail


@dataclass(frozen=True)
class TableChange:
    """A table that the request touched: `us/silver/people`, and its Delta versions before and after.

    Equal versions, or none, say that it held nothing of the subject.
    """

    table: str
    version_before: int | None
    version_after: int | None


@dataclass(frozen=True)
class RemovedFile:
    """A file that is gone: its place and path, its size in bytes, the SHA-256 that it had."""

    place: str
    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class OutOfReach:
    """Copies that no search here reaches, such as backups: what, why, and until when, if known."""

    what: str
    reason: str
    until: datetime | None = None


@dataclass(frozen=True)
class ExpiredRows:
    """What a rule of retention took from a table: `eu/bronze/orders`, `erase P1Y after ...`, rows and files.

    `what` is `rows`, or the classes whose values went; `verb` is `erased` or `emptied`. `held` more were due
    and stayed for the sake of holds. Bytes are as the plan reckons them.
    """

    table: str
    rule: str
    what: str
    verb: str
    rows: int
    files: int
    bytes_rewritten: int
    bytes_removed: int
    held: int


@dataclass(frozen=True)
class SoughtRows:
    """By what the rows of a run of retention were searched for: cells and records, and a digest of all ids.

    The ids themselves are not kept: `sha256`, in hex, is of all of them, sorted, 16 bytes each.
    """

    run_id: str
    cells: int
    records: int
    sha256: str


@dataclass(frozen=True)
class Facts:
    """What a receipt says beside the verification; all of it tokens, names and times, never a value.

    `kind` is the request's (`erase`, ...) or `retention`, `policy_digest` that of the policies in force,
    `tokens` what was searched for. `expired` and `sought` are retention's.
    """

    lake_id: str
    tenant: str
    request_id: str
    kind: str
    tokens: Sequence[str]
    received: datetime
    due: datetime | None
    policy_digest: str
    tables: Sequence[TableChange] = ()
    removed: Sequence[RemovedFile] = ()
    out_of_reach: Sequence[OutOfReach] = ()
    expired: Sequence[ExpiredRows] = ()
    sought: SoughtRows | None = None


def write_receipt(folder: Path, facts: Facts, verification: Verification, key: SigningKey) -> Path:
    """Write one receipt, as `write_receipts` does; its path."""
    [path] = write_receipts(folder, [(facts, verification)], verification.searched, key)
    return path


def write_receipts(
    folder: Path,
    told: Sequence[tuple[Facts, Verification]],
    searched: Sequence[Searched],
    key: SigningKey,
) -> list[Path]:
    """Write the receipts of one search and the list of the files searched, which they share; their paths.

    Each is named `<request id>.<number>.json`, with the first number that is free: no receipt is ever written
    over. It is there whole or not at all, and survives a power cut.

    Raises:
        ReceiptError: a request id that does not make a file name, or times without a zone.
    """
    if not all(_ID.fullmatch(facts.request_id) for facts, _ in told):
        raise ReceiptError(
            "a request id is letters, digits, _ and -, 64 at most. To mend it: give the id of requests"
        )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    listed = _write_list(folder, searched)
    return [_write(folder, facts, verification, listed, key) for facts, verification in told]


def _write(
    folder: Path, facts: Facts, verification: Verification, listed: dict[str, Any], key: SigningKey
) -> Path:
    number = 1
    while True:
        path = folder / f"{facts.request_id}.{number}.json"
        body = _body(facts, verification, listed) | {"number": number, "key_id": key.key_id}
        if not path.exists() and _publish(signed(body, key), path):
            return path
        number += 1


def signed(body: dict[str, Any], key: SigningKey) -> bytes:
    """The bytes of a receipt, or manifest, with this body. Canonical JSON is slow: it is made once."""
    said = rfc8785.dumps(body)
    return b'{"body":%b,"signature":"%b"}\n' % (said, key.sign(said).hex().encode())


def file_lines(searched: Iterable[Searched]) -> Iterable[bytes]:
    """The lines of a receipt's file list: one canonical JSON object a file."""
    for one in searched:
        yield rfc8785.dumps(vars(one)) + b"\n"


def _write_list(folder: Path, searched: Sequence[Searched]) -> dict[str, Any]:
    """Write the list under a name made of its hash; what receipts say of it."""
    digest = hashlib.sha256()
    draft = folder / f"files.{uuid.uuid4().hex}.new"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        for line in file_lines(searched):
            digest.update(line)
            file.write(line)
    path = folder / f"files-{digest.hexdigest()[:16]}.jsonl"
    make_durable([draft], folder)
    draft.replace(path)  # what was there has the same content
    make_durable([path], folder)
    return {
        "name": path.name,
        "sha256": digest.hexdigest(),
        "files": len(searched),
        "bytes": sum(one.size for one in searched),
        "values": sum(one.values for one in searched),
        "kinds": dict(Counter(one.kind for one in searched)),
    }


def _publish(content: bytes, path: Path) -> bool:
    """Write a file that is there whole or not at all; whether the name was free."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    make_durable([draft], path.parent)
    try:
        publish(draft, path)
    except FileExistsError:
        draft.unlink()
        return False
    return True


def _body(facts: Facts, verification: Verification, listed: dict[str, Any]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "lake_id": facts.lake_id,
        "tenant": facts.tenant,
        "request_id": facts.request_id,
        "kind": facts.kind,
        "tokens": list(facts.tokens),
        "policy_digest": facts.policy_digest,
        "received": _time(facts.received),
        "due": _time(facts.due) if facts.due else None,
        "verified": _time(verification.ended),
        "tables": [dict(vars(one)) for one in facts.tables],
        "removed": [dict(vars(one)) for one in facts.removed],
        "search": _search(verification, listed),
        "found": [dict(vars(one)) for one in verification.hits],
        "kept": [dict(vars(one)) for one in verification.kept],
        "not_searchable": [_gap(one) for one in verification.unsearched],
        "out_of_reach": [
            {"what": one.what, "reason": one.reason, "until": _time(one.until) if one.until else None}
            for one in facts.out_of_reach
        ],
        "verdict": str(verification.verdict),
    } | _retention(facts)


def _retention(facts: Facts) -> dict[str, Any]:
    if facts.sought is None:
        return {}
    return {"expired": [dict(vars(one)) for one in facts.expired], "sought": dict(vars(facts.sought))}


def _search(verification: Verification, listed: dict[str, Any]) -> dict[str, Any]:
    return {
        "mode": str(verification.mode),
        "started": _time(verification.started),
        "ended": _time(verification.ended),
        "places": list(verification.places),
        "needles": {str(kind): verification.needles.get(kind, 0) for kind in NeedleKind},
        "whole_cells_only": list(verification.whole_only),
        "passed_by": [dict(vars(one)) for one in verification.passed_by],
        "list": listed,
    }


def _gap(one: Unsearched) -> dict[str, Any]:
    return {
        "place": one.place,
        "path": one.path,
        "why": str(one.why),
        "detail": one.detail,
        "count": one.count,
        "until": _time(one.until) if one.until else None,
        "accounted": one.accounted,
    }


def _time(moment: datetime) -> str:
    """RFC 3339 in UTC, to the second. Raises ReceiptError for a time without a zone."""
    if moment.tzinfo is None:
        raise ReceiptError("a receipt's time has no zone. To mend it: give times in UTC")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
