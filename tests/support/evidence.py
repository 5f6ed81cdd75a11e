"""A small ledger of two tenants, without Spark, and bundles that are made from it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import rfc8785
from sqlalchemy import Engine

from audit.events import complete_event, start_event, to_json
from audit.evidence.export import Evidence, Sources, export_evidence
from audit.evidence.reading import Scope
from audit.ledger import Fact, Ledger
from audit.outbox import event_id
from audit.steps import ColumnEdge, ColumnRef, DatasetRef, StepRun
from policy import load_policies
from policy.treatments import TreatmentKind
from tenancy.control import open_control
from tenancy.signing import open_signing_key, public_key_file

EXAMPLES = Path(__file__).parents[2] / "examples" / "policies"
BEGIN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DIGEST = "sha256:" + "ab" * 32

COLUMNS = {
    "email": ("user.contact.email", TreatmentKind.TOKEN),
    "name": ("user.name", TreatmentKind.TOKEN),
    "born": ("user.demographic.date_of_birth", TreatmentKind.GENERALISE),
    "street": ("user.contact.address.street", TreatmentKind.SEAL),
    "diagnosis": ("user.health_and_medical", TreatmentKind.DROP),
    "remark": ("user.content", TreatmentKind.REDACT),
    "amount": (None, TreatmentKind.KEEP),
}


class Ticking:
    """A clock that goes on by a step each time it is asked."""

    def __init__(self, step: timedelta = timedelta(minutes=1)) -> None:
        self.now = BEGIN
        self.step = step

    def __call__(self) -> datetime:
        self.now += self.step
        return self.now


def lineage_facts(tenant: str, region: str, dataset: str, run_id: str, at: datetime) -> list[Fact]:
    """START and COMPLETE of ingest and protect, as the pipeline tells them."""
    common = {
        "tenant_id": tenant, "region": region, "dataset": dataset, "run_id": run_id, "policy_digest": DIGEST,
        "key_epoch": 1, "contract_version": "1.0.0", "started_at": at, "engine_version": "4.2.0",
    }  # fmt: skip
    landing = DatasetRef(
        layer="landing", dataset=dataset, region=region,
        columns=tuple(ColumnRef(name, "string", of) for name, (of, _) in COLUMNS.items()),
    )  # fmt: skip
    bronze = DatasetRef(
        layer="bronze", dataset=dataset, region=region, version=1, columns=(ColumnRef("sealed", "binary"),),
    )  # fmt: skip
    silver = DatasetRef(
        layer="silver", dataset=dataset, region=region, version=1, row_count=9, owner="team:sales",
        columns=tuple(ColumnRef(name, "string", of) for name, (of, _) in COLUMNS.items()),
    )  # fmt: skip
    every = tuple((landing.name, name) for name in COLUMNS)
    sealing = [ColumnEdge("sealed", every, TreatmentKind.SEAL, masking=True)]
    treating = [
        ColumnEdge(name, ((bronze.name, "sealed"),), kind, masking=kind is not TreatmentKind.KEEP)
        for name, (_, kind) in COLUMNS.items()
    ]
    ingest, protect = (StepRun(step=step, **common) for step in ("ingest", "protect"))
    events = [
        start_event(ingest, [landing], [bronze]),
        complete_event(ingest, [landing], [bronze], sealing, counts={"rows_in": 10}, at=at),
        start_event(protect, [bronze], [silver]),
        complete_event(protect, [bronze], [silver], treating, counts={"rows_out": 9}, at=at),
    ]
    return [lineage_fact(tenant, region, event) for event in events]


def lineage_fact(tenant: str, region: str, event: Any) -> Fact:
    text = to_json(event)
    body = {"event_id": event_id(event), "sha256": hashlib.sha256(text.encode()).hexdigest()}
    return Fact("lineage", event_id(event), body | {"event": json.loads(text)}, tenant, region)


def other_facts(tenant: str, dataset: str, number: int, receipt: str = "") -> list[Fact]:
    """One of each of the other kinds, with the fields that runs give them."""
    request, due = f"{number:032x}", f"2026-04-{number % 28 + 1:02d}T12:00:00.000000Z"
    known = {"dataset": dataset, "run_id": f"run-{number}"}
    asked = {"request_id": request, "request": "erase", "state": "received", "due_at": due}
    found = {"column": "remark", "class": "user.name", "declared": None, "status": "undeclared"}
    check = {"layer": "silver", "check": "no_readable_values", "passed": number % 5 != 4}
    kept_out = {"state": "done", "reason": "unreadable", "rows_landed": 12, "rows_quarantined": 2}
    effect = {"layer": "silver", "verb": "erased", "rule": "erase_P2Y", "rows": 3}
    facts = [
        ("finding", "0", known | found | {"confidence": 0.85}),
        ("check", "0", known | check),
        ("quarantine", "0", known | kept_out),
        ("request", "0", asked),
        ("request", "1", {"request_id": request, "from": "verifying", "state": "done", "outcome": "erased"}),
        ("retention", "0", known | effect),
    ]
    if receipt:
        proved = {"request_id": request, "receipt": f"{request}.1.json", "receipt_sha256": receipt}
        facts.append(("erasure", "0", proved | {"outcome": "erased", "verified": True}))
    return [Fact(kind, f"{tenant}/{number}/{source}", body, tenant) for kind, source, body in facts]


def check_fact(source: str, tenant: str = "acme", *, passed: bool = True) -> Fact:
    """A check's result."""
    body = {"layer": "silver", "dataset": "orders", "check": "unique_key", "passed": passed}
    return Fact("check", source, body, tenant)


