"""The dry run: rows, files and bytes of what is due, and what holds keep. It changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from policy import (
    Clock,
    Column,
    Contract,
    LoadMode,
    LogicalType,
    Period,
    PolicyBundle,
    Retention,
    RetentionAction,
    RetentionRule,
    Tenant,
    shipped_taxonomy,
)
from retention.holds import Scope, lift_hold, metadata, place_hold
from retention.plan import plan_retention, standing_rules
from tenancy.control import open_control
from transforms.context import LakeContext
from transforms.delta_log import DeltaLog
from transforms.lake import Lake, Table

pytestmark = pytest.mark.spark

AT = datetime(2026, 6, 1, tzinfo=UTC)
OLD, FRESH = AT - timedelta(days=500), AT - timedelta(days=10)
MARIA, PEDRO = "a" * 32, "b" * 32
ERASE, ANONYMISE, REVIEW = RetentionAction
TENANTS = {
    name: Tenant(name, "A company", "eu", "basic", "49") for name in ("acme", "globex", "initech")
}  # fmt: skip
BRONZE = (
    "tenant_id string, record_id string, subject_token string, occurred_at timestamp, ingested_at timestamp"
)
QUARANTINE = "tenant_id string, record_id string, ingested_at timestamp"
SILVER = "tenant_id string, record_id string, subject_token string, occurred_at timestamp"
MAIL = Column(("mail",), "mail", LogicalType.STRING, data_class="user.contact.email")


YEAR = Period(12)


def rule(action=ERASE, period=YEAR, clock=Clock.OCCURRED, **scope):
    return RetentionRule(action, period, clock, "why", **scope)


def bundle(*rules, datasets=("orders",)):
    contracts = tuple(Contract(name, None, "1.0.0", "team", LoadMode.MERGE, (MAIL,)) for name in datasets)
    return PolicyBundle("sha256:0", shipped_taxonomy(), TENANTS, contracts, (), {}, Retention(rules))


@pytest.fixture
def control(tmp_path):
    engine = open_control(tmp_path / "control" / "control.db")
    metadata.create_all(engine)
    return engine


@pytest.fixture(scope="module")
def tables(spark, tmp_path_factory):
    """One lake for the whole module, since nothing here may change it.

    Of acme: a file with an old row, a file with an old one beside a fresh one. `r4` has an old and a fresh
    version, `r5` has no `occurred_at`.
    """
    home = tmp_path_factory.mktemp("plan")
    lake = Lake(spark, home / "lake", home / "leases", open_control(home / "c" / "control.db"))

    def write(layer, schema, *batches):
        for number, rows in enumerate(batches, 1):
            frame = spark.createDataFrame(rows, schema).coalesce(1)
            lake.append(frame, Table("eu", layer, "orders"), "test", number, {})

    write(
        "bronze", BRONZE,
        [("acme", "r1", MARIA, OLD, OLD)],
        [("acme", "r2", PEDRO, OLD, FRESH), ("acme", "r3", MARIA, FRESH, FRESH)],
        [("acme", "r4", PEDRO, OLD, OLD)],
        [("acme", "r4", PEDRO, FRESH, FRESH), ("acme", "r5", None, None, OLD)],
        [("globex", "g1", MARIA, OLD, OLD)],
    )  # fmt: skip
    write("quarantine", QUARANTINE, [("acme", "q1", OLD), ("acme", "q2", FRESH)])
    write(
        "silver", SILVER,
        [
            ("acme", "r1", MARIA, OLD), ("acme", "r2", PEDRO, OLD), ("acme", "r3", MARIA, FRESH),
            ("acme", "r4", PEDRO, FRESH), ("acme", "r5", None, None),
        ],
    )  # fmt: skip
    return lake


@pytest.fixture
def plan(spark, tables, control):
    """`plan(bundle, *tenants)` → the lines by tenant, layer and rule."""

    def make(policies, *tenants, at=AT):
        ctx = LakeContext(spark, tables, policies, SimpleNamespace(), control, Path(), "run-1")
        made = plan_retention(ctx, tenants or list(TENANTS), at)
        assert made.at == at
        return made

    return make


@pytest.fixture(scope="module")
def year(spark, tables, tmp_path_factory):
    """What one rule of a year for everything comes to."""
    engine = open_control(tmp_path_factory.mktemp("none") / "control.db")
    metadata.create_all(engine)
    ctx = LakeContext(spark, tables, bundle(rule()), SimpleNamespace(), engine, Path(), "run-1")
    return plan_retention(ctx, list(TENANTS), AT)


def line(made, layer="bronze", tenant="acme"):
    (found,) = [one for one in made.lines if (one.layer, one.standing.tenant) == (layer, tenant)]
    return found


def sizes(tables, layer="bronze"):
    """The bytes of each of acme's files, in the order in which they were written."""
    log = DeltaLog(Path(tables.path(Table("eu", layer, "orders"))))
    added = [log.commit(version).added for version in log.commits]
    return [size for files in added for path, size in files.items() if path.startswith("tenant_id=acme/")]


def test_rows_files_and_bytes_of_what_is_due(year, tables):
    found = line(year)
    first, second, third, fourth = sizes(tables)
    assert (found.rows, found.due, found.held, found.undated) == (6, 4, 0, 1)
    assert (found.files, found.bytes_removed, found.bytes_rewritten) == (4, first + third, second + fourth)


def test_the_longest_due_and_the_next_to_come_due_are_told(year):
    found = line(year)
    assert found.oldest == Period(12).end(OLD)
    assert found.next == Period(12).end(FRESH)
    assert found.overdue_days(AT) == (AT - Period(12).end(OLD)).days


