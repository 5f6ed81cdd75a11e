"""What a fault suite did, and what did not hold."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

COMPARED = (
    "rows of bronze, quarantine and silver, deliveries with their counts, violations, findings, contracts,"
    " what expired with its receipts, keys, landing zone, archive, open batches, lineage (all told, begun and"
    " ended, in order), plain values"
)


def say(text: str) -> None:
    """Show a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@dataclass
class Tally:
    """What was done and what did not hold."""

    kills: Counter[str] = field(default_factory=Counter)
    instants: Counter[str] = field(default_factory=Counter)
    reruns: int = 0
    finished_first: int = 0
    compared: int = 0
    broken: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    _told: int = 0

    def add(self, other: Tally, who: str) -> None:
        """Take in what another one, `who`, did beside this one."""
        self.kills += other.kills
        self.instants += other.instants
        self.reruns += other.reruns
        self.finished_first += other.finished_first
        self.compared += other.compared
        self.broken += other.broken
        self.seconds |= {f"{who}: {what}": seconds for what, seconds in other.seconds.items()}

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Remember how long a part took."""
        begun = time.monotonic()
        yield
        self.seconds[what] = time.monotonic() - begun
        say(f"{what}: {self.seconds[what]:.0f} s")

    def tell(self, what: str) -> None:
        """Say on the way what was done, and what did not hold since the last time."""
        say("\n    DID NOT HOLD: ".join([f"  {what}", *self.broken[self._told :]]))
        self._told = len(self.broken)


def report(tally: Tally, seed: int) -> str:
    """What was done, where the kills fell, and what did not hold."""
    lines = [f"\nseed {seed}"]
    lines += [f"  {what:32} {seconds:7.0f} s" for what, seconds in tally.seconds.items()]
    for title, counter in (("at random instants", tally.instants), ("at boundaries", tally.kills)):
        if counter:
            lines.append(f"{counter.total()} kills {title}, by the step in which they fell:")
            most = max(counter.values())
            lines += [
                f"  {step:14} {count:4} {'#' * round(40 * count / most)}"
                for step, count in counter.most_common()
            ]
    lines.append(f"{tally.finished_first} runs ended before their kill came (not counted above)")
    lines.append(f"{tally.reruns} runs did killed work again")
    lines.append(f"{tally.compared} lakes compared with their twins: {COMPARED}")
    lines += [f"DID NOT HOLD: {line}" for line in tally.broken] or ["Everything held."]
    return "\n".join(lines)
