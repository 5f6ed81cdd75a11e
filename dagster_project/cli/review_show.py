"""How reviews, verdicts and their history are printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Engine

from classifications.findings import FindingStatus
from classifications.ledger import FindingsLedger
from classifications.reviews import Review, differences
from dagster_project.cli.guard import OUT
from dagster_project.cli.show import grid, since
from dagster_project.reviewing import Decided, treatments_now
from dagster_project.undecided import undecided_of
from policy import PolicyBundle

HOW = (
    "To answer: lakeward review approve|reject|defer TENANT/DATASET/COLUMN --by data-steward --why '...'\n"
    "       or: lakeward review set TENANT/DATASET/COLUMN CLASS --by data-steward --why '...'"
)


def show_reviews(engine: Engine, bundle: PolicyBundle, reviews: Sequence[Review]) -> None:
    """Print what waits (or all), whose data is held back for it, and how to answer."""
    for one, treated in zip(reviews, _treated(engine, bundle, reviews), strict=True):
        show_review(one, treated)
    waiting = Counter(one.finding.tenant_id for one in reviews if one.waiting)
    if not waiting:
        OUT.print("Nothing waits for a verdict.")
        return
    told = ", ".join(f"{tenant} {amount}" for tenant, amount in sorted(waiting.items()))
    for line in _held_back(bundle, reviews):
        OUT.print(line, markup=False, soft_wrap=True)
    OUT.print(f"{waiting.total()} wait for a verdict: {told}\n{HOW}", markup=False, soft_wrap=True)


def _held_back(bundle: PolicyBundle, reviews: Sequence[Review]) -> Iterator[str]:
    for dataset in bundle.datasets:
        own = [one for one in reviews if one.finding.dataset == dataset]
        for stand in undecided_of(bundle, dataset, own):
            if stand.beyond:
                yield f"{stand.tenant}/{dataset} is held back: {stand.detail}"


def show_review(one: Review, treated: str) -> None:
    """Print one finding as a paragraph: a table of 80 columns would cut its reason to pieces."""
    finding = one.finding
    until = ", until somebody decides" if one.waiting else ""
    OUT.print(
        f"{finding.tenant_id}/{finding.dataset}/{finding.column}\n"
        f"  found    {finding.data_class}, confidence {finding.confidence:.2f} "
        f"(declared: {finding.declared_class or 'nothing'})\n"
        f"  because  {finding.reason}\n"
        f"  treated  {treated}{until}\n"
        f"  verdict  {_standing(one)}\n",
        markup=False,
        soft_wrap=True,
    )


def as_records(engine: Engine, bundle: PolicyBundle, reviews: Sequence[Review]) -> list[dict[str, Any]]:
    """The reviews as JSON objects: counts and scores, no values."""
    treated = _treated(engine, bundle, reviews)
    return [_record(bundle, one, treatment) for one, treatment in zip(reviews, treated, strict=True)]


def show_decided(decided: Sequence[Decided]) -> None:
    """Print what was recorded and what it changes."""
    rows = [
        (
            f"{one.verdict.tenant_id}/{one.verdict.dataset}/{one.verdict.column}",
            one.verdict.data_class,
            one.verdict.said,
            one.effect,
        )
        for one in decided
    ]
    grid("Recorded", ("column", "found", "verdict", "what changes at the next run"), rows)
    if any(one.before != one.after for one in decided):
        OUT.print("To bring silver up to it: lakeward run, or materialise silver of the dataset in Dagster")


def show_history(engine: Engine, tenant: str, dataset: str, column: str) -> None:
    """Print every finding and verdict on a column, in order of time, with what changed."""
    ledger = FindingsLedger(engine)
    last: dict[str, Any] = {}
    rows = []
    for finding in ledger.history(tenant, dataset, column):
        before = last.get(finding.data_class)
        last[finding.data_class] = finding
        gone = finding.status is FindingStatus.GONE
        told = (
            finding.reason
            if before is None or gone
            else "; ".join(differences(before, finding)) or "as before"
        )
        rows.append((finding.found_at, finding.data_class, f"seen, {finding.confidence:.2f}", told))
    for verdict in ledger.verdict_history(tenant, dataset, column):
        told = f"{verdict.said}, by {verdict.actor}"
        rows.append((verdict.decided_at, verdict.data_class, told, verdict.reason))
    ordered = [(since(moment), *more) for moment, *more in sorted(rows, key=lambda row: row[0])]
    grid(f"{tenant}/{dataset}/{column}", ("when (UTC)", "class", "what", "because"), ordered)
    if not ordered:
        OUT.print("Nothing was ever found there.")


def _treated(engine: Engine, bundle: PolicyBundle, reviews: Sequence[Review]) -> list[str]:
    places = sorted({(one.finding.tenant_id, one.finding.dataset) for one in reviews})
    plans = {place: treatments_now(engine, bundle, *place) for place in places}
    return [
        str(plans[one.finding.tenant_id, one.finding.dataset][one.finding.column].treatment)
        for one in reviews
    ]


def _record(bundle: PolicyBundle, one: Review, treatment: str) -> dict[str, Any]:
    finding, verdict = one.finding, one.verdict
    known = bundle.taxonomy.classes.get(finding.data_class)
    return {
        "tenant": finding.tenant_id,
        "dataset": finding.dataset,
        "column": finding.column,
        "class": finding.data_class,
        "group": known.group if known else "other",
        "confidence": finding.confidence,
        "declared": finding.declared_class,
        "state": str(one.state),
        "change": one.change,
        "treatment": treatment,
        "reason": finding.reason,
        "evidence": dict(finding.evidence),
        "detector": finding.detector_version,
        "found_at": finding.found_at.isoformat(),
        "verdict": None if verdict is None else {
            "decision": str(verdict.decision),
            "new_class": verdict.new_class,
            "by": verdict.actor,
            "why": verdict.reason,
            "decided_at": verdict.decided_at.isoformat(),
        },
    }  # fmt: skip


def _standing(one: Review) -> str:
    if one.change:
        return f"{one.state}, {one.change}"
    if one.verdict is None:
        return str(one.state)
    return f"{one.verdict.said}, by {one.verdict.actor}"
