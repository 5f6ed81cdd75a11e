"""What proves itself is found without the language model, and is what the whole detector finds."""

from __future__ import annotations

import pytest
from presidio_analyzer import predefined_recognizers

from classifications.detector import Detector
from classifications.engine import LocalSpacyEngine
from classifications.entities import ENTITIES, STRONG_CLASSES
from classifications.recognizers import build_recognizers

DETECTOR = Detector.default()
TEXTS = [
    "Maria Anders of Berlin: maria@example.com, +49 30 901820, from 192.168.1.20",
    "pay to DE89 3704 0044 0532 0130 00, card 4111 1111 1111 1111, SSN 536-22-1234",
    "DOB: 03.05.1980\nPhone: 506 852 005\nAccount number: 68609717\nPassport no.: K03789837",
    "1600 Pennsylvania Ave NW, Apt. 4, Washington, DC 20500, call (206) 555-9857",
    "write to ann [at] example [dot] com, device 00:1B:44:11:3A:B7",
    "order 2065559857 has shipped to Paris on 2024-05-03",
    "",
]


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_proven_is_what_the_whole_detector_finds_of_these_classes(text):
    whole = [span for span in DETECTOR.detect([text])[0] if span.data_class in STRONG_CLASSES]
    assert DETECTOR.detect_proven([text])[0] == whole


def test_the_language_model_is_not_asked_for_what_is_proven(monkeypatch):
    monkeypatch.setattr(LocalSpacyEngine, "process_batch", lambda *_, **__: pytest.fail("the model"))
    found = DETECTOR.detect_proven(["Zoe Quux, zoe@example.com"])[0]
    assert [span.entity for span in found] == ["EMAIL_ADDRESS"]


def test_nothing_that_is_not_proven_is_given():
    assert DETECTOR.detect_proven(["Dr. Maria Anders, 34 years old, lives in Berlin"]) == [[]]


def test_no_recognizer_has_a_name_that_presidios_registry_would_take_for_its_own():
    ours = {
        type(one).__name__
        for one in build_recognizers(("US",))
        if type(one).__module__.startswith("classifications.")
    }
    assert not ours & set(dir(predefined_recognizers))


def test_each_recognizers_entity_is_known_so_that_its_rank_is():
    assert {entity for one in build_recognizers(("US",)) for entity in one.supported_entities} <= set(
        ENTITIES
    )
