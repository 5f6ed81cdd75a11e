"""What a tier leaves room for while one dataset of one tenant is taken in, file by file."""

from __future__ import annotations

from policy.tiers import Tier
from transforms.errors import FileWaits, UnreadableFile


class Room:
    """The room that is left in a run. Files ask in order of arrival; after the first that waits, all wait.

    Amounts are told by the limit that they count against.
    """

    def __init__(self, tier: Tier) -> None:
        self._tier = tier
        self._full: str | None = None
        self._taken = {"max_files_per_run": 0, "max_bytes_per_run": 0, "max_rows_per_run": 0}

    def must_ever_hold(self, **amounts: int) -> None:
        """Raises UnreadableFile for what no run can let in."""
        for name, amount in amounts.items():
            if self._exceeds(name, amount):
                raise UnreadableFile("over_limit", name)

    def must_hold(self, **amounts: int) -> None:
        """Raises FileWaits where this run cannot let it in."""
        for name, amount in amounts.items():
            if self._full is None and self._exceeds(name, self._taken[name] + amount):
                self._full = name
        if self._full is not None:
            raise FileWaits(self._full)

    def take(self, **amounts: int) -> None:
        """The file comes in."""
        for name, amount in amounts.items():
            self._taken[name] += amount

    def _exceeds(self, name: str, amount: int) -> bool:
        limit: int | None = getattr(self._tier, name)
        return limit is not None and amount > limit
