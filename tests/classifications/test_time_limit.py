"""Code of others is stopped after its time, and a timer that ran before runs on."""

from __future__ import annotations

import signal
import threading

import pytest

from classifications.time_limit import time_limit


def spin() -> None:
    while True:
        pass


def test_a_block_that_never_ends_is_stopped():
    with pytest.raises(TimeoutError), time_limit(0.05):
        spin()


def test_a_block_that_ends_in_time_leaves_no_timer():
    before = signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)[0] > 0
    with time_limit(60):
        pass
    assert (signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)[0] > 0) == before


def test_of_two_blocks_the_outer_one_keeps_its_time():
    def run() -> None:
        with time_limit(60):
            pass
        spin()

    with pytest.raises(TimeoutError), time_limit(0.1):
        run()


def test_an_error_of_the_block_is_its_own():
    with pytest.raises(ZeroDivisionError), time_limit(60):
        1 / 0  # noqa: B018


def test_in_another_thread_a_block_runs_unbounded():
    done = []

    def run() -> None:
        with time_limit(60):
            done.append(True)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert done == [True]
