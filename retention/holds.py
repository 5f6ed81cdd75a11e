"""Legal holds: what must not go, whatever a rule or a request says. Lifted, never deleted while in force.

A hold names a subject by tokens, never by a value. What cannot be told counts as covered: a row without a
subject may be the subject's, and a row without `occurred_at` may lie in the range.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    DDL,
    Column,
    DateTime,
    Engine,
    ForeignKey,
    MetaData,
    Row,
    String,
    Table,
    event,
    select,
    update,
)

from audit.ledger import Ledger
from policy.errors import LakewardError
from policy.tenants import DATASET_NAME, TENANT_ID
from retention.hold_facts import lifted_fact, placed_fact
from tenancy.control import now

metadata = MetaData()

legal_holds = Table(
    "legal_holds",
    metadata,
    Column("hold_id", String(12), primary_key=True),
    Column("matter", String(60), nullable=False),
    Column("tenant_id", String(40), nullable=False, index=True),
    Column("dataset", String(60)),  # null: every dataset
    Column("occurred_from", DateTime(timezone=True)),  # null: from the beginning
    Column("occurred_before", DateTime(timezone=True)),  # null: without end
    Column("placed_by", String(60), nullable=False),
    Column("why", String(300), nullable=False),
    Column("until", DateTime(timezone=True)),  # null: until it is lifted
    Column("placed_at", DateTime(timezone=True), nullable=False),
    Column("lifted_at", DateTime(timezone=True)),
    Column("lifted_by", String(60)),
    Column("lifted_why", String(300)),
)

legal_hold_subjects = Table(
    "legal_hold_subjects",
    metadata,
    Column("hold_id", String(12), ForeignKey("legal_holds.hold_id"), primary_key=True),
    Column("token", String(32), primary_key=True),
)

_IN_FORCE = (
    "SELECT 1 FROM legal_holds WHERE hold_id = OLD.hold_id AND lifted_at IS NULL "
    "AND (until IS NULL OR until > strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now'))"
)
"""Whether the hold of a row holds: by the clock of the database itself. DDL takes `%%` for `%`."""

for _table in (legal_holds, legal_hold_subjects):
    _stays = DDL(  # type: ignore[no-untyped-call]
        f"CREATE TRIGGER {_table.name}_stay BEFORE DELETE ON {_table.name} WHEN EXISTS ({_IN_FORCE}) "
        "BEGIN SELECT RAISE(ABORT, 'a legal hold in force is lifted, never deleted'); END"
    )
    event.listen(_table, "after_create", _stays.execute_if(dialect="sqlite"))

REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,59}")
"""How a matter and a person who acts are written: a reference or an account, not a sentence."""
LONGEST_WHY = 300


class HoldError(LakewardError):
    """A hold cannot be placed or lifted as asked; nothing was changed."""


@dataclass(frozen=True)
class Scope:
    """What a hold is over.

    `dataset` None is every dataset, no `subject_tokens` is every subject; several tokens are the names of one
    person. The range of `occurred_at` is `occurred_from` (in) to `occurred_before` (out); None is open.
    """

    tenant: str
    dataset: str | None = None
    subject_tokens: tuple[str, ...] = ()
    occurred_from: datetime | None = None
    occurred_before: datetime | None = None

    def meets(self, tenant: str, dataset: str | None = None, subject_tokens: Iterable[str] = ()) -> bool:
        """Whether it could cover any of this; no dataset means any dataset, no tokens mean any subject."""
        if tenant != self.tenant:
            return False
        if dataset is not None and self.dataset not in (None, dataset):
            return False
        asked = set(subject_tokens)
        return not asked or not self.subject_tokens or not asked.isdisjoint(self.subject_tokens)


@dataclass(frozen=True)
class Hold:
    """One legal hold. All times are UTC; `why` and `matter` hold no personal value."""

    hold_id: str
    scope: Scope
    matter: str
    placed_by: str
    why: str
    until: datetime | None
    placed_at: datetime
    lifted_at: datetime | None = None
    lifted_by: str | None = None
    lifted_why: str | None = None

    def in_force(self, at: datetime) -> bool:
        """Whether it is neither lifted nor, at `at`, past its end.

        When it was placed does not count: a clock that is behind must not open what a hold closes.
        """
        return self.lifted_at is None and (self.until is None or at < self.until)


def place_hold(
    engine: Engine, scope: Scope, *, matter: str, by: str, why: str, until: datetime | None = None
) -> Hold:
    """Place a hold; it is in force once this returns.

    Args:
        engine: The control database.
        scope: What it is over. Tokens come from `retention.identifiers.tokens_of`; times carry their zone.
        matter: The case's reference, such as `CASE-2026-17`: no sentence, no name of a person.
        by: The account of who places it.
        why: In a few words, without a personal value.
        until: The moment at which it ends by itself.

    Raises:
        HoldError: something of it is not written as it should, or it would cover nothing.
    """
    _check_words(matter, by, why)
    kept = _checked(scope)
    end, moment = _utc(until), now()
    if end and end <= moment:
        raise HoldError("the hold would be over already. To mend it: give an end in the future, or none")
    # A letter first: digits alone could be somebody's number, and the ledger takes none.
    hold = Hold(f"h{uuid.uuid4().hex[:11]}", kept, matter, by, why, end, moment)
    row = {
        "hold_id": hold.hold_id, "matter": matter, "tenant_id": kept.tenant, "dataset": kept.dataset,
        "occurred_from": kept.occurred_from, "occurred_before": kept.occurred_before, "placed_by": by,
        "why": why, "until": end, "placed_at": moment,
    }  # fmt: skip
    named = [{"hold_id": hold.hold_id, "token": token} for token in kept.subject_tokens]
    ledger = Ledger(engine)
    with engine.begin() as connection:
        connection.execute(legal_holds.insert(), row)
        if named:
            connection.execute(legal_hold_subjects.insert(), named)
        ledger.append([placed_fact(hold)], connection)
    return hold


def lift_hold(engine: Engine, hold_id: str, by: str, why: str) -> Hold:
    """End a hold now, which re-opens what it alone stopped; the hold as it stands after that.

    Raises HoldError where there is no such hold, or it is lifted already.
    """
    _check_words(hold_id, by, why)
    same = (legal_holds.c.hold_id == hold_id) & legal_holds.c.lifted_at.is_(None)
    lifted = {"lifted_at": now(), "lifted_by": by, "lifted_why": why}
    ledger = Ledger(engine)
    with engine.begin() as connection:
        changed = connection.execute(update(legal_holds).where(same).values(**lifted)).rowcount
        if changed:
            whose = select(legal_holds.c.tenant_id).where(legal_holds.c.hold_id == hold_id)
            tenant = connection.execute(whose).scalar_one()
            ledger.append([lifted_fact(hold_id, tenant, by, why)], connection)
    found = [hold for hold in all_holds(engine) if hold.hold_id == hold_id]
    if not found:
        raise HoldError("there is no hold of that id. To mend it: take one from lakeward hold list")
    if not changed:
        raise HoldError("that hold is lifted already. To mend it: place a new one if it must hold again")
    return found[0]


def holds_over(
    engine: Engine,
    tenant: str,
    dataset: str | None = None,
    subject_tokens: Iterable[str] = (),
    *,
    at: datetime | None = None,
) -> list[Hold]:
    """The holds in force at `at` (now by default) that could cover any of this, oldest first.

    No dataset means any dataset, no tokens mean any subject. A hold's range of time is not looked at: whoever
    deletes rows has to keep those that lie in it.
    """
    moment, tokens = _utc(at) or now(), tuple(subject_tokens)
    own = all_holds(engine, tenant)
    return [hold for hold in own if hold.in_force(moment) and hold.scope.meets(tenant, dataset, tokens)]


def all_holds(engine: Engine, tenant: str | None = None) -> list[Hold]:
    """Every hold that was ever placed, of this tenant where one is given, oldest first."""
    holds, subjects = select(legal_holds), select(legal_hold_subjects).order_by(legal_hold_subjects.c.token)
    if tenant is not None:
        holds = holds.where(legal_holds.c.tenant_id == tenant)
    with engine.connect() as connection:
        rows = connection.execute(holds.order_by(legal_holds.c.placed_at, legal_holds.c.hold_id)).all()
        tokens: dict[str, list[str]] = {}
        for one in connection.execute(subjects):
            tokens.setdefault(one.hold_id, []).append(one.token)
    return [_hold(row, tokens.get(row.hold_id, ())) for row in rows]


def _hold(row: Row[Any], tokens: Sequence[str]) -> Hold:
    scope = Scope(
        row.tenant_id, row.dataset, tuple(tokens), _stored(row.occurred_from), _stored(row.occurred_before)
    )
    lifted = (_stored(row.lifted_at), row.lifted_by, row.lifted_why)
    words = (row.matter, row.placed_by, row.why)
    return Hold(row.hold_id, scope, *words, _stored(row.until), _stored(row.placed_at), *lifted)


def _stored(moment: Any) -> Any:
    # SQLite gives times back without their zone; all of them were written in UTC.
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def _utc(moment: datetime | None) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        raise HoldError("a moment has no time zone. To mend it: give one, such as +00:00")
    return moment.astimezone(UTC) if moment is not None else None


def _checked(scope: Scope) -> Scope:
    begin, end = _utc(scope.occurred_from), _utc(scope.occurred_before)
    if begin and end and begin >= end:
        raise HoldError("the range of time is empty. To mend it: let it begin before it ends")
    if not TENANT_ID.fullmatch(scope.tenant) or not DATASET_NAME.fullmatch(scope.dataset or "any"):
        raise HoldError("that is no tenant, or no dataset. To mend it: give one that the policies declare")
    return Scope(scope.tenant, scope.dataset, tuple(sorted(set(scope.subject_tokens))), begin, end)


def _check_words(reference: str, by: str, why: str) -> None:
    for text, what in ((reference, "the matter or id"), (by, "the account")):
        if not REFERENCE.fullmatch(text):
            raise HoldError(
                f"{what} is not written like a reference. To mend it: up to 60 letters, digits and . _ / - "
                "without blanks; no name of a person"
            )
    if not why.strip() or len(why) > LONGEST_WHY or not why.isprintable():
        raise HoldError(f"the reason does not fit. To mend it: write one line of up to {LONGEST_WHY} letters")
