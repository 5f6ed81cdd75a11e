"""A pass over one tenant's erasure requests: plan, holds, suppression, forgetting, proof.

Many requests are answered together: each table is changed once, whoever is in it. A pass can die at any
point; the next one goes on where the requests' states say.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from openlineage.client.event_v2 import RunEvent

from audit.outbox import Outbox
from policy.contracts import Contract
from policy.errors import LakewardError
from retention.exports import remove_exports_of
from retention.find import Finder
from retention.forget import Forgotten, forget_dataset
from retention.holds import holds_over
from retention.look import contracts_of
from retention.receipt import Proof
from retention.requests import (
    OPEN,
    Outcome,
    Request,
    State,
    add_tokens,
    all_requests,
    found_rows,
    move,
    requests_of,
    tokens_of_requests,
)
from retention.sought import Sought
from transforms.context import LakeContext
from transforms.deliveries import high_waters
from transforms.errors import SPARK_ERRORS, words_of
from transforms.suppressions import suppress

AT_ONCE = 1000
"""Requests that one pass answers together."""
Progress = Callable[[str], None]


class Prover(Protocol):
    """Looks for the persons of a pass where nobody should find them any more, and writes receipts."""

    def __call__(
        self,
        ctx: LakeContext,
        requests: Sequence[Request],
        sought: Sought,
        values: Mapping[str, Sequence[str]],
        done: Sequence[Forgotten],
    ) -> Mapping[str, Proof]:
        """A proof for each request, by id.

        `values` are raw identifiers by request, in memory only; `done` is what this pass did in each dataset.
        """


class HoldPlaced(LakewardError):
    """A legal hold covers some of the requests; nothing of the dataset was changed."""

    def __init__(self, request_ids: Collection[str]) -> None:
        self.request_ids = frozenset(request_ids)
        super().__init__(
            "a legal hold covers the request. To mend it: none, it goes on when the hold is lifted"
        )


@dataclass
class Erasure:
    """Answers open requests. `prove` comes from who knows the places; `exports` is the folder of archives.

    `lineage` gives the events of requests that are done, each with the name of its receipt.
    """

    ctx: LakeContext
    prove: Prover
    exports: Path
    progress: Progress = field(default=lambda _step: None)
    lineage: Callable[[Sequence[Request]], Sequence[RunEvent]] = field(default=lambda _done: ())

    def run(
        self,
        request_ids: Collection[str] | None = None,
        tenant: str | None = None,
        values: Mapping[str, Sequence[str]] | None = None,
        *,
        retry: bool = False,
    ) -> list[Request]:
        """Answer the open requests among these (None: all), tenant by tenant; how each stands after that.

        Args:
            request_ids: Only these.
            tenant: Only this tenant's.
            values: Raw identifiers by request, for the verifier alone.
            retry: Also those that failed.
        """
        states = (*OPEN, State.FAILED) if retry else OPEN
        wanted = [
            one
            for one in all_requests(self.ctx.engine, tenant, states)
            if request_ids is None or one.request_id in request_ids
        ]
        for whose in sorted({one.tenant for one in wanted} & set(self.ctx.bundle.tenants)):
            own = [one.request_id for one in wanted if one.tenant == whose]
            with self.ctx.lake.erasing(whose):
                for start in range(0, len(own), AT_ONCE):
                    self._pass(whose, own[start : start + AT_ONCE], values or {}, retry=retry)
        return requests_of(self.ctx.engine, [one.request_id for one in wanted])

    def _pass(
        self, tenant: str, request_ids: Sequence[str], values: Mapping[str, Sequence[str]], *, retry: bool
    ) -> None:
        """One pass; who held the turn before may have finished some of them."""
        now = requests_of(self.ctx.engine, request_ids)
        going = [one.request_id for one in now if one.state in OPEN or (retry and one.state is State.FAILED)]
        if not going:
            return
        one_pass = _Pass(self, tenant, going)
        try:
            one_pass.run(values)
        except (*SPARK_ERRORS, LakewardError) as error:
            one_pass.fail(error)


class _Pass:
    def __init__(self, erasure: Erasure, tenant: str, request_ids: Sequence[str]) -> None:
        self.erasure, self.ctx, self.tenant = erasure, erasure.ctx, tenant
        self.ids = list(request_ids)
        self.done: list[Forgotten] = []
        self._seen: dict[str, int] = {}

    def run(self, values: Mapping[str, Sequence[str]]) -> None:
        self._plan()
        self._start()
        sought = self._sought(self._in(State.ERASING))
        for contract in contracts_of(self.ctx, self.tenant):
            sought = self._forget(contract, sought)
        self._move(self._in(State.ERASING), State.VERIFYING)
        self._prove(values)

    def fail(self, error: Exception) -> None:
        """Record what stopped the pass with every request that it was about, in words that tell no value."""
        told = words_of(error)
        going = self._in(State.RECEIVED, State.PLANNED, State.ERASING, State.VERIFYING)
        move(self.ctx.engine, [one.request_id for one in going], State.FAILED, detail=told)

    def _plan(self) -> None:
        new = self._in(State.RECEIVED, State.FAILED)
        if new:
            self.erasure.progress("looking for the persons")
            self._learn(new)
            self._move(new, State.PLANNED)

    def _start(self) -> None:
        """Hold what is on hold; keep the others out from now on, and look again for who came until now."""
        begun, waiting = self._in(State.ERASING), self._in(State.PLANNED, State.HELD)
        held = {one.request_id for one in (*begun, *waiting) if self._held(one.request_id)}
        on_hold = [
            one for one in (*begun, *waiting) if one.request_id in held and one.state is not State.HELD
        ]
        self._move(on_hold, State.HELD)
        self._move([one for one in waiting if one.request_id not in held], State.ERASING)
        going = self._in(State.ERASING)
        self._suppress(going)
        if begun or self._arrivals() != self._seen:
            self._learn(going)
            self._suppress(going)

    def _forget(self, contract: Contract, sought: Sought) -> Sought:
        """One dataset. A hold placed meanwhile stops its request, and the others go on without it."""
        if not sought.named:
            return sought
        self.erasure.progress(f"erasing in {contract.dataset}")
        try:
            told = forget_dataset(self.ctx, Finder(self.ctx, contract, sought), self._may_go_on(sought))
        except HoldPlaced as placed:
            move(self.ctx.engine, sorted(placed.request_ids), State.HELD)
            return self._forget(contract, sought.without(placed.request_ids))
        self.done.append(told)
        return sought

    def _may_go_on(self, sought: Sought) -> Callable[[str], None]:
        def ask(dataset: str) -> None:
            held = [one for one in sought.request_ids if self._held(one, dataset)]
            if held:
                raise HoldPlaced(held)

        return ask

    def _prove(self, values: Mapping[str, Sequence[str]]) -> None:
        requests = self._in(State.VERIFYING)
        if not requests:
            return
        self.erasure.progress("verifying")
        sought = self._sought(requests)
        for one in requests:
            remove_exports_of(
                self.ctx.engine, self.erasure.exports, self.tenant, sought.tokens(one.request_id)
            )
        proofs = self.erasure.prove(self.ctx, requests, sought, values, self.done)
        self._conclude([(one, proofs[one.request_id]) for one in requests])

    def _conclude(self, proved: Sequence[tuple[Request, Proof]]) -> None:
        """Done, and told to lineage, in one transaction: there is no erasure that nobody told."""
        ends = [(one, proof, *self._end(one, proof)) for one, proof in proved]
        done = [replace(one, receipt=proof.receipt) for one, proof, state, *_ in ends if state is State.DONE]
        outbox, events = Outbox(self.ctx.engine), self.erasure.lineage(done)
        with self.ctx.engine.begin() as connection:
            for one, proof, state, outcome, told in ends:
                move(
                    connection, [one.request_id], state, outcome=outcome, detail=told, receipt=proof.receipt,
                    receipt_sha256=proof.receipt_sha256,
                )  # fmt: skip
            outbox.append(events, connection)

    def _end(self, request: Request, proof: Proof) -> tuple[State, Outcome, str]:
        left = sum(one.left[request.request_id] for one in self.done)
        if left or not proof.complete:
            told = f"{left} records of others still name the person" if left else proof.detail
            return State.FAILED, Outcome.INCOMPLETE, told
        found = found_rows(self.ctx.engine, request.request_id)
        told = ", ".join(f"{place}: {rows}" for place, rows in found.items())
        return State.DONE, Outcome.ERASED if found else Outcome.NOTHING_FOUND, told

    def _learn(self, requests: Sequence[Request]) -> None:
        """Find out whom the identifiers name, and how prose would name them; kept with each request."""
        self._seen = self._arrivals()
        for look in (Finder.subjects, Finder.mentions):
            sought = self._sought(requests)
            for contract in contracts_of(self.ctx, self.tenant):
                add_tokens(self.ctx.engine, look(Finder(self.ctx, contract, sought)))

    def _arrivals(self) -> dict[str, int]:
        """Up to which batch each dataset's rows of the tenant go."""
        return {
            one.dataset: high_waters(self.ctx.engine, one.dataset).get(self.tenant, 0)
            for one in contracts_of(self.ctx, self.tenant)
        }

    def _suppress(self, requests: Sequence[Request]) -> None:
        sought = self._sought(requests)
        for one in requests:
            suppress(self.ctx.engine, self.tenant, one.request_id, sought.tokens(one.request_id))

    def _held(self, request_id: str, dataset: str | None = None) -> bool:
        tokens = {named.token for _, named in tokens_of_requests(self.ctx.engine, [request_id])}
        return bool(holds_over(self.ctx.engine, self.tenant, dataset, tokens))

    def _sought(self, requests: Iterable[Request]) -> Sought:
        named = tokens_of_requests(self.ctx.engine, [one.request_id for one in requests])
        return Sought(self.tenant, frozenset(named))

    def _move(self, requests: Iterable[Request], state: State) -> None:
        move(self.ctx.engine, [one.request_id for one in requests], state)

    def _in(self, *states: State) -> list[Request]:
        return [one for one in requests_of(self.ctx.engine, self.ids) if one.state in states]
