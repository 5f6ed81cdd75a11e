"""What must hold of bronze and silver, tenant by tenant, and whether rows have to be read to know it.

Where every check of a tenant passed, and files, deliveries, plan, policies, keys and detector are what
they were, the results stand, and no row is read. Whoever wants all of it looked at again asks for it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Protocol

from classifications.errors import DetectionError
from tenancy.control import now
from transforms.check_bronze import BRONZE_CHECKS, BronzeLook
from transforms.check_silver import SILVER_CHECKS, SilverLook
from transforms.context import LakeContext
from transforms.errors import SPARK_ERRORS, error_kind
from transforms.samples import groups
from transforms.standings import CheckResult, Standings, Verdict

__all__ = ["BRONZE_CHECKS", "SILVER_CHECKS", "CheckResult", "check_bronze", "check_silver"]

Begin = Callable[[Sequence[str]], None]
"""Told the tenants whose rows are about to be read."""
UNREAD = "the rows could not be read: "
"""How the detail of a check begins that could not be made; the kind of error follows."""
_CODE = ("check_bronze.py", "check_silver.py", "promises.py", "samples.py", "silver_passes.py")


class Look(Protocol):
    """One layer of a dataset in a region, and how it is looked at."""

    @property
    def region(self) -> str:
        """Where."""

    @property
    def dataset(self) -> str:
        """Of what."""

    @property
    def layer(self) -> str:
        """`bronze` or `silver`."""

    @property
    def names(self) -> tuple[str, ...]:
        """The layer's checks."""

    def marks(self, tenants: Sequence[str]) -> Mapping[str, Sequence[object]]:
        """The tenants that there is something to check of, each with all that the results hang on."""

    def measure(self, tenants: Sequence[str]) -> Mapping[str, Sequence[Verdict]]:
        """The verdicts of these tenants, in the order of `names`."""


def check_bronze(
    ctx: LakeContext, dataset: str, tenants: Sequence[str], *, afresh: bool = False
) -> list[CheckResult]:
    """Rows landed are rows in bronze plus rows in quarantine; rows open under their tenant's key.

    `afresh` opens every row, whatever was checked before.
    """
    looks = [BronzeLook(ctx, region, dataset, afresh=afresh) for region in ctx.by_region(tenants)]
    return _check(ctx, looks, tenants, afresh, lambda _: None)


def check_silver(
    ctx: LakeContext,
    dataset: str,
    tenants: Sequence[str],
    *,
    afresh: bool = False,
    begin: Begin = lambda _: None,
) -> list[CheckResult]:
    """The five promises of silver for every tenant that has been protected.

    `afresh` reads rows whatever was checked before.
    """
    looks = [SilverLook(ctx, region, dataset) for region in ctx.by_region(tenants)]
    return _check(ctx, looks, tenants, afresh, begin)


def _check(
    ctx: LakeContext, looks: Sequence[Look], tenants: Sequence[str], afresh: bool, begin: Begin
) -> list[CheckResult]:
    results: list[CheckResult] = []
    for look in looks:
        # Whoever writes waits, so that tables and control database are of one moment.
        with ctx.lake.lease(look.region, look.dataset):
            results.extend(_check_one(ctx, look, ctx.by_region(tenants)[look.region], afresh, begin))
    return sorted(results, key=lambda one: one.tenant)


def _check_one(
    ctx: LakeContext, look: Look, tenants: Sequence[str], afresh: bool, begin: Begin
) -> list[CheckResult]:
    standings = Standings(ctx.engine)
    marks = {tenant: _digest(parts) for tenant, parts in look.marks(tenants).items()}
    passed = {} if afresh else standings.passed(look.layer, look.dataset, look.names)
    stand = {tenant: own for tenant, (mark, own) in passed.items() if marks.get(tenant) == mark}
    due = [tenant for tenant in marks if tenant not in stand]
    begin(due)
    verdicts = {t: own for group in groups(due) for t, own in _measured(look, group).items()}
    fresh = [
        CheckResult(one.name, look.layer, look.dataset, tenant, one.success, one.detail, ctx.run_id, now())
        for tenant, own in verdicts.items()
        for one in own
    ]
    standings.record(fresh, marks)
    return [*fresh, *(one for own in stand.values() for one in own)]


def _measured(look: Look, tenants: Sequence[str]) -> dict[str, Sequence[Verdict]]:
    """All at once; where that fails, each alone, so that rows that cannot be read fail their tenant only."""
    try:
        return dict(look.measure(tenants))
    except (*SPARK_ERRORS, DetectionError) as error:
        if len(tenants) == 1:
            told = f"{UNREAD}{error_kind(error)}"
            return {tenants[0]: [Verdict(name, False, told) for name in look.names]}
        return {one: own for tenant in tenants for one, own in _measured(look, [tenant]).items()}


def _digest(parts: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps([_code_digest(), *parts]).encode()).hexdigest()


@cache
def _code_digest() -> str:
    """Changes with what the checks ask for."""
    code = b"".join((files("transforms") / name).read_bytes() for name in _CODE)
    return hashlib.sha256(code).hexdigest()
