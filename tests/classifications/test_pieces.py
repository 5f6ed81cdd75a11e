from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from classifications.pieces import pieces


@given(st.text(alphabet="ab. \n🎉", max_size=200), st.integers(1, 40))
def test_pieces_make_up_the_text_and_none_is_too_long(text, length):
    cut = list(pieces(text, length))
    assert "".join(piece for _, piece in cut) == text
    assert all(len(piece) <= length and text[at : at + len(piece)] == piece for at, piece in cut)


def test_a_piece_ends_at_a_line_end_before_a_sentence_before_a_blank():
    assert [piece for _, piece in pieces("one two.\nthree four. five", 20)] == [
        "one two.\n",
        "three four. five",
    ]
    assert [piece for _, piece in pieces("three four. five six", 18)] == ["three four. ", "five six"]
    assert [piece for _, piece in pieces("three four five", 12)] == ["three four ", "five"]
    assert [piece for _, piece in pieces("threefour", 5)] == ["three", "four"]
