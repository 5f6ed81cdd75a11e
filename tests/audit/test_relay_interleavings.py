from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from audit.errors import SinkRejected, SinkUnavailable
from audit.outbox import Outbox
from audit.relay import RelayLimits, deliver
from audit.sinks import MemorySink

ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(0, 3)),
        st.tuples(st.just("down"), st.integers(1, 3)),
        st.tuples(st.just("refuse"), st.integers(1, 2)),
        st.tuples(st.just("forward"), st.integers(0, 5)),
        st.tuples(st.just("deliver"), st.just(0)),
        st.tuples(st.just("restart"), st.just(0)),
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None)
@given(actions=ACTIONS)
def test_whatever_happens_each_event_arrives_once_and_in_the_order_of_its_run(
    actions, make_clock, make_step, start, complete
):
    clock = make_clock()
    engine = create_engine("sqlite://", poolclass=StaticPool)
    outbox, sink, appended = Outbox(engine, clock), MemorySink(), []
    limits = RelayLimits(first_wait=1, longest_wait=4, rejections_allowed=1000)
    for action, number in actions:
        if action == "append":
            step = make_step(run_id=f"run-{number}")
            event = complete(step) if f"run-{number} START" in appended else start(step)
            outbox.append([event])
            appended.append(f"run-{number} {event.eventType.value}")
        elif action == "down":
            sink.fail_next(*[SinkUnavailable("http-503")] * number)
        elif action == "refuse":
            sink.fail_next(*[SinkRejected("http-400")] * number)
        elif action == "forward":
            clock.forward(number)
        elif action == "restart":
            outbox = Outbox(engine, clock)
        else:
            deliver(outbox, [sink], clock, limits)
    for _ in range(200):
        if deliver(outbox, [sink], clock, limits).all_delivered:
            break
        clock.forward(4)
    engine.dispose()
    arrived = [(event["run"]["runId"], event["eventType"]) for event in sink.events]
    assert len(arrived) == len(set(arrived)) == len(set(appended))
    for run in {run for run, _ in arrived}:
        assert [kind for one, kind in arrived if one == run] in (["START"], ["START", "COMPLETE"])
