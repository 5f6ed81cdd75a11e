"""`python -m tests.faults`: kill the pipeline, do the work again, compare with a lake that nobody killed."""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from memory_disk import use_memory

from tests.faults import lanes, pairs, suite, trials, worker
from tests.faults.scenario import ACTS, ERASE, EXPIRE
from tests.faults.suite import Case, Workshop
from tests.faults.tally import Tally, report, say

CASES = (Case("people", ("people",)), Case("orders", ("orders",)), Case("staff", ("staff",)))
SHORT_KILLS = 12


def main() -> int:
    """Do what the arguments ask for; the exit code is 1 where anything did not hold."""
    options = _options()
    say(f"seed {options.seed}")
    use_memory()
    worker.preload()
    scratch = Path(options.keep or tempfile.mkdtemp(prefix="lakeward-faults-"))
    tally = Tally()
    shop = Workshop(scratch)
    try:
        if options.short:
            _short(shop, tally)
        else:
            _long(shop, tally, options)
    finally:
        shop.close()
    say(report(tally, options.seed))
    if not options.keep and not tally.broken:
        shutil.rmtree(scratch)
    elif tally.broken:
        say(f"What is left of the lakes that did not hold: {scratch}")
    return 1 if tally.broken else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="at random instants (200)")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--whole", type=int, default=3, help="kills of the whole command (3)")
    parser.add_argument("--only", choices=lanes.PARTS, action="append")
    parser.add_argument("--act", choices=(*ACTS, EXPIRE, ERASE), action="append", help="kill in these acts")
    parser.add_argument(
        "--short", action="store_true", help="one lake, a dozen kills, two at once: two minutes"
    )
    parser.add_argument("--keep", help="work in this folder, and leave it")
    return parser.parse_args()


def _short(shop: Workshop, tally: Tally) -> None:
    """One kill after the other in one lake, each further on, then two runs at once over its twin."""
    with tally.timed("the twin"):
        twins = suite.make_twins(shop, CASES[0], (*ACTS[:2], ERASE))
    with tally.timed("a dozen kills in one lake"):
        trials.kill_in_a_row(shop, twins, SHORT_KILLS, tally)
    with tally.timed("two at once"):
        pairs.try_pairs(shop, twins[:1], tally, random.Random(0), pairs.PAIRS[:1])


def _long(shop: Workshop, tally: Tally, options: argparse.Namespace) -> None:
    with tally.timed("twins"):
        acts = {CASES[0]: (*ACTS, EXPIRE, ERASE), CASES[1]: (*ACTS, ERASE), CASES[2]: ACTS}
        twins = lanes.twins(shop, acts)
    twins = [twin for twin in twins if options.act is None or twin.act in options.act]
    parts = [part for part in lanes.PARTS if options.only is None or part in options.only]
    lanes.play(shop, twins, tally, parts=parts, kills=options.kills, whole=options.whole, seed=options.seed)


if __name__ == "__main__":
    sys.exit(main())
