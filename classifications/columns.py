"""What a column holds: one data class, free text with classes inside, or nothing personal."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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

    def profile(data_class: str | None, confidence: float, reason: str) -> ColumnProfile:
        return ColumnProfile(column, data_class, False, {}, round(min(confidence, 1.0), 3), evidence, reason)

    proved = _proved(hits, len(sample), said[0] if said else None, thing)
    if proved is not None:
        share = hits[proved] / len(sample)
        agrees = said is not None and _related(said[0], proved)
        data_class = said[0] if said and agrees else proved
        word = f"; header '{said[1]}' agrees" if said and agrees else ""
        confidence = 0.5 + 0.5 * share + (0.2 if agrees else 0.0)
        return profile(data_class, confidence, f"{_percent(share, sample)} are valid as {proved}{word}")
    if _is_free_text(sample):
        return _free_text(column, sample, found, evidence)
    if said is not None and said[0] in SHAPES:
        share = sum(map(SHAPES[said[0]], sample)) / len(sample)
        evidence |= {"shaped": round(share, 3)}
        if share >= SHAPED_WITH_HEADER:
            return profile(
                said[0], 0.5 + 0.4 * share, f"header '{said[1]}'; {_percent(share, sample)} have its shape"
            )
    if headers.is_bare_name(column) and headers.table_holds_people(context):
        share = sum(map(SHAPES[headers.NAME], sample)) / len(sample)
        if share >= SHAPED_WITH_HEADER:
            return profile(
                headers.NAME,
                0.4 + 0.4 * share,
                f"header 'name' in a table of people; {_percent(share, sample)} have its shape",
            )
    if not thing and not headers.is_bare_name(column) and len(sample) >= FEWEST_FOR_MODEL:
        for key in _MODEL_CLASSES:
            share = hits[key] / len(sample)
            if share >= MODEL_ALONE:
                return profile(
                    key, 0.8 * share, f"{_percent(share, sample)} read as {key}; the header says nothing"
                )
    return profile(None, 0.0, "neither header nor values speak of a person")


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


def _proved(hits: Mapping[str, int], sampled: int, said: str | None, thing: bool) -> str | None:
    """The class that the values prove, the most frequent first; the header lowers what is asked.

    Where the header names a thing, a version number is no IP address and an order number no phone.
    """
    for key in sorted(PROOFS, key=lambda name: (-hits.get(name, 0), name)):
        agrees = said is not None and _related(said, key)
        if thing and key in _LIKE_NUMBERS:
            continue
        alone = CARD_ALONE if key == headers.CARD else PROVED_ALONE
        if hits.get(key, 0) >= max(1, sampled * (PROVED_WITH_HEADER if agrees else alone)):
            return key
    return None


def _related(said: str, key: str) -> bool:
    return said == key or (said, key) == (headers.FAX, headers.PHONE)


def _near_people(column: str, context: Sequence[str]) -> bool:
    return headers.table_holds_people(context) or headers.has_personal_neighbour(column, context)


def _is_free_text(sample: Sequence[str]) -> bool:
    length = sum(map(len, sample)) / len(sample)
    words = sum(len(value.split()) for value in sample) / len(sample)
    return length >= _FREE_TEXT_LENGTH and words >= _FREE_TEXT_WORDS


def _free_text(
    column: str, sample: Sequence[str], found: Sequence[Sequence[Span]], evidence: dict[str, int | float]
) -> ColumnProfile:
    inside: Counter[str] = Counter(key for spans in found for key in {span.data_class for span in spans})
    evidence |= {f"inside:{key}": count for key, count in sorted(inside.items())}
    holding = sum(1 for spans in found if spans)
    best = max((span.score for spans in found for span in spans), default=0.0)
    reason = f"free text; {_percent(holding / len(sample), sample)} hold something personal"
    return ColumnProfile(column, None, True, dict(inside), round(best, 3), evidence, reason)


def _percent(share: float, sample: Sequence[str]) -> str:
    return f"{share:.0%} of {len(sample)} distinct values"
