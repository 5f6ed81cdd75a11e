"""A bundle of a long period takes no more memory than one of a short one."""

from __future__ import annotations

import tracemalloc
from datetime import timedelta

from evidence import BEGIN, Ticking, check_fact, lineage_facts, open_lake

from audit.standalone.verify_bundle import Zip, verify

AT_ONCE = 1000


def many_facts(first, last):
    """Checks with a lineage event pair among them, of two tenants in turn."""
    for number in range(first, last):
        yield check_fact(str(number), "acme" if number % 2 else "globex")
        if number % 200 == 0:
            at = BEGIN + timedelta(minutes=number)
            yield from lineage_facts("acme", "eu", "orders", f"run-{number}", at)


def peak_of(work):
    """The most bytes that Python held at once beside what it held before."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_number_of_entries(tmp_path):
    lake = open_lake(tmp_path / "lake", Ticking(timedelta(seconds=7)))
    peaks, sizes = [], []
    lake.bundle("warm.zip")  # what is imported and compiled on first use does not count
    for first, last in ((0, 2000), (2000, 4000)):
        for start in range(first, last, AT_ONCE):
            lake.ledger.append(many_facts(start, start + AT_ONCE))
        lake.sign()
        name = f"{last}.zip"
        peaks.append(peak_of(lambda name=name: lake.bundle(name)))
        sizes.append(lake.ledger.size())
        with (tmp_path / "lake" / name).open("rb") as stream:
            peaks.append(peak_of(lambda stream=stream: verify(Zip(stream))))
    lake.engine.dispose()
    written, checked = peaks[2] - peaks[0], peaks[3] - peaks[1]
    # An entry has over a kilobyte with its proof, so that keeping the tenant's half of them would show.
    assert sizes[1] - sizes[0] > 2000
    assert written < 1 << 19, peaks
    assert checked < 1 << 18, peaks
