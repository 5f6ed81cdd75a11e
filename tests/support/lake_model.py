"""A lake under test beside a model of it: every operation is done to both, and then both are compared."""

from __future__ import annotations

import hashlib
import hmac
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from delta_files import files_on_disk, read_table
from kill_points import Killed
from lake_drops import File
from lake_policies import DATASETS, Policies, Who
from leak_scan import find_leaks
from plain_lake import Opened, PlainSilver, opened, reasons

from audit.outbox_tables import events
from dagster_project.house import open_house
from dagster_project.settings import load_settings
from dagster_project.steps import ingest_step, inventory_step, protect_step
from policy.contracts import Disposal
from policy.errors import LakewardError
from retention.archive import open_archive
from transforms import deliveries
from transforms.quarantine import retry_quarantine
from transforms.violations import all_violations

Split = tuple[bool, ...]
"""Which rows of a file are in bronze, in file order; the others are in quarantine."""


@dataclass
class Delivery:
    """One content of a tenant's dataset. `may_be` is what a run may have made of it."""

    tenant: str
    file: File
    token: str
    may_be: set[Split] = field(default_factory=set)
    may_say: list[tuple[frozenset[str], ...]] = field(default_factory=list)
    arrived: bool = False


@dataclass(frozen=True)
class Silver:
    """What a tenant's part of silver may hold: rows by record id, and the plan that reads them."""

    plan: PlainSilver
    rows: dict[str, dict[str, Any]]


