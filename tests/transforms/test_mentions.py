"""What names a person goes out of a record's JSON, and every other character of it stays."""

from __future__ import annotations

import pytest

from classifications.detector import Detector
from tenancy.tokens import token
from transforms.mentions import Gone, Reader, forget_in_payload

KEY, EMAIL = b"k" * 32, "user.contact.email"
ANA = Gone(frozenset({f"{EMAIL}:{token(KEY, EMAIL, 'ana@example.org')}"}), frozenset())


@pytest.mark.parametrize(
    ("payload", "left"),
    [
        ('{"note":"ask ana@example.org"}', '{"note":"ask <user.contact.email:erased>"}'),
        (
            '{"note":["ask Ana@Example.org",7,{"by":"ana@example.org"},null]}',
            '{"note":["ask <user.contact.email:erased>",7,{"by":"<user.contact.email:erased>"},null]}',
        ),
        ('{"note":"ask tom@example.org", "n": 1.50}', '{"note":"ask tom@example.org", "n": 1.50}'),
        (
            '{"n":1.50,"note":["ana@example.org",2.0]}',
            '{"n":1.50,"note":["<user.contact.email:erased>",2.0]}',
        ),
        ('{"other":"ana@example.org"}', '{"other":"ana@example.org"}'),
        ('{"note":null}', '{"note":null}'),
    ],
    ids=["a text", "a list", "somebody else", "numbers keep their digits", "another column", "empty"],
)
def test_a_person_goes_out_of_prose_and_out_of_each_text_of_a_list(payload, left):
    assert forget_in_payload(payload, [("note",)], [], ANA, Reader(KEY, "49", Detector.default())) == left
