"""How a commit to a table is made so that a kill, a power cut or a backup from another day can be told."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from tenancy.durable import make_durable
from transforms import mends
from transforms.delta_log import COMMIT_ID, DamagedLog, DeltaLog
from transforms.errors import LakeStateError
from transforms.health import commits_since
from transforms.table_versions import NEVER_WRITTEN, KnownVersion, TableVersions


class Commits:
    """Announces commits to the control database, and records them once the disk has them.

    What is recorded is durable, and a batch is settled after that: a landing file that is disposed of
    is in the lake for good.
    """

    def __init__(self, engine: Engine, root: Path) -> None:
        self._versions = TableVersions(engine)
        self._root = root

    @contextmanager
    def commit(self, name: str, note: Mapping[str, str]) -> Iterator[str]:
        """For the commit that is made within: its `userMetadata`, which is `note` and the announced id.

        An error may come after the commit took place, so it is looked for then too.
        """
        self.catch_up(name)
        commit_id = uuid.uuid4().hex
        self._versions.begin(name, commit_id)
        try:
            yield json.dumps({**note, COMMIT_ID: commit_id}, sort_keys=True)
        finally:
            self.catch_up(name)

    def catch_up_dataset(self, region: str, dataset: str) -> None:
        """`catch_up` for each table of a dataset in a region."""
        for name in self._versions.all():
            of_region, _, of_dataset = name.split("/")
            if (of_region, of_dataset) == (region, dataset):
                self.catch_up(name)

    def catch_up(self, name: str) -> None:
        """Have the disk keep what a table has that the control database does not know, and record it.

        Raises LakeStateError where the table is of another time, or the disk does not take it.
        """
        log = DeltaLog(self._root / name)
        newer = commits_since(name, log, self._versions.of(name))
        if not newer:
            return
        try:
            make_durable([file for commit in newer for file in log.files_of(commit)], self._root)
        except OSError as error:
            raise LakeStateError(
                f"table {name}: the disk does not keep what was written ({error.strerror}). "
                "To mend it: see to the disk, then run this again"
            ) from None
        live = log.live() or {}
        self._versions.record(name, newer[-1].version, len(live), sum(live.values()))

    def writers(self, name: str) -> dict[str, int]:
        """The last sequence number of every writer of a table, read from its log: Spark would take a job.

        Raises LakeStateError where the log is not whole.
        """
        with self._refusing(name) as log:
            return log.writers()

    def files_since(self, name: str, writer: str, sequence: int) -> list[Path]:
        """The live files of a table since a writer's commit: see `DeltaLog.files_since`.

        Raises LakeStateError where the log is not whole.
        """
        with self._refusing(name) as log:
            return [log.table / path for path in log.files_since(writer, sequence)]

    @contextmanager
    def _refusing(self, name: str) -> Iterator[DeltaLog]:
        log = DeltaLog(self._root / name)
        try:
            yield log
        except DamagedLog as fault:
            known = self._versions.of(name) or KnownVersion(NEVER_WRITTEN, None, "", 0, 0)
            raise mends.refusal(name, log, known, fault) from None
