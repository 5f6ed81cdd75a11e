"""Spark's parent of Python workers, with all loaded that redacts: a worker is forked with it, and quick.

As it comes, each worker loads the model anew, for seconds, and Spark ends workers that idle for a minute.
Spark starts this as a program (`spark.python.daemon.module`) before the first Python worker of a session.
"""

from __future__ import annotations

import gc

from pyspark.daemon import manager

from classifications.detector import Detector
from transforms.treatments.redact import redact_all

if __name__ == "__main__":
    redact_all(["Ana"], lambda _class, _text: "", Detector.default())  # the model is loaded at the first text
    gc.freeze()  # or each worker looks through all that is loaded, after each task
    manager()
