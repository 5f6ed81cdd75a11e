"""An evidence bundle of this lake: what it is made from is found by the settings. Starts no Spark."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy import Engine, select

from audit.errors import EvidenceError
from audit.evidence.export import Evidence, Sources, export_evidence
from audit.evidence.reading import Scope
from audit.ledger import Ledger
from dagster_project.ledger_heads import sign_and_keep
from dagster_project.settings import Settings
from policy import load_policies
from tenancy.keyring import lake_identity
from tenancy.signing import open_signing_key, public_key_file


def export_bundle(settings: Settings, engine: Engine, scope: Scope, out: Path) -> Evidence:
    """Write the bundle, enter that in the ledger, and have the ledger signed with it.

    Raises EvidenceError, LedgerError, PolicyError and SigningKeyError.
    """
    if any(out.is_relative_to(folder) for folder in (settings.lake, settings.control)):
        raise EvidenceError(
            "a bundle does not belong into the lake or its control folder, where an erasure looks for what "
            "its receipts name. To mend it: name a file elsewhere"
        )
    key = open_signing_key(settings.signing_key)
    with engine.connect() as connection:
        lake_id = connection.execute(select(lake_identity.c.lake_id)).scalar()
    if lake_id is None:
        raise EvidenceError("this lake has no key yet, so nothing was done. To mend it: lakeward run")
    sources = Sources(
        engine, Ledger(engine), load_policies(settings.policies), settings.policies, settings.kept_policies,
        settings.receipts, key,
        public_key_file(settings.signing_key), str(lake_id),
    )  # fmt: skip
    made = export_evidence(sources, scope, out)
    sign_and_keep(engine, settings)
    return made


def scope_of(tenant: str, begin: str | None, end: str | None) -> Scope:
    """The period from the day `begin` to the day `end`, both included, in UTC; None: without a bound.

    Raises EvidenceError for a text that is no date.
    """
    first, last = _day(begin), _day(end)
    return Scope(tenant, first, last + timedelta(days=1) if last is not None else None)


def _day(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError:
        raise EvidenceError("a day is no date. To mend it: write it as 2026-11-25") from None
