"""What is planted and looked for in the tests of the verifier, and a short way to look for it."""

from __future__ import annotations

from pathlib import Path

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
BY_TEXT = {text: number for number, text in enumerate([TOKEN, EMAIL, PHONE, CUSTOMER, NAME, SHORT, NUMBER])}


def look(folder: Path, **more) -> Verification:
    """Search `folder`, as the place `place`, for NEEDLES; keywords go to `verify`."""
    return verify([Place("place", folder)], NEEDLES, **more)
