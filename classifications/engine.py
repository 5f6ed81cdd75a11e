"""Presidio's engine with a local spaCy model: only what names need, and never a download."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import regex
import spacy
from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.context_aware_enhancers import LemmaContextAwareEnhancer
from presidio_analyzer.nlp_engine import NerModelConfiguration, NlpArtifacts, SpacyNlpEngine
from spacy.tokens import Doc

from classifications.entities import ENTITIES
from classifications.quiet import silence_presidio
from classifications.recognizers import digits_needed
from policy.errors import LakewardError

LANGUAGE = "en"
# Measured: leaving these out doubles the speed and costs nothing in recall or precision.
_UNUSED_PIPES = ("tagger", "parser", "attribute_ruler", "lemmatizer", "senter")
_KEPT_LABELS = {
    "PERSON": "PERSON",
    "GPE": "LOCATION",
    "LOC": "LOCATION",
    "FAC": "LOCATION",
    "ORG": "ORGANIZATION",
    "NORP": "NRP",
}
_IGNORED_LABELS = (
    "CARDINAL DATE EVENT LANGUAGE LAW MONEY ORDINAL PERCENT PRODUCT QUANTITY TIME WORK_OF_ART"
).split()
NER_SCORE = 0.85
_CAPITAL = regex.compile(r"[\p{Lu}\p{Lt}\p{Lo}]")
_SIX_DIGITS = regex.compile(r"(?:\d\D*+){6}")
_DIGIT = regex.compile(r"\d")


class LocalSpacyEngine(SpacyNlpEngine):
    """spaCy with the token vectors and the name finder only, from an installed package or a folder."""

    def __init__(self, model: str) -> None:
        super().__init__(
            models=[{"lang_code": LANGUAGE, "model_name": model}],
            ner_model_configuration=NerModelConfiguration(
                labels_to_ignore=_IGNORED_LABELS,
                model_to_presidio_entity_mapping=dict(_KEPT_LABELS),
                default_score=NER_SCORE,
            ),
        )
        self.model = model

    def load(self) -> None:
        """Load from disk; raises LakewardError when the model is not installed."""
        try:
            with _version_known():
                nlp = spacy.load(self.model, exclude=list(_UNUSED_PIPES))
        except OSError as error:
            raise LakewardError(
                f"the language model {self.model} is not installed. "
                "To mend it: install the packages of the lock file, or set the name of an installed model."
            ) from error
        self.nlp = {LANGUAGE: nlp}  # type: ignore[assignment]

    def read(self, texts: Sequence[str]) -> Iterator[tuple[str, NlpArtifacts]]:
        """Each text with what the model read; a text without a capital letter is only cut into words.

        The model finds names by their capitals: numbers, ids and codes need not wait for it.
        """
        named = [text for text in texts if _CAPITAL.search(text)]
        read = self.process_batch(named, LANGUAGE, batch_size=max(1, len(named))) if named else iter(())
        for text in texts:
            if _CAPITAL.search(text):
                yield next(read)  # type: ignore[misc]
            else:
                yield text, self._doc_to_nlp_artifact(self.get_nlp(LANGUAGE).make_doc(text), LANGUAGE)

    def _doc_to_nlp_artifact(self, doc: Doc, language: str) -> NlpArtifacts:
        # Without a lemmatizer the words themselves serve as the context that recognizers look at.
        entities, scores = self._get_updated_entities(list(doc.ents), [NER_SCORE] * len(doc.ents))
        return NlpArtifacts(
            entities=entities,
            tokens=doc,
            tokens_indices=[token.idx for token in doc],
            lemmas=[token.lower_ for token in doc],
            nlp_engine=self,
            language=language,
            scores=scores,
        )


class _AllRecognizers(RecognizerRegistry):
    """All recognizers for every text: Presidio chooses anew for each, which costs as much as a recognizer."""

    def get_recognizers(
        self,
        language: str,
        entities: list[str] | None = None,
        all_fields: bool = False,
        ad_hoc_recognizers: list[EntityRecognizer] | None = None,
    ) -> list[EntityRecognizer]:
        return list(self.recognizers)


class _ContextEnhancer(LemmaContextAwareEnhancer):
    """Presidio's, which copies every result; here only those of recognizers that have context words."""

    def enhance_using_context(
        self,
        text: str,
        raw_results: list[RecognizerResult],
        nlp_artifacts: NlpArtifacts,
        recognizers: list[EntityRecognizer],
        context: list[str] | None = None,
    ) -> list[RecognizerResult]:
        asking = {recognizer.id for recognizer in recognizers if recognizer.context}
        key = RecognizerResult.RECOGNIZER_IDENTIFIER_KEY
        weighed = [result for result in raw_results if result.recognition_metadata[key] in asking]
        settled = [result for result in raw_results if result.recognition_metadata[key] not in asking]
        if not weighed:
            return settled
        return settled + super().enhance_using_context(text, weighed, nlp_artifacts, recognizers, context)


@dataclass(frozen=True)
class Engines:
    """`full` runs every recognizer, the others those that find something where few or no digits are."""

    nlp: LocalSpacyEngine
    full: AnalyzerEngine
    few_digits: AnalyzerEngine
    no_digits: AnalyzerEngine

    def analyze(self, text: str, artifacts: NlpArtifacts, context: list[str]) -> list[RecognizerResult]:
        """What the recognizers report for one text that the model has read."""
        engine = self.full
        if not _SIX_DIGITS.search(text):
            engine = self.few_digits if _DIGIT.search(text) else self.no_digits
        return engine.analyze(
            text, LANGUAGE, entities=list(ENTITIES), context=context, nlp_artifacts=artifacts
        )


def build_engines(model: str, recognizers: Sequence[EntityRecognizer]) -> Engines:
    """Engines with exactly these recognizers; nothing of Presidio's default set is added."""
    silence_presidio()
    nlp = LocalSpacyEngine(model)
    nlp.load()
    few = [recognizer for recognizer in recognizers if digits_needed(recognizer) <= 1]
    none = [recognizer for recognizer in recognizers if digits_needed(recognizer) == 0]
    return Engines(nlp, _engine(nlp, recognizers), _engine(nlp, few), _engine(nlp, none))


def _engine(nlp: LocalSpacyEngine, recognizers: Sequence[EntityRecognizer]) -> AnalyzerEngine:
    registry = _AllRecognizers(recognizers=list(recognizers), supported_languages=[LANGUAGE])
    return AnalyzerEngine(
        registry=registry,
        nlp_engine=nlp,
        supported_languages=[LANGUAGE],
        context_aware_enhancer=_ContextEnhancer(),
    )


@contextmanager
def _version_known() -> Iterator[None]:
    """Without W095: the model was trained with spaCy 3.7; what 3.8 makes of it is what is measured."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r".*W095")
        yield


def model_version(model: str) -> str:
    """`md-3.7.1`-like: the model's size word and version, read from its package or its folder."""
    spec = importlib.util.find_spec(model) if model.isidentifier() else None
    place = spec.submodule_search_locations[0] if spec and spec.submodule_search_locations else model
    with _version_known():
        meta = spacy.util.get_model_meta(place)
    parts = [part for part in str(meta["name"]).split("_") if part in {"sm", "md", "lg", "trf"}]
    return f"{parts[0] if parts else meta['name']}-{meta['version']}"
