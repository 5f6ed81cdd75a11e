"""A contract may grow; a change that would break what was written is refused with the mend."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from policy import PolicyError
from transforms import contract_history
from transforms.contract_history import accept_contracts, accepted_contracts

GROWN = {
    "datasets/orders.yaml": [
        ("version: 1.0.0", "version: 1.1.0"),
        ("      - {name: amount,", "      - {name: channel, logicalType: string}\n      - {name: amount,"),
    ]
}
BROKEN = {"datasets/orders.yaml": [("version: 1.0.0", "version: 2.0.0"), ("name: amount", "name: total")]}


@pytest.fixture
def engine(small_lake):
    contract_history.metadata.create_all(small_lake.ctx.engine)
    return small_lake.ctx.engine


def versions(engine, dataset):
    known = accepted_contracts.c
    with engine.connect() as connection:
        return list(
            connection.scalars(select(known.version).where(known.dataset == dataset).order_by(known.id))
        )


def test_the_same_contracts_are_accepted_once(engine, small_policies):
    accept_contracts(engine, small_policies)
    accept_contracts(engine, small_policies)
    assert versions(engine, "orders") == ["1.0.0"]


def test_an_added_column_is_accepted_as_a_new_version(engine, small_policies, changed_policies):
    accept_contracts(engine, small_policies)
    accept_contracts(engine, changed_policies(GROWN))
    assert versions(engine, "orders") == ["1.0.0", "1.1.0"]


def test_an_incompatible_change_is_refused_with_the_mend_and_not_recorded(
    engine, small_policies, changed_policies
):
    accept_contracts(engine, small_policies)
    with pytest.raises(PolicyError, match="To mend it"):
        accept_contracts(engine, changed_policies(BROKEN))
    assert versions(engine, "orders") == ["1.0.0"]


def test_an_added_column_flows_through_to_silver_for_rows_old_and_new(small_lake, changed_policies):
    small_lake.drop("acme", "orders", "a.csv", "order_id,customer_id,amount,channel\n1,C-1,2.5,web\n")
    assert small_lake.ingest("orders")["acme"].undeclared == {"channel"}
    small_lake.protect("orders")
    grown = small_lake.with_policies(changed_policies(GROWN))
    grown.drop("acme", "orders", "b.csv", "order_id,customer_id,amount,channel\n2,C-1,3.5,shop\n")
    assert grown.ingest("orders")["acme"].undeclared == set()
    grown.protect("orders")
    assert {row.channel for row in grown.rows("silver", "orders", "acme")} == {"web", "shop"}
