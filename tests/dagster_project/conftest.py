from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from dagster_project.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own environment must not reach a test's lake."""
    import os

    for name in [name for name in os.environ if name.startswith("LAKEWARD_") or name == "DAGSTER_HOME"]:
        monkeypatch.delenv(name)


@pytest.fixture
def settings(tmp_path: Path, examples: Path) -> Settings:
    (tmp_path / "landing").mkdir()
    return load_settings(landing=tmp_path / "landing", lake=tmp_path / "lake", policies=examples / "policies")


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made