def test_a_row_without_occurred_at_counts_from_ingest_and_a_rule_can_ask_for_that(plan):
    found = line(plan(bundle(rule(clock=Clock.INGESTED))))
    assert (found.due, found.undated) == (3, 0)


def test_nothing_is_due_a_moment_too_early(plan):
    end = Period(12).end(OLD)
    early = line(plan(bundle(rule()), at=end - timedelta(microseconds=1)))
    assert (early.due, early.files, early.oldest, early.next) == (0, 0, None, end)


def test_quarantine_knows_only_when_a_record_came(year, tables):
    found = line(year, "quarantine")
    assert (found.rows, found.due, found.undated) == (2, 1, 2)
    assert found.bytes_rewritten == sizes(tables, "quarantine")[0]


def test_a_silver_row_goes_when_the_last_version_of_its_record_does(year):
    found = line(year, "silver")
    assert (found.rows, found.due) == (5, 3)  # r4 has a fresh version
    assert (found.files, found.bytes_removed) == (1, 0)
    assert found.next == Period(12).end(FRESH)


def test_a_hold_over_everybody_keeps_all_that_is_due_and_lifting_it_re_opens_it(plan, control):
    hold = place_hold(control, Scope("acme"), matter="CASE-1", by="counsel", why="why")
    made = plan(bundle(rule()))
    for layer, due in (("bronze", 4), ("quarantine", 1), ("silver", 3)):
        found = line(made, layer)
        assert (found.due, found.held, found.matters) == (0, due, ("CASE-1",))
        assert (found.files, found.bytes_rewritten, found.bytes_removed, found.oldest) == (0, 0, 0, None)
    lift_hold(control, hold.hold_id, "counsel", "settled")
    assert line(plan(bundle(rule()))).due == 4


def test_a_hold_over_a_person_keeps_that_persons_rows_and_those_of_nobody_known(plan, control):
    place_hold(control, Scope("acme", subject_tokens=(MARIA,)), matter="CASE-1", by="counsel", why="why")
    made = plan(bundle(rule()))
    assert (line(made).due, line(made).held) == (2, 2)  # r1 is Maria's, r5 may be
    assert (line(made, "silver").due, line(made, "silver").held) == (1, 2)
    assert (line(made, "quarantine").due, line(made, "quarantine").held) == (0, 1)
    assert line(made, tenant="globex").due == 1


def test_a_hold_over_another_dataset_keeps_nothing_here(plan, control):
    place_hold(control, Scope("acme", "tickets"), matter="CASE-1", by="counsel", why="why")
    assert line(plan(bundle(rule()))).held == 0


def test_only_matters_that_keep_something_due_are_named(plan, control):
    for matter, begin in (("CASE-1", FRESH), ("CASE-2", None)):
        scope = Scope("acme", subject_tokens=(PEDRO,), occurred_from=begin, occurred_before=None)
        place_hold(control, scope, matter=matter, by="counsel", why="why")
    made = plan(bundle(rule()))
    assert line(made).matters == ("CASE-1", "CASE-2")  # r5 may have occurred lately, and be Pedro's
    assert (line(made).due, line(made).held) == (1, 3)
    assert line(made, "silver").matters == ("CASE-1", "CASE-2")


def test_each_rule_that_holds_has_a_line_by_what_it_does_to_files(plan, tables):
    review, anonymise, values = rule(REVIEW), rule(ANONYMISE), rule(data_class="user.contact")
    lines = plan(bundle(review, anonymise, values), "acme").lines
    found = {
        (one.layer, one.standing.rule): (one.due, one.bytes_rewritten, one.bytes_removed) for one in lines
    }
    whole, broken = sum(sizes(tables)), sizes(tables, "quarantine")[0]
    assert found[("bronze", review)] == (4, 0, 0)
    for own in (anonymise, values):  # rows stay, so their files are written again; a broken record goes whole
        assert found[("bronze", own)] == (4, whole, 0)
        assert found[("quarantine", own)] == (1, broken, 0)
    assert {one.standing.classes for one in lines} == {(), ("user.contact.email",)}


def test_only_the_tenants_that_were_asked_for_are_planned(plan):
    assert {one.standing.tenant for one in plan(bundle(rule()), "globex", "nobody").lines} == {"globex"}


def test_a_dataset_without_an_end_is_told_even_where_nothing_came_yet(plan):
    own = (rule(tenant="acme"), rule(REVIEW), rule(data_class="user.contact"))
    assert plan(bundle(*own, datasets=("orders", "tickets"))).endless == (
        ("globex", "orders"), ("globex", "tickets"), ("initech", "orders"), ("initech", "tickets"),
    )  # fmt: skip


def test_a_plan_without_rules_reads_nothing_and_says_that_all_is_endless(plan):
    made = plan(bundle())
    assert made.lines == ()
    assert {tenant for tenant, _ in made.endless} == set(TENANTS)


def test_planning_changes_no_byte_of_the_lake(plan, tables):
    def content():
        return {file: file.read_bytes() for file in tables.root.rglob("*") if file.is_file()}

    before = content()
    plan(bundle(rule(), rule(REVIEW), rule(data_class="user.contact")))
    assert content() == before


def test_a_rule_that_holds_for_two_classes_stands_once_with_both():
    phone = Column(("phone",), "phone", LogicalType.STRING, data_class="user.contact.phone_number")
    policies = bundle(rule(data_class="user.contact"))
    contract = Contract("orders", None, "1.0.0", "team", LoadMode.MERGE, (MAIL, phone))
    (one,) = standing_rules(
        PolicyBundle("", policies.taxonomy, TENANTS, (contract,), (), {}, policies.retention), ["acme"]
    )
    assert one.classes == ("user.contact.email", "user.contact.phone_number")
