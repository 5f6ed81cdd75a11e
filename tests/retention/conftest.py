"""A folder to plant needles in, and a short way to look for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from retention.verify import Place, Verification, tokens_and_values, verify

TOKEN = "3f9c0d5be1a24788a6b0c1d2e3f40516"
NEAR_TOKEN = "3f9c0d5be1a24788a6b0c1d2e3f40517"
EMAIL = "Zora.Blax4711@Example.org"
PHONE = "+49 30 4711-0815"
CUSTOMER = "C-104200"
NAME = "Zoë Bläx"
SHORT = "ZX42"
NUMBER = "90714711"
NEEDLES = tokens_and_values([TOKEN], [EMAIL, PHONE, CUSTOMER, NAME, SHORT, NUMBER])
BY_TEXT = {
    text: number for number, text in enumerate([TOKEN, EMAIL, PHONE, CUSTOMER, NAME, SHORT, NUMBER])
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "place").mkdir()
    return tmp_path / "place"


@pytest.fixture
def look(place: Path) -> Callable[..., Verification]:
    """`look()` searches the folder for NEEDLES; keywords go to `verify`."""

    def search(**more) -> Verification:
        return verify([Place("place", place)], NEEDLES, **more)

    return search
