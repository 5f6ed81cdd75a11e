"""The small lake, for what happens to rows."""

from __future__ import annotations

from small_lake import changed_policies, open_lake, small_lake, small_policies

__all__ = ["changed_policies", "open_lake", "small_lake", "small_policies"]
