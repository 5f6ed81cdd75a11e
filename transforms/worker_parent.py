"""Spark's parent of Python workers, with the language model loaded: a worker is forked with it, and quick.

As it comes, each worker loads the model anew, for seconds, and Spark ends workers that idle for a minute.
Spark starts this as a program (`spark.python.daemon.module`) before the first Python worker of a session.
"""

from __future__ import annotations

import gc

from pyspark.daemon import manager

from classifications.detector import Detector

if __name__ == "__main__":
    Detector.default().detect(["Ana"])  # the model is loaded at the first text
    gc.freeze()  # or each worker looks through all that is loaded, after each task
    manager()
