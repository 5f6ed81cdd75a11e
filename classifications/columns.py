"""What a column holds: one data class, free text with classes inside, or nothing personal."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from classifications import headers
from classifications.detector import Detector
from classifications.spans import Span
from classifications.validators import PROOFS, SHAPES

SAMPLE = 400
"""Distinct values of a column that are looked at."""
COVER = 0.8
"""The share of a value that a span must cover to count as the whole value."""
PROVED_ALONE, PROVED_WITH_HEADER = 0.5, 0.2
CARD_ALONE = 0.8  # one number in ten has a right Luhn digit by chance
SHAPED_WITH_HEADER = 0.6
MODEL_ALONE = 0.6
FEWEST_FOR_MODEL = 5  # distinct values before the language model's word counts without a header
_FREE_TEXT_LENGTH, _FREE_TEXT_WORDS = 40.0, 6.0
_LIKE_NUMBERS = (headers.IP, headers.PHONE)
# Places are personal beside what tells whose they are; a table of sales regions is not.
_PLACES = (headers.CITY, headers.STATE, headers.COUNTRY)
_MODEL_CLASSES = ("user.name", "user.contact.address.street")


@dataclass(frozen=True)
class ColumnProfile:
    """What one column holds.

    `data_class` is None for free text and for columns that are not personal; `inside` counts, for
    free text, the sampled values that hold each class. `evidence` has counts and shares only:
    `values`, `distinct`, `sampled`, `mean_length`, `hits:<class>`. `reason` quotes no value.
    """

    column: str
    data_class: str | None
    free_text: bool
    inside: Mapping[str, int]
    confidence: float
    evidence: Mapping[str, int | float]
    reason: str

    @property
    def personal(self) -> bool:
        """True when the column is, or holds, personal data."""
        return self.data_class is not None or bool(self.inside)

    @property
    def classes(self) -> tuple[str, ...]:
        """The column's class, or those inside it, the most frequent first."""
        if self.data_class is not None:
            return (self.data_class,)
        return tuple(sorted(self.inside, key=lambda key: (-self.inside[key], key)))


def profile_column(
    column: str, values: Sequence[str], table_context: Sequence[str], detector: Detector
) -> ColumnProfile:
    """What `column` holds. `table_context` is the table's name and its other columns' names."""
    sample = _sample(values)
    return _judge(column, values, sample, detector.detect(sample), table_context)


def profile_columns(
    columns: Mapping[str, Sequence[str]], table: str, detector: Detector
) -> list[ColumnProfile]:
    """A profile for each column, in order; all their samples go through the detector in one batch."""
    samples = {column: _sample(values) for column, values in columns.items()}
    spans = iter(detector.detect([value for sample in samples.values() for value in sample]))
    context = [table, *columns]
    return [
        _judge(column, columns[column], sample, [next(spans) for _ in sample], context)
        for column, sample in samples.items()
    ]


def _sample(values: Iterable[str]) -> list[str]:
    """Up to SAMPLE distinct values without outer blanks: the same ones in whatever order they come."""
    distinct = {value.strip() for value in values} - {""}
    if len(distinct) <= SAMPLE:
        return sorted(distinct)
    return sorted(
        sorted(distinct, key=lambda value: hashlib.sha256(value.encode("utf-8", "replace")).digest())[:SAMPLE]
    )


@dataclass(frozen=True)
class _Case:
    """One column as the rules see it: `said` is what its name says, `thing` that it names no person."""

    column: str
    sample: Sequence[str]
    found: Sequence[Sequence[Span]]
    context: Sequence[str]
    said: tuple[str, str] | None
    thing: bool
    hits: Counter[str]
    evidence: dict[str, int | float]

    def share(self, shape: Callable[[str], bool]) -> float:
        return sum(map(shape, self.sample)) / len(self.sample)

    def profile(self, data_class: str | None, confidence: float, reason: str) -> ColumnProfile:
        confidence = round(min(confidence, 1.0), 3)
        return ColumnProfile(self.column, data_class, False, {}, confidence, self.evidence, reason)

    def percent(self, share: float) -> str:
        return f"{share:.0%} of {len(self.sample)} distinct values"


def _judge(
    column: str,
    values: Sequence[str],
    sample: Sequence[str],
    found: Sequence[Sequence[Span]],
    context: Sequence[str],
) -> ColumnProfile:
    evidence = _measure(values, sample)
    if not sample:
        return ColumnProfile(column, None, False, {}, 0.0, evidence, "no values to look at")
    said = headers.class_by_header(column)
    thing = headers.names_a_thing(column) and said is None
    if said is not None and said[0] in _PLACES and context and not _near_people(column, context):
        said = None
    hits = _whole_value_hits(sample, found)
    evidence |= {f"hits:{key}": count for key, count in sorted(hits.items())}
    case = _Case(column, sample, found, context, said, thing, hits, evidence)
    for rule in (_by_proof, _by_prose, _by_header, _by_bare_name, _by_model):
        profile = rule(case)
        if profile is not None:
            return profile
    return case.profile(None, 0.0, "neither header nor values speak of a person")


