"""What every step works with: the tables, the policies, the keys and the control database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from sqlalchemy import Engine

from classifications.detector import Detector
from classifications.detector_config import DetectorConfig
from policy.bundle import PolicyBundle
from policy.contracts import Contract
from tenancy.keyring import KeyRing
from transforms.lake import Lake
from transforms.tokens import key_table
from transforms.treatments.cell import Rules


@dataclass(frozen=True)
class LakeContext:
    """One opened lake. `landing` is the tenants' drop-off; `run_id` names the run in every record.

    `dead_runs` are earlier runs whose process ended before they did, and which are not put in order yet.
    """

    spark: SparkSession
    lake: Lake
    bundle: PolicyBundle
    keyring: KeyRing
    engine: Engine
    landing: Path
    run_id: str
    dead_runs: tuple[str, ...] = ()

    @property
    def note(self) -> dict[str, str]:
        """What every commit to a table carries as its user metadata."""
        return {"run_id": self.run_id, "policy_digest": self.bundle.digest}

    def keys(self, tenants: Iterable[str]) -> DataFrame:
        """The key table (see `transforms.tokens.key_table`) of these tenants."""
        keys = self.keyring.keys_of(tenants)
        return key_table(self.spark, [(self.bundle.tenants[id_], own) for id_, own in keys.items()])

    def detector_of(self, tenant: str) -> Detector:
        """Reads the tenant's texts, as the policies say."""
        return Detector.of(self.bundle.detection.of(tenant))

    def by_detector(self, tenants: Sequence[str]) -> list[tuple[Detector, list[str]]]:
        """The tenants whose texts are read alike, together."""
        groups: dict[DetectorConfig, list[str]] = {}
        for id_ in tenants:
            groups.setdefault(self.detector_of(id_).config, []).append(id_)
        return [(Detector(config), members) for config, members in groups.items()]

    def rules_of(self, tenant: str) -> Rules:
        """What the tenant's rows are treated by."""
        return Rules(self.bundle.taxonomy, self.detector_of(tenant), self.bundle.digest)

    def by_region(self, tenants: Sequence[str]) -> dict[str, list[str]]:
        """The tenants of each region, sorted; tenants that the policies do not know are left out."""
        regions: dict[str, list[str]] = {}
        for id_ in sorted(set(tenants) & set(self.bundle.tenants)):
            regions.setdefault(self.bundle.tenants[id_].region, []).append(id_)
        return regions

    def by_contract(self, dataset: str, tenants: Sequence[str]) -> list[tuple[Contract, list[str]]]:
        """The tenants that share each contract variant of a dataset, variants in name order."""
        groups: dict[str, tuple[Contract, list[str]]] = {}
        for id_ in sorted(tenants):
            contract = self.bundle.contract_for(id_, dataset)
            if contract is not None:
                groups.setdefault(contract.tenant or "", (contract, []))[1].append(id_)
        return [groups[variant] for variant in sorted(groups)]
