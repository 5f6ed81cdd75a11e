"""The committed example files are what the generator makes, and hold what examples/README.md promises."""

from __future__ import annotations

import csv
import gzip
import ipaddress
import json
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from stdnum import iban, luhn

from examples.generate import generate

REPOSITORY = Path(__file__).parents[1]
LANDING = REPOSITORY / "examples" / "landing"
ACME, GLOBEX = LANDING / "eu" / "acme", LANDING / "us" / "globex"
MAIL = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")


def content(path: Path) -> object:
    """What a file says, without what a compressor's version decides."""
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        return table.schema, table.to_pylist()
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def text(path: Path) -> str:
    raw = content(path)
    return raw.decode() if isinstance(raw, bytes) else repr(raw)


def customers(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(text(path).splitlines()))


def files_below(folder: Path) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("landing")
    generate(folder)
    return folder


def test_the_generator_makes_the_committed_files_again(generated: Path) -> None:
    made, committed = files_below(generated), files_below(LANDING)
    ours = {name: path for name, path in committed.items() if not name.startswith("us/northwind/")}
    assert made.keys() == ours.keys()
    different = [name for name in made if content(made[name]) != content(ours[name])]
    assert different == [], "run `make examples` and commit what it changed"


def test_a_gzip_file_carries_no_time_of_its_making() -> None:
    stamps = {path.read_bytes()[4:8] for path in LANDING.rglob("*.gz")}
    assert stamps == {bytes(4)}


def test_the_landing_folder_stays_small() -> None:
    assert sum(path.stat().st_size for path in files_below(LANDING).values()) < 2_000_000


@pytest.mark.parametrize("folder", [ACME, GLOBEX], ids=["acme", "globex"])
def test_every_invented_mail_address_is_on_a_domain_reserved_for_examples(folder: Path) -> None:
    domains = {domain for path in folder.rglob("*.*") for domain in MAIL.findall(text(path))}
    reserved = {name for name in domains if re.search(r"(^|\.)example(\.(com|net|org))?$", name)}
    assert domains
    assert domains == reserved


@pytest.mark.parametrize(
    "path",
    [ACME / "customers" / "customers-2026-01.csv", GLOBEX / "customers" / "customers-2026-01.csv.gz"],
    ids=["acme", "globex"],
)
def test_cards_and_ibans_are_right_and_networks_are_for_documentation(path: Path) -> None:
    rows = [row for row in customers(path) if None not in row]  # a ragged row has its cells elsewhere
    networks = [
        ipaddress.ip_network(net)
        for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
    ]
    assert len(rows) > 190
    assert all(luhn.is_valid(row["card_number"]) for row in rows)
    assert all(iban.is_valid(row["iban"]) for row in rows if row["iban"])
    assert all(any(ipaddress.ip_address(row["ip_address"]) in net for net in networks) for row in rows)


def test_some_people_are_customers_of_both_tenants_with_the_same_values() -> None:
    acme = {row["email"] for row in customers(ACME / "customers" / "customers-2026-01.csv")}
    globex = {row["email"] for row in customers(GLOBEX / "customers" / "customers-2026-01.csv.gz")}
    assert len(acme & globex) >= 12


def test_corrections_are_of_known_customers_and_later() -> None:
    before = {row["customer_id"]: row for row in customers(GLOBEX / "customers" / "customers-2026-01.csv.gz")}
    after = customers(GLOBEX / "customers" / "customers-2026-02.csv.gz")
    assert len(after) == 20
    assert all(row["updated_at"] > before[row["customer_id"]]["updated_at"] for row in after)


def test_wrong_rows_stand_where_the_readme_says() -> None:
    lines = (ACME / "customers" / "customers-2026-01.csv").read_text().splitlines()
    rows = customers(ACME / "customers" / "customers-2026-01.csv")
    orders = pq.read_table(GLOBEX / "orders" / "orders-2026-01.parquet").to_pylist()
    tickets = (ACME / "tickets" / "tickets-2026-01.jsonl").read_text().splitlines()
    events = json.loads((GLOBEX / "events" / "events-2026-01.json").read_text())
    assert lines[0].endswith(",shoe_size")
    assert rows[40]["birth_date"] == "1985-02-30"
    assert rows[90]["customer_id"] == ""
    assert len(rows[160][None]) == 2  # DictReader's key for cells too many
    assert orders[120]["currency"] == "BTC"
    assert orders[220]["customer_id"] is None
    with pytest.raises(json.JSONDecodeError):
        json.loads(tickets[60])
    assert events[80]["type"] == "teleport"


def test_northwinds_employees_come_without_their_notes() -> None:
    header = (LANDING / "us" / "northwind" / "employees" / "employees.csv").read_text().splitlines()[0]
    assert "Notes" not in header.split(",")
