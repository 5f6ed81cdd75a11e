"""`lakeward review ask`: one waiting finding after another, answered by a key each."""

from __future__ import annotations

import typer

from dagster_project.cli.guard import OUT, guarded
from dagster_project.cli.options import Lake, Policies
from dagster_project.cli.review import By, OnlyTenant, opened

KEYS = {"a": "approve", "r": "reject", "s": "set", "d": "defer"}
ASK = "[a]pprove, [r]eject, [s]et another class, [d]efer; Enter leaves it, q ends"


@guarded
def ask(by: By, tenant: OnlyTenant = None, lake: Lake = None, policies: Policies = None) -> None:
    """Go through what waits. Each answer is recorded at once; what is refused is asked again."""
    from classifications.offices import WordsRefused, check_office
    from dagster_project.cli.guard import WrongUse
    from dagster_project.cli.review_show import show_decided, show_review
    from dagster_project.reviewing import Asked, VerdictRefused, all_reviews, decide, treatments_now
    from dagster_project.verdict_file import WORDS

    try:
        check_office(by)
    except WordsRefused as error:
        raise WrongUse(str(error)) from None
    with opened(lake, policies) as (engine, bundle):
        waiting = [one for one in all_reviews(engine, bundle, tenant) if one.waiting]
        for number, review in enumerate(waiting, start=1):
            finding = review.finding
            plan = treatments_now(engine, bundle, finding.tenant_id, finding.dataset)[finding.column]
            OUT.print(f"{number} of {len(waiting)}", style="bold")
            show_review(review, str(plan.treatment))
            answered = False
            while not answered:
                key = typer.prompt(ASK, default="", show_default=False).strip().lower()
                if key == "q":
                    return
                if key not in KEYS:
                    break
                new_class = typer.prompt("Class").strip() if key == "s" else None
                asked = Asked(
                    finding.tenant_id, finding.dataset, finding.column, finding.data_class,
                    WORDS[KEYS[key]], by, typer.prompt("Why"), new_class,
                )  # fmt: skip
                try:
                    show_decided(decide(engine, bundle, [asked]))
                    answered = True
                except (VerdictRefused, WordsRefused) as error:
                    OUT.print(str(error), style="red", markup=False)
    OUT.print("That is all." if waiting else "Nothing waits for a verdict.")
