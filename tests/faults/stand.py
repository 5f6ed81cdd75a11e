"""How a lake stands, read without Spark and without the code that wrote it, ready to compare with another."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from delta_files import active_files, read_table

from dagster_project.settings import Settings
from retention.archive import open_archive
from retention.standalone import verify_receipt
from tenancy.control import open_control
from tenancy.keyring import KeyRing, open_keyring
from tests.faults import told
from tests.faults.scenario import CANARY, settings_of

Stand = dict[str, Any]
BEHIND = """
    SELECT m.tenant_id, m.dataset FROM {} m WHERE m.batch_seq <> (
        SELECT max(b.seq) FROM batches b JOIN batch_tenants t ON t.seq = b.seq
        WHERE t.tenant_id = m.tenant_id AND b.dataset = m.dataset AND b.state = 'done')
"""
NEWEST_IS_RETRY = """
    SELECT 1 FROM batches WHERE kind = 'retry' AND state = 'done' AND seq = (SELECT max(seq) FROM batches)
"""

EXPIRED = """
    SELECT c.tenant_id, c.layer, c.dataset, e.rule, e.what, sum(e.rows), e.finished_at IS NOT NULL
    FROM retention_effects e JOIN erasure_changes c ON c.seq = e.seq WHERE c.state = 'done'
    GROUP BY 1, 2, 3, 4, 5, 7 ORDER BY 1, 2, 3, 4, 5, 7
"""
"""What retention took, whatever the number of runs that it took them."""

ERASED = {
    "requests": "SELECT tenant_id, kind, state, outcome, detail FROM erasure_requests ORDER BY asked",
    "named": "SELECT domain, token, role FROM request_tokens ORDER BY 1, 2, 3",
    "finds": "SELECT place, rows FROM request_finds ORDER BY 1, 2",
    "suppressions": "SELECT tenant_id, domain, token, lifted_at FROM suppressions ORDER BY 1, 2, 3",
}
"""What was asked for, whom it led to, what was found, and who is kept out from then on."""
RECEIPTS = """
    SELECT DISTINCT receipt FROM retention_effects WHERE receipt <> ''
    UNION SELECT receipt FROM erasure_requests WHERE state = 'done'
