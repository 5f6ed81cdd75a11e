"""The contracts that a lake has accepted: what a changed contract is compared with."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Engine, Integer, MetaData, String, Table, Text, select

from policy.bundle import PolicyBundle
from policy.compatibility import contract_from_json, contract_to_json, incompatibilities
from policy.errors import PolicyError, Problem
from tenancy.control import now

metadata = MetaData()

accepted_contracts = Table(
    "accepted_contracts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("dataset", String(60), nullable=False),
    Column("variant", String(40), nullable=False),  # a tenant id, or empty for all
    Column("version", String(40), nullable=False),
    Column("contract", Text, nullable=False),
    Column("policy_digest", String(80), nullable=False),
    Column("accepted_at", DateTime(timezone=True), nullable=False),
)


def accept_contracts(engine: Engine, bundle: PolicyBundle) -> None:
    """Record every new contract version. Raises PolicyError, and records none, where one is incompatible."""
    query = select(accepted_contracts).order_by(accepted_contracts.c.id)
    with engine.begin() as connection:
        known = {(row.dataset, row.variant): row.contract for row in connection.execute(query)}
        problems: list[Problem] = []
        rows = []
        for contract in bundle.contracts:
            text = contract_to_json(contract)
            before = known.get((contract.dataset, contract.tenant or ""))
            if before == text:
                continue
            if before is not None:
                problems.extend(incompatibilities(contract_from_json(before), contract))
            row = {"dataset": contract.dataset, "variant": contract.tenant or "", "version": contract.version}
            rows.append(row | {"contract": text, "policy_digest": bundle.digest, "accepted_at": now()})
        if problems:
            raise PolicyError(problems)
        if rows:
            connection.execute(accepted_contracts.insert(), rows)
