from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifications.casing import restored


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("please call john smith today", "please call John Smith today"),
        ("my name is iasmina", "my name is Iasmina"),
        ("follow up with benjamin a seiler soon", "follow up with Benjamin A Seiler soon"),
        ("she lives at 742 evergreen terrace", "she lives at 742 Evergreen Terrace"),
        ("PLEASE CALL JOHN SMITH TODAY", "please call John Smith today"),
        ("my daughter faith is here", "my daughter Faith is here"),
        ("we flew to japan in may", "we flew to Japan in may"),
        ("she works for shah plc now", "she works for Shah PLC now"),
        ("it is 23107 zeyno port today", "it is 23107 Zeyno Port today"),
        ("near 5131 recker road, winter haven fl 33880", "near 5131 Recker Road, Winter Haven FL 33880"),
        ("he came from east brettside", "he came from East Brettside"),
        ("we moved to TAMPERE last year", "we moved to Tampere last year"),
    ],
)
def test_names_get_their_capitals_back(text, expected):
    assert restored(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "can you mark the price of the order",  # a name, and an everyday word
        "will may be warm this year",
        "my brother will come",
        "error in 50000 cases",
        "a cold turkey for lunch",
        "NASA and IBM met on Monday",  # short words in capitals are abbreviations
        "the file a.md of github.com/x is at /usr/lib now",
        "Ordinary prose with a Name in it stays as it is.",
        "DE89 3704",
        "",
    ],
)
def test_other_words_stay_as_they_are(text):
    assert restored(text) == text


def test_letters_of_codes_keep_their_capitals():
    assert "GB82 WEST 1234" in restored("PAY TO ACCOUNT GB82 WEST 1234 TODAY PLEASE")


@given(st.text(max_size=200))
def test_no_text_changes_its_length(text):
    assert len(restored(text)) == len(text)