"""


def stand(home: Path) -> Stand:
    """What the lake under `home` holds, without ids and times: equal for lakes that are equal."""
    settings = settings_of(home)
    engine = open_control(settings.control_db)
    try:
        ring = open_keyring(engine, settings.root_key, settings.lake)
        found = dict(_tables(settings, ring)) | dict(_control(settings))
        found["landing"] = _landing(settings.landing)
        found["archive"] = _archive(settings.lake, ring)
    finally:
        engine.dispose()
    return found


def differences(twin: Stand, other: Stand) -> list[str]:
    """What differs, one line a thing."""
    found = []
    for name in sorted(twin.keys() | other.keys()):
        one, two = twin.get(name), other.get(name)
        if one != two:
            lost = [item for item in _listed(one) if item not in _listed(two)]
            more = [item for item in _listed(two) if item not in _listed(one)]
            doubled = "" if lost or more else f"; {len(_listed(one))} became {len(_listed(two))}"
            found.append(f"{name}: missing {lost[:3]}, not in the twin {more[:3]}{doubled}")
    return found


def faults(home: Path, twin_jobs: set[str]) -> list[str]:
    """What must never be, whatever the twin: open batches, half told runs, leftovers, plain values."""
    settings = settings_of(home)
    found = [*_bookkeeping(settings), *_gone(settings), *told.faults(settings, twin_jobs)]
    found += [f"left over: {path.name}" for path in settings.lake.glob("*/archive/**/*.tmp")]
    for path in (settings.control_db, settings.control_db.with_name("control.db-wal"), settings.lineage_file):
        if path.exists() and CANARY.encode() in path.read_bytes():
            found.append(f"a plain value stands in {path.name}")
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _tables(settings: Settings, ring: KeyRing) -> Iterator[tuple[str, list[Any]]]:
    for log in sorted(settings.lake.glob("*/*/*/_delta_log")):
        table = log.parent
        _region, layer, dataset = table.relative_to(settings.lake).parts
        rows = read_table(table)
        if layer != "silver":
            rows = _normal(rows, layer, dataset, ring)
        texts = sorted(json.dumps(row, sort_keys=True, default=str) for row in rows)
        yield str(table.relative_to(settings.lake)), texts


def _normal(rows: list[dict[str, Any]], layer: str, dataset: str, ring: KeyRing) -> Iterator[dict[str, Any]]:
    """The rows opened; of numbers that depend on what else was in a batch only their order is left."""
    places: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        places[row["batch_id"]].append(row["position"])
    for row in rows:
        payload = _opened(row, layer, dataset, ring)
        batch, place = row["batch_id"], sorted(places[row["batch_id"]]).index(row["position"])
        surrogates = {"sealed", "ingested_at", "batch_id", "position"}
        if layer == "quarantine":
            surrogates.add("record_id")  # there it is of the place
        kept = {name: value for name, value in row.items() if name not in surrogates}
        yield kept | {"payload": payload, "content": batch.split("-")[1], "place": place}


def _opened(row: dict[str, Any], layer: str, dataset: str, ring: KeyRing) -> str:
    keys = {key.key_id: key.key for key in ring.tenant_keys(row["tenant_id"]).data_keys}
    aad = f"lakeward/1|{layer}|{dataset}|{row['tenant_id']}|{row['record_id']}|{row['key_id']}"
    sealed = row["sealed"]
    return AESGCM(keys[row["key_id"]]).decrypt(sealed[:12], sealed[12:], aad.encode()).decode()


def _rows(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(settings.control_db)) as connection:
        return [tuple(row) for row in connection.execute(query)]


def _control(settings: Settings) -> Iterator[tuple[str, list[Any]]]:
    yield (
        "deliveries",
        _rows(
            settings,
            "SELECT tenant_id, region, dataset, content_token, state, reason, bytes, rows_landed,"
            " rows_bronze, rows_quarantined, policy_digest, disposal FROM deliveries ORDER BY 1, 3, id",
        ),
    )
    yield "violations", _rows(settings, "SELECT kind, place, amount FROM violations ORDER BY 1, 2, 3")
    yield (
        "findings",
        _rows(
            settings,
            "SELECT tenant_id, dataset, column_name, data_class, confidence, evidence, reason,"
            " detector_version, policy_digest, declared_class, status FROM findings"
            " ORDER BY 1, 2, 3, 4, 9, 6, 11",
        ),
    )
    yield (
        "classified",
        _rows(settings, "SELECT tenant_id, dataset, policy_digest FROM classified ORDER BY 1, 2"),
    )
    yield (
        "protections",
        _rows(settings, "SELECT tenant_id, dataset, plan_digest, rows FROM protections ORDER BY 1, 2"),
    )
    yield "in doubt", _rows(settings, "SELECT tenant_id, dataset FROM protections_in_doubt ORDER BY 1, 2")
    yield (
        "contracts",
        _rows(
            settings, "SELECT dataset, variant, version, contract FROM accepted_contracts ORDER BY 1, 2, 3"
        ),
    )
    yield "retention", _rows(settings, EXPIRED)
    yield from ((name, _rows(settings, query)) for name, query in ERASED.items())
    yield "keys", _rows(settings, "SELECT key_id, tenant_id, purpose, epoch FROM wrapped_keys ORDER BY 1")
    yield "lakes", _rows(settings, "SELECT one FROM lake_identity")


def _landing(landing: Path) -> list[tuple[str, str]]:
    files = [path for path in sorted(landing.rglob("*")) if path.is_symlink() or path.is_file()]
    return [(str(path.relative_to(landing)), hashlib.sha256(path.read_bytes()).hexdigest()) for path in files]


def _archive(lake: Path, ring: KeyRing) -> list[tuple[str, str]]:
    found = []
    for path in sorted(lake.glob("*/archive/*/*/*.sealed")):
        tenant = path.parent.name.removeprefix("tenant_id=")
        content = b"".join(open_archive(path, ring.tenant_keys(tenant)))
        found.append((str(path.parent.relative_to(lake)), hashlib.sha256(content).hexdigest()))
    return sorted(found)


def _gone(settings: Settings) -> Iterator[str]:
    """Whether all that went is proved, and nothing of it waits or lies there still."""
    for (receipt,) in _rows(settings, RECEIPTS):
        verified, words = verify_receipt.check(settings.receipts / receipt, settings.control / "signing.pub")
        if not verified:
            yield f"receipt {receipt}: {words}"
    for query, what in (
        ("SELECT count(*) FROM erasure_changes WHERE state = 'open'", "changes left open"),
        ("SELECT count(*) FROM expired_ids", "ids that wait for a receipt"),
    ):
        [(count,)] = _rows(settings, query)
        if count:
            yield f"{count} {what}"
    for (name,) in _rows(settings, "SELECT DISTINCT table_name FROM retention_purges"):
        folder = settings.lake / name
        past = {one for one in folder.rglob("*.parquet") if "_delta_log" not in one.parts}
        if gone := past - active_files(folder).keys():
            yield f"{name}: {len(gone)} files of its past"


def _bookkeeping(settings: Settings) -> Iterator[str]:
    for kind, count in _rows(settings, "SELECT kind, count(*) FROM batches WHERE state = 'open' GROUP BY 1"):
        yield f"{count} {kind} batch(es) left open"
    if not _rows(settings, NEWEST_IS_RETRY):
        for table in ("protections", "classified"):
            for tenant, dataset in _rows(settings, BEHIND.format(table)):
                yield f"{table} of {tenant} {dataset} is not of its newest batch"
