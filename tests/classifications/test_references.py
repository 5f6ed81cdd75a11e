"""HTML character references are read as what they stand for, and spans point at them as they are written."""

from __future__ import annotations

import html

from hypothesis import given
from hypothesis import strategies as st
from spans_found import found

from classifications.references import written
from classifications.spans import Span


def test_a_name_written_with_references_is_found_as_it_stands():
    text = "<p>Dear&nbsp;Mr Jos&eacute; Urrutia, your parcel is at Calle Gran V&iacute;a 88.</p>"
    assert ("Jos&eacute; Urrutia", "PERSON") in found(text)
    assert ("Calle Gran V&iacute;a 88", "STREET_ADDRESS") in found(text)


def test_a_number_with_hyphens_that_do_not_break_is_found():
    assert ("+82&#8209;10&#8209;5526&#8209;9038", "PHONE_NUMBER") in found(
        "call +82&#8209;10&#8209;5526&#8209;9038"
    )


def test_unknown_references_and_those_of_angle_brackets_stay():
    for text in ("AT&T; Smith & Co; &nosuch; &", "a &lt;b&gt; c", "1 &#60; 2 &#x3E; 1"):
        assert written(text).text == text


@given(
    st.lists(st.sampled_from(["&eacute;", "&amp;", "&nbsp;", "&shy;", "&#233;", "x", " ", "&", ";", "😀"]))
)
def test_each_character_read_stands_for_its_place_in_the_original(parts):
    text = "".join(parts)
    seen = written(text)
    for at in range(len(seen.text)):
        (span,) = seen.original([Span(at, at + 1, "PERSON", "user.name", 1.0)])
        part = text[span.start : span.end]
        assert part == seen.text[at] or html.unescape(part).replace("\xa0", " ") == seen.text[at]
