"""Importing Great Expectations where PySpark would end the process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def not_a_doctest() -> Iterator[None]:
    """Let `pyspark.sql.connect` be imported from a process whose main module has no file.

    Great Expectations tries that import and takes an ImportError for an answer. But PySpark believes
    that such a process (`python -c`, a worker that multiprocessing spawned, as Dagster's runs are) runs
    its doctests, and calls `sys.exit(0)` where Spark Connect's packages are missing (seen in 4.2.0).
    """
    main = sys.modules["__main__"]
    if hasattr(main, "__file__"):
        yield
        return
    main.__file__ = ""
    try:
        yield
    finally:
        del main.__file__
