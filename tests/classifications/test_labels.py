"""Values behind labels in all the ways forms, notes and logs write them."""

from __future__ import annotations

import pytest
from spans_found import found


@pytest.mark.parametrize(
    ("text", "value", "entity"),
    [
        # a line of its own, dots, a dash, an element of XML
        ("Surname\nKowalczyk\nFirst name\nClementine\n", "Kowalczyk", "PERSON"),
        ("PESEL\n85092703846\n\nBank account\nPL28", "85092703846", "NATIONAL_ID"),
        ("Date of birth ....... 30 JAN 1968", "30 JAN 1968", "BIRTH_DATE"),
        ("Passport no. ........ PA7730418", "PA7730418", "PASSPORT"),
        ("applicant\nage - 34\nbank account - 5834190226", "34", "AGE"),
        ("<p><dob>1952-10-13</dob><passportNo>A07134582</passportNo></p>", "A07134582", "PASSPORT"),
        ("<p><dob>1952-10-13</dob><sex>male</sex></p>", "1952-10-13", "BIRTH_DATE"),
        ("Date of birth (dd/mm/yyyy)*: 02/09/1983", "02/09/1983", "BIRTH_DATE"),
        ("verified by date of birth (17/11/1968)", "17/11/1968", "BIRTH_DATE"),
        # secrets and accounts
        ('the temp pw i gave him ("Sloneczko-2291") fails', "Sloneczko-2291", "PASSWORD"),
        ("forgot my pasword, i think it was Tulipan#1987x but no", "Tulipan#1987x", "PASSWORD"),
        ("GET /login?u=fmoretti61&p=Vespa1961 from the office", "Vespa1961", "PASSWORD"),
        ("GET /login?u=fmoretti61&p=Vespa1961 from the office", "fmoretti61", "USERNAME"),
        ("Accepted password for jfalkenrath from 203.0.113.87", "jfalkenrath", "USERNAME"),
        ("Your user ID is AOZTURK02.", "AOZTURK02", "USERNAME"),
        ("Badge printed. Login created: lfonoti.", "lfonoti", "USERNAME"),
        # codes of places
        ("drop it at 48b harrow lane, leeds ls8 3qp after 6", "ls8 3qp", "POSTAL_CODE"),
        ("Eircode: V94 K7X2", "V94 K7X2", "POSTAL_CODE"),
        ("City: Chennai\nPIN: 600028", "600028", "POSTAL_CODE"),
        ("Residenza: 20149 Milano (MI)", "20149", "POSTAL_CODE"),
        ("Dubbo NSW 2830", "2830", "POSTAL_CODE"),
        ("Campinas - SP, CEP 13087-215", "13087-215", "POSTAL_CODE"),
        # numbers
        ("Driving licence 01457/19/1206 checked", "01457/19/1206", "DRIVER_LICENSE"),
        ("Hospital number H-2209-5514.", "H-2209-5514", "MEDICAL_RECORD"),
        ("NI number QR 48 21 77 C", "QR 48 21 77 C", "NATIONAL_ID"),
        ("a 47-year-old male with a cough", "male", "GENDER"),
        ("It's spelled G-E-R-A-G-H-T-Y.", "G-E-R-A-G-H-T-Y", "PERSON"),
    ],
)
def test_a_labelled_value_is_found(text, value, entity):
    assert (value, entity) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "The Sales Department closed early. Reserve raised.",
        "All hands moved to thurs 14, room 4.02.",
        "Seen on Chrome 124.0.6367.91 only.",
        "Art. 4407-118-220 is out of stock.",
        "Tracking number 1Z 48F 117 03 9921 6640 was not scanned.",
        "Credit note for invoice 109-55-2718.",
        "listening on 0.0.0.0:8443 and 127.0.0.1",
        "see section 4.2.1.0 of the manual and Appendix B",
        "cd $HOME; PWD=/srv/www",
        "Employees aged 18 or over may apply.",
        "the password is changed every 90 days",
        "he came b2 2nd in the race, u4 4th",
        "12 GB against 16 GB",
    ],
)
def test_a_near_miss_stays_clean(text):
    assert found(text) == []
