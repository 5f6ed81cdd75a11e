"""Nothing personal at rest: unique values in every column, format and error path, looked for everywhere."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from leak_scan import find_leaks
from own_settings import without_settings

from audit.evidence.reading import Scope
from audit.ledger import Ledger
from audit.ledger_check import check_ledger
from audit.standalone.verify_bundle import Zip, verify
from dagster_project.evidence import export_bundle
from dagster_project.settings import load_settings
from policy import TreatmentKind, load_policies
from tenancy.control import open_control
from tenancy.signing import read_public_key

POLICIES = Path(__file__).parents[2] / "examples" / "policies"


@dataclass
class Canaries:
    """Values that stand nowhere else, by where they were planted."""

    planted: dict[str, str] = field(default_factory=dict)
    _next: int = 0

    def plant(self, where: str, shape: str) -> str:
        """A new value; `shape` has one `{}` for a number of four digits that no other value has."""
        self._next += 1
        value = shape.format(7100 + self._next)
        self.planted[f"{where} #{self._next}"] = value
        return value


SHAPES = {
    "customer_id": "C-99{}", "full_name": "Zorblax Quimby{}", "first_name": "Zorblaxa{}",
    "last_name": "Quimbyson{}", "email": "zorblax{}@example.org", "phone": "+49 30 5550{}",
    "street": "Zwiebelgasse {}", "city": "Quimbyville{}", "postal_code": "93{}", "country": None,
    "birth_date": "{}-03-09", "gender": None, "iban": "DE8937040044053201{}",
    "card_number": "411111990000{}", "ip_address": "2001:db8::{}", "loyalty_points": None,
    "marketing_consent": None, "updated_at": None,
}  # fmt: skip
OPEN = {
    "country": "Germany", "gender": "female", "loyalty_points": "12", "marketing_consent": "true",
    "updated_at": "2026-01-05T10:00:00Z",
}  # fmt: skip


def customer(canaries: Canaries, where: str, **changes: str) -> dict[str, str]:
    """A customer with a canary in each column that policy treats, and `changes` as they are."""
    return {
        name: changes[name]
        if name in changes
        else canaries.plant(f"{where}.{name}", shape)
        if shape
        else OPEN[name]
        for name, shape in SHAPES.items()
    }


def as_csv(rows: list[dict[str, str]]) -> str:
    quoted = [",".join(f'"{value}"' for value in row.values()) for row in rows]
    return "\n".join([",".join(rows[0]), *quoted]) + "\n"


def plant_landing(landing: Path, canaries: Canaries) -> None:
    """Every format, good and bad, with a canary in each value that is not kept by policy."""
    acme, globex = landing / "eu" / "acme", landing / "us" / "globex"
    for folder in (acme, globex):
        for dataset in ("customers", "orders", "tickets", "events"):
            (folder / dataset).mkdir(parents=True)
    odd = canaries.plant("csv, undeclared column", "undeclared zorblax{}")
    rows = [customer(canaries, "csv") | {"shoe_size": odd}]
    bad = customer(canaries, "csv, bad date", birth_date=canaries.plant("csv, bad date", "not a date {}"))
    rows.append(bad | {"shoe_size": ""})
    name = canaries.plant("file name", "zorblax.{}@example.org.csv")
    ragged = '"' + canaries.plant("csv, ragged row", "ragged zorblax{}") + '","too","short"\n'
    (acme / "customers" / name).write_text(as_csv(rows) + ragged)
    zipped = as_csv([customer(canaries, "csv.gz")]).encode()
    (globex / "customers" / "c.csv.gz").write_bytes(gzip.compress(zipped))
    latin = as_csv([customer(canaries, "latin-1", city=canaries.plant("latin-1", "Münchquimby{}"))])
    (acme / "customers" / "latin.csv").write_bytes(latin.encode("latin-1"))
    headless = canaries.plant("value as header", "Zorblaxheader{}") + ",x\n1,2\n"
    (acme / "customers" / "headless.csv").write_text(headless)
    header = as_csv([customer(canaries, "odd header") | {canaries.plant("header", "Zorblax Header{}"): "1"}])
    (acme / "customers" / "header.csv").write_text(header)
    (globex / "customers" / "cut.csv.gz").write_bytes(
        gzip.compress(as_csv([customer(canaries, "cut")]).encode())[:-20]
    )
    _plant_orders(globex / "orders" / "o.parquet", canaries)
    _plant_json(acme, globex, canaries)
    stranger = landing / "us" / canaries.plant("tenant folder", "zorblaxinc{}@evil.example") / "customers"
    stranger.mkdir(parents=True)
    (stranger / "x.csv").write_text(canaries.plant("stranger's file", "stranger zorblax{}"))
    lost = acme / canaries.plant("dataset folder", "zorblaxset {}")
    lost.mkdir()
    (lost / "x.csv").write_text(canaries.plant("file without contract", "lost zorblax{}"))


def _plant_orders(path: Path, canaries: Canaries) -> None:
    row = {
        "order_id": "O-000001",
        "customer_id": canaries.plant("parquet.customer_id", "C-98{}"),
        "ordered_at": "2026-01-05T10:00:00Z", "amount": 12.5, "currency": "EUR", "status": "paid",
        "ship_street": canaries.plant("parquet.ship_street", "Zwiebelallee {}"),
        "ship_city": canaries.plant("parquet.ship_city", "Quimbytown{}"),
        "ship_postal_code": canaries.plant("parquet.ship_postal_code", "94{}"),
        "ship_country": "Germany",
        "note": "call " + canaries.plant("parquet.note", "zorblaxnote{}@example.org") + " first",
    }  # fmt: skip
    pq.write_table(pa.Table.from_pylist([row]), path)


def _plant_json(acme: Path, globex: Path, canaries: Canaries) -> None:
    ticket = {
        "ticket_id": "T-000001", "customer_id": canaries.plant("json.customer_id", "C-97{}"),
        "created_at": "2026-01-05T10:00:00Z", "channel": "email",
        "subject": "about " + canaries.plant("json.subject", "zorblaxsubject{}@example.org"),
        "body": "Write to " + canaries.plant("json.body", "zorblaxbody{}@example.org") + " soon.",
        "agent_email": canaries.plant("json.agent_email", "zorblaxagent{}@example.org"),
    }  # fmt: skip
    wrong = dict(ticket, ticket_id=None, body=canaries.plant("json, missing key", "zorblaxkey{}@example.org"))
    torn = '{"ticket_id": "' + canaries.plant("json, torn line", "zorblaxtorn{}") + "\n"
    lines = json.dumps(ticket) + "\n" + json.dumps(wrong) + "\n" + torn
    (acme / "tickets" / "t.jsonl").write_text(lines)
    event = {
        "event_id": "E-000001", "occurred_at": "2026-01-05T10:00:00Z", "type": "login",
        "customer": {
            "id": canaries.plant("nested.customer.id", "C-96{}"),
            "email": canaries.plant("nested.customer.email", "zorblaxnested{}@example.org"),
        },
        "device": {"ip": canaries.plant("nested.device.ip", "2001:db8:1::{}"), "user_agent": "Mozilla/5.0"},
        "page": "/home", "items": [],
        "extra": {"deep": canaries.plant("nested, undeclared", "zorblaxdeep{}")},
    }  # fmt: skip
    (globex / "events" / "e.json").write_text(json.dumps([event], indent=1))


def begin(folder: Path, output: IO[bytes]) -> subprocess.Popen[bytes]:
    """A run of the real command, in a process of its own, over a landing zone full of canaries."""
    plant_landing(folder / "landing", Canaries())
    command = [str(Path(sys.executable).with_name("lakeward")), "run"]
    folders = {"landing": folder / "landing", "lake": folder / "work" / "lake", "policies": POLICIES}
    for option, path in folders.items():
        command += [f"--{option}", str(path)]
    work = folder / "work"
    work.mkdir()
    env = without_settings() | {"HOME": str(work), "COLUMNS": "200"}
    return subprocess.Popen(command, cwd=work, env=env, stdout=output, stderr=subprocess.STDOUT)


@pytest.fixture(scope="module")
def lake(program, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Canaries, str]:
    printed, canaries = program.printed(), Canaries()
    plant_landing(tmp_path_factory.mktemp("again"), canaries)
    (program.folder / "work" / "output.txt").write_text(printed)
    return program.folder, canaries, printed


def test_every_canary_stands_in_the_landing_zone_before_the_run(tmp_path):
    canaries = Canaries()
    plant_landing(tmp_path, canaries)
    assert {leak.text for leak in find_leaks(tmp_path, canaries.planted.values())} >= {
        value for where, value in canaries.planted.items() if "latin-1" not in where and "cut" not in where
    }


def test_no_canary_is_left_anywhere_outside_landing(lake):
    root, canaries, _ = lake
    where = {value: place for place, value in canaries.planted.items()}
    leaks = find_leaks(root / "work", canaries.planted.values())
    assert [(leak.file, where[leak.text], leak.shape) for leak in leaks] == []


def test_the_run_over_canaries_did_its_work(lake):
    root, _, output = lake
    tables = {"/".join(path.parent.parts[-3:]) for path in root.rglob("_delta_log")}
    assert {"eu/silver/customers", "us/silver/orders", "eu/silver/tickets", "us/silver/events"} <= tables, (
        output
    )
    assert {"eu/quarantine/customers", "eu/quarantine/tickets"} <= tables, output


def test_the_ledger_of_a_run_holds_each_kind_that_it_gives_rise_to_and_is_what_was_signed(lake):
    root, _, _ = lake
    control = root / "work" / "lake-control"
    engine = open_control(control / "control.db")
    kinds = {entry.kind for entry in Ledger(engine).entries()}
    assert kinds == {"policy", "key_epoch", "lineage", "finding", "check", "quarantine", "violation"}
    checked = check_ledger(engine, [], read_public_key(control / "signing.pub"))
    assert checked.findings == ()
    assert checked.signed == checked.size


@pytest.mark.parametrize(
    ("tenant", "others"), [("acme", ["globex", "northwind"]), ("globex", ["acme", "northwind"])]
)
def test_an_evidence_bundle_of_the_run_holds_no_canary_and_no_other_tenant(lake, tenant, others, tmp_path):
    root, canaries, _ = lake
    shutil.copytree(
        root / "work" / "lake-control", tmp_path / "control"
    )  # an export is entered in the ledger
    settings = load_settings(lake=root / "work" / "lake", control=tmp_path / "control", policies=POLICIES)
    engine = open_control(settings.control_db)
    made = export_bundle(settings, engine, Scope(tenant), tmp_path / "evidence.zip")
    engine.dispose()
    with zipfile.ZipFile(made.path) as packed, made.path.open("rb") as stream:
        packed.extractall(tmp_path / "bundle")
        assert verify(Zip(stream)).holds
    assert made.counts["by_kind"]["lineage"]
    leaks = find_leaks(tmp_path / "bundle", canaries.planted.values())
    assert [(leak.file, leak.text) for leak in leaks] == []
    files = [path for path in (tmp_path / "bundle").rglob("*") if path.is_file()]
    texts = {path.name: path.read_text(encoding="utf-8") for path in files}
    assert [(name, one) for name, text in texts.items() for one in others if one in text] == []


def test_what_policy_keeps_is_no_canary():
    bundle = load_policies(POLICIES)
    kept = {
        column.name
        for contract in bundle.contracts
        if contract.tenant is None
        for column in contract.columns
        if bundle.treatment_for("acme", contract.dataset, column).kind is TreatmentKind.KEEP
    }
    assert kept.isdisjoint({"email", "phone", "full_name", "street", "iban", "card_number", "body", "note"})
