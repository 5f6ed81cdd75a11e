"""What the ledger is told at a run's beginning and end: facts that rooms below it keep in their own tables.

`transforms`, `classifications` and `tenancy` do not know the ledger. So their tables are read here, from a
little before the last time on, and a fact that was entered then is not entered again. A run that is killed
leaves its facts to the next one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from sqlalchemy import Connection, or_, select

from audit.ledger import Fact, Ledger
from audit.ledger_entry import as_code, instant, statement_digest, subject_mark
from audit.ledger_marks import keep_mark, read_mark
from classifications.ledger_tables import FINDINGS, VERDICTS
from policy.bundle import PolicyBundle
from tenancy.control import now
from tenancy.keyring import lake_identity, wrapped_keys
from transforms.context import LakeContext
from transforms.deliveries import deliveries
from transforms.refusals import code_of
from transforms.restrictions import restriction_tokens, restrictions
from transforms.standings import check_standings
from transforms.violations import violations

MARK = "control"
MARGIN = timedelta(hours=1)
"""How long a writer may take from reading the clock to its commit."""
AT_ONCE = 2000
"""Facts in one transaction: whoever else writes waits for its end."""

Reader = Callable[[Connection, datetime], Iterator[Fact]]


def enter_facts(ctx: LakeContext) -> int:
    """Enter what is not in the ledger yet; how many facts were new."""
    begun, ledger = now(), Ledger(ctx.engine)
    last = read_mark(ctx.engine, MARK)
    since = last - MARGIN if last is not None else datetime.min.replace(tzinfo=UTC)
    with ctx.engine.connect() as connection:
        found = [_placed(ctx.bundle, fact) for read in READERS for fact in read(connection, since)]
    facts, new = iter([*_policy(ctx), *found]), 0
    while part := list(islice(facts, AT_ONCE)):
        new += ledger.append(part)
    with ctx.engine.begin() as connection:
        keep_mark(connection, MARK, begun)
    return new


def _policy(ctx: LakeContext) -> Iterator[Fact]:
    """Which bundle is in force in this run; and once for each bundle, of which files it is."""
    digest, files = ctx.bundle.digest, {as_code(path): one for path, one in ctx.bundle.files.items()}
    yield Fact("policy", digest, {"digest": digest, "files": files})
    yield Fact("policy", f"run/{ctx.run_id}", {"digest": digest, "run_id": ctx.run_id})


def _findings(connection: Connection, since: datetime) -> Iterator[Fact]:
    for row in connection.execute(select(FINDINGS).where(FINDINGS.c.found_at >= _iso(since))):
        body = {
            "dataset": row.dataset, "column": as_code(row.column_name), "class": row.data_class,
            "declared": row.declared_class, "status": row.status, "confidence": row.confidence,
            "evidence": json.loads(row.evidence), "evidence_digest": row.evidence_digest,
            "detector_version": as_code(row.detector_version), "policy_digest": row.policy_digest,
            "run_id": row.run_id, "found_at": row.found_at,
        }  # fmt: skip
        yield Fact("finding", f"{row.sequence}/{row.found_at}", body, row.tenant_id)


def _verdicts(connection: Connection, since: datetime) -> Iterator[Fact]:
    for row in connection.execute(select(VERDICTS).where(VERDICTS.c.decided_at >= _iso(since))):
        body = {
            "dataset": row.dataset, "column": as_code(row.column_name), "class": row.data_class,
            "decision": row.decision, "new_class": row.new_class, "decided_at": row.decided_at,
            "statement_sha256": statement_digest(actor=row.actor, reason=row.reason),
        }  # fmt: skip
        yield Fact("verdict", f"{row.sequence}/{row.decided_at}", body, row.tenant_id)


def _checks(connection: Connection, since: datetime) -> Iterator[Fact]:
    for row in connection.execute(select(check_standings).where(check_standings.c.checked_at >= since)):
        at = _instant(row.checked_at)
        body = {
            "layer": row.layer, "dataset": row.dataset, "check": row.name, "passed": row.success,
            "run_id": row.run_id, "checked_at": at,
        }  # fmt: skip
        source = f"{row.tenant_id}/{row.layer}/{row.dataset}/{row.name}/{at}"
        yield Fact("check", source, body, row.tenant_id)


def _quarantine(connection: Connection, since: datetime) -> Iterator[Fact]:
    """Contents with records that were kept out, and contents that were refused whole."""
    table = deliveries
    kept_out = or_(table.c.rows_quarantined > 0, table.c.state == "refused")
    for row in connection.execute(select(table).where(table.c.settled_at >= since, kept_out)):
        at = _instant(row.settled_at)
        body = {
            "dataset": row.dataset, "delivery": row.id, "state": row.state,
            "reason": as_code(code_of(row.reason)) if row.reason else None, "rows_landed": row.rows_landed,
            "rows_bronze": row.rows_bronze, "rows_quarantined": row.rows_quarantined,
            "policy_digest": row.policy_digest, "run_id": row.run_id, "settled_at": at,
        }  # fmt: skip
        yield Fact("quarantine", f"{row.id}/{at}", body, row.tenant_id)


def _violations(connection: Connection, since: datetime) -> Iterator[Fact]:
    """The platform's: a place is where something lay, not whose it is."""
    for row in connection.execute(select(violations).where(violations.c.found_at >= since)):
        body = {
            "violation": row.kind, "place": as_code(row.place), "amount": row.amount, "run_id": row.run_id,
        }  # fmt: skip
        yield Fact("violation", f"{row.id}/{_instant(row.found_at)}", body)


def _restrictions(connection: Connection, since: datetime) -> Iterator[Fact]:
    table, tokens = restrictions, restriction_tokens
    for row in connection.execute(
        select(table).where(or_(table.c.since >= since, table.c.lifted_at >= since))
    ):
        source = f"{row.restriction_id}/frozen"
        theirs = select(tokens.c.token).where(tokens.c.restriction_id == row.restriction_id)
        marks = sorted(subject_mark(token, source) for token in connection.execute(theirs).scalars())
        about = {"restriction_id": row.restriction_id}
        frozen = about | {"state": "frozen", "since": _instant(row.since), "subjects": marks}
        yield Fact("freeze", source, frozen, row.tenant_id)
        if row.lifted_at is not None:
            thawed = about | {"state": "thawed", "lifted_at": _instant(row.lifted_at)}
            yield Fact("freeze", f"{row.restriction_id}/thawed", thawed, row.tenant_id)


def _keys(connection: Connection, since: datetime) -> Iterator[Fact]:
    for row in connection.execute(select(lake_identity)):
        body = {"purpose": "root", "lake_id": row.lake_id, "fingerprint": row.root_key_fingerprint}
        yield Fact("key_epoch", f"root/{row.root_key_fingerprint}", body)
    for row in connection.execute(select(wrapped_keys).where(wrapped_keys.c.created_at >= since)):
        body = {"purpose": row.purpose, "key_id": row.key_id, "epoch": row.epoch}
        yield Fact("key_epoch", f"{row.key_id}/{row.epoch}", body, row.tenant_id)


READERS: tuple[Reader, ...] = (
    _keys, _findings, _verdicts, _checks, _quarantine, _violations, _restrictions,
)  # fmt: skip


def _placed(bundle: PolicyBundle, fact: Fact) -> Fact:
    """The fact with its tenant's region, where the policies still know the tenant."""
    known = bundle.tenants.get(fact.tenant or "")
    return replace(fact, region=known.region) if known is not None else fact


def _iso(moment: datetime) -> str:
    """As the tables of findings write times."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _instant(moment: datetime) -> str:
    return instant(moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment)  # SQLite keeps no zone
