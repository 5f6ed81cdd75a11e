"""A dictionary knows plants, dishes and colours by name; whoever else bears such a name is somebody."""

from __future__ import annotations

import pytest

from classifications.named_things import is_called, is_quoted_model
from classifications.spans import Span


def span(text: str, name: str, entity: str) -> Span:
    start = text.index(name)
    return Span(start, start + len(name), entity, "user.name", 0.85)


@pytest.mark.parametrize(
    ("text", "name", "entity"),
    [
        ("creeping Jenny under the hedge", "Jenny", "PERSON"),
        ("two black-eyed Susans, potted", "Susans", "PERSON"),
        ("Virginia creeper, 3 l", "Virginia", "LOCATION"),
        ("painted in Prussian Blue", "Prussian", "NRP"),
        ("a slice of Stilton", "Stilton", "PERSON"),
        ("one Turkey red thread", "Turkey", "COUNTRY"),
        ("a Great Dane, male", "Great Dane", "PERSON"),
        ("fitted by a Fourier analysis", "Fourier", "PERSON"),
    ],
)
def test_what_a_dictionary_calls_so_is_a_thing(text, name, entity):
    assert is_called(text, span(text, name, entity))


@pytest.mark.parametrize(
    ("text", "name", "entity"),
    [
        ("Jenny came creeping in", "Jenny", "PERSON"),
        ("signed, Holly Fern", "Holly Fern", "PERSON"),
        ("Susan has black eyes", "Susan", "PERSON"),
        ("she flew to Virginia", "Virginia", "REGION"),
        ("shipped from Turkey, red label", "Turkey", "COUNTRY"),
        ("born in Cheddar", "Cheddar", "LOCATION"),
    ],
)
def test_a_name_beside_other_words_is_not_a_thing(text, name, entity):
    assert not is_called(text, span(text, name, entity))


@pytest.mark.parametrize(
    "text", ['sideboard "Florence"', "in oak veneer (“Florence”)", "a bookcase 'Florence', white"]
)
def test_a_name_in_quotation_marks_behind_a_noun_is_a_model(text):
    assert is_quoted_model(text, span(text, "Florence", "PERSON"))


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "Florence"}',
        'Mary "Florence" Jones',
        'she asked "Florence"',
        'a cousin known as "Florence"',
        'my sister "Florence"',
        "the bookcase of Florence",
    ],
)
def test_a_name_in_quotation_marks_behind_anything_else_is_somebody(text):
    assert not is_quoted_model(text, span(text, "Florence", "PERSON"))
