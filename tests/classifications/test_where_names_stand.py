"""Places in a text where a name, an age, an account or an address stands without a label."""

from __future__ import annotations

import pytest
from spans_found import found


@pytest.mark.parametrize(
    ("text", "value", "entity"),
    [
        # signatures and greetings
        ("It is paid.\n\nBest,\nZoraida\nHead of Sales", "Zoraida", "PERSON"),
        ("Ring my desk any time. – Rose", "Rose", "PERSON"),
        ("Hey Dawn can you swap my shift?", "Dawn", "PERSON"),
        ("Will will be off from Monday", "Will", "PERSON"),
        ("Present: Art, Mrs Boro", "Art", "PERSON"),
        ("The driver gave his name as Will and left.", "Will", "PERSON"),
        # nicknames, lists, tickets
        ('the estate of Philippa "Pip" Okoro', 'Philippa "Pip" Okoro', "PERSON"),
        ("2.OKORO/DAVID MSTR. to Madrid", "OKORO/DAVID", "PERSON"),
        ("3. Halloran, Maria  see notes", "Halloran, Maria", "PERSON"),
        ("VALUES (17,'Jensen','Ingrid Marie',4)", "Jensen", "PERSON"),
        ("VALUES (17,'Jensen','Ingrid Marie',4)", "Ingrid Marie", "PERSON"),
        ('"lastName":"van der Berg"', "van der Berg", "PERSON"),
        # ages
        ("Our insured, Maria Jensen (26), was hit", "26", "AGE"),
        ("his father Hasan Demir, 81, fell", "81", "AGE"),
        ("my daughter Lena is 9 and likes it", "9", "AGE"),
        ("a lively boy of 5 who draws", "5", "AGE"),
        # accounts
        ("new account 40-12-76 81550426 please", "40-12-76 81550426", "BANK_ACCOUNT"),
        ("BSB 063-514", "063-514", "BANK_ACCOUNT"),
        ("Reporter: dv_holt", "dv_holt", "USERNAME"),
        ("dn: uid=hoangpm,ou=people", "hoangpm", "USERNAME"),
        ("db.user=svc_ledger", "svc_ledger", "USERNAME"),
        ("export PAYGATE_PASS='q9$Lm-violet'", "q9$Lm-violet", "PASSWORD"),
        # dates of birth
        ("Passport A09827714 DOB 11FEB84.", "11FEB84", "BIRTH_DATE"),
        # addresses
        ("at Pod Lipami 1155/8, 702 00 Ostrava", "Pod Lipami 1155/8", "STREET_ADDRESS"),
        ("at Pod Lipami 1155/8, 702 00 Ostrava", "702 00", "POSTAL_CODE"),
        ("the flat at Vestermark 19, 2. tv., 8000 Aarhus C until", "8000", "POSTAL_CODE"),
        ("Naka-ku, Yokohama, Kanagawa 231-0827", "231-0827", "POSTAL_CODE"),
        ("Plot 15, Block C, Adeola Crescent\nIkeja", "Plot 15, Block C, Adeola Crescent", "STREET_ADDRESS"),
        ("Scale Unlimited\n12 Acheron Road\nDubbo", "Scale Unlimited", "ORGANIZATION"),
        ("Taxi Stockholm–Uppsala, 240 SEK", "Stockholm", "LOCATION"),
        # peoples
        ("<td>Ghanaian</td>", "Ghanaian", "NRP"),
        ("We are proud paraguayans", "paraguayans", "NRP"),
    ],
)
def test_a_value_is_found_by_its_place(text, value, entity):
    assert (value, entity) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "Best,\nSupport",
        "Dear Admissions,\nthank you",
        "Delivery Address\n",
        "('Red','Blue','Green')",
        "page 12-34-56 of 81550426 lines",
        "the moves (5), then 26, 27",
        "FROM: Line inspector",
        "a year of 5 rainy months",
        "user=$DB_USER pass=$DB_PASS",
    ],
)
def test_what_stands_there_by_chance_is_left_alone(text):
    assert found(text) == []


def test_a_place_does_not_take_the_day_behind_it():
    assert ("Leppen", "LOCATION") in found("She flew to Leppen on Tuesday morning.")
