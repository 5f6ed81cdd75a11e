"""National identity numbers: by their checksum, and where that proves too little, by a word beside them."""

from __future__ import annotations

import pytest
from spans_found import found

# The numbers are the examples of python-stdnum's own pages.
NEEDS_A_WORD = [
    ("VNR", "1237 010180"),
    ("CPR", "211062-5629"),
    ("PPS", "6433435F"),
    ("PESEL", "44051401359"),
    ("NIF", "501 964 843"),
    ("CNP", "1630615123457"),
    ("personnummer", "880320-0016"),
    ("kimlik", "17291716060"),
    ("SIN", "123-456-782"),
    ("OIB", "33392005961"),
    ("EGN", "7523169263"),
    ("isikukood", "36805280109"),
    ("UTR", "1955839661"),
    ("AMKA", "01013099997"),
]
PROVES_ITSELF = [
    ("Belgium", "85.07.30-033.28"),
    ("Switzerland", "756.9217.0769.85"),
    ("Finland", "131052-308T"),
    ("Mexico", "BOXW310820HNERXN09"),
    ("Spain, with dots", "54.362.315-K"),
    ("Brazil", "390.533.447-05"),
]


@pytest.mark.parametrize(("word", "number"), NEEDS_A_WORD)
def test_a_number_is_found_behind_its_word(word, number):
    assert (number, "NATIONAL_ID") in found(f"her {word} is {number}, she says")


@pytest.mark.parametrize(("country", "number"), PROVES_ITSELF)
def test_a_number_that_proves_itself_needs_no_word(country, number):
    assert (number, "NATIONAL_ID") in found(f"we took down {number} at the door")


@pytest.mark.parametrize(("country", "number"), PROVES_ITSELF)
def test_with_a_wrong_check_digit_it_is_none(country, number):
    at = max(index for index, letter in enumerate(number) if letter.isdigit())
    wrong = number[:at] + str((int(number[at]) + 1) % 10) + number[at + 1 :]
    assert "NATIONAL_ID" not in {entity for _, entity in found(f"we took down {wrong} at the door")}


@pytest.mark.parametrize(
    "text",
    [
        "batch 44051401359 was packed",
        "parts 501 964 843 and 1630615123457",
        "section 211062-5629 of the manual",
    ],
)
def test_without_a_word_a_long_number_is_nobodys(text):
    assert "NATIONAL_ID" not in {entity for _, entity in found(text)}
