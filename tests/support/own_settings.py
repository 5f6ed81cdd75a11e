"""The environment of a program that tests start: as it is, without settings of Lakeward and Dagster."""

from __future__ import annotations

import os


def without_settings() -> dict[str, str]:
    """A copy of the environment that leaves the program to its defaults and its arguments."""
    return {name: text for name, text in os.environ.items() if not name.startswith(("LAKEWARD_", "DAGSTER_"))}
