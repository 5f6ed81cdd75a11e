from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifications.detector import Detector
from classifications.redact import redact
from classifications.spans import Span
from policy.errors import LakewardError

DETECTOR = Detector.default()


def tokenise(data_class: str, value: str) -> str:
    return hashlib.sha256(f"{data_class}|{value}".encode()).hexdigest()[:32]


def test_each_span_becomes_its_class_and_token():
    text = "mail ann@example.com or 192.168.1.20"
    email = tokenise("user.contact.email", "ann@example.com")
    address = tokenise("user.device.ip_address", "192.168.1.20")
    expected = f"mail <user.contact.email:{email}> or <user.device.ip_address:{address}>"
    assert redact(text, DETECTOR.detect([text])[0], tokenise) == expected


def test_equal_values_get_equal_tokens_and_neighbours_are_not_merged():
    spans = [Span(0, 3, "PERSON", "user.name", 0.9), Span(4, 7, "PERSON", "user.name", 0.9)]
    mark = f"<user.name:{tokenise('user.name', 'Ann')}>"
    assert redact("Ann Ann", spans, tokenise) == f"{mark} {mark}"


def test_a_text_without_spans_is_the_same_text():
    assert redact("  a \r\n b\t", [], tokenise) == "  a \r\n b\t"


@settings(max_examples=80, deadline=None)
@given(st.text(min_size=1, max_size=80), st.data())
def test_everything_outside_the_spans_stays_as_it_was(text, data):
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=8)))
    spans = [Span(a, b, "PERSON", "user.name", 0.5) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    expected, last = "", 0
    for span in spans:
        expected += (
            text[last : span.start] + f"<user.name:{tokenise('user.name', text[span.start : span.end])}>"
        )
        last = span.end
    assert redact(text, spans, tokenise) == expected + text[last:]


def test_many_spans_are_replaced_in_stretches():
    text = "ab " * 1_000
    spans = [Span(3 * n, 3 * n + 2, "PERSON", "user.name", 0.5) for n in range(1_000)]
    mark = f"<user.name:{tokenise('user.name', 'ab')}> "
    assert redact(text, spans, tokenise) == mark * 1_000


@pytest.mark.parametrize("spans", [[(0, 3), (2, 5)], [(3, 9)], [(2, 2)]])
def test_spans_that_cannot_be_right_are_refused_without_the_text(spans):
    with pytest.raises(LakewardError) as caught:
        redact("Ann Le", [Span(a, b, "PERSON", "user.name", 0.5) for a, b in spans], tokenise)
    assert "Ann" not in str(caught.value)


def test_redacting_its_own_output_changes_no_placeholder():
    text = (
        "Contact Maria Anders, maria@example.com, +49 30 901820, Luisenstr. 48, 48143 Münster. "
        "DNI 12345678Z, card 4111 1111 1111 1111."
    )
    once = redact(text, DETECTOR.detect([text])[0], tokenise)
    again = redact(once, DETECTOR.detect([once])[0], tokenise)
    marks = re.findall(r"<[a-z._]+:[0-9a-f]{32}>", once)
    assert len(marks) >= 6
    kept = iter(re.findall(r"<[a-z._]+:[0-9a-f]{32}>", again))
    assert all(mark in kept for mark in marks)  # all of them, in order, whatever was found beside them


def test_a_text_of_placeholders_and_plain_words_is_left_as_it_is():
    once = redact("mail ann@example.com now", DETECTOR.detect(["mail ann@example.com now"])[0], tokenise)
    assert redact(once, DETECTOR.detect([once])[0], tokenise) == once
