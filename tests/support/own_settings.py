"""The environment of a program that tests start: as it is, without settings of Lakeward and Dagster."""

from __future__ import annotations

import os

SHORT_LIFE = "-XX:TieredStopAtLevel=1"
"""For a Java that ends before thorough compilation pays: nearly half of its CPU time went there."""


def without_settings() -> dict[str, str]:
    """A copy of the environment that leaves the program to its defaults and its arguments."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("LAKEWARD_", "DAGSTER_"))}
    return kept | {"SPARK_SUBMIT_OPTS": SHORT_LIFE}
