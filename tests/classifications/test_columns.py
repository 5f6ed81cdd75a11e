from __future__ import annotations

import random

import pytest

from classifications import headers
from classifications.columns import SAMPLE, profile_column, profile_columns
from classifications.detector import Detector

DETECTOR = Detector.default()
RANDOM = random.Random(7)
PEOPLE = ["customers", "first_name", "last_name", "street", "email"]


def numbers(low: int, high: int, count: int = 60) -> list[str]:
    return [str(RANDOM.randint(low, high)) for _ in range(count)]


@pytest.mark.parametrize(
    ("column", "values", "data_class"),
    [
        ("c1", [f"user{n}@example.com" for n in range(20)], headers.EMAIL),
        ("kontakt", ["+49 30 901820", "+44 20 7946 0958", "+1 206 555 9857"], headers.PHONE),
        ("telefon", ["030-0074321", "0621-08460", "0241-039123"], headers.PHONE),
        ("konto", ["DE89370400440532013000", "GB82WEST12345698765432"], headers.BANK),
        ("x", ["4111111111111111", "5500005555555559", "378282246310005"], headers.CARD),
        ("source", ["10.0.0.1", "2001:db8::1", "192.168.1.7"], headers.IP),
        ("ssn", ["536-22-1234", "219-09-9999"], headers.NATIONAL_ID),
        ("Vorname", ["Jürgen", "Anna-Lena", "Zoë"], headers.FIRST),
        ("nachname", ["Müller", "O'Neill", "de la Cruz"], headers.LAST),
        ("BirthDate", ["1948-12-08", "1952-02-19"], headers.BIRTH),
        ("geburtsdatum", ["08.12.1948", "19.02.1952"], headers.BIRTH),
        ("plz", ["48143", "12209"], headers.POSTAL),
        ("strasse", ["Luisenstr. 48", "Obere Str. 57"], headers.STREET),
        ("ville", ["Reims", "Aix-en-Provence"], headers.CITY),
        ("e_mail", ["ann@example.com", "not given", "none", "-"], headers.EMAIL),
        ("sexo", ["M", "F"], headers.GENDER),
        ("passwort", ["hunter22", "correct horse"], headers.PASSWORD),
        ("Fax", ["(5) 555-3745", "(171) 555-6750", "030-0076545"], headers.FAX),
        ("birth", ["03 Jan 2010", "12-Mar-85", "March 3, 1985"], headers.BIRTH),
        ("yob", ["1961", "1987"], headers.BIRTH),
        ("ni_number", ["AB123456C", "JK456789D"], headers.NATIONAL_ID),
        ("attending", ["Dr. Eva Lind", "Dr. Rui Costa"], headers.NAME),
        (
            "seen_by",
            ["Dr. Anna Keller", "Dr. Paul Hughes", "Dr. Maria Costa", "Dr. Erik Hansen", "Dr. Ines Rossi"],
            headers.NAME,
        ),
        ("cpty", ["Acme Ltd", "Lyra GmbH", "Kestrel Ltd", "Anna Keller", "Paul Hughes"], headers.NAME),
    ],
)
def test_a_personal_column_gets_its_class(column, values, data_class):
    profile = profile_column(column, values, PEOPLE, DETECTOR)
    assert profile.data_class == data_class
    assert 0.5 <= profile.confidence <= 1.0
    assert profile.personal


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("order_id", numbers(10_000, 99_999)),
        ("id", numbers(10**9, 10**10 - 1)),  # ten digits, like phone numbers
        ("trace", numbers(10**15, 10**16 - 1)),  # sixteen digits; one in ten passes Luhn
        ("sku", numbers(10**8, 10**9 - 1)),  # nine digits, like social security numbers
        ("amount", ["12.50", "1,024.00", "-7.25"]),
        ("last_update", ["2024-05-03 10:15:00", "2024-05-04 11:20:30.123"]),
        ("order_date", ["1996-07-04", "1996-07-05"]),
        ("created_at", ["2024-05-03T10:15:00Z", "1714731300"]),
        ("status", ["active", "pending", "closed"]),
        ("state", ["active", "pending", "closed"]),
        ("currency", ["EUR", "USD", "JPY"]),
        ("product_name", ["Chai", "Uncle Bob's Organic Dried Pears", "Sir Rodney's Scones"] * 2),
        ("song", ["Billie Jean", "Jolene", "Michelle", "Angie", "Layla"]),
        ("company_name", ["Ernst Handel", "Frankenversand", "Maison Dewey"]),
        ("email_verified", ["true", "false"]),
        ("phone_type", ["home", "work"]),
        ("version", ["1.2.3.4", "10.0.0.1"]),
        ("fw", ["1.4.9.2", "2.0.0.1"]),
        ("ean", ["4006381333931", "4000000000006"]),
        ("imei", ["356938035643809", "490154203237518"]),
        ("colour", ["Olive", "Ruby", "Violet", "Amber", "Hazel", "Rose"]),
        ("token", ["0a1b2c3d4e5f60718293a4b5c6d7e8f9"] * 2),
        ("uuid", ["2f1c8a50-1f3b-4a53-9c9a-0d3f6f3a1b2c", "7d0a6f1e-5b1f-4f38-8d3d-a9a1c2b3d4e5"]),
        ("latitude", ["52.5200", "48.8566"]),
        ("notes", []),
        ("empty", ["", "  "]),
    ],
)
def test_a_column_of_things_and_facts_is_not_personal(column, values):
    profile = profile_column(column, values, ["orders", "order_id"], DETECTOR)
    assert (profile.data_class, profile.personal) == (None, False)
    assert profile.confidence == 0.0


