"""What can go wrong while proof is written or sent on.

LakewardError
├── LineageError         an event cannot be built or stored as asked; a fault of the caller
├── LedgerError          the ledger refuses a fact, or is not what its heads say
├── EvidenceError        a bundle cannot be made as asked
└── SinkError            one event did not reach one sink; the outbox keeps it
    ├── SinkUnavailable  the sink's fault: try again later, nothing else goes past
    └── SinkRejected     the event's fault: the sink answers, but refuses this one
"""

from __future__ import annotations

from policy.errors import LakewardError


class LineageError(LakewardError):
    """A lineage event cannot be built or stored as asked."""


class LedgerError(LakewardError):
    """The ledger cannot take, give or sign what is asked. Never quotes a fact's values."""


class EvidenceError(LakewardError):
    """An evidence bundle cannot be made as asked. Never quotes what would be in it."""


class SinkError(LakewardError):
    """One event did not reach one sink. `kind` is a code such as `timeout` or `http-503`, never a text."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(
            f"the sink did not take the event ({kind}); it stays in the outbox and is tried again"
        )


class SinkUnavailable(SinkError):
    """The sink cannot take any event now (down, slow, overloaded, or set up wrongly).

    `retry_after`: for how many seconds it asks to be left alone. `event_may_be_why`: it was reached and
    failed with this event in hand, so that the event itself can be the cause.
    """

    def __init__(
        self, kind: str, *, retry_after: float | None = None, event_may_be_why: bool = False
    ) -> None:
        super().__init__(kind)
        self.retry_after, self.event_may_be_why = retry_after, event_may_be_why


class SinkRejected(SinkError):
    """The sink is there and refuses this event."""
