from __future__ import annotations

import logging
import pickle
import socket
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spans_found import DETECTOR, found

from classifications.detector import Detector
from classifications.detector_config import DetectorConfig
from classifications.engine import LocalSpacyEngine
from classifications.errors import DetectionError
from policy.errors import LakewardError

TOKEN = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"


@pytest.mark.parametrize(
    ("text", "value", "entity"),
    [
        ("write to ann.lee@example.com today", "ann.lee@example.com", "EMAIL_ADDRESS"),
        ("call +49 30 901820 now", "+49 30 901820", "PHONE_NUMBER"),
        ("call (206) 555-9857 now", "(206) 555-9857", "PHONE_NUMBER"),
        ("Phone:\n60-56-85-91", "60-56-85-91", "PHONE_NUMBER"),
        ("please call me on 78 651 450", "78 651 450", "PHONE_NUMBER"),
        ("my card 6304 2737 3397 2 is lost", "6304 2737 3397 2", "CREDIT_CARD"),
        ("card 4111 1111 1111 1111 was used", "4111 1111 1111 1111", "CREDIT_CARD"),
        ("pay to DE89 3704 0044 0532 0130 00 please", "DE89 3704 0044 0532 0130 00", "IBAN_CODE"),
        ("from 192.168.1.20 at night", "192.168.1.20", "IP_ADDRESS"),
        ("SSN 536-22-1234 on file", "536-22-1234", "US_SSN"),
        ("o CPF dele: 529.982.247-25", "529.982.247-25", "NATIONAL_ID"),
        ("DNI 12345678Z", "12345678Z", "NATIONAL_ID"),
        ("she was born on 3 May 1980 in spring", "3 May 1980", "BIRTH_DATE"),
        ("the patient is 34 years old", "34", "AGE"),
        ("Dr. Smith will see you", "Dr.", "TITLE"),
        ("London EC1A 1BB", "EC1A 1BB", "POSTAL_CODE"),
        ("see www.example.org for it", "www.example.org", "URL"),
        ("My name is Maria Anders and I am late.", "Maria Anders", "PERSON"),
    ],
)
def test_a_personal_value_is_found_whole(text, value, entity):
    assert (value, entity) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "card 4111 1111 1111 1112 was used",  # wrong Luhn digit
        "pay to DE88370400440532013000 please",  # wrong check digits
        "in an emergency call 911",
        "Phone: 2024-05-03",
        "article 7042737339718 of the list",  # right check digit, but no word that says card
        "order 2065559857 has shipped",  # ten digits, but no word that says phone
        "the meeting on 2024-05-03 10:15:00 was short",  # a date that is nobody's birth
        "ratio 1.2.3 of version 300.1.2.3",  # no IP address
        "DNI 12345678A",  # wrong check letter
        "ready at the end.So it begins",  # no domain
        "see main.py and README.md",  # files
        "it took 34 years of work",  # no age
        "",
        "   \n\t",
    ],
)
def test_a_near_miss_is_left_alone(text):
    assert found(text) == []


def test_context_words_lift_a_bare_number_to_a_phone_number():
    assert found("2065559857") == []
    assert found("2065559857", "phone") == [("2065559857", "PHONE_NUMBER")]


def test_spans_are_in_order_and_do_not_overlap():
    text = "Ann Lee, ann@example.com, 1600 Pennsylvania Ave NW, Washington, DC 20500, (206) 555-9857"
    spans = DETECTOR.detect([text])[0]
    assert len(spans) > 3
    assert all(a.end <= b.start for a, b in pairwise(spans))


def test_offsets_count_code_points_beside_emoji_and_combining_marks():
    text = "👩‍👩‍👧 e\u0301 שלום ann@example.com 🎉"
    assert found(text) == [("ann@example.com", "EMAIL_ADDRESS")]


def test_a_value_in_right_to_left_text_keeps_its_place():
    text = "כתובת הדואר של דנה היא dana@example.com והטלפון \u2067+49 30 901820\u2069"
    assert ("dana@example.com", "EMAIL_ADDRESS") in found(text)
    assert ("+49 30 901820", "PHONE_NUMBER") in found(text)


def test_control_characters_move_no_offset():
    text = "\x00\x01ann\x1b[0m\x7f\u200b ann@example.com\x85\x0b192.168.1.20\x1c"
    assert found(text) == [("ann@example.com", "EMAIL_ADDRESS"), ("192.168.1.20", "IP_ADDRESS")]


