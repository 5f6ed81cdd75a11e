from __future__ import annotations

from datetime import timedelta

import pytest
from openlineage.client.event_v2 import Job, Run, RunEvent, RunState
from sqlalchemy import create_engine, text

from audit.errors import LineageError
from audit.events import to_json
from audit.outbox import Outbox, event_id


def stored(engine):
    with engine.connect() as connection:
        return connection.execute(text("SELECT count(*) FROM lineage_outbox")).scalar_one()


def test_events_come_back_in_the_order_they_were_stored(outbox, make_step, start, complete):
    step = make_step()
    assert outbox.append([start(step), complete(step)]) == 2
    first, second = outbox.pending("file")
    assert [first.event_type, second.event_type] == ["START", "COMPLETE"]
    assert first.seq < second.seq
    assert first.tenant_id == "acme"
    assert second.payload == to_json(complete(step))


def test_the_same_event_a_second_time_changes_nothing(outbox, make_step, start, complete, clock):
    step = make_step()
    outbox.append([complete(step)])
    before = outbox.pending("file")
    clock.forward(60)
    assert outbox.append([complete(step, clock()), start(step)]) == 1
    assert outbox.pending("file")[:1] == before


def test_an_event_twice_in_one_call_is_stored_once(outbox, make_step, start):
    assert outbox.append([start(make_step()), start(make_step())]) == 1


def test_events_go_with_the_callers_transaction(engine, outbox, make_step, start):
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE control (n INTEGER)"))
    with engine.connect() as connection:
        connection.execute(text("INSERT INTO control VALUES (1)"))
        assert outbox.append([start(make_step())], connection) == 1
        connection.rollback()
    assert stored(engine) == 0
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO control VALUES (1)"))
        outbox.append([start(make_step())], connection)
    assert stored(engine) == 1


def test_nothing_is_seen_before_the_caller_commits(engine, outbox, make_step, start):
    with engine.begin() as connection:
        outbox.append([start(make_step())], connection)
        assert outbox.pending("file") == ()
    assert len(outbox.pending("file")) == 1


def test_a_second_outbox_on_the_same_database_sees_the_first_ones_events(engine, outbox, make_step, start):
    outbox.append([start(make_step())])
    assert len(Outbox(engine).pending("file")) == 1


def test_each_sink_has_its_own_state(outbox, make_step, start):
    outbox.append([start(make_step())])
    (event,) = outbox.pending("file")
    outbox.mark_delivered("file", event.seq)
    assert outbox.pending("file") == ()
    assert len(outbox.pending("http")) == 1


def test_a_page_begins_after_the_last_one(outbox, make_step, start):
    outbox.append(start(make_step(dataset=f"d{n}x")) for n in range(5))
    first = outbox.pending("file", limit=2)
    second = outbox.pending("file", limit=2, after=first[-1].seq)
    assert [event.seq for event in first + second] == [1, 2, 3, 4]


def test_a_failed_event_stays_pending_and_remembers_its_tries(outbox, make_step, start, clock):
    outbox.append([start(make_step())])
    again = clock() + timedelta(seconds=2)
    outbox.mark_failed("http", 1, "timeout", again)
    outbox.mark_failed("http", 1, "http-400", again, rejected=True)
    (event,) = outbox.pending("http")
    assert (event.attempts, event.rejections) == (2, 1)
    assert event.next_attempt_at == again
    assert event.last_error == "rejected:http-400"
    assert event.last_try_rejected


def test_what_is_delivered_is_not_undone_by_a_late_failure(outbox, make_step, start, clock):
    outbox.append([start(make_step())])
    outbox.mark_delivered("http", 1)
    outbox.mark_failed("http", 1, "timeout", clock(), dead=True)
    assert outbox.pending("http") == ()
    assert outbox.dead_events("http") == ()


def test_what_was_set_aside_is_not_undone_by_a_late_failure_but_by_a_late_delivery(
    outbox, make_step, start, clock
):
    outbox.append([start(make_step())])
    outbox.mark_failed("http", 1, "http-400", clock(), rejected=True, dead=True)
    outbox.mark_failed("http", 1, "timeout", clock())
    assert (outbox.lag("http").pending, outbox.lag("http").dead) == (0, 1)
    outbox.mark_delivered("http", 1)
    assert (outbox.lag("http").delivered, outbox.lag("http").dead) == (1, 0)


def test_lag_counts_what_waits_and_what_was_set_aside(outbox, make_step, start, clock):
    began = clock()
    outbox.append([start(make_step())])
    clock.forward(30)
    outbox.append([start(make_step(dataset="customers")), start(make_step(dataset="tickets"))])
    outbox.mark_failed("http", 2, "http-400", clock(), rejected=True, dead=True)
    lag = outbox.lag("http")
    assert (lag.pending, lag.dead, lag.oldest_pending_at) == (2, 1, began)


def test_no_lag_has_no_oldest_event(outbox):
    lag = outbox.lag("http")
    assert (lag.pending, lag.dead, lag.oldest_pending_at) == (0, 0, None)


def test_a_revived_event_is_pending_as_if_never_refused(outbox, make_step, start, clock):
    outbox.append([start(make_step())])
    outbox.mark_failed("http", 1, "http-400", clock(), rejected=True, dead=True)
    assert outbox.revive("file") == 0
    assert outbox.revive("http") == 1
    (event,) = outbox.pending("http")
    assert (event.rejections, event.next_attempt_at) == (0, None)
    assert not event.last_try_rejected


def test_an_event_that_does_not_say_whose_it_is_is_refused(outbox):
    stranger = RunEvent(
        eventTime="2026-03-01T12:00:00+00:00",
        eventType=RunState.START,
        run=Run(runId="6f0d2c1e-0f3e-4a52-9f0b-0c8f6f1f2f11"),
        job=Job(namespace="other", name="job"),
    )
    with pytest.raises(LineageError, match="whose it is"):
        outbox.append([stranger])


def test_an_event_without_a_type_has_no_identity(make_step, start):
    event = start(make_step())
    event.eventType = None
    with pytest.raises(LineageError, match="no identity"):
        event_id(event)


def test_a_database_without_on_conflict_is_refused(make_step, start, outbox):
    class Elsewhere:
        dialect = create_engine("sqlite://").dialect.__class__()

    Elsewhere.dialect.name = "mysql"
    with pytest.raises(LineageError, match="SQLite or PostgreSQL"):
        outbox.append([start(make_step())], Elsewhere())


def test_the_payload_holds_no_data_value_only_names_and_counts(outbox, make_step, complete):
    outbox.append([complete(make_step())])
    (event,) = outbox.pending("file")
    assert "@" not in event.payload
