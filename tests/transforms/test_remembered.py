from __future__ import annotations

import pickle

from transforms.treatments.remembered import Remembered

KEY = bytes(32)


class Redactor:
    """Shouts, and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def __call__(self, texts: list[str]) -> list[str]:
        self.asked.append(texts)
        return [text.upper() for text in texts]


def test_a_text_that_was_redacted_is_not_redacted_again():
    kept, redact = Remembered(), Redactor()
    assert kept.redacted(["ann", "bob"], KEY, "1", redact) == ["ANN", "BOB"]
    assert kept.redacted(["bob", "cy", "ann"], KEY, "1", redact) == ["BOB", "CY", "ANN"]
    assert redact.asked == [["ann", "bob"], ["cy"]]


def test_nothing_is_asked_for_where_everything_is_known():
    kept, redact = Remembered(), Redactor()
    for _ in range(2):
        kept.redacted(["ann"], KEY, "1", redact)
    assert redact.asked == [["ann"]]


def test_another_key_or_calling_code_is_another_text():
    kept, redact = Remembered(), Redactor()
    for key, code in ((KEY, "1"), (bytes(31) + b"x", "1"), (KEY, "49"), (KEY[:-1], "1")):
        kept.redacted(["ann"], key, code, redact)
    assert redact.asked == [["ann"]] * 4


def test_the_longest_unasked_goes_first_and_the_bound_holds():
    kept, redact = Remembered(most=6), Redactor()
    kept.redacted(["aaa", "bbb"], KEY, "1", redact)
    kept.redacted(["aaa"], KEY, "1", redact)
    kept.redacted(["ccc"], KEY, "1", redact)
    kept.redacted(["aaa"], KEY, "1", redact)
    assert redact.asked == [["aaa", "bbb"], ["ccc"]]
    kept.redacted(["bbb"], KEY, "1", redact)
    assert redact.asked[-1] == ["bbb"]


def test_texts_beyond_the_bound_are_still_redacted():
    kept, redact = Remembered(most=2), Redactor()
    assert kept.redacted(["ann", "bob"], KEY, "1", redact) == ["ANN", "BOB"]
    assert kept.redacted(["ann", "bob"], KEY, "1", redact) == ["ANN", "BOB"]


def test_what_is_kept_holds_neither_the_text_nor_the_key():
    kept = Remembered()
    kept.redacted(["Zerlinda Quux"], b"k" * 32, "1", lambda texts: ["<gone>" for _ in texts])
    held = pickle.dumps(vars(kept))
    assert b"Zerlinda" not in held
    assert b"kkkk" not in held
    assert b"<gone>" in held
