"""The small lake, for what must go; and one that is filled once, copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from erasures import fill
from small_lake import changed_policies, open_lake, small_lake, small_policies

__all__ = ["changed_policies", "filled", "lake", "open_lake", "small_lake", "small_policies"]


@pytest.fixture(scope="session")
def filled(open_lake, small_policies, tmp_path_factory) -> Path:
    home = tmp_path_factory.mktemp("filled")
    lake = open_lake(home, small_policies)
    fill(lake)
    lake.ctx.engine.dispose()
    return home


@pytest.fixture
def lake(filled, open_lake, small_policies, tmp_path):
    return open_lake(Path(shutil.copytree(filled, tmp_path / "home")), small_policies)
