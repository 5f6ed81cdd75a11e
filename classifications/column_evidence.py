"""What is known of one column before it is judged: a sample, counts of all values, what its name says."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from classifications import headers
from classifications.entities import STRONG_CLASSES, is_own
from classifications.profiles import ColumnProfile
from classifications.recognizers.names import like_a_name
from classifications.spans import Span
from classifications.validators import PROOFS

SAMPLE = 400
"""Distinct values of a column that are looked at closely."""
COVER = 0.8
"""The share of a value that a span must cover to count as the whole value."""
SUSPICIOUS = (
    r"[^\s@]@[^\s@]+\.[A-Za-z]{2}|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3}|^\d{3}-\d{2}-\d{4}$|\+\d[\d ().-]{8}"
    r"|\b\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{3,4}\b|\b\d{3}\.\d{3}\.\d{3}-\d{2}\b"
)
"""What may be, or hold, an e-mail, bank account, national id, phone or card. RE2 and Python read it alike."""
_SUSPECTS = 200
# Classes that make a column personal by a few values among many others.
_RARE = STRONG_CLASSES - {headers.IP} | {headers.NAME}
# Personal beside what tells whose it is; a table of sales regions or of diseases is not.
_OF_SOMEBODY = (
    headers.CITY,
    headers.STATE,
    headers.COUNTRY,
    headers.HEALTH,
    headers.ETHNICITY,
    headers.RELIGION,
    headers.SALARY,
    headers.PLATE,
    headers.DEVICE,
)


@dataclass(frozen=True)
class Values:
    """One column's values in short: `count` of all not empty, `distinct`, a `sample` of distinct ones.

    `suspects` are distinct values, up to 200, that match SUSPICIOUS or are built unlike the rest, wherever
    they stand; `suspected` counts the values like them. `form` is what every one of them is: `integer`,
    `number`, `date`, `timestamp` (ISO 8601) or else `string`.
    """

    count: int
    distinct: int
    sample: tuple[str, ...]
    suspects: tuple[str, ...] = ()
    suspected: int = 0
    form: str = "string"

    @classmethod
    def of(cls, values: Iterable[str]) -> Values:
        """In short what these values are: the same in whatever order they come."""
        filled = [text for value in values if (text := value.strip())]
        distinct = set(filled)
        suspects = sorted(value for value in distinct if re.search(SUSPICIOUS, value))
        suspected = sum(1 for value in filled if re.search(SUSPICIOUS, value)) if suspects else 0
        sample = sorted(distinct)
        if len(distinct) > SAMPLE:
            sample = sorted(sorted(distinct, key=_digest)[:SAMPLE])
        return cls(len(filled), len(distinct), tuple(sample), tuple(suspects[:_SUSPECTS]), suspected)

    @property
    def looked_at(self) -> tuple[str, ...]:
        """All values that the detector reads: the sample, then the suspects that are not in it."""
        return self.sample + tuple(sorted(set(self.suspects) - set(self.sample)))


def _digest(value: str) -> bytes:
    return hashlib.sha256(value.encode("utf-8", "replace")).digest()


@dataclass(frozen=True)
class Case:
    """One column as the rules see it: `said` is what its name says, `thing` that it names no person.

    `rare` counts, by class, distinct values that are or hold one; it is for columns that are otherwise clean.
    `own` are the classes of what recognizers of a policy found.
    """

    column: str
    values: Values
    sample: Sequence[str]
    found: Sequence[Sequence[Span]]
    context: Sequence[str]
    said: tuple[str, str] | None
    thing: bool
    hits: Counter[str]
    rare: Counter[str]
    evidence: dict[str, int | float]
    own: frozenset[str] = frozenset()

    @property
    def near_people(self) -> bool:
        """True beside columns, or in a table, that speak of people."""
        return headers.table_holds_people(self.context) or headers.has_personal_neighbour(
            self.column, self.context
        )

    def share(self, shape: Callable[[str], bool]) -> float:
        """Of the sample: the share that has a shape."""
        return sum(map(shape, self.sample)) / len(self.sample)

    def profile(self, data_class: str | None, confidence: float, reason: str) -> ColumnProfile:
        """The verdict."""
        confidence = round(min(confidence, 1.0), 3)
        return ColumnProfile(self.column, data_class, False, {}, confidence, self.evidence, reason)

    def companies(self, reason: str) -> ColumnProfile:
        """The verdict on a column of companies: nothing personal."""
        return ColumnProfile(self.column, None, False, {}, 0.0, self.evidence | {"companies": 1}, reason)

    def percent(self, share: float) -> str:
        """`97% of 120 distinct values`."""
        return f"{share:.0%} of {len(self.sample)} distinct values"


def gather(column: str, values: Values, found: Sequence[Sequence[Span]], context: Sequence[str]) -> Case:
    """The case of one column; `found` are the spans of `values.looked_at`, in its order."""
    sample, read = values.sample, found[: len(values.sample)]
    said = headers.class_by_header(column)
    thing = headers.names_a_thing(column) and said is None
    hits = whole_value_hits(sample, read)
    rare = _rare(values, found)
    own = frozenset(span.data_class for spans in read for span in spans if is_own(span.entity))
    case = Case(column, values, sample, read, context, said, thing, hits, rare, measure(values), own)
    if said is not None and said[0] in _OF_SOMEBODY and context and not case.near_people:
        case = replace(case, said=None)
    case.evidence.update({f"hits:{key}": count for key, count in sorted(hits.items())})
    return case


def measure(values: Values) -> dict[str, int | float]:
    """The counts that every profile carries."""
    sample = values.sample
    mean = sum(map(len, sample)) / len(sample) if sample else 0.0
    return {
        "values": values.count,
        "distinct": values.distinct,
        "sampled": len(sample),
        "mean_length": round(mean, 1),
    }


def _rare(values: Values, found: Sequence[Sequence[Span]]) -> Counter[str]:
    """By class: distinct suspects that are or hold a value that proves its class, or are a full name.

    And whatever a policy's own recognizers found, in a suspect or not.
    """
    suspects = set(values.suspects)
    rare: Counter[str] = Counter()
    for value, spans in zip(values.looked_at, found, strict=True):
        classes = {span.data_class for span in spans} & _RARE if value in suspects else set()
        if headers.NAME in classes and not (" " in value and like_a_name(value)):
            classes.discard(headers.NAME)
        rare.update(classes | {span.data_class for span in spans if is_own(span.entity)})
    return rare


def whole_value_hits(sample: Sequence[str], found: Sequence[Sequence[Span]]) -> Counter[str]:
    """By class: values that pass the class's proof, or that spans of the class cover almost whole.

    Where a class has a proof, only spans of a policy's own recognizers count beside it.
    """
    hits: Counter[str] = Counter()
    for value, spans in zip(sample, found, strict=True):
        covered: Counter[str] = Counter()
        own: Counter[str] = Counter()
        for span in spans:
            covered[span.data_class] += span.length
            own[span.data_class] += span.length if is_own(span.entity) else 0
        if covered[headers.NAME]:  # "Dr. Eva Lind" is a name, the form of address with it
            covered[headers.NAME] += sum(span.length for span in spans if span.entity == "TITLE")
        classes = {
            key for key, length in covered.items() if key not in PROOFS and length >= COVER * len(value)
        }
        classes |= {key for key, length in own.items() if length >= COVER * len(value)}
        hits.update(classes | {key for key, proof in PROOFS.items() if proof(value)})
    return hits
