"""A fact as callers give it, and the ledger's entry of it. Codes, counts, digests; never a personal value."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import rfc8785

from audit.clock import stamp
from audit.errors import LedgerError

KINDS = frozenset(
    {
        "lineage", "policy", "finding", "verdict", "check", "quarantine", "violation", "request", "hold",
        "erasure", "retention", "key_epoch", "export", "freeze",
    }
)  # fmt: skip
EVENT = "event"
"""Where a `lineage` fact has its OpenLineage event, which `audit.events` has held to codes already."""

_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:/\-]{0,199}")
_CODE = re.compile(r"[A-Za-z0-9_*<(][A-Za-z0-9_.:/+=,;|*<>()\-]{0,999}")
_NUMBER = re.compile(r"\+?[0-9]{7,15}")


@dataclass(frozen=True)
class Fact:
    """Something that happened, to be entered once.

    Args:
        kind: One of `KINDS`.
        source: What tells this fact from every other of its kind, such as a request's id and its state.
        body: Codes, counts, tokens and digests by name; lists and objects of such.
        tenant: Whose it is; None: the platform's.
        region: Where; None: nowhere in particular.

    Raises:
        LedgerError: the kind is unknown, or a text in it is no code: it has blanks, an at sign, letters
            beyond ASCII, or looks like a telephone number. The message does not repeat it.
    """

    kind: str
    source: str
    body: Mapping[str, Any]
    tenant: str | None = None
    region: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise LedgerError(f"the ledger has no such kind. To mend it: one of {', '.join(sorted(KINDS))}")
        for name in ("source", "tenant", "region"):
            text = getattr(self, name)
            if text is not None:
                _require_code(text, f"the {name} of a fact")
        told = {k: v for k, v in self.body.items() if (self.kind, k) != ("lineage", EVENT)}
        _require_codes(told, f"the body of a {self.kind} fact")

    @property
    def identity(self) -> str:
        """SHA-256, in hex, of kind and source."""
        return identity_of(self.kind, self.source)


@dataclass(frozen=True)
class Entry:
    """One entry. `at` is RFC 3339 in UTC with a `Z`; `nonce`, 32 random hex digits, keeps its hash from
    telling what it says to who guesses.
    """

    seq: int
    at: str
    kind: str
    tenant: str | None
    region: str | None
    source: str
    body: Mapping[str, Any] = field(repr=False)
    nonce: str = field(repr=False)

    def canonical(self) -> bytes:
        """The bytes that the leaf hash is over: RFC 8785 JSON. Raises LedgerError where there is none."""
        try:
            return rfc8785.dumps(dict(vars(self)))
        except rfc8785.CanonicalizationError as error:
            raise LedgerError(
                f"the body of a {self.kind} fact has no canonical JSON ({type(error).__name__}). "
                "To mend it: give numbers below 2**53 and JSON's own types"
            ) from None


def identity_of(kind: str, source: str) -> str:
    """The digest by which a fact is known again: SHA-256, in hex, of kind and source."""
    return hashlib.sha256(f"{kind}\n{source}".encode()).hexdigest()


def as_code(text: str) -> str:
    """The text where it is a code; else `sha256:` and its digest, by which who has it can tell it."""
    return text if _is_code(text) else f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def statement_digest(**words: str | None) -> str:
    """SHA-256, in hex, of words that people wrote and that stay in their own table: who, why, what about."""
    return hashlib.sha256(rfc8785.dumps(dict(words))).hexdigest()


def subject_mark(token: str, source: str) -> str:
    """How an entry says whom it is about: HMAC-SHA-256, in hex, over the fact's source under the token.

    Who can compute the person's token can tell the mark; nobody else can, nor join two entries by it. So
    the ledger holds nothing of an erased person that the verifier looks for.
    """
    return hmac.new(token.encode(), b"lakeward-ledger-subject-v1\n" + source.encode(), "sha256").hexdigest()


def parse_entry(text: str | bytes) -> Entry:
    """The entry that canonical JSON says. Raises LedgerError where it is no entry."""
    try:
        return Entry(**json.loads(text))
    except (ValueError, TypeError):  # a JSON error is a ValueError
        raise LedgerError("a text in the ledger is no entry. To mend it: lakeward ledger check") from None


def instant(moment: datetime) -> str:
    """The time as entries and heads have it: `2026-11-25T14:00:00.000000Z`, sortable as text."""
    return stamp(moment).removesuffix("+00:00") + "Z"


def _require_codes(value: object, what: str) -> None:
    match value:
        case None | bool() | int() | float():
            return
        case "":
            return
        case str():
            _require_code(value, f"a text in {what}")
        case Mapping():
            for name, inner in value.items():
                if not isinstance(name, str) or not _KEY.fullmatch(name):
                    raise LedgerError(
                        f"a name in {what} is no code. To mend it: name it in ASCII, without blanks"
                    )
                _require_codes(inner, what)
        case list() | tuple():
            for inner in value:
                _require_codes(inner, what)
        case _:
            raise LedgerError(
                f"{what} holds what JSON has no word for. To mend it: texts, numbers, lists, objects"
            )


def _require_code(text: str, what: str) -> None:
    if not _is_code(text):
        raise LedgerError(
            f"{what} is no code. To mend it: give a code, token, digest or name of a table in ASCII, "
            "without blanks and '@', never a message or a value"
        )


def _is_code(text: str) -> bool:
    return bool(_CODE.fullmatch(text)) and not _NUMBER.fullmatch(text)
