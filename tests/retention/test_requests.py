"""A request moves as it may, once whoever asks how often, and keeps tokens only."""

from __future__ import annotations

import itertools
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from retention import requests
from retention.requests import (
    MOVES,
    Named,
    Outcome,
    RequestError,
    Role,
    State,
    add_tokens,
    all_requests,
    found_rows,
    move,
    moves_of,
    note_found,
    receive,
    the_request,
    tokens_of_requests,
)
from tenancy.control import open_control

TENANTS = ("acme", "globex")
ASKED = {"user.contact.email": "a" * 32, "user.unique_id/customer": "b" * 32}
WAYS = {
    State.RECEIVED: (),
    State.PLANNED: (State.PLANNED,),
    State.HELD: (State.PLANNED, State.HELD),
    State.ERASING: (State.PLANNED, State.ERASING),
    State.VERIFYING: (State.PLANNED, State.ERASING, State.VERIFYING),
    State.DONE: (State.PLANNED, State.ERASING, State.VERIFYING, State.DONE),
    State.FAILED: (State.FAILED,),
}


@pytest.fixture
def engine(tmp_path: Path):
    made = open_control(tmp_path / "control" / "control.db")
    requests.metadata.create_all(made)
    return made


def ask(engine, tenant="acme", asked=ASKED) -> str:
    return receive(engine, TENANTS, [(tenant, asked)], "cli")[0]


def bring(engine, request_id: str, state: State) -> None:
    for step in WAYS[state]:
        move(engine, [request_id], step)


@pytest.mark.parametrize(("before", "after"), list(itertools.product(State, State)))
def test_a_request_moves_as_the_table_says_and_no_other_way(engine, before, after):
    request_id = ask(engine)
    bring(engine, request_id, before)
    if after in MOVES[before]:
        move(engine, [request_id], after)
    else:
        with pytest.raises(RequestError, match="cannot become"):
            move(engine, [request_id], after)
    assert the_request(engine, request_id).state is (after if after in MOVES[before] else before)


def test_of_several_requests_none_moves_where_one_may_not(engine):
    first, second = ask(engine), ask(engine, asked={"user.name": "c" * 32})
    move(engine, [second], State.PLANNED)
    with pytest.raises(RequestError):
        move(engine, [first, second], State.PLANNED)
    assert the_request(engine, first).state is State.RECEIVED


def test_every_move_is_recorded_with_its_time(engine):
    request_id = ask(engine)
    bring(engine, request_id, State.DONE)
    told = moves_of(engine, request_id)
    assert [(was, state) for was, state, _ in told] == [
        (None, "received"), ("received", "planned"), ("planned", "erasing"), ("erasing", "verifying"),
        ("verifying", "done"),
    ]  # fmt: skip
    times = [at for *_, at in told]
    assert times == sorted(times)
    assert times[0].tzinfo is not None


def test_the_same_tokens_are_the_same_request_until_it_is_done(engine):
    request_id = ask(engine)
    assert ask(engine, asked=dict(reversed(ASKED.items()))) == request_id
    bring(engine, request_id, State.DONE)
    assert ask(engine) != request_id


def test_the_same_tokens_of_another_tenant_are_another_request(engine):
    assert ask(engine, "acme") != ask(engine, "globex")


def test_a_request_for_an_unknown_tenant_or_for_nobody_is_refused_and_none_of_its_batch_is_taken(engine):
    for bad in (("umbrella", ASKED), ("acme", {})):
        with pytest.raises(RequestError):
            receive(engine, TENANTS, [("acme", ASKED), bad], "cli")
    assert all_requests(engine) == []


def test_the_deadline_is_one_calendar_month_after_receipt_or_what_is_set(engine):
    request = the_request(engine, ask(engine))
    assert timedelta(28) <= request.due_at - request.received_at <= timedelta(31)
    assert request.due_at.day in {request.received_at.day, 28, 29, 30}
    [short] = receive(engine, TENANTS, [("globex", ASKED)], "inbox", "P3D")
    assert the_request(engine, short).due_at - the_request(engine, short).received_at == timedelta(3)
    assert request.overdue(request.due_at + timedelta(seconds=1))
    assert not request.overdue(request.due_at)


def test_requests_are_listed_by_deadline_and_state(engine):
    late, soon = ask(engine), receive(engine, TENANTS, [("globex", ASKED)], "cli", "P1D")[0]
    bring(engine, late, State.HELD)
    assert [one.request_id for one in all_requests(engine)] == [soon, late]
    assert [one.request_id for one in all_requests(engine, states=[State.HELD])] == [late]
    assert [one.request_id for one in all_requests(engine, "globex")] == [soon]


def test_what_is_found_out_is_kept_once_with_where_it_comes_from(engine):
    request_id = ask(engine)
    found = [(request_id, Named("user.unique_id/customer", "d" * 32, Role.SUBJECT))]
    add_tokens(engine, found)
    add_tokens(engine, found)
    named = {one for _, one in tokens_of_requests(engine, [request_id])}
    assert named == {*(Named(*one) for one in ASKED.items()), found[0][1]}


def test_the_fullest_look_counts(engine):
    request_id = ask(engine)
    note_found(engine, request_id, {"bronze.orders": 3})
    note_found(engine, request_id, {"bronze.orders": 1, "silver.orders": 2})
    assert found_rows(engine, request_id) == {"bronze.orders": 3, "silver.orders": 2}


def test_what_a_move_tells_is_kept(engine):
    request_id = ask(engine)
    bring(engine, request_id, State.VERIFYING)
    move(
        engine, [request_id], State.DONE, outcome=Outcome.ERASED, detail="bronze.orders: 1", receipt="r.json"
    )
    told = the_request(engine, request_id)
    assert (told.outcome, told.detail, told.receipt) == (
        Outcome.ERASED,
        "bronze.orders: 1",
        "r.json",
    )


def test_the_database_itself_refuses_a_second_open_request_of_the_same_tokens(engine):
    """Two processes that look in the same moment both find none."""
    ask(engine)
    copy = (
        "INSERT INTO erasure_requests SELECT 'x', tenant_id, kind, state, asked, source, received_at, "
        "due_at, outcome, detail, receipt FROM erasure_requests"
    )
    with pytest.raises(Exception, match="UNIQUE"), engine.begin() as connection:
        connection.execute(text(copy))