@pytest.mark.parametrize("column", ["account", "consignee", "c7"])
def test_a_column_of_legal_forms_holds_companies(column):
    values = ["Brandt GmbH", "Mason Brothers Ltd", "Casa Verde S.A.", "Foster & Lane LLC"]
    profile = profile_column(column, values, PEOPLE, DETECTOR)
    assert (profile.data_class, profile.personal, profile.evidence["companies"]) == (None, False, 1)


def test_a_consignee_that_is_often_a_person_is_personal():
    values = ["Brandt GmbH", "Anna Keller", "Paul Hughes", "Mr & Mrs Hansen"]
    assert profile_column("consignee", values, PEOPLE, DETECTOR).data_class == headers.NAME


def test_a_sales_region_is_a_place_but_nobodys():
    columns = {"region": ["North", "South"], "amount": ["12", "13"]}
    assert [p.data_class for p in profile_columns(columns, "sales", DETECTOR)] == [None, None]
    columns["email"] = ["ann@example.com", "bob@example.com"]
    assert profile_columns(columns, "sales", DETECTOR)[0].data_class == headers.STATE


def test_a_column_called_name_is_judged_by_its_table():
    values = ["Maria Anders", "Ana Trujillo", "Thomas Hardy"]
    assert profile_column("name", values, ["customers"], DETECTOR).data_class == headers.NAME
    assert profile_column("name", values, ["warehouses"], DETECTOR).data_class is None


def test_a_date_is_a_birth_date_only_under_a_header_that_says_so():
    dates = ["1948-12-08", "1952-02-19"]
    assert profile_column("hire_date", dates, PEOPLE, DETECTOR).data_class is None
    assert profile_column("dob", dates, PEOPLE, DETECTOR).data_class == headers.BIRTH
    assert profile_column("dob", ["yes", "no"], PEOPLE, DETECTOR).data_class is None


def test_names_without_a_header_are_seen_by_the_model():
    values = [
        "Maria Anders",
        "Thomas Hardy",
        "Elizabeth Brown",
        "John Steel",
        "Helen Bennett",
        "Simon Crowther",
    ]
    profile = profile_column("f7", values, ["t"], DETECTOR)
    assert profile.data_class == headers.NAME
    assert profile.confidence < profile_column("contact_name", values, ["t"], DETECTOR).confidence


def test_prose_is_free_text_with_its_classes_inside():
    values = [
        "The customer asked us to write to maria@example.com before the end of the week.",
        "Nothing to report about this delivery, it came on time and in good order again.",
    ]
    profile = profile_column("notes", values, ["tickets"], DETECTOR)
    assert profile.free_text
    assert profile.data_class is None
    assert profile.inside == {headers.EMAIL: 1}
    assert profile.classes == (headers.EMAIL,)
    assert profile.evidence["free_text"] == 1


def test_neither_reason_nor_evidence_holds_a_value():
    profile = profile_column("mail", ["zerlinda@example.com"], ["t"], DETECTOR)
    assert "erlinda" not in f"{profile.reason}{profile.evidence}"
    assert profile.reason == "100% of 1 distinct values are valid as user.contact.email; header 'mail' agrees"


def test_the_order_of_the_rows_changes_nothing():
    values = [f"user{n}@example.com" for n in range(3 * SAMPLE)]
    shuffled = values[:]
    RANDOM.shuffle(shuffled)
    profile = profile_column("x", values, ["t"], DETECTOR)
    assert profile == profile_column("x", shuffled, ["t"], DETECTOR)
    assert profile.evidence["sampled"] == SAMPLE
    assert profile.evidence["distinct"] == 3 * SAMPLE


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("BirthDate", ("birth", "date")),
        ("customerEMail", ("customer", "e", "mail")),
        ("Straße", ("strasse",)),
        ("TÉLÉPHONE", ("telephone",)),
        ("IPAddress", ("ip", "address")),
        ("", ()),
    ],
)
def test_a_column_name_is_read_as_words(name, words):
    assert headers.words_of(name) == words


@pytest.mark.parametrize(
    "name", ["order_id", "card_type", "email_sent", "country_count", "plan", "street_id"]
)
def test_a_header_about_something_else_says_no_class(name):
    assert headers.class_by_header(name) is None
