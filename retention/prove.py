"""What the verifier says of a pass of erasures, request by request."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Engine

from policy.digest import sha256_of
from retention.forget import Forgotten
from retention.receipt import Facts, OutOfReach, Proof, RemovedFile, TableChange, write_receipts
from retention.requests import Request
from retention.sought import Sought
from retention.verify import (
    Hit,
    Kept,
    Known,
    Mode,
    Needle,
    NeedleKind,
    Place,
    Verdict,
    Verification,
    tokens_and_values,
    verify,
)
from retention.verify_sealed import TenantOpener
from tenancy.signing import SigningKey
from transforms.context import LakeContext

_Found = TypeVar("_Found", Hit, Kept)

KEEP = {
    "control/control.db#suppressions": "keeps the person out",
    "control/control.db#request_tokens": "the request itself",
    "control/control.db#restriction_tokens": "keeps the person's records from being processed",
    "control/control.db#legal_hold_subjects": "a legal hold names the person",
    "control/receipts/*": "receipts of erasures before this one",
}
"""Where tokens stay on purpose."""
KNOWN = {
    "lake/*/archive/*": Known("sealed landing files; those that brought or named the person were removed"),
    "control/spark/*": Known("scratch files of a running process, under a key that dies with it"),
}
EXPORTS = {
    "control/exports/*": Known(
        "exports that await their recipients, encrypted to their keys; those of this person were removed"
    ),
}
"""What nobody here can open."""

OUT_OF_REACH = (
    OutOfReach("backups and snapshots of the storage", "the lake makes none, and does not see who does"),
    OutOfReach("copies that readers of silver made", "the lake does not see who reads"),
    OutOfReach("exports that were handed over or written elsewhere", "they are with whoever asked for them"),
)


@dataclass(frozen=True)
class Verifier:
    """Searches every place for the persons of a pass; a `retention.erasure.Prover`.

    Args:
        places: Where nobody should be found; `lake` and `control` among them.
        receipts: The folder of receipts.
        signing_key: The key that signs them.
        mode: How much is read (`retention.verify.Mode`).
        progress: Called as `progress(files done, files known)`.
    """

    places: Sequence[Place]
    receipts: Path
    signing_key: SigningKey
    mode: Mode = Mode.TARGETED
    progress: Callable[[int, int], None] = field(default=lambda _done, _known: None)

    def __call__(
        self,
        ctx: LakeContext,
        requests: Sequence[Request],
        sought: Sought,
        values: Mapping[str, Sequence[str]],
        done: Sequence[Forgotten],
    ) -> Mapping[str, Proof]:
        """One search for all; a proof and a signed receipt for each.

        Where values are given, what lies sealed under the tenant's key is opened and searched too.
        """
        wanted: dict[str, list[Needle]] = {
            one.request_id: tokens_and_values(
                [token for _, token in sought.tokens(one.request_id)], values.get(one.request_id, ())
            )
            for one in requests
        }
        needles = list(dict.fromkeys(needle for own in wanted.values() for needle in own))
        given = any(one.kind is NeedleKind.VALUE for one in needles)
        empty_log(ctx.engine)
        found = verify(
            self.places,
            needles,
            mode=self.mode,
            tenant=sought.tenant,
            keep=KEEP,
            known=EXPORTS if given else EXPORTS | KNOWN,
            opener=TenantOpener([ctx.keyring.tenant_keys(sought.tenant)]) if given else None,
            progress=self.progress,
        )
        shares = _shares(found, needles, wanted)
        told = [(self._facts(ctx, one, sought, done), shares[one.request_id]) for one in requests]
        paths = write_receipts(self.receipts, told, found.searched, self.signing_key)
        return {
            facts.request_id: Proof(own.verdict is Verdict.VERIFIED, path.name, _told(own), sha256_of(path))
            for (facts, own), path in zip(told, paths, strict=True)
        }

    def _facts(self, ctx: LakeContext, request: Request, sought: Sought, done: Sequence[Forgotten]) -> Facts:
        changes = [(name, *versions) for one in done for name, versions in one.versions.items()]
        return Facts(
            lake_id=ctx.keyring.lake_id,
            tenant=request.tenant,
            request_id=request.request_id,
            kind=request.kind,
            tokens=[token for _, token in sought.tokens(request.request_id)],
            received=request.received_at,
            due=request.due_at,
            policy_digest=ctx.bundle.digest,
            tables=[TableChange(*one) for one in sorted(changes)],
            removed=[one for part in done for one in _removed(part, request.request_id)],
            out_of_reach=OUT_OF_REACH,
        )


def _removed(done: Forgotten, request_id: str) -> Iterator[RemovedFile]:
    """The data files that held the person and are gone."""
    for name, purged in done.purged.items():
        layer = name.split("/")[1]
        held = done.found.files_in(layer, request_id)
        for one in purged.named:
            if one.path.rsplit("/", 1)[-1] in held:
                yield RemovedFile("lake", f"{name}/{one.path}", one.size, one.sha256)


def _told(found: Verification) -> str:
    return f"the verifier found the person in {len(found.hits)} places, and could not search {found.gaps}"


def _shares(
    found: Verification, needles: Sequence[Needle], wanted: Mapping[str, Sequence[Needle]]
) -> dict[str, Verification]:
    """What a search for many came to for each request, with the needles numbered as the request's own."""
    numbers = {needle: number for number, needle in enumerate(needles)}
    hits, kept, whole = _by_needle(found.hits), _by_needle(found.kept), set(found.whole_only)
    shares = {}
    for request_id, own in wanted.items():
        places = [(number, numbers[needle]) for number, needle in enumerate(own)]
        shares[request_id] = replace(
            found,
            needles=dict(Counter(needle.kind for needle in own)),
            hits=tuple(sorted(replace(one, needle=n) for n, at in places for one in hits[at])),
            kept=tuple(sorted(replace(one, needle=n) for n, at in places for one in kept[at])),
            whole_only=tuple(n for n, at in places if at in whole),
        )
    return shares


def _by_needle(found: Iterable[_Found]) -> defaultdict[int, list[_Found]]:
    by_number: defaultdict[int, list[_Found]] = defaultdict(list)
    for one in found:
        by_number[one.needle].append(one)
    return by_number


def empty_log(engine: Engine) -> None:
    """Have SQLite write its log into the database: pages of rows that are gone stay in the log until then."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
