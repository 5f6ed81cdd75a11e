"""What the outbox keeps, and what it lets go."""

from __future__ import annotations

from sqlalchemy import event

from audit.relay import deliver
from audit.sinks import MemorySink

DAY = 24 * 3600


def test_delivered_events_leave_the_outbox_down_to_what_is_kept(outbox, turns, work, engine):
    for run in range(5):
        work(f"run-{run}", "acme", "globex")
    sinks = [MemorySink("file", batch_size=7), MemorySink("http")]
    deliver(outbox, sinks, turns)
    kept = [
        (outbox.prune(["file", "http"], keep), outbox.lag("file").delivered) for keep in (50, 20, 6, 6, 0)
    ]
    assert kept == [(0, 20), (0, 20), (14, 6), (0, 6), (6, 0)]
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM lineage_deliveries").scalar_one() == 0


def test_an_event_that_waits_for_one_sink_is_kept_whatever_its_age(outbox, turns, work, clock):
    work("run-0", "acme")
    deliver(outbox, [MemorySink("file")], turns, clock)
    clock.forward(1000 * DAY)
    assert outbox.prune(["file", "http"], keep=0) == 0
    deliver(outbox, [MemorySink("http")], turns, clock)
    assert outbox.prune(["file", "http"], keep=0) == 2


def test_a_process_that_does_not_know_of_a_sink_does_not_prune_its_events(outbox, turns, work, clock):
    work("run-0", "acme")
    deliver(outbox, [MemorySink("http")], turns, clock)
    work("run-1", "acme")
    deliver(outbox, [MemorySink("file")], turns, clock)
    clock.forward(29 * DAY)
    assert outbox.prune(["file"], keep=0) == 2
    assert [event.event_type for event in outbox.pending("http")] == ["START", "COMPLETE"]
    clock.forward(2 * DAY)
    assert outbox.prune(["file"], keep=0) == 2


def test_a_start_stays_until_its_run_has_an_end(outbox, turns, make_step, start, complete, clock):
    step = make_step()
    outbox.append([start(step)])
    deliver(outbox, [MemorySink("file")], turns)
    assert outbox.prune(["file"], keep=0) == 0
    outbox.append([complete(step, clock())])
    deliver(outbox, [MemorySink("file")], turns)
    assert outbox.prune(["file"], keep=0) == 2


def test_a_pruned_number_is_never_given_again(outbox, turns, work):
    work("run-0", "acme")
    deliver(outbox, [MemorySink("file")], turns)
    last = outbox.lag("file").delivered
    outbox.prune(["file"], keep=0)
    work("run-1", "acme")
    assert min(event.seq for event in outbox.pending("file")) > last


def test_the_counts_of_a_sink_come_from_indexes_because_payloads_are_long(outbox, engine, work):
    work("run-0", "acme")
    asked = []

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection, _cursor, statement, parameters, *_rest):
        asked.append((statement, parameters))

    outbox.lag("file")
    event.remove(engine, "before_cursor_execute", note)
    with engine.connect() as connection:
        plan = [
            row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[0][0]}", asked[0][1])
        ]
    read = [line for line in plan if line.startswith(("SCAN", "SEARCH")) and "CONSTANT ROW" not in line]
    assert len(read) == 3
    assert all("COVERING INDEX" in line for line in read)
