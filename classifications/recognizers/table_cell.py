"""Values of small tables by the words of their head (CSV, TSV, SQL's INSERT), and names side by side without one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import regex
from presidio_analyzer import RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts

from classifications import headers
from classifications.gazetteers import is_city, is_country, is_family, is_given, is_noun
from classifications.recognizers.labelled_value import LabelledValueRecognizer, class_of_label
from classifications.recognizers.results import result_of

_TIMEOUT = 10.0
_FEWEST_COLUMNS, _FEWEST_KNOWN = 3, 2
_SEPARATORS = ("\t", ",", ";", "|")
_BLANKS = "  "  # a table that is set with blanks, two and more between its cells
_SET_APART = regex.compile(r"\S+(?:[ ]\S+)*")
_INSERT = regex.compile(
    r"(?i:\binsert[ ]into[ ][\w.\"`]{1,60}[ ]?)\((?P<head>[^()\n]{3,400})\)[ \n]{0,4}(?i:values)[ \n]{0,4}"
)
_TUPLE = regex.compile(r"\(((?:'(?:[^'\n]|''){0,400}'|[^()'\n]){0,2000})\)[ \n]{0,4},?[ \n]{0,4}")
_VALUE = regex.compile(r"'(?:[^'\n]|''){0,400}'|[^,'\s][^,'\n]*")
# Said of a column among others; in a sentence they say nothing.
_IN_A_HEAD = {
    "first": headers.FIRST,
    "given": headers.FIRST,
    "last": headers.LAST,
    "tel": headers.PHONE,
    "by": headers.CITY,  # Danish
    "login": headers.USERNAME,
    "user": headers.USERNAME,
}
# Two cells side by side: `'Halvorsen','Ingrid Marie'`, `,Okafor,Ngozi,`.
_CELL = r"\p{Lu}[\p{L}\p{M}’-]{1,30}(?:[ ]\p{Lu}[\p{L}\p{M}’-]{1,30})?"
_PAIR = regex.compile(
    rf"(?<=[,;|\t(][ ]?[\"']?)(?P<one>{_CELL})(?:[\"']?[,;|\t][ ]?[\"'](?=\p{{Lu}})|[,;|\t](?=\p{{Lu}}))(?P<other>{_CELL})(?=[\"']?[,;|\t)])"
)
_PAIR_SCORE = 0.5
Place = tuple[int, int]


class TableCellRecognizer(LabelledValueRecognizer):
    """A cell that looks like what the head of its column says.

    Near-misses: a list with commas below a sentence, a table of products, a row that is longer than its head,
    cells of cities or flowers side by side.
    """

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """One result for each such cell."""
        return [
            result
            for head, cells in (*_rows(text), *_inserted(text))
            for said, cell in zip(head, cells, strict=True)
            for result in self.value(said, text, *cell)
        ] + [
            result_of(self, "PERSON", cell, _PAIR_SCORE)
            for pair in _PAIR.finditer(text, overlapped=True, timeout=_TIMEOUT)
            if _is_whole_name(pair["one"], pair["other"])
            for cell in (pair.span("one"), pair.span("other"))
        ]


def _is_whole_name(one: str, other: str) -> bool:
    """A given and a family name, in either order, of which one is no word of a dictionary and no place."""
    for first, last in ((one, other), (other, one)):
        if is_given(first.split()[0]) and is_family(last.split()[-1]):
            return not all(is_noun(name) or is_city(name) or is_country(name) for name in (one, other))
    return False


def _rows(text: str) -> Iterator[tuple[list[str | None], list[Place]]]:
    """The rows below a line of names, each with the classes of its columns."""
    if "\n" not in text:
        return
    lines = list(regex.finditer(r"[^\n]+", text, timeout=_TIMEOUT))
    for separator in filter(text.__contains__, (*_SEPARATORS, _BLANKS)):
        head: list[str | None] = []
        for line in lines:
            cells = _split(text, line.start(), line.end(), separator)
            if len(cells) >= _FEWEST_COLUMNS and (named := _head([text[slice(*one)] for one in cells])):
                head = named
            elif head and len(cells) == len(head):
                yield head, cells
            else:
                head = []


def _inserted(text: str) -> Iterator[tuple[list[str | None], list[Place]]]:
    """The tuples of each INSERT, with the classes of its columns."""
    for insert in _INSERT.finditer(text, timeout=_TIMEOUT):
        head = [_said(name) for name in insert["head"].split(",")]
        at = insert.end()
        while row := _TUPLE.match(text, at, timeout=_TIMEOUT):
            cells = [_bare(text, *one.span()) for one in _VALUE.finditer(text, row.start(1), row.end(1))]
            if len(cells) == len(head):
                yield head, cells
            at = row.end()


def _head(names: Sequence[str]) -> list[str | None]:
    """The class of each column; empty where too few of the words are names of columns of people."""
    if not all(name.strip() and not any(map(str.isdigit, name)) for name in names):
        return []
    said = [_said(name) for name in names]
    return said if sum(one is not None for one in said) >= _FEWEST_KNOWN else []


def _said(name: str) -> str | None:
    bare = name.strip(" \t\"'`")
    return _IN_A_HEAD.get(bare.lower()) or class_of_label(bare, in_table=True)


def _split(text: str, start: int, end: int, separator: str) -> list[Place]:
    if separator == _BLANKS:
        return [_bare(text, *cell.span()) for cell in _SET_APART.finditer(text, start, end)]
    cells, at = [], start
    for cell in text[start:end].split(separator):
        cells.append(_bare(text, at, at + len(cell)))
        at += len(cell) + 1
    return cells


def _bare(text: str, start: int, end: int) -> Place:
    """The cell without blanks and quotation marks around it."""
    while start < end and text[start] in " \t\"'":
        start += 1
    while start < end and text[end - 1] in " \t\"'\r":
        end -= 1
    return start, end
