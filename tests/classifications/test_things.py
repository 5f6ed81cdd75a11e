"""What is called after somebody is nobody; somebody with a name like it is somebody still."""

from __future__ import annotations

import pytest

from classifications.detector import Detector
from classifications.spans import Span
from classifications.things import without_things
from policy.load_classes import shipped_taxonomy

DETECTOR = Detector.default()


def kept(text: str, name: str, entity: str = "PERSON") -> bool:
    """Whether `name` stays where somebody took it for an `entity`."""
    start = text.index(name)
    span = Span(start, start + len(name), entity, "user.name", 0.85)
    return without_things(text, [span]) == [span]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Murphy sign absent", "Murphy"),
        ("treated for Raynaud's phenomenon", "Raynaud"),
        ("the Foley was removed", "Foley"),
        ("the circle of Willis is intact", "Willis"),
        ("continue Sinemet 25/100 TID", "Sinemet"),
        ("a Bellman algorithm with a queue", "Bellman"),
        ("a Caesar salad to share", "Caesar"),
        ("the Eddie Bauer parka is sold", "Eddie Bauer"),
        ("a navy Oscar sofa", "Oscar"),
        ("the Ingrid range ships in May", "Ingrid"),
        ("Storm Eunice closed the bridge", "Storm Eunice"),
        ("after Hurricane Katrina", "Katrina"),
        ('next they played "Roxanne" twice', "Roxanne"),
        ('the film "Annie Hall" is on', "Annie Hall"),
        ("Bill to: the office", "Bill"),
    ],
)
def test_a_thing_that_bears_a_name_is_nobody(text, name):
    assert not kept(text, name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Mr. Foley signed", "Foley"),
        ("Dr Parkinson signed", "Parkinson"),
        ("Claire's lamp is broken", "Claire"),
        ("the Diego family moved", "Diego"),
        ("the Jensen novel", "Jensen"),
        ("Hey Triin, are you in?", "Triin"),
        ('{"name": "Roxanne", "plays": "chess"}', "Roxanne"),
        ('she told us "Maria, play it again when you can"', "Maria"),
        ("Eunice stormed out", "Eunice"),
        ("Katrina called", "Katrina"),
        ("Willis has 25 units", "Willis"),
    ],
)
def test_somebody_with_such_a_name_is_somebody(text, name):
    assert kept(text, name)


def test_a_brand_taken_for_a_person_is_a_company():
    span = Span(0, 12, "PERSON", "user.name", 0.85)
    (found,) = without_things("Calvin Klein opens a shop", [span])
    assert (found.entity, shipped_taxonomy()[found.data_class].group) == ("ORGANIZATION", "organisation")


@pytest.mark.parametrize(
    ("text", "name", "is_kept"),
    [
        ("Wedding of the year", "Wedding", False),
        ("They live in Wedding now", "Wedding", True),
        ("Reading, UK", "Reading", True),
        ("CEP: 01304-001", "CEP", False),
        ("Vienna: sunny", "Vienna", True),
    ],
)
def test_a_word_that_begins_a_sentence_or_labels_a_field_is_no_town(text, name, is_kept):
    assert kept(text, name, "LOCATION") is is_kept


@pytest.mark.parametrize(
    "text",
    [
        "Build 5.1.0.22 fails, version 1.2.3.4 of the driver is unsigned.",
        "Free delivery from 50 EUR.",
        "The Martin D-28 and the capo are sold.",
        "Sehr geehrte Damen und Herren",
        "Password reset to defaults, gender not stated.",
    ],
)
def test_a_text_about_things_stays_clean(text):
    assert DETECTOR.detect([text]) == [[]]


@pytest.mark.parametrize(
    ("text", "value", "entity"),
    [
        ("The server at 10.0.19.1 is down", "10.0.19.1", "IP_ADDRESS"),
        ("Hola Maricarmen, el paquete llega", "Maricarmen", "PERSON"),
        ("I moved to Gdynia. regards jacek", "jacek", "PERSON"),
        ("My son Mateusz (9) is allergic", "9", "AGE"),
        ("Customer: Priyanka Raghunathan\nAgent: Lovely", "Priyanka Raghunathan", "PERSON"),
        ("user nkemelu_o changed password to Tr0ub4dor&3", "Tr0ub4dor&3", "PASSWORD"),
        ("user nkemelu_o changed password to Tr0ub4dor&3", "nkemelu_o", "USERNAME"),
        ('77.12.184.9 - hgonzalez [10/Oct/2023:13:55:36 +0200] "POST /login"', "hgonzalez", "USERNAME"),
        ("Routing 021000021 account 483920174", "483920174", "BANK_ACCOUNT"),
        ("sex female, place of birth Durban", "female", "GENDER"),
        ("PESEL 44051401359 of the insured", "44051401359", "NATIONAL_ID"),
        ("My Number 123456789018 was sent", "123456789018", "NATIONAL_ID"),
        ("d.o.b. 9th of June 2001, 14 Glenveagh Park", "9th of June 2001", "BIRTH_DATE"),
        ("Laugavegur 56, 101 Reykjavík", "Laugavegur 56", "STREET_ADDRESS"),
        ("Corso Italia 108, 80121 Napoli", "80121", "POSTAL_CODE"),
    ],
)
def test_a_value_is_seen_where_the_words_around_say_so(text, value, entity):
    assert (value, entity) in [(text[s.start : s.end], s.entity) for s in DETECTOR.detect([text])[0]]
