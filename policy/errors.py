"""What can be wrong with a policies folder.

LakewardError
└── PolicyError          the folder is refused whole; carries every Problem found
"""

from __future__ import annotations

from dataclasses import dataclass


class LakewardError(Exception):
    """Root of every error that Lakeward raises on purpose. Its text never carries a personal value."""


@dataclass(frozen=True)
class Problem:
    """One fault in the policies: where it is, what is wrong, and how to mend it."""

    file: str
    where: str
    fact: str
    mend: str

    def __str__(self) -> str:
        place = f"{self.file}: {self.where}" if self.where else self.file
        return f"{place}: {self.fact}. To mend it: {self.mend}."


class PolicyError(LakewardError):
    """The policies folder is refused whole. `problems` holds every fault, in file order."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(f"  - {problem}" for problem in problems)
        super().__init__(f"the policies are refused, {len(problems)} fault(s):\n{lines}")
