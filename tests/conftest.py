"""One Spark session for the whole test run, made on first use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from few_rows import FEW_ROWS
from hypothesis import settings
from pyspark.sql import SparkSession

from transforms.session import build_session

# How long an example takes says something of the machine, not of the code.
settings.register_profile("lakeward", deadline=None)
settings.load_profile("lakeward")


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    session = build_session(tmp_path_factory.mktemp("spark"), FEW_ROWS)
    yield session
    session.stop()


@pytest.fixture
def examples() -> Path:
    return Path(__file__).parents[1] / "examples"
