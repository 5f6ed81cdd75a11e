"""One spelling for one value: what meets, and what must not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.taxonomy import Normaliser
from tenancy.normalise import normalise

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)


@pytest.mark.parametrize(
    ("value", "normal"),
    [
        ("Maria Anders", "maria anders"),
        ("  MARIA \t\n Anders ", "maria anders"),
        ("Maria\u00a0Anders", "maria anders"),
        ("Maria\u200b Anders\ufeff", "maria anders"),
        ("Straße", "strasse"),
        ("e\u0301va", "éva"),
        ("Ｍａｒｉａ", "maria"),
        ("maria.anders+shop@Example.ORG", "maria.anders+shop@example.org"),
        ("", ""),
        (" \u200b\u2028 ", ""),
    ],
)
def test_text_folds_case_width_composition_and_spaces(value, normal):
    assert normalise(Normaliser.TEXT, value, "49") == normal


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Maria Anders", "Mariaanders"),
        ("Jose", "José"),
        ("Muller", "Müller"),
        ("anders-maria", "anders maria"),
        ("m.anders@example.org", "manders@example.org"),
        ("maria+a@example.org", "maria@example.org"),
        ("C-000012", "C-00012"),
    ],
)
def test_texts_that_may_be_two_people_stay_apart(one, two):
    assert normalise(Normaliser.TEXT, one, "49") != normalise(Normaliser.TEXT, two, "49")


@pytest.mark.parametrize(
    "value", ["DE89 3704 0044 0532 0130 00", "de89-3704-0044-0532-0130-00", "DE89370400440532013000"]
)
def test_compact_drops_what_people_group_digits_with(value):
    assert normalise(Normaliser.COMPACT, value, "49") == "de89370400440532013000"


@pytest.mark.parametrize(
    "value", ["DE89/370400440532013000", "DE89_370400440532013000", "DE89370400440532013001"]
)
def test_compact_keeps_every_other_mark_and_digit(value):
    assert normalise(Normaliser.COMPACT, value, "49") != "de89370400440532013000"


@pytest.mark.parametrize(
    ("value", "code", "normal"),
    [
        ("030 0074321", "49", "49300074321"),
        ("030/0074321", "49", "49300074321"),
        ("+49 30 0074321", "1", "49300074321"),
        ("+49 (0)30 0074321", "1", "49300074321"),
        ("0049 30 0074321", "1", "49300074321"),
        ("(206) 555-9857", "1", "12065559857"),
        ("1-206-555-9857", "1", "12065559857"),
        ("+1 206.555.9857", "49", "12065559857"),
        ("(206) 555-9857 x12", "1", "12065559857"),
        ("(206) 555-9857 EXT. 12", "1", "12065559857"),
        ("(206) 555-9857;ext=12", "1", "12065559857"),
        ("no number", "49", ""),
        ("0", "49", ""),
        ("", "49", ""),
    ],
)
def test_phone_numbers_come_down_to_calling_code_and_digits(value, code, normal):
    assert normalise(Normaliser.PHONE, value, code) == normal


@pytest.mark.parametrize(
    ("one", "two", "code"),
    [
        ("(206) 555-9857", "(206) 555-9858", "1"),
        ("030 0074321", "+1 30 0074321", "49"),
        ("1-206-555-9857", "206-555-985", "1"),
    ],
    ids=["one digit", "another country", "a digit short"],
)
def test_phone_numbers_of_two_lines_stay_apart(one, two, code):
    assert normalise(Normaliser.PHONE, one, code) != normalise(Normaliser.PHONE, two, code)


def test_a_national_number_is_completed_by_the_tenants_own_country():
    assert normalise(Normaliser.PHONE, "030 0074321", "49") != normalise(Normaliser.PHONE, "030 0074321", "1")


@given(TEXTS, st.sampled_from([Normaliser.TEXT, Normaliser.COMPACT]))
def test_the_normal_form_of_a_normal_form_is_itself(value, how):
    once = normalise(how, value, "49")
    assert normalise(how, once, "49") == once


@given(st.text("0123456789 -/()", max_size=20))
def test_a_phone_number_normalises_to_digits_only(value):
    normal = normalise(Normaliser.PHONE, value, "49")
    assert normal == "" or normal.isdecimal()


@given(TEXTS)
def test_upper_case_and_lower_case_meet(value):
    ascii_only = value.encode("ascii", "ignore").decode()
    upper, lower = (
        normalise(Normaliser.TEXT, text, "49") for text in (ascii_only.upper(), ascii_only.lower())
    )
    assert upper == lower
