"""Whatever is dropped, spoiled, killed and changed, the lake is what a model in plain Python says."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from kill_points import disk_fails_at, killed_at
from lake_drops import POISONS, Draft, drafts, poisoned
from lake_model import LakeModel
from lake_policies import DATASETS, TENANTS

FAULTS = os.environ.get("LAKEWARD_FAULTS", "") not in ("", "0")
RUNS = 40 if FAULTS else 6  # of Spark, an example: each takes seconds
WHICH = st.integers(0, 4)
STRANGERS = ("us/alder/people", "eu/{w}@x/people", "eu/Alder/orders", "eu/alder/of {w}", "eu/alder/nothing")
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "level_max": st.sampled_from([3, 5, 9]),
        "amount_min": st.sampled_from([-5, 0, 2]),
        "name": st.sampled_from(["token", "seal", "drop"]),
        "email": st.sampled_from(
            ["token", "seal", "{mask: {show_last: 2}}", "{generalise: {to: prefix, size: 3}}"]
        ),
        "born": st.sampled_from(["year", "month", "decade"]),
        "strict_tenant": st.sampled_from([None, "alder", "birch"]),
        "own_orders": st.sampled_from([None, "alder", "birch"]),
    },
)


class LakeMachine(RuleBasedStateMachine):
    """Two to five tenants and three datasets. Runs cost seconds and drops nothing, so drops come first."""

    def __init__(self, home: Callable[[], Path]) -> None:
        super().__init__()
        self.home, self.drops = home, 0

    @initialize(tenants=st.integers(2, 5), first=st.lists(st.tuples(WHICH, drafts()), min_size=2, max_size=4))
    def open(self, tenants: int, first: list[tuple[int, Draft]]) -> None:
        self.model = LakeModel(self.home(), TENANTS[:tenants])
        for which, draft in first:
            self.drop(which, draft, 0)

    @rule(which=WHICH, draft=drafts(), earlier=st.integers(0, 3))
    def drop(self, which: int, draft: Draft, earlier: int) -> None:
        who, other = self._who(which), self._who(which + 1)
        self._drop(who.id, draft.of(who, other), earlier)

    @rule(which=WHICH)
    def drop_the_same_again(self, which: int) -> None:
        known = list(self.model.deliveries.values())
        one = known[which % len(known)]
        self._drop(one.tenant, one.file, 0)

    @rule(which=WHICH, kind=st.sampled_from(POISONS), dataset=st.sampled_from(DATASETS))
    def poison(self, which: int, kind: str, dataset: str) -> None:
        who = self._who(which)
        self._drop(who.id, poisoned(kind, dataset, who), 0)

    @rule(which=WHICH, place=st.sampled_from(STRANGERS), linked=st.booleans())
    def put_where_it_does_not_belong(self, which: int, place: str, linked: bool) -> None:
        who = self._who(which)
        folder = self.model.home / "landing" / place.format(w=who.word)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{who.word}.csv").write_text(f"{who.word},{who.digits}\n")
        link = self.model.home / "landing" / who.region / who.id / "people" / f"{who.word}.csv"
        if linked and not link.is_symlink():
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(folder / f"{who.word}.csv")

    @rule(changes=CHANGES)
    def change_policies(self, changes: dict[str, object]) -> None:
        self.model.change_policies(**changes)

    @precondition(lambda self: self._has_breath() and (self.model.waiting() or self.model.stale))
    @rule(which=st.integers(0, 255))
    def bring_up_to_date(self, which: int) -> None:
        dataset = _one_of(self.model.waiting() | self.model.stale, which)
        self.model.ingest(dataset)
        self.model.protect(dataset, self._all_but(which >> 3))

    @precondition(lambda self: self._has_breath() and self.model.quarantined())
    @rule(which=WHICH)
    def retry(self, which: int) -> None:
        self.model.retry(_one_of(self.model.quarantined(), which))

    @precondition(lambda self: self._has_breath() and self.model.waiting())
    @rule(which=WHICH, nth=st.integers(1, 16))
    def kill_in_ingest(self, which: int, nth: int) -> None:
        self.model.ingest(_one_of(self.model.waiting(), which), killed_at(nth))

    @precondition(lambda self: self._has_breath() and self.model.quarantined())
    @rule(which=WHICH, nth=st.integers(1, 5))
    def kill_in_retry(self, which: int, nth: int) -> None:
        self.model.retry(_one_of(self.model.quarantined(), which), killed_at(nth))

    @precondition(lambda self: self._has_breath() and self.model.stale)
    @rule(which=st.integers(0, 255), nth=st.integers(1, 6))
    def kill_in_protect(self, which: int, nth: int) -> None:
        dataset = _one_of(self.model.stale, which)
        self.model.protect(dataset, self._all_but(which >> 3), killed_at(nth))

    @precondition(lambda self: self._has_breath() and self.model.waiting())
    @rule(which=WHICH, nth=st.integers(1, 3), after=st.booleans())
    def run_on_a_failing_disk(self, which: int, nth: int, after: bool) -> None:
        fault = disk_fails_at(nth, f"No space left for {self._who(nth).word}", after=after)
        self.model.ingest(_one_of(self.model.waiting(), which), fault)

    def teardown(self) -> None:
        if hasattr(self, "model"):
            try:
                self.model.compare_all()
            finally:
                self.model.close()

    def _who(self, which: int):
        return TENANTS[which % len(self.model.who)]

    def _all_but(self, bits: int) -> list[str]:
        """Some of the tenants; all of them half of the time."""
        return [id_ for number, id_ in enumerate(self.model.who) if not bits >> number & 1 or bits & 16]

    def _has_breath(self) -> bool:
        return self.model.runs < RUNS

    def _drop(self, tenant: str, file, earlier: int) -> None:
        self.drops += 1
        stem = f"{self.model.who[tenant].word}@mail.example-{self.drops}"
        self.model.drop(tenant, file, stem, 1_700_000_000 + 10 * self.drops - 11 * earlier)


def _one_of(names: set[str], which: int) -> str:
    return sorted(names)[which % len(names)]


QUICK = settings(
    max_examples=5,
    stateful_step_count=12,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # shrinking takes minutes; `make faults` has them
    suppress_health_check=list(HealthCheck),
)
LONG = settings(
    max_examples=60,
    stateful_step_count=16,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.spark
@pytest.mark.slow
@pytest.mark.timeout(3600 if FAULTS else 300)
def test_the_lake_is_what_the_model_says(spark, tmp_path_factory):
    def home() -> Path:
        return tmp_path_factory.mktemp("machine")

    run_state_machine_as_test(lambda: LakeMachine(home), settings=LONG if FAULTS else QUICK)
