from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from lineage_endpoint import PATIENCE, Endpoint

from audit.events import complete_event, start_event
from audit.http_sink import HttpSink
from audit.outbox import Outbox
from audit.relay import RelayLimits, deliver
from audit.steps import Assertion, ColumnEdge, ColumnRef, DatasetRef, StepRun
from policy.treatments import TreatmentKind
from tenancy.control import open_control
from tenancy.signing import open_signing_key

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@dataclass
class SetClock:
    """A clock that stands still until it is moved."""

    now: datetime = field(default=NOON)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture(scope="session")
def make_clock():
    return SetClock


@pytest.fixture
def key(tmp_path):
    return open_signing_key(tmp_path / "signing.key")


@pytest.fixture
def clock(make_clock):
    return make_clock()


@pytest.fixture(scope="session")
def make_step() -> Callable[..., StepRun]:
    def make(**changes) -> StepRun:
        fields = {
            "tenant_id": "acme",
            "region": "eu",
            "step": "protect",
            "dataset": "orders",
            "run_id": "6f0d2c1e-0f3e-4a52-9f0b-0c8f6f1f2f11",
            "policy_digest": "sha256:" + "ab" * 32,
            "key_epoch": 3,
            "contract_version": "1.2.0",
            "started_at": NOON,
            "engine_version": "4.2.0",
        }
        return StepRun(**(fields | changes))

    return make


@pytest.fixture(scope="session")
def bronze():
    return DatasetRef(
        layer="bronze",
        dataset="orders",
        region="eu",
        version=7,
        columns=(ColumnRef("sealed", "binary"),),
        owner="team:sales",
        row_count=10,
    )


@pytest.fixture(scope="session")
def silver():
    return DatasetRef(
        layer="silver",
        dataset="orders",
        region="eu",
        version=8,
        columns=(ColumnRef("email", "string", "user.contact.email"), ColumnRef("amount", "decimal(10,2)")),
        owner="sales",
        row_count=9,
    )


@pytest.fixture(scope="session")
def edges():
    sealed = (("bronze.orders", "sealed"),)
    return (
        ColumnEdge("email", sealed, TreatmentKind.TOKEN, masking=True),
        ColumnEdge("amount", sealed, TreatmentKind.KEEP, masking=False),
        ColumnEdge("notes", sealed, TreatmentKind.DROP, masking=True),
    )


@pytest.fixture(scope="session")
def complete(bronze, silver, edges):
    def build(step: StepRun, at: datetime = NOON):
        return complete_event(
            step,
            [bronze],
            [silver],
            edges,
            [Assertion("unique_key", None, True), Assertion("readable", "sealed", False, "warn")],
            {"rows_in": 10, "rows_out": 9},
            at=at,
        )

    return build


@pytest.fixture(scope="session")
def start(bronze, silver):
    return lambda step: start_event(step, [bronze], [silver])


@pytest.fixture
def engine(tmp_path):
    engine = open_control(tmp_path / "control.db")
    yield engine
    engine.dispose()


@pytest.fixture
def turns(tmp_path):
    """Where relays take turns."""
    return tmp_path / "turns"


@pytest.fixture
def outbox(engine, clock):
    return Outbox(engine, clock)


@pytest.fixture
def endpoint():
    endpoint = Endpoint()
    yield endpoint
    endpoint.close()


@pytest.fixture
def http(endpoint):
    return HttpSink(endpoint.url)


@pytest.fixture
def relay_http(outbox, clock, turns, http):
    """Call the relay to the endpoint alone; its report. It waits long for answers, unless told not to."""

    def call(seconds=PATIENCE):
        limits = RelayLimits(budget=2 * PATIENCE, send_timeout=seconds)
        (report,) = deliver(outbox, [http], turns, clock, limits).sinks
        return report

    return call


@pytest.fixture
def work(outbox, make_step, start, complete, clock):
    """Store START and COMPLETE of a step for each of these tenants."""

    def store(run_id, *tenants):
        for tenant in tenants:
            step = make_step(tenant_id=tenant, run_id=run_id, started_at=clock())
            outbox.append([start(step), complete(step, clock())])

    return store
