"""Everything bad at once, beside a healthy tenant: each is told by name, nothing is lost, nobody minds.

docs/bad-input.md is the same table for readers.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from bad_files import BAD, GREEDY, HEALTHY, REFUSED, TAKEN, BadFile, drop_all
from delta_files import read_table
from leak_scan import find_leaks
from plain_lake import Opened, opened
from typer.testing import CliRunner

from dagster_project.cli import app
from dagster_project.house import open_house
from dagster_project.settings import Settings, load_settings
from dagster_project.steps import ingest_step, inventory_step, protect_step
from transforms import deliveries, refusals
from transforms.context import LakeContext
from transforms.ingest import TenantIngest
from transforms.violations import all_violations

TENANTS = (BAD, GREEDY, HEALTHY)
DOCS = Path(__file__).parents[2] / "docs"


@dataclass(frozen=True)
class House:
    """The lake after two runs, and what was told."""

    home: Path
    settings: Settings
    ctx: LakeContext
    first: dict[str, dict[str, TenantIngest]]
    second: dict[str, TenantIngest]
    status: str

    def rows(self, layer: str, dataset: str, tenant: str) -> list[dict[str, Any]]:
        table = self.settings.lake / "us" / layer / dataset
        return [row for row in read_table(table) if row["tenant_id"] == tenant]

    def opened(self, layer: str, tenant: str, dataset: str = "people") -> list[Opened]:
        keys = self.ctx.keyring.tenant_keys(tenant)
        return opened(self.rows(layer, dataset, tenant), layer, dataset, keys)

    def delivery(self, file: BadFile) -> Any:
        """What the control database says of the file."""
        key = self.ctx.keyring.tenant_keys(BAD).token_key
        message = b"file|people|" + hashlib.sha256(file.content).digest()
        token = hmac.digest(key, message, "sha256").hex()
        [found] = [
            row for row in deliveries.all_deliveries(self.ctx.engine, "people") if row.content_token == token
        ]
        return found

    def lying(self, tenant: str) -> set[str]:
        """The names of the files that are still at the tenant's drop-off."""
        folder = self.settings.landing / "us" / tenant / "people"
        return {path.name for path in folder.iterdir() if path.is_file() and not path.is_symlink()}


def ingest(ctx: LakeContext, dataset: str, tenants: Sequence[str]) -> dict[str, TenantIngest]:
    return {one.tenant: one for one in ingest_step(ctx, dataset, tenants, inventory_step(ctx))}


@pytest.fixture(scope="module")
def house(spark, tmp_path_factory) -> House:
    home = tmp_path_factory.mktemp("bad")
    drop_all(home)
    paths = {name: home / name for name in ("landing", "lake", "policies", "control")}
    settings = load_settings(**paths)
    ctx = open_house(settings, "run-1")
    first = {dataset: ingest(ctx, dataset, TENANTS) for dataset in ("people", "visits")}
    protect_step(ctx, "people", [BAD, HEALTHY])
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("LAKEWARD_CONTROL", str(paths["control"]))
        command = ["status", "--lake", str(paths["lake"]), "--policies", str(paths["policies"])]
        status = CliRunner().invoke(app, command).output
    second = ingest(open_house(settings, "run-2"), "people", [GREEDY])
    return House(home, settings, ctx, first, second, status)


@pytest.mark.parametrize("file", REFUSED, ids=lambda file: file.what)
def test_a_file_that_cannot_be_read_is_refused_by_name_and_stays(house, file):
    delivery = house.delivery(file)
    assert (delivery.state, delivery.reason) == ("refused", file.reason)
    assert file.name in house.lying(BAD)
    assert house.first["people"][BAD].files_refused[file.reason] >= 1


@pytest.mark.parametrize("file", TAKEN, ids=lambda file: file.what)
def test_a_file_that_can_be_read_comes_in_row_by_row(house, file):
    delivery = house.delivery(file)
    landed = file.bronze + len(file.quarantined)
    assert (delivery.state, delivery.rows_landed, delivery.rows_bronze, delivery.rows_quarantined) == (
        "ingested", landed, file.bronze, len(file.quarantined),
    )  # fmt: skip
    batch = deliveries.batch_id(delivery.id, delivery.content_token)
    held = [row for row in house.opened("quarantine", BAD) if row.batch == batch]
    assert sorted(reason for row in held for reason in row.reasons) == sorted(file.quarantined)
    assert sum(row.batch == batch for row in house.opened("bronze", BAD)) == file.bronze


def test_no_tenant_failed_and_bad_files_hold_up_no_good_one_of_the_same_tenant(house):
    assert {one.failed for told in house.first.values() for one in told.values()} == {None}
    assert house.lying(BAD) == {file.name for file in REFUSED}
    assert len(house.rows("silver", "people", BAD)) == sum(file.bronze for file in TAKEN)


def test_quoted_texts_arrive_as_they_were_written(house):
    assert 'Ana "the\n2nd", Jr.' in [row.values["name"] for row in house.opened("bronze", BAD)]


