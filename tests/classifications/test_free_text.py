"""What is found in messages, forms, HTML and notes, and what is left alone in them."""

from __future__ import annotations

import time

import pytest

from classifications.detector import Detector
from classifications.recognizers import build_recognizers

DETECTOR = Detector.default()


def found(text: str) -> list[tuple[str, str]]:
    return [(text[span.start : span.end], span.entity) for span in DETECTOR.detect([text])[0]]


@pytest.mark.parametrize(
    ("text", "value", "entity"),
    [
        # forms, JSON, HTML
        ("Name: Iva D. Grusová\nDOB: 03.05.1980\nSex: F", "Iva D. Grusová", "PERSON"),
        ("Name: Iva D. Grusová\nDOB: 03.05.1980\nSex: F", "03.05.1980", "BIRTH_DATE"),
        ("Name: Iva D. Grusová\nDOB: 03.05.1980\nSex: F", "F", "GENDER"),
        ('{"city": "Vipavski Križ", "zip": "5272"}', "5272", "POSTAL_CODE"),
        ('{"user": "laura49", "ip": "151.76.147.209"}', "laura49", "USERNAME"),
        ("<tr><td>Phone</td><td>506 852 005</td></tr>", "506 852 005", "PHONE_NUMBER"),
        ("Passport no.: K03789837", "K03789837", "PASSPORT"),
        ("username=ann; password=s1WZ)Nt8^c", "s1WZ)Nt8^c", "PASSWORD"),
        # messages
        ("my driver's license number is F162823540116", "F162823540116", "DRIVER_LICENSE"),
        ("They are not answering at 78 651 450", "78 651 450", "PHONE_NUMBER"),
        ("please tell mark cox about it", "mark cox", "PERSON"),
        ("My sister Timotea wants a refund.", "Timotea", "PERSON"),
        ("we moved here from TAMPERE", "TAMPERE", "LOCATION"),
        ("I will be travelling to Canada next week", "Canada", "COUNTRY"),
        ("device 00:1B:44:11:3A:B7 was lost", "00:1B:44:11:3A:B7", "MAC_ADDRESS"),
        # addresses
        ("Please return to 5521 119 Countess Close", "5521 119 Countess Close", "STREET_ADDRESS"),
        ("She lives at Trebušakova ulica 5a, Prevalje.", "Prevalje", "LOCATION"),
        ("Apt. 805\nTampere\nFinland 33100", "33100", "POSTAL_CODE"),
        # notes
        ("Pt is a 62-year-old male. MRN: 3829898", "62", "AGE"),
        ("Pt is a 62-year-old male. MRN: 3829898", "3829898", "MEDICAL_RECORD"),
        ("account number 68609717 was closed", "68609717", "BANK_ACCOUNT"),
        # one word, two meanings
        ("I told Grace to wait; grace is not my thing.", "Grace", "PERSON"),
        ("Will will chase the invoice in May.", "Will", "PERSON"),
    ],
)
def test_a_personal_value_in_text_is_found(text, value, entity):
    assert (value, entity) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "We hope that the price will drop; please mark the date and bill us later.",
        "Chase the delivery, then close the ticket.",
        "Dear Customer, your password was changed. Thanks, Support",
        "Name: \nAddress: \nPhone: ",
        "Product name: Chai\nStatus: open\nState: pending",
        "BP 130/85, pulse 64, temperature 36.8 on room air",
        "1997-12-23 04:03:02.417921 INFO worker-3 finished job 18446744 in 42 ms",
        "SELECT order_id, total FROM orders WHERE created_at > '1994-10-09 21:16:23.923471'",
        "Title: The Old Man and the Sea. Genre: novel. Pages: 127.",
        "During 1971 the offering 12 was closed, spring 2019 too.",
        "The passport to success is a good title; the user accounts are ready.",
        "Total 3697.91 EUR, ref. 84988324",
        "retry 3 of 5 after 30000 ms",
    ],
)
def test_text_about_things_stays_clean(text):
    assert found(text) == []


def test_each_span_has_the_group_that_stewards_read():
    from classifications.jsonl import _as_json

    text = "Ann Lee lives in Berlin, Germany."
    groups = [_as_json(span)["group"] for span in DETECTOR.detect([text])[0]]
    assert groups == ["name", "city", "country"]


@pytest.mark.parametrize(
    "bomb",
    [
        "A" * 4_999 + "1",
        "O'" * 2_500,
        "a-" * 2_500,
        "Ann, " * 1_000,
        "name: " * 800,
        "12 rue de la " * 380,
        "1 A " * 1_250,
    ],
    ids=["one-word", "quotes", "dashes", "list", "labels", "streets", "words"],
)
def test_a_piece_aimed_at_the_patterns_is_read_in_bounded_time(bomb):
    started = time.process_time()
    for recognizer in build_recognizers(("US",)):
        if recognizer.name != "NameFinder":
            recognizer.analyze(bomb, recognizer.supported_entities)
    assert time.process_time() - started < 5


def test_a_million_characters_are_read():
    text = "0123 abc " * 111_111 + "ann@example.com"
    spans = DETECTOR.detect([text])[0]
    assert text[spans[-1].start : spans[-1].end] == "ann@example.com"
