"""A progress line for what takes more than a few seconds."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from dagster_project.cli.guard import OUT
from dagster_project.settings import debugging

VERBS = {
    "landing": "look at",
    "bronze": "seal",
    "findings": "classify",
    "silver": "protect",
    "lineage": "deliver",
}


@contextmanager
def step_progress() -> Iterator[Callable[[str, int, int], None]]:
    """Shows the step that runs and how many are done. Gives what `run_pipeline` takes as progress."""
    with _bar() as bar, quiet_stderr():
        task = bar.add_task("open the lake", total=None)
        yield lambda step, done, steps: bar.update(task, description=words(step), completed=done, total=steps)
        bar.update(task, description="done")


@contextmanager
def count_progress(what: str) -> Iterator[Callable[[int], None]]:
    """Shows how many `what` are done so far."""
    with _bar() as bar:
        task = bar.add_task(what, total=None)
        yield lambda done: bar.update(task, completed=done)


@contextmanager
def words_progress(begin: str) -> Iterator[Callable[[str], None]]:
    """Shows what goes on, in the words that the caller gives."""
    with OUT.status(begin) as status, quiet_stderr():
        yield status.update


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Shows that something is going on whose length is not known."""
    with OUT.status(what), quiet_stderr():
        yield


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Silence the Java process, which writes to standard error past Python, and may quote data there."""
    if debugging():
        yield
        return
    sys.stderr.flush()
    saved = os.dup(2)
    try:
        with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - a device, by its descriptor
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


def words(step: str) -> str:
    """`silver__customers` is "protect customers", `silver_customers_checks` "check silver customers"."""
    if step.endswith("_checks"):
        layer, _, dataset = step.removesuffix("_checks").partition("_")
        return f"check {layer} {dataset}"
    layer, _, dataset = step.partition("__")
    return f"{VERBS.get(layer, layer)} {dataset}"


def _bar() -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeElapsedColumn(), console=OUT)
