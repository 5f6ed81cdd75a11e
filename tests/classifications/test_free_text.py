"""What is found in messages, forms, HTML and notes, and what is left alone in them."""

from __future__ import annotations

import time

import pytest
from spans_found import DETECTOR, found

from classifications.entities import ENTITIES
from classifications.recognizers import build_recognizers


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
        ("NPI: 1093817465, DEA: FD1234563", "1093817465", "NATIONAL_ID"),
        ("Med Rec No: 1293110", "1293110", "MEDICAL_RECORD"),
        ("HPI: Ms. Nakamura, 62, c/o dyspnea", "62", "AGE"),
        ("mother Aoife, gravida 2", "Aoife", "PERSON"),
        ("He was 19 when he enlisted.", "19", "AGE"),
        ("She is forty-two years old.", "forty-two", "AGE"),
        # dates of birth
        ("D.O.B 17-Sep-88 confirmed", "17-Sep-88", "BIRTH_DATE"),
        ("born at 39 weeks on 2019-08-30", "2019-08-30", "BIRTH_DATE"),
        ("Agent: Your date of birth? Customer: the 3rd of July 1984.", "3rd of July 1984", "BIRTH_DATE"),
        ("her birthday is on 3 May, come along", "3 May", "BIRTH_DATE"),
        ("Dana (b. 1961) inherited the farm.", "1961", "BIRTH_DATE"),
        ("geboren am 4. Mai 1972", "4. Mai 1972", "BIRTH_DATE"),
        # numbers that somebody gave to a person
        ("ID number: 8001015009087", "8001015009087", "NATIONAL_ID"),
        ("SSN 5 3 6 - 2 2 - 1 2 3 4", "5 3 6 - 2 2 - 1 2 3 4", "NATIONAL_ID"),
        ("Policy no: HX-4471-99203.", "HX-4471-99203", "UNIQUE_ID"),
        ("(cust. no. C-88412) is angry", "C-88412", "UNIQUE_ID"),
        ("insurance number 77422-AZC", "77422-AZC", "INSURANCE_ID"),
        ("License plate 7ABC123 was seen", "7ABC123", "LICENSE_PLATE"),
        ("IMEI: 356938035643808", "356938035643808", "DEVICE_ID"),
        ("Transfer from savings 004412789 today", "004412789", "BANK_ACCOUNT"),
        ("my card number is 6614 0567 0178 0045", "6614 0567 0178 0045", "CREDIT_CARD"),
        ("and her password Qr7!dke#39.", "Qr7!dke#39", "PASSWORD"),
        ("TX DL no. 38471920 was shown", "38471920", "DRIVER_LICENSE"),
        ("Hosp. no. H4829176", "H4829176", "MEDICAL_RECORD"),
        ("Vehicle reg. ....... BX19 KVD", "BX19 KVD", "LICENSE_PLATE"),
        ("Isla Mackinnon, b. 6/7/88, rang", "6/7/88", "BIRTH_DATE"),
        # ages
        ("He was 88. His sons came.", "88", "AGE"),
        ("My mother (she is 81!) queued.", "81", "AGE"),
        ("She was twenty-six then.", "twenty-six", "AGE"),
        ("TREMBLAY, GENEVIEVE  58 Y F", "58", "AGE"),
        ("74M admitted with a cough", "74", "AGE"),
        ("Sex/Age    F / 26", "26", "AGE"),
        ("Age.......: 29", "29", "AGE"),
        ("How old are you?  37", "37", "AGE"),
        # codes of places
        ("Rua do Almada 291, 4050-038 Porto", "4050-038", "POSTAL_CODE"),
        ("Spalenberg 30, CH-4051 Basel", "4051", "POSTAL_CODE"),
        # pages that were saved as they were filled in
        ('<label>First name</label> <input name="fn" value="Ewelina">', "Ewelina", "PERSON"),
        ('<input type="text" name="last_name" value="Szczepańska">', "Szczepańska", "PERSON"),
        ('<label for="x">Postcode:</label> <input id=x value="31-620">', "31-620", "POSTAL_CODE"),
        # accounts
        ("[09:14] priya.v: morning", "priya.v", "USERNAME"),
        ("My user name is thuha_ng91 and I tried", "thuha_ng91", "USERNAME"),
        ("ask @night_owl_92 about it", "@night_owl_92", "USERNAME"),
        ("my insta is luna.marie.x add me", "luna.marie.x", "USERNAME"),
        ("reset the password for bjorn_l please", "bjorn_l", "USERNAME"),
        # phones
        (
            "call nine one six double two three four six seven",
            "nine one six double two three four six seven",
            "PHONE_NUMBER",
        ),
        ("keep +07-49 852 6792 at hand", "+07-49 852 6792", "PHONE_NUMBER"),
        ("PLEASE CALL ANN LEE AT (00949) 727091 TODAY", "(00949) 727091", "PHONE_NUMBER"),
        # one word, two meanings
        ("Mrs Black wore black.", "Black", "PERSON"),
        ("I gave Art the art books.", "Art", "PERSON"),
        ("Ginger is my aunt; ginger is a spice.", "Ginger", "PERSON"),
        ("Reminder: Hope and Grant are on leave.", "Hope", "PERSON"),
        ("Ask April whether the April figures are ready.", "April", "PERSON"),
        ("Autumn's baby is due in autumn.", "Autumn", "PERSON"),
        # names that no list knows, by what is said of them
        ("I told Zorvath that it is late.", "Zorvath", "PERSON"),
        ("Supervisor: Sajethar. Proof of work", "Sajethar", "PERSON"),
        ("Name Sipho Nkosi Age 34 Sex M", "Sipho Nkosi", "PERSON"),
        # a part of a name that was said before
        ("Ana Kessler rang. The bill of Kessler is paid.", "Kessler", "PERSON"),
        ('<span class="user">Giulia Moretti</span> wrote', "Giulia Moretti", "PERSON"),
        # small letters
        ("Just heard a kid from japan sing", "japan", "COUNTRY"),
        ("So my neighbour kiran khan came by", "kiran khan", "PERSON"),
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
        "order id 88213 and ticket number 4471 were closed",
        "the password reset was sent; password policies changed",
        "count: one two three four five six seven",
        "@media (min-width: 40em) and @property are no accounts",
        "@dataclass\nclass Point: pass",
        "[09:16] error: the disk is full",
        "He was one, and she is 2nd. They were 12 then.",
        '<input name="status" value="open"> <input name="note" value="31-620">',
        "lines 4050-038 and 4051-039 of the log",
        "step b. 6/7 of the guide",
        "the idea was born in 1961 and shipped on 3 May",
        "May is warm; April was cold; the Summer sale is on",
        "a Doppler study; Parkinson tremor; Crohn's disease",
        "error in 50000 cases, none of them or 40000 more",
        "there are 12 small lakes near the mill",
        "item +12345 was sold, 200 EUR",
    ],
)
def test_text_about_things_stays_clean(text):
    assert found(text) == []


def test_each_span_has_the_group_that_stewards_read():
    text = "Ann Lee lives in Berlin, Germany."
    groups = [ENTITIES[span.entity].group for span in DETECTOR.detect([text])[0]]
    assert groups == ["name", "city", "country"]


@pytest.mark.parametrize(
    "bomb",
    [
        "A" * 4_999 + "1",
        "O'" * 2_500,
        "a-" * 2_500,
        "Ann, " * 1_000,
        "name: " * 800,
        '<input name="' * 400 + "name " * 600,
        "12 rue de la " * 380,
        "1 A " * 1_250,
    ],
    ids=["one-word", "quotes", "dashes", "list", "labels", "fields", "streets", "words"],
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