@dataclass
class EvidenceLake:
    """A control folder with a ledger, the example policies, and receipts."""

    folder: Path
    engine: Engine
    sources: Sources

    @property
    def ledger(self) -> Ledger:
        return self.sources.ledger

    @property
    def public_key(self) -> Path:
        return self.sources.public_key

    def sign(self) -> None:
        self.ledger.sign_head(self.sources.key)

    def bundle(self, name: str = "evidence.zip", tenant: str = "acme", **period: datetime) -> Evidence:
        return export_evidence(self.sources, Scope(tenant, **period), self.folder / name)

    def write_receipt(self, tenant: str, number: int, place: str = "eu/silver/orders") -> str:
        """A signed receipt with its list of one file; its SHA-256."""
        request = f"{number:032x}"
        line = (
            rfc8785.dumps({"place": place, "path": f"tenant_id={tenant}/part-0.parquet", "size": 5}) + b"\n"
        )
        digest = hashlib.sha256(line).hexdigest()
        self.sources.receipts.mkdir(exist_ok=True)
        listed = self.sources.receipts / f"files-{digest[:16]}.jsonl"
        listed.write_bytes(line)
        told = {"name": listed.name, "sha256": digest, "files": 1, "bytes": 5}
        body = {
            "format": "lakeward-receipt/1", "tenant": tenant, "request_id": request, "verdict": "verified",
            "key_id": self.sources.key.key_id, "search": {"list": told}, "number": 1,
        }  # fmt: skip
        signature = self.sources.key.sign(rfc8785.dumps(body)).hex()
        receipt = rfc8785.dumps({"body": body, "signature": signature}) + b"\n"
        (self.sources.receipts / f"{request}.1.json").write_bytes(receipt)
        return hashlib.sha256(receipt).hexdigest()


def open_lake(folder: Path, clock: Callable[[], datetime] | None = None) -> EvidenceLake:
    """An empty ledger in a new folder."""
    clock = clock or Ticking()
    folder.mkdir(exist_ok=True)
    engine = open_control(folder / "control.db")
    key = open_signing_key(folder / "signing.key")
    sources = Sources(
        engine, Ledger(engine, clock), load_policies(EXAMPLES), EXAMPLES, folder / "policies",
        folder / "receipts", key,
        public_key_file(folder / "signing.key"), "lake-1", clock,
    )  # fmt: skip
    return EvidenceLake(folder, engine, sources)


def fill(lake: EvidenceLake, runs: int = 3) -> None:
    """Some runs of two tenants, with a head after each."""
    for number in range(runs):
        lake.ledger.append(
            [Fact("policy", f"run/run-{number}", {"digest": DIGEST, "run_id": f"run-{number}"})]
        )
        for tenant, region, dataset in (("acme", "eu", "orders"), ("globex", "us", "tickets")):
            at = BEGIN + timedelta(days=number)
            lake.ledger.append(lineage_facts(tenant, region, dataset, f"run-{number}", at))
            receipt = lake.write_receipt(tenant, number + 100 * (tenant == "globex"))
            lake.ledger.append(other_facts(tenant, dataset, number + 100 * (tenant == "globex"), receipt))
        lake.sign()


def lines_of(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    with (folder / name).open() as lines:
        yield from map(json.loads, lines)
