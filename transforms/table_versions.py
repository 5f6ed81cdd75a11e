"""At which version each Delta table stands: what the control database knows, to be held against the log.

Before a commit the control database learns the id that the commit will carry, after it the version.
So a log can be told to be of now, one commit ahead after a kill, or of another time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Column, Engine, Integer, MetaData, Row, String, Table, select, update

metadata = MetaData()

table_versions = Table(
    "table_versions",
    metadata,
    Column("name", String(120), primary_key=True),  # region/layer/dataset
    Column("version", Integer),  # null: never written
    Column("commit_id", String(32)),
    Column("next_commit_id", String(32), nullable=False),  # what the run that writes, or died, has begun
    Column("files", Integer),
    Column("bytes", BigInteger),
)


@dataclass(frozen=True)
class KnownVersion:
    """The last version of a table that is surely on the disk, and the id of the commit begun after it."""

    version: int
    commit_id: str | None
    next_commit_id: str
    files: int
    bytes: int


NEVER_WRITTEN = -1


class TableVersions:
    """What the control database knows of every table, by `region/layer/dataset`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        metadata.create_all(engine)

    def all(self) -> dict[str, KnownVersion]:
        """Every table that was begun to be written."""
        with self._engine.connect() as connection:
            return {row.name: _known(row) for row in connection.execute(select(table_versions))}

    def of(self, name: str) -> KnownVersion | None:
        """One table; None where nothing was ever begun there."""
        with self._engine.connect() as connection:
            row = connection.execute(
                select(table_versions).where(table_versions.c.name == name)
            ).one_or_none()
        return None if row is None else _known(row)

    def begin(self, name: str, commit_id: str) -> None:
        """Write down the id that the table's next commit carries."""
        with self._engine.begin() as connection:
            same = update(table_versions).where(table_versions.c.name == name)
            if connection.execute(same.values(next_commit_id=commit_id)).rowcount == 0:
                connection.execute(table_versions.insert(), {"name": name, "next_commit_id": commit_id})

    def record(self, name: str, version: int, files: int, size: int) -> None:
        """Write down that the commit that was begun is the table's `version`, on the disk."""
        values = {
            "version": version,
            "files": files,
            "bytes": size,
            "commit_id": table_versions.c.next_commit_id,
        }
        with self._engine.begin() as connection:
            connection.execute(update(table_versions).where(table_versions.c.name == name).values(values))


def _known(row: Row[Any]) -> KnownVersion:
    version = NEVER_WRITTEN if row.version is None else row.version
    return KnownVersion(version, row.commit_id, row.next_commit_id, row.files or 0, row.bytes or 0)
