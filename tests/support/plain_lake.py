"""What rows must become, in plain Python: the contract's reasons, bronze opened, silver computed.

Written from the documents, beside the Spark code and not with it: `cryptography` opens, dicts decide.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lake_drops import Row

from policy.bundle import PolicyBundle
from policy.contracts import Column, Contract, LoadMode, LogicalType
from policy.treatments import GeneraliseTo, Treatment, TreatmentKind
from tenancy.keyring import TenantKeys
from tenancy.normalise import normalise
from tenancy.tokens import token

NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
STARS = "*" * 8


@dataclass(frozen=True)
class Opened:
    """A row of bronze or quarantine with its payload in the clear."""

    tenant: str
    batch: str
    position: int
    record_id: str
    reasons: frozenset[str]
    values: Mapping[str, str]
    text: str


def value_of(column: Column, text: str | None) -> Any:
    """The typed value of a text; None where it is blank or does not fit."""
    if text is None or not text.strip(" "):
        return None
    try:
        return _READ.get(column.logical_type, str)(text)
    except ValueError:
        return None


def _number(text: str) -> float | None:
    return float(text) if NUMBER.fullmatch(text.strip()) else None


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_READ: Mapping[LogicalType, Callable[[str], Any]] = {
    LogicalType.INTEGER: int,
    LogicalType.NUMBER: _number,
    LogicalType.DATE: date.fromisoformat,
    LogicalType.TIMESTAMP: _moment,
}


def reasons(contract: Contract, tenant: str, row: Row) -> frozenset[str]:
    """Why the row breaks the contract; empty for a good one."""
    if row.broken:
        return frozenset({"unreadable"})
    found = set()
    for column in contract.columns:
        text, bounds = row.values.get(column.name), column.constraints
        value = value_of(column, text)
        if text is None:
            if column.required or column.name in contract.primary_key:
                found.add(f"missing:{column.name}")
        elif value is None:
            found.add(f"type:{column.name}")
        elif bounds.pattern is not None and not re.search(bounds.pattern, text):
            found.add(f"pattern:{column.name}")
        elif (bounds.minimum is not None and value < bounds.minimum) or (
            bounds.maximum is not None and value > bounds.maximum
        ):
            found.add(f"range:{column.name}")
    if contract.tenant_column is not None and row.values.get(contract.tenant_column, tenant) != tenant:
        found.add("other_tenant")
    return frozenset(found)


def opened(rows: Iterable[Mapping[str, Any]], layer: str, dataset: str, keys: TenantKeys) -> list[Opened]:
    """The rows of one tenant, in order of arrival. Raises InvalidTag for one that is not the tenant's."""
    done = []
    for row in rows:
        text = unsealed(row, layer, dataset, keys)
        told = frozenset(row.get("reasons") or ())
        values = {} if "unreadable" in told else _texts(json.loads(text))
        place = (keys.tenant_id, row["batch_id"], row["position"], row["record_id"])
        done.append(Opened(*place, told, values, text))
    return sorted(done, key=lambda one: (one.batch, one.position))


def unsealed(row: Mapping[str, Any], layer: str, dataset: str, keys: TenantKeys) -> str:
    """The payload of a row of bronze or quarantine. Raises InvalidTag for one that is not the tenant's."""
    [key] = [one.key for one in keys.data_keys if one.key_id == row["key_id"]]
    aad = f"lakeward/1|{layer}|{dataset}|{keys.tenant_id}|{row['record_id']}|{row['key_id']}"
    return AESGCM(key).decrypt(row["sealed"][:12], row["sealed"][12:], aad.encode()).decode()


