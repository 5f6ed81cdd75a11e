"""The checks of a layer as asset checks: one Spark pass for all of them and all tenants."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import dagster as dg

from dagster_project.annotations import resolved
from dagster_project.checks_data import BRONZE_CHECKS, SILVER_CHECKS, CheckResult, check_bronze, check_silver
from dagster_project.defs.help import help_metadata
from dagster_project.defs.verdicts import standing_of, told_of, verdict
from dagster_project.failures import plainly
from dagster_project.mends import PLAYBOOK
from dagster_project.partitions import CHECK_ALL, tenants_of
from dagster_project.resources import HouseResource
from policy.bundle import PolicyBundle
from transforms.standings import Standings

Check = Callable[..., list[CheckResult]]

DESCRIPTIONS = {
    "contract_holds": "Every column is there with its type, and what the contract requires is filled",
    "counts_reconcile": "Rows landed = rows sealed + rows quarantined; present state of bronze = silver",
    "keys_unique": "No record stands twice",
    "no_residual_personal_data": "The detector finds nothing personal in columns that were treated",
    "tenant_isolation": "Every row lies in its tenant's partition and region, and opens under its key alone",
}


def bronze_checks(bundle: PolicyBundle, dataset: str) -> dg.AssetChecksDefinition:
    """The checks of `bronze/<dataset>`."""
    return _layer_checks(bundle, "bronze", dataset, BRONZE_CHECKS, check_bronze)


def silver_checks(bundle: PolicyBundle, dataset: str) -> dg.AssetChecksDefinition:
    """The checks of `silver/<dataset>`."""
    return _layer_checks(bundle, "silver", dataset, SILVER_CHECKS, check_silver)


@dataclass(frozen=True)
class _Layer:
    """What is known of a layer after a look: who stands how, and whether nobody of this run goes on."""

    standing: Sequence[CheckResult]
    nobody_left: bool


def _layer_checks(
    bundle: PolicyBundle, layer: str, dataset: str, names: Sequence[str], check: Check
) -> dg.AssetChecksDefinition:
    key = dg.AssetKey([layer, dataset])
    specs = [dg.AssetCheckSpec(n, asset=key, blocking=True, description=DESCRIPTIONS[n]) for n in names]
    told = help_metadata(PLAYBOOK, bundle, dataset)

    @dg.multi_asset_check(name=f"{layer}_{dataset}_checks", specs=specs, can_subset=True)
    @resolved
    def checks(context: dg.AssetCheckExecutionContext, house: HouseResource) -> Iterator[dg.AssetCheckResult]:
        found, run_id = _look(context, house, layer, dataset, check), context.run.run_id
        # A failing check holds its tenants back. As an ERROR it would stop all: only where none is left.
        stop = dg.AssetCheckSeverity.ERROR if found.nobody_left else dg.AssetCheckSeverity.WARN
        for wanted in sorted(context.selected_asset_check_keys):
            own = [one for one in found.standing if one.name == wanted.name]
            yield verdict(wanted, own, run_id, stop, told)
        if found.nobody_left:  # Dagster's own error would tell the check, and nobody's name
            failing = [one for one in found.standing if not one.success and one.name in names]
            raise dg.Failure(told_of([one for one in failing if one.run_id == run_id]), allow_retries=False)

    return checks


@plainly
def _look(
    context: dg.AssetCheckExecutionContext, house: HouseResource, layer: str, dataset: str, check: Check
) -> _Layer:
    """Check the run's tenants and hold back who fails.

    Where somebody has checks run on their own, they are of all tenants, and every row is read.
    """
    asked = None if tenants_of(context.run) is None else list(context.partition_keys)
    tenants = house.free(dataset, asked)
    ctx, every_row = house.context(), asked is None or context.run.tags.items() >= CHECK_ALL.items()
    for result in check(ctx, dataset, tenants, afresh=every_row):
        if not result.success:
            house.hold(dataset, result.tenant, f"{layer}: {result.name}")
    standing = standing_of(Standings(ctx.engine).all(layer, dataset), ctx.bundle)
    return _Layer(standing, bool(tenants) and not house.free(dataset, tenants))
