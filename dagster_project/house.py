"""Opening a lake: control database, key ring, policies, Spark, in the order in which each can refuse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, MetaData

from audit.kept_policies import keep_policies
from audit.outbox import Outbox
from classifications.detector_config import check_detection
from classifications.ledger import FindingsLedger
from dagster_project.run_locks import alone, dead_runs
from dagster_project.settings import Settings
from policy import load_policies
from retention import effects, expired_ids, exports, holds, requests, stores
from tenancy import keyring
from tenancy.control import check_control, open_control
from tenancy.keyring import open_keyring, refuse_lost_control
from transforms import (
    classify,
    contract_history,
    deliveries,
    erased,
    protect,
    restrictions,
    risks,
    standings,
    suppressions,
    violations,
)
from transforms.context import LakeContext
from transforms.contract_history import accept_contracts
from transforms.health import check_lake
from transforms.lake import Lake
from transforms.session import build_session
from transforms.table_versions import TableVersions

TABLES: tuple[MetaData, ...] = (
    keyring.metadata, deliveries.metadata, violations.metadata, classify.metadata, protect.metadata,
    contract_history.metadata, standings.metadata, holds.metadata, erased.metadata, suppressions.metadata,
    requests.metadata, effects.metadata, expired_ids.metadata, stores.metadata, exports.metadata,
    restrictions.metadata, risks.metadata,
)  # fmt: skip
OPENING = "opening.lock"


def open_control_state(settings: Settings) -> Engine:
    """The lake's control database with all its tables; needs no key and no Spark.

    Raises ControlStateError where it is damaged, or gone while its lake is there.
    """
    with alone(settings.leases / OPENING):
        return _open_control_state(settings)


@contextmanager
def control_state(settings: Settings) -> Iterator[Engine]:
    """`open_control_state`, for as long as it is needed."""
    engine = open_control_state(settings)
    try:
        yield engine
    finally:
        engine.dispose()


def _open_control_state(settings: Settings) -> Engine:
    refuse_lost_control(settings.control_db, settings.lake)
    engine = open_control(settings.control_db)
    for tables in TABLES:
        tables.create_all(engine)
    FindingsLedger(engine)
    Outbox(engine)  # and the ledger
    return engine


def open_house(settings: Settings, run_id: str) -> LakeContext:
    """The lake that `settings` name, ready to work on under `run_id`.

    Raises PolicyError, RootKeyError, ControlStateError or LakeStateError before anything is written: where
    policies, keys, control database or a table do not fit together, or one of them is damaged; LakewardError
    where a model or a Python class that the policies name is not installed. Policies that
    were not in force before are kept.
    """
    bundle = load_policies(settings.policies)
    check_detection(bundle.detection)
    with alone(settings.leases / OPENING):  # a lake is made once, whoever else opens it in the same moment
        engine = _open_control_state(settings)
        check_control(engine)
        ring = open_keyring(engine, settings.root_key, settings.lake)
        check_lake(TableVersions(engine), settings.lake, settings.leases)
        accept_contracts(engine, bundle)
        keep_policies(settings.policies, bundle, settings.kept_policies)
    spark = build_session(settings.spark_dir, settings.spark_conf)
    lake = Lake(spark, settings.lake, settings.leases, engine)
    dead = dead_runs(settings.leases)
    return LakeContext(spark, lake, bundle, ring, engine, settings.landing, run_id, dead)
