"""What a request is, which states it goes through, and where its tokens come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from policy.errors import LakewardError


class State(StrEnum):
    """How far a request is."""

    RECEIVED = "received"
    PLANNED = "planned"
    HELD = "held"
    ERASING = "erasing"
    VERIFYING = "verifying"
    DONE = "done"
    FAILED = "failed"


class Outcome(StrEnum):
    """What a request came to."""

    ERASED = "erased"
    NOTHING_FOUND = "nothing_found"
    INCOMPLETE = "incomplete"


class Role(StrEnum):
    """Where a token of a request comes from."""

    ASKED = "asked"  # an identifier that was given
    SUBJECT = "subject"  # a subject whom a given identifier names
    MENTION = "mention"  # an identifier that the person's own records hold, as prose would name them


MOVES: Mapping[State, frozenset[State]] = {
    State.RECEIVED: frozenset({State.PLANNED, State.FAILED}),
    State.PLANNED: frozenset({State.HELD, State.ERASING, State.FAILED}),
    State.HELD: frozenset({State.ERASING}),
    State.ERASING: frozenset({State.HELD, State.VERIFYING, State.FAILED}),
    State.VERIFYING: frozenset({State.DONE, State.FAILED}),
    State.DONE: frozenset(),
    State.FAILED: frozenset({State.PLANNED}),
}
OPEN = tuple(state for state in State if state not in (State.DONE, State.FAILED))
UNDONE = (*OPEN, State.FAILED)
DUE = "P1M"
"""One month from receipt (GDPR article 12(3))."""


class RequestError(LakewardError):
    """A request cannot be taken or moved as asked; nothing was changed."""


@dataclass(frozen=True, order=True)
class Named:
    """One token of a request with its domain, and where it comes from."""

    domain: str
    token: str
    role: Role = Role.ASKED


@dataclass(frozen=True)
class Request:
    """One request as it stands. Times are UTC; `detail` holds names of tables and numbers only."""

    request_id: str
    tenant: str
    kind: str
    state: State
    source: str
    received_at: datetime
    due_at: datetime
    outcome: Outcome | None
    detail: str | None
    receipt: str | None

    def overdue(self, at: datetime) -> bool:
        """Whether it is not done at `at` and should be."""
        return self.state is not State.DONE and at > self.due_at