def _by_proof(case: _Case) -> ColumnProfile | None:
    """Enough values prove the class by themselves."""
    key = _proved(case)
    if key is None:
        return None
    share = case.hits[key] / len(case.sample)
    reason = f"{case.percent(share)} are valid as {key}"
    if case.said is None or not _related(case.said[0], key):
        return case.profile(key, 0.5 + 0.5 * share, reason)
    data_class, phrase = case.said
    return case.profile(data_class, 0.7 + 0.5 * share, f"{reason}; header '{phrase}' agrees")


def _by_prose(case: _Case) -> ColumnProfile | None:
    """Long values of many words are free text, with classes inside."""
    length = sum(map(len, case.sample)) / len(case.sample)
    words = sum(len(value.split()) for value in case.sample) / len(case.sample)
    if length < _FREE_TEXT_LENGTH or words < _FREE_TEXT_WORDS:
        return None
    inside: Counter[str] = Counter(key for spans in case.found for key in {span.data_class for span in spans})
    counted = {f"inside:{key}": count for key, count in sorted(inside.items())}
    holding = sum(1 for spans in case.found if spans) / len(case.sample)
    best = max((span.score for spans in case.found for span in spans), default=0.0)
    reason = f"free text; {case.percent(holding)} hold something personal"
    evidence = case.evidence | {"free_text": 1} | counted
    return ColumnProfile(case.column, None, True, dict(inside), round(best, 3), evidence, reason)


def _by_header(case: _Case) -> ColumnProfile | None:
    """The column's name says a class, and the values look like it."""
    if case.said is None or case.said[0] not in SHAPES:
        return None
    data_class, phrase = case.said
    share = case.share(SHAPES[data_class])
    if share < SHAPED_WITH_HEADER:
        return None
    return case.profile(
        data_class, 0.5 + 0.4 * share, f"header '{phrase}'; {case.percent(share)} have its shape"
    )


def _by_bare_name(case: _Case) -> ColumnProfile | None:
    """A column called just `name` holds people's names in a table of people."""
    if not headers.is_bare_name(case.column) or not headers.table_holds_people(case.context):
        return None
    share = case.share(SHAPES[headers.NAME])
    if share < SHAPED_WITH_HEADER:
        return None
    reason = f"header 'name' in a table of people; {case.percent(share)} have its shape"
    return case.profile(headers.NAME, 0.4 + 0.4 * share, reason)


def _by_model(case: _Case) -> ColumnProfile | None:
    """The header says nothing, and most values read as a person's name or a street."""
    if case.thing or headers.is_bare_name(case.column) or len(case.sample) < FEWEST_FOR_MODEL:
        return None
    for key in _MODEL_CLASSES:
        share = case.hits[key] / len(case.sample)
        if share >= MODEL_ALONE:
            reason = f"{case.percent(share)} read as {key}; the header says nothing"
            return case.profile(key, 0.8 * share, reason)
    return None


def _measure(values: Sequence[str], sample: Sequence[str]) -> dict[str, int | float]:
    mean = sum(map(len, sample)) / len(sample) if sample else 0.0
    return {
        "values": len(values),
        "distinct": len({value.strip() for value in values} - {""}),
        "sampled": len(sample),
        "mean_length": round(mean, 1),
    }


def _whole_value_hits(sample: Sequence[str], found: Sequence[Sequence[Span]]) -> Counter[str]:
    """By class: values that pass the class's proof, or that spans of the class cover almost whole."""
    hits: Counter[str] = Counter()
    for value, spans in zip(sample, found, strict=True):
        covered: Counter[str] = Counter()
        for span in spans:
            covered[span.data_class] += span.length
        classes = {
            key for key, length in covered.items() if key not in PROOFS and length >= COVER * len(value)
        }
        hits.update(classes | {key for key, proof in PROOFS.items() if proof(value)})
    return hits


def _proved(case: _Case) -> str | None:
    """The class that the values prove, the most frequent first; the header lowers what is asked.

    Where the header names a thing, a version number is no IP address and an order number no phone.
    """
    for key in sorted(PROOFS, key=lambda name: (-case.hits[name], name)):
        if case.thing and key in _LIKE_NUMBERS:
            continue
        alone = CARD_ALONE if key == headers.CARD else PROVED_ALONE
        asked = PROVED_WITH_HEADER if case.said is not None and _related(case.said[0], key) else alone
        if case.hits[key] >= max(1, len(case.sample) * asked):
            return key
    return None


def _related(said: str, key: str) -> bool:
    return said == key or (said, key) == (headers.FAX, headers.PHONE)


def _near_people(column: str, context: Sequence[str]) -> bool:
    return headers.table_holds_people(context) or headers.has_personal_neighbour(column, context)