def test_a_lone_surrogate_does_not_stop_detection():
    assert ("ann@example.com", "EMAIL_ADDRESS") in found("x\ud800 ann@example.com")


def test_the_answer_does_not_depend_on_the_batch():
    texts = [f"Ann Lee wrote to user{n}@example.com from Berlin, order {n}" for n in range(20)] + [""]
    whole = DETECTOR.detect(texts)
    assert [DETECTOR.detect([text])[0] for text in texts] == whole
    assert Detector(DetectorConfig(batch_size=3)).detect(texts[::-1])[::-1] == whole


def test_a_text_longer_than_a_piece_keeps_its_offsets():
    detector = Detector(DetectorConfig(piece_length=200))
    text = ("nothing here to see, move on please. " * 30) + "mail ann@example.com " + ("and so on " * 50)
    spans = [span for span in detector.detect([text])[0] if span.entity == "EMAIL_ADDRESS"]
    assert [text[span.start : span.end] for span in spans] == ["ann@example.com"]


def test_ten_thousand_equal_texts_are_read_once(monkeypatch):
    read: list[int] = []
    original = LocalSpacyEngine.process_batch

    def counting(self, texts, language, **settings):
        read.append(len(texts))
        return original(self, texts, language, **settings)

    monkeypatch.setattr(LocalSpacyEngine, "process_batch", counting)
    spans = DETECTOR.detect(["Mail ann@example.com"] * 10_000)
    assert len(spans) == 10_000
    assert read == [1]


def test_a_name_between_tags_is_found_without_them():
    assert ("Maria Garcia", "PERSON") in found("<p>Name: <b>Maria Garcia</b></p><p>Email: m.garcia@ex.es</p>")


def test_a_value_in_a_tags_attribute_is_found():
    assert ("ann@example.com", "EMAIL_ADDRESS") in found('<a href="mailto:ann@example.com">write</a>')


def test_a_placeholder_is_never_detected_again():
    text = f"From <user.contact.email:{TOKEN}> and <user.name:{TOKEN}> of <user.location:{TOKEN}>, Berlin"
    places = [i for i, _ in enumerate(text) if text.startswith("<user", i)]
    for span in DETECTOR.detect([text])[0]:
        assert all(span.end <= place or span.start >= text.index(">", place) + 1 for place in places)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=300))
def test_any_text_gives_spans_inside_it(text):
    spans = DETECTOR.detect([text])[0]
    assert spans == sorted(spans)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)


def test_a_pickled_detector_carries_its_configuration_only():
    DETECTOR.detect(["Ann"])
    carried = pickle.dumps(DETECTOR)
    assert len(carried) < 1_000
    assert pickle.loads(carried).version == DETECTOR.version  # noqa: S301 - our own bytes


def test_the_version_names_engine_and_model_and_changes_with_the_configuration():
    assert DETECTOR.version.startswith("presidio-2.2.366/md-3.7.1/")
    assert len(DETECTOR.version.rpartition("/")[2]) == 8
    assert Detector(DetectorConfig(phone_regions=("US",))).version != DETECTOR.version
    assert Detector(DetectorConfig(batch_size=7)).version == DETECTOR.version


def test_a_missing_model_is_named_and_never_fetched(monkeypatch):
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("network"))
    with pytest.raises(LakewardError, match="no_such_model is not installed"):
        Detector(DetectorConfig(model="no_such_model")).detect(["Ann Lee"])


def test_detection_opens_no_connection(monkeypatch):
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("network"))
    assert found("mail ann@example.co.uk or see www.example.org")


def test_a_failing_recognizer_is_reported_without_the_text(monkeypatch):
    from classifications.recognizers.title import TitleRecognizer

    def broken(*_, **__):
        raise ValueError("could not read Maria Anders")

    monkeypatch.setattr(TitleRecognizer, "analyze", broken)
    with pytest.raises(DetectionError, match="ValueError") as caught:
        DETECTOR.detect(["Maria Anders"])
    assert "Maria" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_nothing_of_a_text_is_logged(caplog):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("presidio-analyzer").setLevel(logging.DEBUG)
    DETECTOR.detect(["Zerlinda Quux pays to XX00ZERLINDA1234 from zerlinda@example.com"])
    logging.getLogger("presidio-analyzer").error("Failed to validate text %s", "zerlinda")
    assert "erlinda" not in caplog.text
