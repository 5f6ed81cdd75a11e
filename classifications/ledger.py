"""The classification ledger: every finding ever made, and what stewards decided. Counts, never values."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, Select, and_, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from classifications.effective import EffectiveClass, effective_class
from classifications.findings import Finding, FindingStatus
from classifications.ledger_rows import finding_of, finding_row, verdict_of, verdict_row, written
from classifications.ledger_tables import FINDINGS, METADATA, VERDICTS
from classifications.reviews import Review, ReviewState, reviews_of
from classifications.verdicts import Verdict
from policy.errors import LakewardError

_ATTEMPTS = 5
_AT_ONCE = 500


class FindingsLedger:
    """Findings and verdicts in the control database. History is added to, and leaves by retention only."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        METADATA.create_all(engine)

    def record(self, findings: Sequence[Finding], judged: Collection[tuple[str, str]] = ()) -> int:
        """Add what is new; the number of rows added. Recording the same again adds nothing.

        `judged` names the (tenant, dataset) pairs that `findings` judges whole: what was found in
        them before and is not among `findings` is marked as gone. Raises LakewardError when other
        runs keep recording the same columns at the same time.
        """
        for _ in range(_ATTEMPTS):
            try:
                with self._engine.begin() as connection:
                    return self._add(connection, findings, judged)
            except IntegrityError:
                continue  # another run recorded one of these in between: look again at what is there
        raise LakewardError(
            f"the classification ledger could not record {len(findings)} finding(s): other runs kept writing "
            f"the same columns, {_ATTEMPTS} times over. To mend it: run the step again when they are done"
        )

    def current(self, tenant_id: str, dataset: str) -> list[Finding]:
        """The latest finding for each column and class that is still seen or declared, in that order."""
        with self._engine.connect() as connection:
            latest = _latest(connection, tenant_id, dataset)
        found = [finding for _, finding in latest.values() if finding.status is not FindingStatus.GONE]
        return sorted(found, key=lambda finding: (finding.column, finding.data_class))

    def history(self, tenant_id: str, dataset: str, column: str) -> list[Finding]:
        """Every finding ever recorded for one column, oldest first."""
        rows = select(FINDINGS).where(
            FINDINGS.c.tenant_id == tenant_id,
            FINDINGS.c.dataset == dataset,
            FINDINGS.c.column_name == column,
        )
        with self._engine.connect() as connection:
            found = connection.execute(rows.order_by(FINDINGS.c.sequence)).mappings().all()
        return [finding_of(row) for row in found]

    def record_verdict(self, verdict: Verdict) -> None:
        """Add a steward's decision; a later one on the same column and class replaces it in effect."""
        self.record_verdicts([verdict])

    def record_verdicts(self, verdicts: Sequence[Verdict]) -> None:
        """Add several decisions: all of them, or none."""
        if verdicts:
            with self._engine.begin() as connection:
                connection.execute(insert(VERDICTS), [verdict_row(one) for one in verdicts])

    def verdicts(self, tenant_id: str, dataset: str) -> list[Verdict]:
        """The latest verdict for each column and class of a dataset, oldest first."""
        rows = select(VERDICTS).where(VERDICTS.c.tenant_id == tenant_id, VERDICTS.c.dataset == dataset)
        latest: dict[tuple[str, str], Verdict] = {}
        with self._engine.connect() as connection:
            for row in connection.execute(rows.order_by(VERDICTS.c.sequence)).mappings():
                verdict = verdict_of(row)
                latest.pop((verdict.column, verdict.data_class), None)
                latest[verdict.column, verdict.data_class] = verdict
        return list(latest.values())

    def judged_datasets(self) -> list[tuple[str, str]]:
        """Every (tenant, dataset) that anything was ever found in, in order."""
        places = select(FINDINGS.c.tenant_id, FINDINGS.c.dataset).distinct()
        with self._engine.connect() as connection:
            return sorted((row.tenant_id, row.dataset) for row in connection.execute(places))

    def verdict_history(
        self, tenant_id: str | None = None, dataset: str | None = None, column: str | None = None
    ) -> list[Verdict]:
        """Every verdict ever recorded, oldest first; of one tenant, dataset or column where it is given."""
        rows = select(VERDICTS).order_by(VERDICTS.c.sequence)
        named = {"tenant_id": tenant_id, "dataset": dataset, "column_name": column}
        for name, value in named.items():
            rows = rows if value is None else rows.where(VERDICTS.c[name] == value)
        with self._engine.connect() as connection:
            return [verdict_of(row) for row in connection.execute(rows).mappings()]

    def reviews(self, tenant_id: str, dataset: str) -> list[Review]:
        """How each present finding of a dataset stands with the stewards, by column and class."""
        judged = _judged().where(VERDICTS.c.tenant_id == tenant_id, VERDICTS.c.dataset == dataset)
        rows = select(FINDINGS).where(FINDINGS.c.sequence.in_(judged))
        with self._engine.connect() as connection:
            before = [finding_of(row) for row in connection.execute(rows).mappings()]
        return reviews_of(self.current(tenant_id, dataset), self.verdicts(tenant_id, dataset), before)

    def forget(self, before: datetime, declared: Collection[tuple[str, str, str]]) -> int:
        """Delete what was recorded before then and counts for nothing any more; how many rows.

        That is a finding that a later one replaced and no standing verdict is about; and all about a (tenant,
        dataset, column) that is not `declared`. What decides a treatment now is never deleted, however old.
        """
        moment, gone = written(before), 0
        with self._engine.begin() as connection:
            for table, when in ((FINDINGS, FINDINGS.c.found_at), (VERDICTS, VERDICTS.c.decided_at)):
                place = (table.c.tenant_id, table.c.dataset, table.c.column_name)
                newest = select(func.max(table.c.sequence)).group_by(*place, table.c.data_class)
                counting = set(connection.execute(newest).scalars())
                if table is FINDINGS:
                    counting |= set(connection.execute(_judged()).scalars())
                old = connection.execute(select(table.c.sequence, *place).where(when < moment)).all()
                dead = [s for s, *of in old if s not in counting or tuple(of) not in declared]
                for start in range(0, len(dead), _AT_ONCE):
                    part = dead[start : start + _AT_ONCE]
                    connection.execute(delete(table).where(table.c.sequence.in_(part)))
                gone += len(dead)
        return gone

    def verdict_for(self, tenant_id: str, dataset: str, column: str) -> Verdict | None:
        """The latest verdict on a column, whichever class it was about; None where there is none."""
        on_column = [verdict for verdict in self.verdicts(tenant_id, dataset) if verdict.column == column]
        return on_column[-1] if on_column else None

    def effective_class(
        self, tenant_id: str, dataset: str, column: str, declared: str | None
    ) -> EffectiveClass:
        """What one column counts as: see `effective_classes`."""
        return self.effective_classes(tenant_id, dataset, {column: declared})[column]

    def effective_classes(
        self, tenant_id: str, dataset: str, declared: Mapping[str, str | None]
    ) -> dict[str, EffectiveClass]:
        """What each column of `declared` (name to the contract's class, or None) counts as now."""
        reviews = self.reviews(tenant_id, dataset)
        verdicts = self.verdicts(tenant_id, dataset)
        again = [one.finding for one in reviews if one.state is ReviewState.ASKED_AGAIN]
        return {
            column: effective_class(
                said,
                [review.finding for review in reviews if review.finding.column == column],
                [verdict for verdict in verdicts if verdict.column == column],
                [finding.data_class for finding in again if finding.column == column],
            )
            for column, said in declared.items()
        }

    def _add(
        self, connection: Connection, findings: Sequence[Finding], judged: Collection[tuple[str, str]]
    ) -> int:
        places = {(finding.tenant_id, finding.dataset) for finding in findings} | set(judged)
        known = {place: _latest(connection, *place) for place in sorted(places)}
        news = [finding for finding in findings if _is_news(known, finding)]
        for place in judged:
            news += _gone(known[place].values(), findings, place)
        for finding in news:
            before = known[finding.tenant_id, finding.dataset].get((finding.column, finding.data_class))
            connection.execute(insert(FINDINGS).values(finding_row(finding, before[0] if before else 0)))
        return len(news)


