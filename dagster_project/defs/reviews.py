"""What waits for a steward on `findings/<dataset>`: a table, and the check `reviews_waiting`.

What waits is a warning. Beyond the limit of the policies it is an error, and the tenant goes no further.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import dagster as dg
from sqlalchemy import Engine

from classifications.ledger import FindingsLedger
from classifications.precision import Precision, precision
from classifications.reviews import Review
from dagster_project.defs.help import DESK_PAGE, help_metadata
from dagster_project.mends import mend_of_check
from dagster_project.reviewing import all_reviews, treatments_now
from dagster_project.tables import table
from dagster_project.undecided import LAYER, WAITING, Undecided, undecided_of
from policy import PolicyBundle

COLUMNS = ("tenant", "column", "found", "confidence", "because", "declared", "treated", "verdict")
LOCATION = "lakeward"  # as workspace.yaml names it
LAUNCHPAD = f"/locations/{LOCATION}/jobs/record_verdict/playground/setup"
MOST_LINKS = 50
CONFIG = """\
# Fill in verdict and why, then Launch Run.
# Ctrl+Space shows the choices.
#   approve  the class is right
#   reject   the column does not hold it
#   set      it is another class: add new_class
#   defer    not yet
ops:
  take_down:
    config:
      tenant: {tenant}
      column: {column}
      found: {found}
      verdict:
      why:
      by: data-steward
"""


def waiting_spec(dataset: str) -> dg.AssetCheckSpec:
    """The check that warns while findings of a dataset wait, and fails where more do than the policies allow.

    To Dagster it is not blocking, or it would stop all tenants: the step itself holds back whom it is about.
    """
    return dg.AssetCheckSpec(
        WAITING,
        asset=dg.AssetKey([LAYER, dataset]),
        description="No finding waits for a steward. Beyond the policies' limit a tenant goes no further",
    )


def reviews_check(engine: Engine, bundle: PolicyBundle, dataset: str) -> dg.AssetCheckResult:
    """How it stands now, of all tenants, so that a run of some does not hide what others wait for."""
    return check_of(engine, bundle, dataset, all_reviews(engine, bundle, dataset=dataset))


def check_of(
    engine: Engine, bundle: PolicyBundle, dataset: str, reviews: Sequence[Review]
) -> dg.AssetCheckResult:
    """What `reviews_check` says, for who has read all reviews of the dataset."""
    waiting = [one for one in reviews if one.waiting]
    limited = undecided_of(bundle, dataset, waiting)
    beyond = [one for one in limited if one.beyond]
    return dg.AssetCheckResult(
        passed=not waiting,
        asset_key=dg.AssetKey([LAYER, dataset]),
        check_name=WAITING,
        severity=dg.AssetCheckSeverity.ERROR if beyond else dg.AssetCheckSeverity.WARN,
        description=_summary(waiting, beyond),
        metadata={
            "waiting": waits_for_verdict(engine, bundle, dataset, waiting),
            "to_answer": "answer_one has a link each; or the job record_verdict, or lakeward review",
            **_links(waiting),
            **_limits(limited),
            **help_metadata(DESK_PAGE, bundle, dataset),
        },
    )


def _summary(waiting: Sequence[Review], beyond: Sequence[Undecided]) -> str:
    if not waiting:
        return "nothing waits"
    by_tenant = Counter(one.finding.tenant_id for one in waiting)
    told = ", ".join(f"{tenant} {amount}" for tenant, amount in sorted(by_tenant.items()))
    lines = [f"{len(waiting)} wait for a verdict: {told}"]
    lines += [f"{one.tenant} is held back: {one.detail}" for one in beyond]
    lines += [f"To mend it: {mend_of_check(LAYER, WAITING)}"] if beyond else []
    return ". ".join(lines)


def _limits(limited: Sequence[Undecided]) -> dict[str, str]:
    told = [f"{one.tenant} {one.waiting} of at most {one.limit.at_most}" for one in limited if one.waiting]
    return {"limit": ", ".join(sorted(told))} if told else {}


def review_table(
    engine: Engine, bundle: PolicyBundle, dataset: str, reviews: Sequence[Review]
) -> dg.TableMetadataValue:
    """Those of all reviews of a dataset that are not as declared, decided or not."""
    found = [one for one in reviews if one.waiting or one.verdict is not None]
    return waits_for_verdict(engine, bundle, dataset, found)


def precision_of(engine: Engine, bundle: PolicyBundle, dataset: str) -> list[Precision]:
    """How many of the verdicts on a dataset found detection right, by month, tenant and class."""
    verdicts = FindingsLedger(engine).verdict_history(dataset=dataset)
    return [one for one in precision(verdicts) if one.tenant in bundle.tenants]


def precision_table(measured: Sequence[Precision]) -> dg.TableMetadataValue:
    """Precision over time as a table; a month and class that nobody decided on has no line."""
    rows = [(o.month, o.tenant, o.data_class, o.right, o.wrong, round(o.share, 3)) for o in measured]
    return table(("month", "tenant", "class", "right", "wrong", "precision"), rows)


def newest_precision(measured: Sequence[Precision], tenant: str) -> dict[str, float]:
    """A tenant's precision by class, of the newest month with a verdict: Dagster draws it over time."""
    return {f"precision of {o.data_class}": round(o.share, 3) for o in measured if o.tenant == tenant}


def waits_for_verdict(
    engine: Engine, bundle: PolicyBundle, dataset: str, reviews: Sequence[Review]
) -> dg.TableMetadataValue:
    """These reviews as a table."""
    tenants = sorted({one.finding.tenant_id for one in reviews})
    plans = {tenant: treatments_now(engine, bundle, tenant, dataset) for tenant in tenants}
    rows = [
        (
            f.tenant_id, f"{dataset}.{f.column}", f.data_class, f.confidence, f.reason,
            f.declared_class or "nothing", str(plans[f.tenant_id][f.column].treatment), said(one),
        )
        for one in reviews
        for f in (one.finding,)
    ]  # fmt: skip
    return table(COLUMNS, rows)


def _links(reviews: Sequence[Review]) -> dict[str, dg.MetadataValue[Any]]:
    """The job that answers, and for each finding a link to its launchpad, filled in but for the decision."""
    lines = ["| tenant | column | found | |", "|---|---|---|---|"]
    for finding in (one.finding for one in reviews[:MOST_LINKS]):
        config = CONFIG.format(
            tenant=finding.tenant_id,
            column=f"{finding.dataset}.{finding.column}",
            found=finding.data_class,
        )
        link = f"[answer]({LAUNCHPAD}?config={quote(config)})"
        lines.append(f"| {finding.tenant_id} | {finding.column} | {finding.data_class} | {link} |")
    job = dg.MetadataValue.job("record_verdict", location_name=LOCATION)
    return {"answer_one": dg.MetadataValue.md("\n".join(lines)), "answer_by": job} if reviews else {}


def said(review: Review) -> str:
    """The verdict in words, or that one waits."""
    verdict = review.verdict
    if verdict is None:
        return str(review.state)
    told = f"{verdict.said}, by {verdict.actor}, {verdict.decided_at:%Y-%m-%d}: {verdict.reason}"
    return f"{review.state}, {review.change}; it was {told}" if review.change else told
