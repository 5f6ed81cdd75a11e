"""The kinds by which failures are told: codes that lineage takes, and never a text."""

from __future__ import annotations

from audit.steps import CODE
from classifications.errors import RecognizerFailed
from transforms.errors import error_kind


def test_the_kind_of_a_failed_recognizer_is_a_code_whatever_its_name() -> None:
    kind = error_kind(RecognizerFailed("crew names, 2nd list of ward 7b and more", "UnicodeDecodeError"))
    assert kind.startswith("RECOGNIZER_FAILED.crew_names__2nd_list")
    assert CODE.fullmatch(kind)
