"""`lakeward review`: what waits for a steward's verdict, and giving it. None of it starts Spark."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dagster_project.cli.guard import OUT, WrongUse, guarded, need_folder, need_tenants, open_state
from dagster_project.cli.options import Lake, Policies
from dagster_project.settings import load_settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from dagster_project.reviewing import Asked
    from policy import PolicyBundle

app = typer.Typer(help="What detection found and no contract declares: a steward's verdicts.")

OnlyTenant = Annotated[str | None, typer.Option("--tenant", help="Only this tenant.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the findings as one JSON list.")]
Every = Annotated[bool, typer.Option("--all", help="Those that are decided, too.")]
Apply = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, metavar="FILE.yaml", help="Record the verdicts of a file."),
]
Place = Annotated[str, typer.Argument(metavar="TENANT/DATASET/COLUMN", help="As lakeward review shows it.")]
NewClass = Annotated[str, typer.Argument(metavar="CLASS", help="The right data class.")]
Judged = Annotated[
    str | None, typer.Option("--class", help="Which finding, where several stand on the column.")
]
By = Annotated[
    str, typer.Option(help="Who decides: a name of office, such as data-steward; no name of a person.")
]
Why = Annotated[str, typer.Option(help="In a few words, without anything personal.")]
Tenants = Annotated[
    bool, typer.Option("--every-tenant", help="Of every tenant that has such a finding on this column.")
]


@app.callback(invoke_without_command=True)
@guarded
def list_(
    context: typer.Context, tenant: OnlyTenant = None, every: Every = False, as_json: AsJson = False,
    apply: Apply = None, lake: Lake = None, policies: Policies = None,
) -> None:  # fmt: skip
    """Show what waits for a verdict: column, class, how sure, what it is treated as until then, and why."""
    from dagster_project.cli.review_show import as_records, show_decided, show_reviews
    from dagster_project.reviewing import all_reviews, decide

    if context.invoked_subcommand is not None:
        return
    with opened(lake, policies) as (engine, bundle):
        if apply is not None:
            show_decided(decide(engine, bundle, _read(apply)))
            return
        if tenant is not None:
            need_tenants(bundle, tenant)
        reviews = [one for one in all_reviews(engine, bundle, tenant) if every or one.waiting]
        if as_json:
            typer.echo(json.dumps(as_records(engine, bundle, reviews), ensure_ascii=False, indent=1))
        else:
            show_reviews(engine, bundle, reviews)


@app.command()
@guarded
def approve(
    place: Place, by: By, why: Why, data_class: Judged = None, every_tenant: Tenants = False,
    lake: Lake = None, policies: Policies = None,
) -> None:  # fmt: skip
    """Say that the class that was found is right: its treatment stays."""
    _record(place, "confirm", (by, why), (data_class, None), (lake, policies), every_tenant=every_tenant)


@app.command()
@guarded
def reject(
    place: Place, by: By, why: Why, data_class: Judged = None, every_tenant: Tenants = False,
    lake: Lake = None, policies: Policies = None,
) -> None:  # fmt: skip
    """Say that the column does not hold it: the contract's own treatment holds."""
    _record(place, "reject", (by, why), (data_class, None), (lake, policies), every_tenant=every_tenant)


@app.command("set")
@guarded
def set_(  # noqa: PLR0913, PLR0917 - an argument is an option of the command
    place: Place, new_class: NewClass, by: By, why: Why, data_class: Judged = None,
    every_tenant: Tenants = False, lake: Lake = None, policies: Policies = None,
) -> None:  # fmt: skip
    """Say that it is another class: that one's treatment holds."""
    judged = (data_class, new_class)
    _record(place, "reclassify", (by, why), judged, (lake, policies), every_tenant=every_tenant)


@app.command()
@guarded
def defer(
    place: Place, by: By, why: Why, data_class: Judged = None, every_tenant: Tenants = False,
    lake: Lake = None, policies: Policies = None,
) -> None:  # fmt: skip
    """Put it off: the stricter treatment stays, and it goes on waiting."""
    _record(place, "defer", (by, why), (data_class, None), (lake, policies), every_tenant=every_tenant)


@app.command()
@guarded
def history(place: Place, lake: Lake = None, policies: Policies = None) -> None:
    """Show all that was ever seen in a column, and decided about it, in order."""
    from dagster_project.cli.review_show import show_history

    with opened(lake, policies) as (engine, _):
        show_history(engine, *_parts(place))


@app.command()
@guarded
def precision(tenant: OnlyTenant = None, lake: Lake = None, policies: Policies = None) -> None:
    """Show how often detection was right, by month, tenant and class, as the verdicts say."""
    from classifications.ledger import FindingsLedger
    from classifications.precision import precision as measured
    from dagster_project.cli.show import grid

    with opened(lake, policies) as (engine, _):
        found = measured(FindingsLedger(engine).verdict_history(tenant))
    columns = ("month", "tenant", "class", "right", "wrong", "precision")
    rows = [(p.month, p.tenant, p.data_class, p.right, p.wrong, f"{p.share:.2f}") for p in found]
    grid("Precision, by verdicts", columns, rows, "approved against rejected or set to another class")
    if not rows:
        OUT.print("No verdict was given yet.")


@app.command()
@guarded
def classes(policies: Policies = None) -> None:
    """Show the data classes that a verdict can name."""
    from dagster_project.cli.show import grid
    from policy import load_policies

    settings = load_settings(policies=policies)
    need_folder(settings.policies, "policies", "give --policies, or make the folder")
    known = load_policies(settings.policies).taxonomy.classes
    rows = [(one.key, one.group, "yes" if one.personal else "no") for _, one in sorted(known.items())]
    grid("Data classes", ("class", "group", "personal"), rows)


@contextmanager
def opened(lake: Path | None, policies: Path | None) -> Iterator[tuple[Engine, PolicyBundle]]:
    """Control database and policies of a lake that is there. Raises WrongUse where it is not."""
    engine, bundle = open_state(load_settings(lake=lake, policies=policies))
    try:
        yield engine, bundle
    finally:
        engine.dispose()


def _record(
    place: str,
    decision: str,
    said: tuple[str, str],
    classes: tuple[str | None, str | None],
    where: tuple[Path | None, Path | None],
    *,
    every_tenant: bool,
) -> None:
    from classifications.offices import WordsRefused
    from classifications.verdicts import Decision
    from dagster_project.cli.review_show import show_decided
    from dagster_project.reviewing import Asked, VerdictRefused, decide

    tenant, dataset, column = _parts(place)
    judged, new_class = classes
    asked = Asked(
        None if every_tenant else tenant, dataset, column, judged, Decision(decision), *said, new_class
    )
    with opened(*where) as (engine, bundle):
        try:
            show_decided(decide(engine, bundle, [asked]))
        except (VerdictRefused, WordsRefused) as error:
            raise WrongUse(str(error)) from None


def _parts(place: str) -> tuple[str, str, str]:
    parts = place.split("/")
    if len(parts) != 3 or not all(parts):
        raise WrongUse("a column is written TENANT/DATASET/COLUMN. To mend it: see lakeward review")
    return parts[0], parts[1], parts[2]


def _read(path: Path) -> Sequence[Asked]:
    from dagster_project.verdict_file import read_verdicts

    return read_verdicts(path)
