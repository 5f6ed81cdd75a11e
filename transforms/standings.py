"""What each check last said of each tenant: a check's memory, and what a steward reads any time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Boolean, Column, DateTime, Engine, MetaData, Row, String, Table, Text, delete, select

metadata = MetaData()

check_standings = Table(
    "check_standings",
    metadata,
    Column("dataset", String(60), primary_key=True),
    Column("layer", String(20), primary_key=True),
    Column("tenant_id", String(40), primary_key=True),
    Column("name", String(60), primary_key=True),
    Column("success", Boolean, nullable=False),
    Column("detail", Text, nullable=False),
    Column("mark", String(64), nullable=False),  # a digest of all that the result hangs on
    Column("run_id", String(64), nullable=False),
    Column("checked_at", DateTime(timezone=True), nullable=False),
)


@dataclass(frozen=True)
class Verdict:
    """What one check came to. `detail` holds counts, checks and column names only, never a value."""

    name: str
    success: bool
    detail: str


@dataclass(frozen=True)
class CheckResult:
    """One check of one tenant's part of a table. `detail` holds counts, checks and column names only.

    `run_id` and `checked_at` say when the rows were looked at: by an earlier run where nothing that
    the result hangs on has changed since.
    """

    name: str
    layer: str
    dataset: str
    tenant: str
    success: bool
    detail: str
    run_id: str
    checked_at: datetime


class Standings:
    """The latest result of each check, by layer, dataset and tenant, in the control database.

    Makes its table where it is missing.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        metadata.create_all(engine)

    def all(self, layer: str, dataset: str) -> list[CheckResult]:
        """Every tenant's latest results of a layer, by tenant and name."""
        return [_result(row) for row in self._rows(layer, dataset)]

    def named(self, name: str, layer: str, dataset: str) -> list[CheckResult]:
        """Every tenant's latest result of one check, by tenant."""
        return [one for one in self.all(layer, dataset) if one.name == name]

    def failing(self) -> list[CheckResult]:
        """Every result that is a failure and still stands, by tenant, dataset and layer."""
        table = check_standings
        order = (table.c.tenant_id, table.c.dataset, table.c.layer, table.c.name)
        query = select(table).where(table.c.success.is_(False)).order_by(*order)
        with self._engine.connect() as connection:
            return [_result(row) for row in connection.execute(query)]

    def passed(
        self, layer: str, dataset: str, names: Sequence[str]
    ) -> dict[str, tuple[str, list[CheckResult]]]:
        """The tenants of which all of these checks passed on one mark: the mark, and the results in order."""
        found: dict[str, list[Row[Any]]] = {}
        for row in self._rows(layer, dataset):
            if row.name in names and row.success:
                found.setdefault(row.tenant_id, []).append(row)
        return {
            tenant: (
                rows[0].mark,
                [_result(row) for row in sorted(rows, key=lambda row: names.index(row.name))],
            )
            for tenant, rows in found.items()
            if len(rows) == len(names) and len({row.mark for row in rows}) == 1
        }

    def record(self, results: Iterable[CheckResult], marks: Mapping[str, str] | None = None) -> None:
        """Replace the results of the same layer, dataset, tenant and name.

        `marks` by tenant; without them for what is said anew each time.
        """
        with self._engine.begin() as connection:
            for one in results:
                key = {"dataset": one.dataset, "layer": one.layer, "tenant_id": one.tenant, "name": one.name}
                same = [check_standings.c[name] == value for name, value in key.items()]
                connection.execute(delete(check_standings).where(*same))
                values = {"success": one.success, "detail": one.detail}
                seen = {
                    "mark": "" if marks is None else marks[one.tenant],
                    "run_id": one.run_id,
                    "checked_at": one.checked_at,
                }
                connection.execute(check_standings.insert(), key | values | seen)

    def _rows(self, layer: str, dataset: str) -> Sequence[Row[Any]]:
        wanted = (check_standings.c.layer == layer, check_standings.c.dataset == dataset)
        order = (check_standings.c.tenant_id, check_standings.c.name)
        with self._engine.connect() as connection:
            return connection.execute(select(check_standings).where(*wanted).order_by(*order)).all()


def _result(row: Row[Any]) -> CheckResult:
    # SQLite gives times back without their zone; all of them were written in UTC.
    moment = row.checked_at if row.checked_at.tzinfo else row.checked_at.replace(tzinfo=UTC)
    place = (row.name, row.layer, row.dataset, row.tenant_id)
    return CheckResult(*place, row.success, row.detail, row.run_id, moment)
