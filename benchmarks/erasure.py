"""Erasing persons and expiring rows, up to receipts, in lakes of several sizes, beside rewriting tables."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pyspark.sql import functions as F

from benchmarks.expiry import ABOUT, expire_some
from benchmarks.figures import Figure
from benchmarks.measure import Phases, clocked
from benchmarks.orders import PER_CUSTOMER, Orders
from benchmarks.processes import CpuMeter
from benchmarks.world import BRONZE, SILVER, Stage
from dagster_project.erasing import Asked, erase_step
from retention.identifiers import tokens_of
from retention.look import look_for
from retention.requests import State, receive
from transforms.delta_log import DeltaLog

PART = "erasure"
TENANTS = 100
MANY, ONE_PASS = 1_000, 100
LEAST = TENANTS * ONE_PASS * PER_CUSTOMER * 2
FLAT, REWRITE, IN_PASS, MANY_AIM, BYTES = 1.3, 1 / 3, 1 / 20, 3.0, 2.0


@dataclass
class Took:
    """One pass: seconds by what it was doing, CPU seconds, bytes written, bytes of what held the persons."""

    seconds: dict[str, float] = field(default_factory=dict)
    cpu: float = 0.0
    written: int = 0
    held: int = 0

    @property
    def wall(self) -> float:
        """Seconds from the request to the receipt."""
        return sum(self.seconds.values())

    @property
    def spent(self) -> str:
        """`seconds: looking 1.8, erasing 10.0`."""
        return "seconds: " + ", ".join(f"{phase} {amount:.1f}" for phase, amount in self.seconds.items())


def erasure(stage: Stage) -> list[Figure]:
    """Every size that was asked for, the smallest first; the others are compared with it."""
    figures: list[Figure] = []
    if min(stage.asked.erasure_rows) < LEAST:
        raise SystemExit(
            f"a lake to erase from has too few customers. To mend it: give {LEAST:,} rows or more"
        )
    for rows in sorted(stage.asked.erasure_rows):
        lake = Orders(stage.spark, stage.folder / f"orders-{rows}", rows, TENANTS, stage.tell)
        figures += _Measured(stage, lake, figures).figures()
        lake.ctx.engine.dispose()
        shutil.rmtree(stage.folder / f"orders-{rows}")
    return figures


class _Measured:
    def __init__(self, stage: Stage, lake: Orders, before: Sequence[Figure]) -> None:
        self.stage, self.lake = stage, lake
        self.size = f"{lake.rows:,} rows"
        self.before = before
        self._many = min(MANY, lake.customers // TENANTS // 2)
        self._next = 0

    def figures(self) -> list[Figure]:
        self._tell("warming up")
        self._erase(1)
        alone = [self._erase(1) for _ in range(self.stage.asked.rounds)]
        one = sorted(alone, key=lambda took: took.wall)[len(alone) // 2]
        few, many = self._erase(ONE_PASS), self._erase(self._many)
        found = self._clocked("find", self._find)
        tenant = self._clocked("rewriting one tenant", self._rewrite(self.lake.ids[-1:]))
        whole = self._clocked("rewriting everything", self._rewrite(self.lake.ids))
        name = f"{self.size}: one person"
        smallest = self.before[0] if self.before else None
        against = (smallest.name, one.wall / smallest.value, FLAT) if smallest else ("", None, None)
        return [
            self._figure(name, one.spent, one.wall, *against, cpu=one.cpu),
            self._plain("find", "which files hold the person; reads only", found),
            self._plain("rewriting one tenant's tables", "bronze and silver without the person", tenant),
            self._plain("rewriting everything", "all tenants' bronze and silver without the person", whole),
            self._figure(f"{name}, beside rewriting everything", "verified", one.wall,
                         f"{self.size}: rewriting everything", one.wall / whole, REWRITE),
            self._figure(f"{self.size}: each of {ONE_PASS} in one pass", few.spent, few.wall / ONE_PASS,
                         f"{self.size}: rewriting everything", few.wall / ONE_PASS / whole, IN_PASS),
            self._figure(f"{self.size}: {self._many:,} persons in one pass", many.spent, many.wall, name,
                         many.wall / one.wall, MANY_AIM),
            Figure(PART, f"{self.size}: bytes written", "data files, over those that held the person",
                   one.written / 1e6, "MB", against="what held the person", ratio=one.written / one.held,
                   aim=BYTES),
            self._expiring(whole),
        ]  # fmt: skip

    def _expiring(self, whole: float) -> Figure:
        """A run of retention over one row in a hundred; the median round, after one to warm up."""
        runs = [self._expired(turn) for turn in range(self.stage.asked.rounds + 1)][1:]
        one = sorted(runs, key=lambda took: took.wall)[len(runs) // 2]
        against = f"{self.size}: rewriting everything"
        about, ratio = f"{ABOUT}; {one.spent}", one.wall / whole
        return self._figure(
            f"{self.size}: 1 % of the rows expire", about, one.wall, against, ratio, None, one.cpu
        )

    def _expired(self, turn: int) -> Took:
        took, meter = Took(), CpuMeter()
        self._tell(f"retention, round {turn}")
        with Phases(took.seconds) as clock:
            expire_some(self.lake, turn, clock)
        took.cpu = meter.seconds()
        return took

    def _erase(self, persons: int) -> Took:
        """Take requests of so many persons of one tenant, the next one, to their receipts."""
        lake, ctx, took = self.lake, self.lake.ctx, Took()
        people = [lake.customer(self._next + TENANTS * number) for number in range(persons)]
        self._next += 1
        self._tell(f"erasing {persons:,}")
        before, meter = self._files(), CpuMeter()
        clock = Phases(took.seconds)
        with clock:
            tokens = [tokens_of(ctx.bundle, ctx.keyring, t, {"customer_id": id_}) for t, id_ in people]
            asked = [(t, own) for (t, _), own in zip(people, tokens, strict=True)]
            ids = receive(ctx.engine, ctx.bundle.tenants, asked, "cli", "P1M")
            answered = erase_step(ctx, lake.settings, Asked(ids), clock.turn)
        took.cpu = meter.seconds()
        if any(one.state is not State.DONE or one.outcome != "erased" for one in answered):
            raise RuntimeError(f"not erased: {[(one.state, one.detail) for one in answered][:3]}")
        after = self._files()
        took.written = sum(size for path, size in after.items() if path not in before)
        took.held = sum(size for path, size in before.items() if path not in after)
        return took

    def _find(self, _folder: Path) -> None:
        ctx = self.lake.ctx
        tenant, id_ = self.lake.customer(self._next)
        if not look_for(ctx, tenant, tokens_of(ctx.bundle, ctx.keyring, tenant, {"customer_id": id_})):
            raise RuntimeError("the person was not found")

    def _rewrite(self, tenants: Sequence[str]) -> Callable[[Path], None]:
        """What one would do without surgery: read the tables, leave the person out, write them anew."""
        ctx = self.lake.ctx
        tenant, id_ = self.lake.customer(self._next)
        [token] = tokens_of(ctx.bundle, ctx.keyring, tenant, {"customer_id": id_}).values()

        def rewrite(folder: Path) -> None:
            for table in (BRONZE, SILVER):
                rows = ctx.lake.read(table, tenants).where(F.col("subject_token") != token)
                rows.write.format("delta").partitionBy("tenant_id").save(str(folder / table.name))

        return rewrite

    def _clocked(self, what: str, run: Callable[[Path], None]) -> float:
        self._tell(what)
        folder = self.stage.folder / f"erasure-{what.replace(' ', '-')}-{self.lake.rows}"
        _, (seconds, _cpu) = (clocked(run, folder / str(number)) for number in range(2))  # one to warm up
        return seconds

    def _files(self) -> dict[Path, int]:
        """The live data files of both tables with their sizes."""
        folders = (Path(self.lake.ctx.lake.path(table)) for table in (BRONZE, SILVER))
        return {f / path: size for f in folders for path, size in (DeltaLog(f).live() or {}).items()}

    def _tell(self, what: str) -> None:
        self.stage.tell(f"{PART}, {self.size}: {what}")

    def _plain(self, name: str, about: str, seconds: float) -> Figure:
        return Figure(PART, f"{self.size}: {name}", about, seconds, "s")

    def _figure(
        self, name: str, about: str, seconds: float, against: str, ratio: float | None, aim: float | None,
        cpu: float | None = None,
    ) -> Figure:  # fmt: skip
        more = {} if cpu is None else {"cpu": round(cpu, 2)}
        return Figure(PART, name, about, seconds, "s", against=against, ratio=ratio, aim=aim, more=more)
