"""The lake as a Dagster resource: opened at the first step that needs it, once a run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

import dagster as dg
from pydantic import Field, PrivateAttr

from dagster_project.house import open_house
from dagster_project.ledger_facts import enter_facts
from dagster_project.ledger_heads import close_ledger, trouble
from dagster_project.run_locks import end_run, fail_dead_runs, hold_run
from dagster_project.settings import Settings, load_settings
from dagster_project.steps import close_dead_runs, inventory_step
from dagster_project.untold import tell_untold
from policy.errors import LakewardError
from transforms.context import LakeContext
from transforms.landing import Inventory


class HouseResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The lake's paths. What may hold a secret (lineage address, Spark settings) stays in the environment."""

    landing: str = Field(description="The tenants' drop-off: <region>/<tenant>/<dataset>/<file>")
    lake: str = Field(description="The Delta tables: <region>/<layer>/<dataset>")
    policies: str = Field(description="Tenants, contracts and treatments")
    control: str = Field(description="Control database, locks and scratch files")
    root_key: str = Field(description="The file of the key that wraps every tenant's key")
    lineage_file: str = Field(description="Where OpenLineage events are written")

    _run_id: str = PrivateAttr(default="")
    _context: LakeContext | None = PrivateAttr(default=None)
    _inventory: Inventory | None = PrivateAttr(default=None)
    _held: dict[tuple[str, str], str] = PrivateAttr(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The resource with the paths of these settings."""
        return cls(**{name: str(getattr(settings, name)) for name in cls.model_fields})

    @property
    def settings(self) -> Settings:
        """The settings of this lake: these paths, the rest from the environment."""
        return load_settings(**{name: getattr(self, name) for name in type(self).model_fields})

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Remember the run and say that it lives; open nothing yet."""
        self._run_id = context.run_id or ""
        hold_run(self.settings.leases, self._run_id)
        if context.instance is not None:
            fail_dead_runs(context.instance, self.settings.leases)

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        """Close the control database. Spark ends with the process, which others may share."""
        if self._context is not None:
            if context.instance is not None:
                tell_untold(context.instance, self._context, self._held)
            close_dead_runs(self._context, self.settings.leases)
            self._close_ledger(self._context, context)
            self._context.engine.dispose()
        end_run(self.settings.leases, self._run_id)

    def context(self) -> LakeContext:
        """The opened lake. Raises LakewardError where policies, keys or tables do not allow it."""
        if self._context is None:
            self._context = open_house(self.settings, self._run_id)
            enter_facts(self._context)  # of a run that was killed, before this one's results replace its own
        return self._context

    def _close_ledger(self, ctx: LakeContext, context: dg.InitResourceContext) -> None:
        """Sign the ledger; what is amiss with it or its second place is logged, and shown by `status`."""
        try:
            told = trouble(close_ledger(ctx, self.settings))
        except LakewardError as error:
            told = str(error)
        if told and context.log is not None:
            context.log.error(told)

    def inventory(self) -> Inventory:
        """What lay in the landing zone when the run first looked."""
        if self._inventory is None:
            self._inventory = inventory_step(self.context())
        return self._inventory

    def hold(self, dataset: str, tenant: str, why: str) -> None:
        """Keep a tenant's dataset back for the rest of the run: what failed must not flow on."""
        self._held.setdefault((dataset, tenant), why)

    def held(self, dataset: str) -> dict[str, str]:
        """The tenants held back in a dataset, each with the first reason."""
        return {tenant: why for (name, tenant), why in sorted(self._held.items()) if name == dataset}

    def free(self, dataset: str, tenants: Iterable[str] | None = None) -> list[str]:
        """Those of `tenants` (None: of all) that have a contract for the dataset and are not held back."""
        bundle, held = self.context().bundle, self.held(dataset)
        asked = set(bundle.tenants) if tenants is None else set(tenants) & set(bundle.tenants)
        return sorted(t for t in asked - set(held) if bundle.contract_for(t, dataset) is not None)