class PlainSilver:
    """Silver of one tenant's dataset under a bundle."""

    def __init__(self, bundle: PolicyBundle, tenant: str, dataset: str, keys: TenantKeys) -> None:
        contract = bundle.contract_for(tenant, dataset)
        assert contract is not None
        self.bundle, self.contract, self.keys = bundle, contract, keys
        self.code = bundle.tenants[tenant].calling_code
        self.treatments = {c.name: bundle.treatment_for(tenant, dataset, c) for c in contract.columns}

    def rows(self, bronze: list[Opened]) -> dict[str, dict[str, Any]]:
        """The silver rows that these bronze rows must give, by record id."""
        return {self.record_id(row): self._row(row) for row in self._present(bronze)}

    def record_id(self, row: Opened) -> str:
        """The tenant's token of the primary key."""
        key = [value_of(self.contract.column(name), row.values[name]) for name in self.contract.primary_key]
        message = "\u001f".join([f"record|{self.contract.dataset}|", *map(str, key)])
        return hmac.digest(self.keys.token_key, message.encode(), "sha256").hex()[:32]

    def _present(self, bronze: list[Opened]) -> Iterable[Opened]:
        """`bronze` is in order of arrival; what comes later overwrites what stands in the dict."""
        mode, found = self.contract.load_mode, dict[str, Opened]()
        if mode is LoadMode.SNAPSHOT:
            newest = max((row.batch for row in bronze), default="")
            bronze = [row for row in bronze if row.batch == newest]
        for row in bronze:
            last = found.get(self.record_id(row))
            if last is None or (mode is not LoadMode.APPEND and self._version(row) >= self._version(last)):
                found[self.record_id(row)] = row
        return found.values()

    def _version(self, row: Opened) -> tuple[bool, Any]:
        name = self.contract.version_column
        value = value_of(self.contract.column(name), row.values.get(name)) if name else None
        return (value is not None, value or 0)

    def _row(self, row: Opened) -> dict[str, Any]:
        subject, time = self.contract.subject_column, self.contract.time_column
        columns = {column.name: self._treated(column, row) for column in self.contract.columns}
        return columns | {
            "subject_token": self._token(self.contract.column(subject), row.values[subject])
            if subject
            else None,
            "occurred_at": value_of(self.contract.column(time), row.values.get(time)) if time else None,
        }

    def _token(self, column: Column, text: str) -> str | None:
        how = self.bundle.taxonomy[column.data_class or "system"].normaliser
        normal = normalise(how, text, self.code)
        return token(self.keys.token_key, column.token_domain, normal) if normal else None

    def _treated(self, column: Column, row: Opened) -> Any:
        value, treatment = value_of(column, row.values.get(column.name)), self.treatments[column.name]
        if value is None or treatment.kind is TreatmentKind.DROP:
            return None
        match treatment.kind:
            case TreatmentKind.KEEP:
                return str(value) if column.text_in_silver else value
            case TreatmentKind.TOKEN:
                return self._token(column, str(value))
            case TreatmentKind.SEAL:
                return ("opens to", str(value))
            case TreatmentKind.MASK:
                return _masked(str(value), treatment)
            case TreatmentKind.GENERALISE:
                return _generalised(value, treatment)
        raise AssertionError(treatment)

    def seen(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row that lies in silver, its sealed cells opened, without what is not a matter of its values."""
        plain = {name: _in_utc(value) for name, value in row.items() if name not in _SURROGATES}
        for column in self.contract.columns:
            if self.treatments[column.name].kind is TreatmentKind.SEAL and plain[column.name] is not None:
                plain[column.name] = ("opens to", self._unsealed(row, column.name))
        return plain

    def _unsealed(self, row: Mapping[str, Any], column: str) -> str:
        key_id, _, cell = row[column].partition(":")
        raw = base64.b64decode(cell)
        place = f"{self.contract.dataset}|{self.keys.tenant_id}|{row['record_id']}|{key_id}|{column}"
        [key] = [one for one in self.keys.data_keys if one.key_id == key_id]
        return AESGCM(key.key).decrypt(raw[:12], raw[12:], f"lakeward/1|silver|{place}".encode()).decode()


_SURROGATES = ("tenant_id", "record_id", "policy_digest")


def _texts(content: Mapping[str, Any]) -> dict[str, str]:
    texts = {name.lower(): str(value) for name, value in content.items() if value is not None}
    return {name: text for name, text in texts.items() if text.strip(" ")}


def _in_utc(value: Any) -> Any:
    """Parquet holds moments in UTC and does not say so."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


def _masked(text: str, treatment: Treatment) -> str:
    first, last = treatment.show_first, treatment.show_last
    if len(text) <= 2 * (first + last):
        return STARS
    return text[:first] + STARS + (text[-last:] if last else "")


def _generalised(value: Any, treatment: Treatment) -> str | None:
    match treatment.to:
        case GeneraliseTo.YEAR:
            return str(value.year)
        case GeneraliseTo.MONTH:
            return f"{value:%Y-%m}"
        case GeneraliseTo.DECADE:
            return str(value.year // 10 * 10)
        case GeneraliseTo.PREFIX:
            size = treatment.size or 1
            return value[:size] if len(value) > size else None
    raise AssertionError(treatment)
