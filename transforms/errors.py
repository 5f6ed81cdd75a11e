"""What can go wrong with rows and tables.

LakewardError
├── LakeStateError      a table and the control database contradict each other
├── UnreadableFile      a landing file cannot be read as what its name says
└── StepFailed          a Spark job failed; carries the kind of error, never its text
"""

from __future__ import annotations

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException

from policy.errors import LakewardError


class LakeStateError(LakewardError):
    """A table and the control database contradict each other; nothing is written until that is mended."""


class UnreadableFile(LakewardError):
    """A landing file is refused whole. `reason` is a short code, safe to store and show."""

    def __init__(self, reason: str, mend: str) -> None:
        self.reason = reason
        super().__init__(f"{reason}. To mend it: {mend}")


class StepFailed(LakewardError):
    """A Spark job failed. The cause's own text may quote a row, so only its kind is told."""


SPARK_ERRORS = (PySparkException, Py4JError, OSError)
"""What a Spark job can fail with. Their texts may quote a row: tell `error_kind`, never the text."""


def error_kind(error: BaseException) -> str:
    """A short name of what failed: Spark's error condition, else the exception's class."""
    java = getattr(error, "java_exception", error)
    condition = java.getCondition() if hasattr(java, "getCondition") else None
    return str(condition) if condition else type(error).__name__