def _judged() -> Select[tuple[int]]:
    """The sequence number of the finding that each standing verdict was about: the newest one of its time."""
    place = ("tenant_id", "dataset", "column_name", "data_class")
    standing = select(func.max(VERDICTS.c.sequence)).group_by(*(VERDICTS.c[name] for name in place))
    same = [FINDINGS.c[name] == VERDICTS.c[name] for name in place]
    return (
        select(func.max(FINDINGS.c.sequence))
        .join_from(VERDICTS, FINDINGS, and_(*same, FINDINGS.c.found_at <= VERDICTS.c.decided_at))
        .where(VERDICTS.c.sequence.in_(standing))
        .group_by(VERDICTS.c.sequence)
    )


_Latest = dict[tuple[str, str], tuple[int, Finding]]


def _latest(connection: Connection, tenant_id: str, dataset: str) -> _Latest:
    """(column, class) to the sequence number and the finding of its newest row."""
    newest = (
        select(func.max(FINDINGS.c.sequence))
        .where(FINDINGS.c.tenant_id == tenant_id, FINDINGS.c.dataset == dataset)
        .group_by(FINDINGS.c.column_name, FINDINGS.c.data_class)
    )
    rows = connection.execute(select(FINDINGS).where(FINDINGS.c.sequence.in_(newest))).mappings()
    return {(row["column_name"], row["data_class"]): (row["sequence"], finding_of(row)) for row in rows}


def _is_news(known: Mapping[tuple[str, str], _Latest], finding: Finding) -> bool:
    before = known[finding.tenant_id, finding.dataset].get((finding.column, finding.data_class))
    return before is None or _identity(before[1]) != _identity(finding)


def _identity(finding: Finding) -> tuple[str, str, str]:
    return finding.detector_version, finding.policy_digest, finding.evidence_digest


def _gone(
    before: Collection[tuple[int, Finding]], findings: Sequence[Finding], place: tuple[str, str]
) -> list[Finding]:
    seen = {(f.column, f.data_class) for f in findings if (f.tenant_id, f.dataset) == place}
    return [
        replace(
            old,
            status=FindingStatus.GONE,
            confidence=0.0,
            evidence={},
            reason="seen before, and no longer",
            found_at=datetime.now(UTC),
        )
        for _, old in before
        if (old.column, old.data_class) not in seen and old.status is not FindingStatus.GONE
    ]
