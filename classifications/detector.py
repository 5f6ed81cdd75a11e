"""Find personal values in texts: Presidio, batched, with one answer for one text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from presidio_analyzer import RecognizerResult

from classifications import placeholders, resolve
from classifications.addresses import completed
from classifications.detector_config import DetectorConfig, engines_of
from classifications.detector_version import version_of
from classifications.entities import ENTITIES, STRONG_CLASSES, entity_of, is_own
from classifications.errors import DetectionError, RecognizerFailed
from classifications.pieces import pieces
from classifications.references import written
from classifications.repeated import repeated
from classifications.spans import Span
from classifications.things import without_things
from policy.detection import Detection
from policy.errors import LakewardError
from policy.load_classes import shipped_taxonomy
from policy.taxonomy import Taxonomy

_BATCH_LENGTH = 60_000


@dataclass(frozen=True)
class Reading:
    """Each text's spans, and what recognizers of a policy were `skipped` on it: `"NAME" failed with KIND`.

    All others read it.
    """

    spans: list[list[Span]]
    skipped: list[frozenset[str]]


_Found = tuple[list[Span], list[RecognizerFailed]]


class Detector:
    """Detects personal values. Holds its configuration only; the engine is built at the first text,
    once a process however many copies are unpickled.
    """

    def __init__(self, config: DetectorConfig | None = None) -> None:
        self.config = config or DetectorConfig()

    @classmethod
    def default(cls) -> Detector:
        """The detector with the default configuration."""
        return cls(DetectorConfig())

    @classmethod
    def of(cls, detection: Detection) -> Detector:
        """The detector that a policy asks for; what it leaves open is as it ships."""
        config = DetectorConfig(recognizers=detection.recognizers)
        if detection.model is not None:
            config = replace(config, model=detection.model)
        if detection.phone_regions:
            config = replace(config, phone_regions=detection.phone_regions)
        return cls(config)

    def __reduce__(self) -> tuple[type[Detector], tuple[DetectorConfig]]:
        return Detector, (self.config,)

    @cached_property
    def version(self) -> str:
        """`presidio-2.2.366/md-3.7.1/1a2b3c4d`; changes with recognizers, model, thresholds and rules."""
        return version_of(self.config)

    def group_of(self, span: Span) -> str:
        """The plain word for what a span is, as a steward reads it."""
        return self.taxonomy[span.data_class].group if is_own(span.entity) else ENTITIES[span.entity].group

    @cached_property
    def taxonomy(self) -> Taxonomy:
        """The classes that ship, and those of a policy's recognizers."""
        own = {one.data_class.key: one.data_class for one in self.config.recognizers}
        return Taxonomy({**shipped_taxonomy().classes, **own})

    def detect(self, texts: Sequence[str], context: Sequence[str] = ()) -> list[list[Span]]:
        """The spans of each text, in text order, without overlaps; offsets count code points.

        `context` are words that stand beside the texts (a column's name): they lift weak matches.
        Equal texts are read once. Raises DetectionError when a recognizer fails.
        """
        return self._detect(texts, list(context)).spans

    def read(self, texts: Sequence[str]) -> Reading:
        """As `detect`, but a recognizer of a policy that fails on a text is passed over there, and told.

        For whoever looks at texts and tells what was skipped; who treats them needs `detect`.
        """
        return self._detect(texts, [], skip=True)

    def detect_proven(self, texts: Sequence[str]) -> list[list[Span]]:
        """Of what `detect` finds, the spans of STRONG_CLASSES and of a policy's own recognizers.

        The language model is not asked: names and places give way to those, so they need not be looked for.
        """
        return [
            [span for span in spans if span.data_class in STRONG_CLASSES or is_own(span.entity)]
            for spans in self._detect(texts, [], proven=True).spans
        ]

    def _detect(
        self, texts: Sequence[str], context: list[str], *, proven: bool = False, skip: bool = False
    ) -> Reading:
        seen = [written(text) for text in texts]
        cut = [list(pieces(one.text, self.config.piece_length)) for one in seen]
        wanted = {piece for text in cut for _, piece in text}
        found = self._read(wanted, context, proven=proven, skip=skip)
        spans = [
            one.original(
                replace(span, start=span.start + at, end=span.end + at)
                for at, piece in text
                for span in found[piece][0]
            )
            for one, text in zip(seen, cut, strict=True)
        ]
        skipped = [frozenset(one.told for _, piece in text for one in found[piece][1]) for text in cut]
        return Reading(spans, skipped)

    def _read(self, wanted: set[str], context: list[str], *, proven: bool, skip: bool) -> dict[str, _Found]:
        """The resolved spans of each piece, each piece read once; and what failed on it, with `skip`."""
        prepared = {piece: placeholders.readable(piece) for piece in sorted(wanted)}
        readable = [piece for piece, seen in prepared.items() if any(map(str.isalnum, seen.text))]
        found: dict[str, _Found] = {piece: ([], []) for piece in wanted}
        try:
            texts = (prepared[piece].text for piece in readable)
            raws = self._raw(texts, context, proven=proven, skip=skip)
            for piece, (raw, failed) in zip(readable, raws, strict=True):
                seen = prepared[piece]
                spans = resolve.resolve(seen.text, completed(seen.text, raw), seen.placeholders, seen.tags)
                spans = without_things(seen.text, spans)
                found[piece] = repeated(seen.text, spans, seen.placeholders), failed
        except LakewardError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever fails in there may quote the text
            # Presidio's and spaCy's own messages quote the text, so none is passed on, nor as a cause.
            raise DetectionError(
                f"a recognizer or the language model failed with {type(error).__name__} on one of "
                f"{len(readable)} distinct texts. To mend it: run the detector on them in halves until the "
                "text is found, and repair or leave out the recognizer that fails on it"
            ) from None
        return found

    def _raw(self, texts: Iterable[str], context: list[str], *, proven: bool, skip: bool) -> Iterator[_Found]:
        """What the recognizers report for each text, above the entity's threshold, overlaps and all."""
        engines = engines_of(self.config)
        read = engines.nlp.words if proven else engines.nlp.read
        for batch in _batches(texts, self.config.batch_size):
            for text, artifacts in read(batch):
                failed: list[RecognizerFailed] | None = [] if skip else None
                results = engines.analyze(text, artifacts, context, proven=proven, failed=failed)
                spans = [
                    _span(result)
                    for result in results
                    if result.score >= entity_of(result.entity_type).threshold
                ]
                yield spans, failed or []


def _batches(texts: Iterable[str], most: int) -> Iterator[list[str]]:
    """Lists of at most `most` texts and about _BATCH_LENGTH code points: bounds a worker's memory."""
    batch: list[str] = []
    length = 0
    for text in texts:
        if batch and (len(batch) == most or length + len(text) > _BATCH_LENGTH):
            yield batch
            batch, length = [], 0
        batch.append(text)
        length += len(text)
    if batch:
        yield batch


def _span(result: RecognizerResult) -> Span:
    data_class = entity_of(result.entity_type).data_class
    return Span(result.start, result.end, result.entity_type, data_class, round(result.score, 4))