def test_the_healthy_tenants_rows_are_exactly_right(house):
    kept = [(row.values["customer_id"], row.values["name"]) for row in house.opened("bronze", HEALTHY)]
    assert kept == [("C-1", "Ana"), ("C-2", "Evangeline\nMaria")]
    [held] = house.opened("quarantine", HEALTHY)
    assert (held.values["customer_id"], held.reasons) == ("C-3", {"type:born"})
    rows = house.rows("silver", "people", HEALTHY)
    assert sorted((row["name"], row["born"]) for row in rows) == [("A********", "1987"), ("E********", None)]
    assert len({row["customer_id"] for row in rows}) == 2
    assert house.lying(HEALTHY) == set()


def test_rows_that_name_a_tenant_that_looks_alike_are_quarantined(house):
    held = house.opened("quarantine", BAD, "visits")
    assert sorted(row.values["owner"] for row in held) == ["../b", "Globex", "gl\u043ebex"]
    assert {reason for row in held for reason in row.reasons} == {"other_tenant"}
    assert [row.values["owner"] for row in house.opened("bronze", BAD, "visits")] == [BAD]


def test_what_lies_where_it_must_not_is_told_with_its_place_and_not_taken(house):
    assert {(one.kind, one.place, one.amount) for one in all_violations(house.ctx.engine)} == {
        ("unregistered_tenant", "us/umbrella", 1),
        ("unregistered_tenant", "us/(name withheld)", 4),
        ("wrong_region", "eu/globex", 1),
        ("no_contract", "us/globex/payroll", 1),
        ("misplaced_file", "us/globex", 1),
        ("misplaced_file", "the landing zone", 1),
        ("symbolic_link", "us/globex/people", 1),
        ("not_a_file", "us/globex/people", 2),
        ("row_names_other_tenant", "us/globex/visits", 3),
    }
    assert (house.home / "secret.csv").exists()
    assert "C-66" not in {row.values.get("customer_id") for row in house.opened("bronze", BAD)}


def test_a_tenant_over_its_tiers_limits_waits_or_is_refused_by_name_alone(house):
    first = house.first["people"][GREEDY]
    assert (first.files, first.files_waiting) == (2, {"max_files_per_run": 1})
    assert first.files_refused == {"over_limit:max_file_bytes": 1, "over_limit:max_rows_per_run": 1}
    assert [house.first["people"][one].files_waiting.total() for one in (BAD, HEALTHY)] == [0, 0]


def test_the_next_run_goes_on_with_what_waited_and_refused_files_stay(house):
    assert (house.second[GREEDY].files, house.second[GREEDY].files_waiting) == (1, {})
    assert house.lying(GREEDY) == {"big.csv", "rows.csv"}
    assert [row.values["customer_id"] for row in house.opened("bronze", GREEDY)] == ["C-0", "C-1", "C-2"]


def test_rows_landed_are_rows_in_bronze_plus_rows_in_quarantine(house):
    landed: Counter[str] = Counter()
    for row in deliveries.all_deliveries(house.ctx.engine):
        landed[row.dataset] += row.rows_landed or 0
    for dataset, rows in landed.items():
        stored = [house.rows(layer, dataset, id_) for layer in ("bronze", "quarantine") for id_ in TENANTS]
        assert sum(map(len, stored)) == rows


def test_no_name_and_no_value_is_told_outside_of_the_landing_zone(house):
    (house.home / "said").mkdir(exist_ok=True)
    (house.home / "said" / "status.txt").write_text(house.status)
    for part in ("lake", "control", "said"):
        assert find_leaks(house.home / part, ["jane.doe", "secret.csv", "Evangeline"]) == []


def test_status_tells_every_reason_with_its_mend_within_80_columns(house):
    lines = house.status.splitlines()
    assert max(map(len, lines)) <= 80
    told = " ".join(" ".join(lines).split())
    for file in REFUSED:
        assert f" {file.reason} refused " in told
    assert " max_files_per_run waits " in told
    words = {refusals.code_of(file.reason) for file in REFUSED} | {"max_files_per_run", "over_limit"}
    violations = refusals.VIOLATIONS.keys() - {"not_readable"}
    for word in words | violations:
        beside = " ".join(line.split(word, 1)[-1] for line in lines)
        assert refusals.mend_of(word).split()[0] in beside
        assert word in told


def test_every_word_of_a_refusal_has_its_case_here():
    here = {refusals.code_of(file.reason) for file in REFUSED} | {"over_limit"}
    assert here == set(refusals.REFUSED)


@pytest.mark.parametrize(
    "words", [refusals.REFUSED, refusals.WAITING, refusals.QUARANTINED, refusals.VIOLATIONS]
)
def test_the_documentation_tells_every_word_with_its_mend(words):
    text = (DOCS / "bad-input.md").read_text()
    assert [word for word in words if not re.search(f"`{word}[`:]", text)] == []
    assert [mend for mend in words.values() if mend not in text] == []


def test_the_documentation_names_every_case_and_only_tests_that_exist():
    text = (DOCS / "bad-input.md").read_text()
    assert [file.what for file in (*REFUSED, *TAKEN) if file.what not in text] == []
    named = re.findall(r"`(tests/[a-z0-9_/]+\.py)`", text)
    assert named
    assert [path for path in named if not (DOCS.parent / path).is_file()] == []
