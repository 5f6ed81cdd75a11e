"""A lake of the example tenants, a UI over it, and a browser. Slow: only `make journeys` asks for it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from browser import CHROMIUM, Page, browser
from live_house import House
from tracked_files import REPOSITORY


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Two invented tenants through the lake, and the full UI over it."""
    home = tmp_path_factory.mktemp("journeys")
    shutil.copytree(REPOSITORY / "examples" / "policies", home / "policies")
    shutil.copytree(REPOSITORY / "examples" / "landing", home / "landing")
    shutil.rmtree(home / "landing" / "us" / "northwind")
    made = House(home)
    made.command("run")
    with made.ui("--port", str(made.port)):
        yield made


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian: apt install chromium)")
    with browser(tmp_path_factory.mktemp("browser")) as tab:
        yield tab
