"""What can go wrong with rows and tables.

LakewardError
├── LakeStateError      a table and the control database contradict each other
├── UnreadableFile      a landing file is refused: it cannot be read as what its name says, or is too much
├── FileWaits           a landing file is left to the next run
└── StepFailed          a Spark job failed; carries the kind of error, never its text
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator

from py4j.java_gateway import JavaObject, is_instance_of
from py4j.protocol import Py4JError
from pyspark import SparkContext
from pyspark.errors import PySparkException

from classifications.errors import RecognizerFailed
from policy.errors import LakewardError
from transforms.refusals import mend_of


class LakeStateError(LakewardError):
    """A table and the control database contradict each other; nothing is written until that is mended."""


class UnreadableFile(LakewardError):
    """A landing file is refused whole. `reason` is a word of `transforms.refusals`, safe to store and show.

    `detail` follows it after a colon: columns of the contract, a line, a limit; never a value. It is
    cut to what the control database keeps.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        self.reason = (f"{code}:{detail}" if detail else code)[:200]
        super().__init__(f"{self.reason}. To mend it: {mend_of(code)}")


class FileWaits(LakewardError):
    """A landing file is left to the next run. `reason` is a word of `transforms.refusals`."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"{reason}. To mend it: {mend_of(reason)}")


class StepFailed(LakewardError):
    """A Spark job failed. The cause's own text may quote a row, so only its kind is told."""


SPARK_ERRORS = (PySparkException, Py4JError, OSError)
"""What a Spark job can fail with. Their texts may quote a row: tell `error_kind`, never the text."""


DISK_FULL = "DISK_FULL"
"""The kind of a failure for want of space: nothing of it is visible, and free space is all it takes."""
RECOGNIZER_FAILED = "RECOGNIZER_FAILED"
"""The kind of a failure of a policy's own recognizer; its name and the class of error follow, after dots."""
NO_SPACE = "No space left on device"  # errno ENOSPC, in Java's words
DEEPEST = 20
LONGEST_KIND = 80
# The last line of a Python worker's traceback, as RecognizerFailed words it: a name and a kind, no value.
_FAILED = re.compile(
    rf'^{RecognizerFailed.__module__}\.RecognizerFailed: the recognizer "([^"\n]{{1,60}})" failed with '
    r"(\w{1,60})\.",
    re.MULTILINE,
)


def error_kind(error: BaseException) -> str:
    """A short name of what failed: DISK_FULL, a policy's recognizer, else Spark's error condition, else the
    exception's class.
    """
    if isinstance(error, RecognizerFailed):
        return _recognizer_kind(error.name, error.kind)
    java = getattr(error, "java_exception", None) or getattr(error, "_origin", None)
    if java is None:
        return DISK_FULL if getattr(error, "errno", None) == errno.ENOSPC else type(error).__name__
    chain = list(_causes(java))
    if any(one.getMessage() == NO_SPACE for one in chain):
        return DISK_FULL
    if recognizer := next(filter(None, (_FAILED.search(str(one.getMessage())) for one in chain)), None):
        return _recognizer_kind(*recognizer.groups())
    gateway = SparkContext._gateway  # noqa: SLF001 - PySpark's door to the JVM
    told = [one for one in chain[:1] if is_instance_of(gateway, one, "org.apache.spark.SparkThrowable")]
    condition = told[0].getCondition() if told else None
    return str(condition or java.getClass().getSimpleName())


def _recognizer_kind(name: str, kind: str) -> str:
    """A code, as lineage asks for one: what a recognizer's name has beside letters and digits becomes `_`."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", f"{RECOGNIZER_FAILED}.{name}.{kind}")[:LONGEST_KIND]


def words_of(error: BaseException) -> str:
    """What failed, in words that tell no value: our own errors' text, of any other its kind."""
    return str(error) if isinstance(error, LakewardError) else error_kind(error)


def _causes(java: JavaObject) -> Iterator[JavaObject]:
    for _ in range(DEEPEST):
        if java is None:
            return
        yield java
        java = java.getCause()
