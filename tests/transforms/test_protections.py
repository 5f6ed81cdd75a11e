"""Whether silver is up to date is in doubt while a deletion changes it, and after one that died."""

from __future__ import annotations

import pytest

from tenancy.control import now, open_control
from transforms.protect import (
    doubt_protections,
    doubted_tenants,
    keep_protection,
    last_protections,
    metadata,
    protections,
)


@pytest.fixture
def engine(tmp_path):
    engine = open_control(tmp_path / "control.db")
    metadata.create_all(engine)
    alike = {"batch_seq": 1, "plan_digest": "plan", "rows": 7, "policy_digest": "policy", "run_id": "run-1"}
    rows = [
        alike | {"tenant_id": tenant, "dataset": dataset, "done_at": now()}
        for tenant in ("acme", "globex")
        for dataset in ("orders", "people")
    ]
    with engine.begin() as connection:
        connection.execute(protections.insert(), rows)
    return engine


def test_a_protection_in_doubt_counts_for_none(engine):
    doubt_protections(engine, "people", ["acme"], ["acme"], "erasure 1")
    assert last_protections(engine, "people").keys() == {"globex"}
    assert last_protections(engine, "orders").keys() == {"acme", "globex"}


def test_who_doubted_a_protection_finds_it_again(engine):
    doubt_protections(engine, "people", ["acme"], ["acme"], "erasure 1")
    assert last_protections(engine, "people", "erasure 1").keys() == {"acme", "globex"}
    assert last_protections(engine, "people", "erasure 2").keys() == {"globex"}
    assert doubted_tenants(engine, "people") == {"acme"}


def test_a_protection_that_is_kept_counts_again_with_the_rows_of_now(engine):
    doubt_protections(engine, "people", ["acme"], ["acme"], "erasure 1")
    keep_protection(engine, last_protections(engine, "people", "erasure 1")["acme"], 5)
    last = last_protections(engine, "people")["acme"]
    assert (last.rows, last.plan_digest, last.batch_seq) == (5, "plan", 1)
    assert doubted_tenants(engine, "people") == set()


def test_a_protection_that_nobody_may_keep_is_gone(engine):
    doubt_protections(engine, "people", ["acme", "globex"], ["globex"], "retention")
    assert last_protections(engine, "people", "retention").keys() == {"globex"}
    assert doubted_tenants(engine, "people") == {"globex"}


def test_what_another_doubted_is_gone_where_it_is_not_kept(engine):
    doubt_protections(engine, "people", ["acme"], ["acme"], "erasure 1")
    doubt_protections(engine, "people", ["acme"], [], "erasure 2")
    assert last_protections(engine, "people", "erasure 1").keys() == {"globex"}
