"""What a tenant's tier lets in: limits that one run holds its files to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tier:
    """Limits of a tier; None is no limit.

    `max_file_bytes` is of one file as it lies there. The others are of one dataset of one tenant in one
    run, so that a flood in one dataset holds up neither another tenant nor another dataset.
    """

    name: str
    max_file_bytes: int | None = None
    max_files_per_run: int | None = None
    max_bytes_per_run: int | None = None
    max_rows_per_run: int | None = None