class LakeModel:
    """The lake under `home` and everything that was done to it. Methods assert what must hold."""

    def __init__(self, home: Path, tenants: Sequence[Who]) -> None:
        self.home, self.who = home, {one.id: one for one in tenants}
        self.policies, self.runs, self.told = Policies(), 0, list[str]()
        self.deliveries: dict[tuple[str, str, bytes], Delivery] = {}
        self.lying: dict[Path, Delivery] = {}
        self.silver: dict[tuple[str, str], list[Silver]] = {}
        self.torn: set[str] = set()  # a run of these died, and none has come to its end since
        self.stale: set[str] = set()  # what silver shows of these may not be what is in force
        (home / "landing").mkdir()
        self.policies.write(home / "policies", tenants)
        self.settings = load_settings(
            landing=home / "landing", lake=home / "lake", policies=home / "policies", control=home / "control"
        )
        self.ctx = open_house(self.settings, "run-0")

    # -- what people do

    def drop(self, tenant: str, file: File, stem: str, moment: int) -> Delivery:
        """Put the file into the tenant's drop-off, modified at that second."""
        path = self._folder(tenant, file.dataset) / f"{stem}.{file.suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
        os.utime(path, (moment, moment))
        key = (tenant, file.dataset, file.content)
        delivery = self.deliveries.setdefault(key, Delivery(tenant, file, self._token(tenant, file)))
        self.lying[path] = delivery
        return delivery

    def change_policies(self, **changes: Any) -> None:
        """Other policies from the next run on."""
        self.policies = replace(self.policies, **changes, version=self.policies.version + 1)
        self.policies.write(self.home / "policies", list(self.who.values()))
        self.stale |= {one.file.dataset for one in self.deliveries.values() if one.arrived}

    def waiting(self) -> set[str]:
        """The datasets for which a run has something to bring in or to finish."""
        lying = {one.file.dataset for one in self.lying.values() if one.file.rows is None or not one.arrived}
        return lying | self.torn

    def quarantined(self) -> set[str]:
        """The datasets with records in quarantine that other policies could free."""
        return {
            one.file.dataset
            for one in self.deliveries.values()
            for split in one.may_be
            if one.arrived
            and not all(good or row.broken for good, row in zip(split, one.file.rows, strict=True))
        }

    # -- what runs do

    def ingest(self, dataset: str, fault: AbstractContextManager[None] | None = None) -> None:
        """Ingest every tenant's files of a dataset; `fault` may end or disturb it."""
        self.reopen()
        arriving = [one for one in self._lying_in(dataset) if one.file.rows is not None and not one.arrived]
        for one in arriving:
            self._try(one)
        self.stale.add(dataset)
        outcomes = self._run(dataset, fault, lambda: self._ingest(dataset))
        if outcomes is None:
            return
        self.torn.discard(dataset)
        self.compare_bronze(dataset)
        spoiled = {one.tenant for one in self._lying_in(dataset) if one.file.rows is None}
        for outcome in outcomes:
            assert outcome.failed is None or fault or outcome.tenant in spoiled, outcome
        assert fault or all(one.arrived for one in arriving), "a file that can be read was left lying"
        self._mend_what_failed(dataset)

    def protect(
        self, dataset: str, tenants: Sequence[str], fault: AbstractContextManager[None] | None = None
    ) -> None:
        """Protect some tenants' rows of a dataset."""
        self.reopen()
        bronze = self.opened("bronze", dataset)
        after = {tenant: self._silver_of(tenant, dataset, bronze.get(tenant, [])) for tenant in tenants}
        for tenant in tenants:
            self.silver.setdefault((tenant, dataset), [self._silver_of(tenant, dataset, [])])
        outcomes = self._run(dataset, fault, lambda: protect_step(self.ctx, dataset, tenants), tears=False)
        if outcomes is None or fault:
            for tenant in tenants:
                self.silver[tenant, dataset].append(after[tenant])
        else:
            assert [outcome.tenant for outcome in outcomes] == sorted(tenants)
            for outcome in outcomes:
                assert outcome.failed is None, outcome
                if outcome.changed or dataset not in self.torn:
                    self.silver[outcome.tenant, dataset] = [after[outcome.tenant]]
                    assert (outcome.rows or 0) == len(after[outcome.tenant].rows)
            self.stale.discard(dataset)
        self.compare_silver(dataset)

    def retry(self, dataset: str, fault: AbstractContextManager[None] | None = None) -> None:
        """Try quarantined rows again under the policies of today."""
        self.reopen()
        inside = [one for one in self.deliveries.values() if one.file.dataset == dataset and one.may_be]
        freed = {id(one): {self._freed(one, split) for split in one.may_be} for one in inside}
        done = self._run(dataset, fault, lambda: retry_quarantine(self.ctx, dataset))
        for one in inside:
            sure = done is not None and not fault and one.arrived and dataset not in self.torn
            one.may_be = freed[id(one)] if sure else one.may_be | freed[id(one)]
        if done is not None and dataset not in self.torn:
            self.compare_bronze(dataset)

    def reopen(self) -> None:
        """A new run over the same folders, as a new process would open them."""
        self.ctx.engine.dispose()
        self.runs += 1
        self.ctx = open_house(self.settings, f"run-{self.runs}")

    def _ingest(self, dataset: str) -> Any:
        return ingest_step(self.ctx, dataset, list(self.who), inventory_step(self.ctx))

    def _run(
        self,
        dataset: str,
        fault: AbstractContextManager[None] | None,
        work: Callable[[], Iterable[Any]],
        *,
        tears: bool = True,
    ) -> list[Any] | None:
        """The outcomes; None where the fault ended the run."""
        try:
            with fault or nullcontext():
                outcomes = list(work())
        except Killed:
            outcomes = None
        except LakewardError as error:
            self.told.append(str(error))
            raise
        except OSError:
            if not fault:
                raise
            outcomes = None
        self._see_what_was_taken()
        if outcomes is None and tears:
            self.torn.add(dataset)
        for outcome in outcomes or ():
            told = ("failed", "reasons", "files_refused", "undeclared")
            self.told.extend(str(getattr(outcome, name, None)) for name in told)
        return outcomes

    # -- what must hold

    def compare_bronze(self, dataset: str) -> None:
        """Every row that landed is once in bronze or once in quarantine, and the counts say so."""
        places: dict[tuple[str, str], list[tuple[Opened, bool]]] = {}
        for layer in ("bronze", "quarantine"):
            for tenant, rows in self.opened(layer, dataset).items():
                for row in rows:
                    places.setdefault((tenant, row.batch), []).append((row, layer == "bronze"))
        known = {
            (one.tenant, one.token): one for one in self.deliveries.values() if one.file.dataset == dataset
        }
        for row in deliveries.all_deliveries(self.ctx.engine, dataset):
            one = known[row.tenant_id, row.content_token]
            found = places.pop((one.tenant, deliveries.batch_id(row.id, row.content_token)), [])
            found.sort(key=lambda pair: pair[0].position)
            if row.state == "ingested":
                self._compare_delivery(one, found, row)
            else:
                assert not found, f"rows of a delivery that is {row.state}"
                assert not one.arrived
        assert not places, "rows of no delivery"

    def _compare_delivery(self, one: Delivery, found: list[tuple[Opened, bool]], row: Any) -> None:
        rows = one.file.rows
        assert rows is not None, "a file that nobody can read was read"
        assert len(found) == len(rows), f"{len(rows)} rows landed, {len(found)} are stored"
        assert len({stored.position for stored, _ in found}) == len(found), "two rows in one place"
        split = tuple(good for _, good in found)
        assert split in one.may_be, f"{split} is in bronze, and not one of {one.may_be}"
        for number, (stored, good) in enumerate(found):
            if not rows[number].broken:
                assert stored.values == {name.lower(): text for name, text in rows[number].values.items()}
            assert good or any(stored.reasons == said[number] for said in one.may_say), stored.reasons
        counts = (row.rows_landed, row.rows_bronze, row.rows_quarantined)
        assert counts == (len(rows), sum(split), len(rows) - sum(split))
        one.may_be, one.arrived = {split}, True

    def compare_silver(self, dataset: str) -> None:
        """Silver holds what bronze and policies gave when it was made, and nothing else."""
        rows = self._table_rows("silver", dataset)
        for tenant, stored in rows.items():
            by_id = {row["record_id"]: row for row in stored}
            assert len(by_id) == len(stored), "a record is twice in silver"
            choices = self.silver[tenant, dataset]
            self.silver[tenant, dataset] = [choice for choice in choices if _same(choice, by_id)]
            assert self.silver[tenant, dataset], self._difference(choices[-1], by_id)
        for (tenant, name), choices in self.silver.items():
            if name == dataset and tenant not in rows:
                assert any(not choice.rows for choice in choices), f"silver of {tenant} is gone"

    def compare_all(self) -> None:
        """The whole house at the end: finish what was torn, then look everywhere."""
        for dataset in sorted(self.torn):
            self.ingest(dataset)
        for dataset in DATASETS:
            self.compare_bronze(dataset)
            self.compare_silver(dataset)
        self._nobody_is_elsewhere()
        self._nothing_is_told()

    def _nobody_is_elsewhere(self) -> None:
        """Each partition folder opens under its own tenant's key and holds that tenant's words alone."""
        words = {id_: (one.word, one.digits) for id_, one in self.who.items()}
        for table in sorted(self.settings.lake.glob("*/*/*/_delta_log")):
            region, layer, dataset = table.parent.parts[-3:]
            for folder, rows in files_on_disk(table.parent):
                tenant = folder.removeprefix("tenant_id=")
                assert self.who[tenant].region == region, f"{tenant} in {region}"
                if layer == "silver":
                    continue
                foreign = [word for id_, own in words.items() if id_ != tenant for word in own]
                for row in opened(rows, layer, dataset, self.ctx.keyring.tenant_keys(tenant)):
                    assert not [word for word in foreign if word in row.text.lower()], (tenant, dataset)
        with self.ctx.engine.connect() as connection:
            told = connection.execute(events.select()).all()
        for event in told:
            named = [id_ for id_ in self.who if id_ in event.payload]
            assert named == [event.tenant_id], "an event names another tenant"

    def _nothing_is_told(self) -> None:
        """No tenant's word is at rest in the clear, nor in what runs said."""
        self.told.extend(f"{one.kind} {one.place}" for one in all_violations(self.ctx.engine))
        said = self.home / "said" / "outcomes.txt"
        said.parent.mkdir(exist_ok=True)
        said.write_text("\n".join(self.told))
        words = [word for one in self.who.values() for word in (one.word, one.digits)]
        for part in ("lake", "control", "said"):
            assert find_leaks(self.home / part, words) == []

    # -- looking

    def opened(self, layer: str, dataset: str) -> dict[str, list[Opened]]:
        """The present rows of bronze or quarantine in the clear, by tenant, in order of arrival."""
        return {
            tenant: opened(rows, layer, dataset, self.ctx.keyring.tenant_keys(tenant))
            for tenant, rows in self._table_rows(layer, dataset).items()
        }

    def _table_rows(self, layer: str, dataset: str) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for region in sorted({one.region for one in self.who.values()}):
            for row in read_table(self.settings.lake / region / layer / dataset):
                found.setdefault(row["tenant_id"], []).append(row)
        return found

    def _see_what_was_taken(self) -> None:
        """A landing file may go only when its content is in the lake, and by its contract."""
        for path in [path for path in self.lying if not path.exists()]:
            one = self.lying.pop(path)
            contract = self.ctx.bundle.contract_for(one.tenant, one.file.dataset)
            [row] = [
                row
                for row in deliveries.all_deliveries(self.ctx.engine, one.file.dataset)
                if (row.tenant_id, row.content_token) == (one.tenant, one.token)
            ]
            assert row.state == "ingested", f"a file that is {row.state} is gone"
            assert contract.disposal is not Disposal.KEEP
            if contract.disposal is Disposal.ARCHIVE_SEALED:
                region = self.who[one.tenant].region
                folder = (
                    self.settings.lake / region / "archive" / one.file.dataset / f"tenant_id={one.tenant}"
                )
                keys = self.ctx.keyring.tenant_keys(one.tenant)
                archived = b"".join(open_archive(folder / f"{row.id:012d}.sealed", keys))
                assert archived == one.file.content

    def _mend_what_failed(self, dataset: str) -> None:
        """The tenants take back files that cannot be read."""
        for path in [path for path, one in self.lying.items() if one.file.dataset == dataset]:
            if self.lying[path].file.rows is None:
                self.lying.pop(path)
                path.unlink()

    # -- the model's own arithmetic

    def _try(self, one: Delivery) -> None:
        contract = self.ctx.bundle.contract_for(one.tenant, one.file.dataset)
        why = tuple(reasons(contract, one.tenant, row) for row in one.file.rows)
        one.may_be.add(tuple(not each for each in why))
        one.may_say.append(why)

    def _freed(self, one: Delivery, split: Split) -> Split:
        contract = self.ctx.bundle.contract_for(one.tenant, one.file.dataset)
        pairs = zip(split, one.file.rows, strict=True)
        return tuple(good or not reasons(contract, one.tenant, row) for good, row in pairs)

    def _silver_of(self, tenant: str, dataset: str, bronze: list[Opened]) -> Silver:
        plan = PlainSilver(self.ctx.bundle, tenant, dataset, self.ctx.keyring.tenant_keys(tenant))
        return Silver(plan, plan.rows(bronze))

    def _difference(self, wanted: Silver, found: dict[str, dict[str, Any]]) -> str:
        seen = {id_: wanted.plan.seen(row) for id_, row in found.items()}
        return f"silver holds {seen}\nand should hold {wanted.rows}"

    def _lying_in(self, dataset: str) -> list[Delivery]:
        return [one for one in self.lying.values() if one.file.dataset == dataset]

    def _folder(self, tenant: str, dataset: str) -> Path:
        return self.home / "landing" / self.who[tenant].region / tenant / dataset

    def _token(self, tenant: str, file: File) -> str:
        key = self.ctx.keyring.tenant_keys(tenant).token_key
        message = b"file|" + file.dataset.encode() + b"|" + hashlib.sha256(file.content).digest()
        return hmac.digest(key, message, "sha256").hex()

    def close(self) -> None:
        """Let go of the database and of the disk."""
        self.ctx.engine.dispose()
        shutil.rmtree(self.home)


def _same(choice: Silver, found: dict[str, dict[str, Any]]) -> bool:
    return {id_: choice.plan.seen(row) for id_, row in found.items()} == choice.rows
