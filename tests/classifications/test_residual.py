from __future__ import annotations

import pytest

from classifications.detector import Detector
from classifications.residual import residual_spans

DETECTOR = Detector.default()
TOKEN = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"


def test_a_readable_value_is_counted_by_class_once_a_distinct_value():
    values = ["ann@example.com", "ann@example.com", "bob@example.com and 192.168.1.20", TOKEN]
    assert residual_spans(values, DETECTOR) == {"user.contact.email": 2, "user.device.ip_address": 1}


@pytest.mark.parametrize(
    "value",
    [
        TOKEN,
        f"<user.contact.email:{TOKEN}>",
        f"mail <user.contact.email:{TOKEN}> about order 10248",
        "a***@***.com",
        "********1111",
        "1990",
        "481",
        "2024-05-03 10:15:00.000",
        "12.50",
        "Maria Anders",  # a name is the model's guess: not among the strong classes
    ],
)
def test_treated_and_plain_values_are_clean(value):
    assert residual_spans([value], DETECTOR) == {}


def test_other_classes_count_when_asked_for():
    text = "My name is Maria Anders and I am late."
    assert residual_spans([text], DETECTOR, frozenset({"user.name"})) == {"user.name": 1}
