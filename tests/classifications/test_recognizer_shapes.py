from __future__ import annotations

import time

import pytest

from classifications.recognizers.email import OfflineEmailRecognizer
from classifications.recognizers.obfuscated_email import ObfuscatedEmailRecognizer
from classifications.recognizers.street_address import StreetAddressRecognizer

EMAIL = ObfuscatedEmailRecognizer()
STREET = StreetAddressRecognizer()


def matches(recognizer, text: str, least: float = 0.5) -> list[str]:
    results = recognizer.analyze(text, recognizer.supported_entities)
    kept = [(r.start, r.end) for r in results if r.score >= least]
    return [text[s:e] for s, e in kept if not any(a <= s and e <= b and (a, b) != (s, e) for a, b in kept)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("maria at host dot com", "maria at host dot com"),
        ("write to ann.lee [at] example [dot] org please", "ann.lee [at] example [dot] org"),
        ("ann (at) example.org", "ann (at) example.org"),
        ("reach me: ann @ example . org", None),
        ("ann_lee AT example DOT co DOT uk", "ann_lee AT example DOT co DOT uk"),
        ("ann dot lee at example dot com", "ann dot lee at example dot com"),
        ("ann @ example.org", "ann @ example.org"),
        ("please email me at ann dot lee at example dot com", "ann dot lee at example dot com"),
        ("sales-ann -at- example -dot- com", "sales-ann -at- example -dot- com"),
    ],
)
def test_an_email_in_disguise_is_seen(text, value):
    assert matches(EMAIL, text) == ([value] if value else [])


@pytest.mark.parametrize(
    "text",
    [
        "find it at example.com",  # a site, no person
        "look at host dot com",  # a verb before "at"
        "we met at noon",
        "dinner at eight dot or later",
        "maria at host dot nosuchsuffix",
        "arrived at london",
        "plain ann@example.com belongs to the other recognizer",
    ],
)
def test_a_sentence_with_at_is_no_email(text):
    assert matches(EMAIL, text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("at 1600 Pennsylvania Ave NW, Washington", "1600 Pennsylvania Ave NW"),
        ("to 742 Evergreen Terrace, Apt. 4 please", "742 Evergreen Terrace, Apt. 4"),
        ("507 20th Ave. E today", "507 20th Ave. E"),
        ("12 St. James's Square", "12 St. James's Square"),
        ("wohnt Luisenstr. 48 in Münster", "Luisenstr. 48"),
        ("Obere Str. 57", "Obere Str. 57"),
        ("Hauptstraße 12a", "Hauptstraße 12a"),
        ("Keizersgracht 241", "Keizersgracht 241"),
        ("habite 59 rue de l'Abbaye", "59 rue de l'Abbaye"),
        ("in Via Roma, 12", "Via Roma, 12"),
        ("Calle de Alcalá 45", "Calle de Alcalá 45"),
        ("Rua Augusta, 1500", "Rua Augusta, 1500"),
        ("at PSC 3294, Box 9168", "PSC 3294, Box 9168"),
        ("Apt. 805", "Apt. 805"),
        ("send to P.O. Box 78934", "P.O. Box 78934"),
    ],
)
def test_a_street_address_is_seen_whole(text, value):
    assert matches(STREET, text) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "Wall Street fell again",  # no number
        "Main Street was closed",
        "24 boxes of tea on the way",
        "in 2019 Apple opened a store",
        "12 monkeys went by",
        "$500 Million Drive for charity",  # an amount
        "version 3 Way",
        "the 24 Hour Service Way was a 3 Day Drive",
        "in 2019 The Long Way",
        "a Suite of tests",
        "I read 5 Books in May",
        "the via was 12 km long",
    ],
)
def test_a_number_beside_a_word_is_no_address(text):
    assert matches(STREET, text) == []


@pytest.mark.parametrize(
    "bomb",
    [
        "a." * 20_000,
        "1 A " * 10_000,
        "a dot " * 10_000,
        "A" * 40_000 + " 1",
        "12 rue de la " * 4_000,
        "1" * 40_000,
    ],
    ids=["dots", "words", "dot-words", "one-word", "street-starts", "digits"],
)
def test_a_text_aimed_at_the_patterns_is_read_in_bounded_time(bomb):
    started = time.monotonic()
    for recognizer in (EMAIL, STREET):
        for at in range(0, len(bomb), 20_000):  # the detector never hands over more at once
            recognizer.analyze(bomb[at : at + 20_000], recognizer.supported_entities)
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    "address", ["ann@example.org", "ann.lee@walk.example", "root@intranet.corp", "ann+1@mail.müller.de"]
)
def test_an_address_is_seen_whether_its_host_is_public_or_not(address):
    assert matches(OfflineEmailRecognizer(), f"Write to {address}, please.") == [address]


@pytest.mark.parametrize("text", ["see icon@2x.png", "needs pkg@1.2.3", "git@host", "a @ b.example"])
def test_an_at_sign_alone_makes_no_address(text):
    assert matches(OfflineEmailRecognizer(), text) == []
