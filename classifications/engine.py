"""Presidio's engine with a local spaCy model: only what names need, and never a download."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property

import regex
import spacy
from presidio_analyzer import EntityRecognizer, RecognizerResult
from presidio_analyzer.context_aware_enhancers import LemmaContextAwareEnhancer
from presidio_analyzer.nlp_engine import NerModelConfiguration, NlpArtifacts, SpacyNlpEngine
from spacy.language import Language
from spacy.pipeline import Tok2Vec
from spacy.tokens import Doc, Span

from classifications.entities import ENTITIES, PROVEN_RANK, entity_of
from classifications.errors import RecognizerFailed
from classifications.quiet import silence_presidio
from classifications.recognizers import digits_needed, words_needed
from policy.errors import LakewardError

# Presidio's key for the one model of an engine, whichever language it is for.
LANGUAGE = "en"
# Measured: leaving these out doubles the speed and costs nothing in recall or precision.
_UNUSED_PIPES = ("tagger", "parser", "attribute_ruler", "lemmatizer", "senter")
_KEPT_LABELS = {
    "PERSON": "PERSON",
    "PER": "PERSON",
    "GPE": "LOCATION",
    "LOC": "LOCATION",
    "FAC": "LOCATION",
    "ORG": "ORGANIZATION",
    "NORP": "NRP",
}
_IGNORED_LABELS = (
    "CARDINAL DATE EVENT LANGUAGE LAW MONEY ORDINAL PERCENT PRODUCT QUANTITY TIME WORK_OF_ART MISC"
).split()
NER_SCORE = 0.85
_CAPITAL = regex.compile(r"[\p{Lu}\p{Lt}\p{Lo}]")
_SIX_DIGITS = regex.compile(r"(?:\d\D*+){6}")
_DIGIT = regex.compile(r"\d")
_ENTITIES = list(ENTITIES)


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
                nlp = _lean(spacy.load(self.model, exclude=list(_UNUSED_PIPES)))
        except OSError as error:
            raise LakewardError(
                f"the language model {self.model} is not installed. "
                "To mend it: install the packages of the lock file, or set the name of an installed model."
            ) from error
        if not any(
            _KEPT_LABELS.get(label) == "PERSON" for pipe in nlp.pipe_labels.values() for label in pipe
        ):
            raise LakewardError(
                f"the language model {self.model} finds no persons: it has no label PERSON or PER. "
                "To mend it: set a model that finds names"
            )
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
                yield from self.words([text])

    def words(self, texts: Sequence[str]) -> Iterator[tuple[str, NlpArtifacts]]:
        """Each text only cut into words, without names."""
        for text in texts:
            yield text, self._doc_to_nlp_artifact(self.get_nlp(LANGUAGE).make_doc(text), LANGUAGE)

    def _doc_to_nlp_artifact(self, doc: Doc, language: str) -> NlpArtifacts:
        entities, scores = self._get_updated_entities(list(doc.ents), [NER_SCORE] * len(doc.ents))
        return _Artifacts(entities, scores, doc, self)


def _lean(nlp: Language) -> Language:
    """`nlp` without vectors that no part of it listens to: the name finder of spaCy's models has its own."""
    for name in nlp.pipe_names:
        pipe = nlp.get_pipe(name)
        if isinstance(pipe, Tok2Vec) and not pipe.listening_components:
            nlp.remove_pipe(name)
    return nlp


class _Artifacts(NlpArtifacts):
    """What the model read, with words for the context of a match made only where one is weighed.

    Without a lemmatizer the words themselves serve as the context that recognizers look at.
    """

    def __init__(
        self, entities: list[Span], scores: list[float], tokens: Doc, nlp_engine: LocalSpacyEngine
    ) -> None:
        self.entities, self.scores, self.tokens = entities, scores, tokens
        self.nlp_engine = nlp_engine

    @cached_property
    def tokens_indices(self) -> list[int]:  # type: ignore[override]
        """Where each word begins."""
        return [token.idx for token in self.tokens]

    @cached_property
    def lemmas(self) -> list[str]:  # type: ignore[override]
        """Each word in lower case."""
        return [token.lower_ for token in self.tokens]

    @cached_property
    def keywords(self) -> list[str]:  # type: ignore[override]
        """The words that are neither everyday words nor signs."""
        return self.set_keywords(self.nlp_engine, self.lemmas, LANGUAGE)


class _ContextEnhancer(LemmaContextAwareEnhancer):
    """Presidio's, which copies every result and takes the text apart; here only for those it could lift.

    It lifts a result beside one of its recognizer's context words: nothing, where none is in the text at all.
    """

    def enhance_using_context(
        self,
        text: str,
        raw_results: list[RecognizerResult],
        nlp_artifacts: NlpArtifacts,
        recognizers: list[EntityRecognizer],
        context: list[str] | None = None,
    ) -> list[RecognizerResult]:
        key = RecognizerResult.RECOGNIZER_IDENTIFIER_KEY
        made = {result.recognition_metadata[key] for result in raw_results}
        said = " ".join([text, *(context or [])]).lower()
        asking = {
            recognizer.id
            for recognizer in recognizers
            if recognizer.context
            and recognizer.id in made
            and any(word.lower() in said for word in recognizer.context)
        }
        weighed = [result for result in raw_results if result.recognition_metadata[key] in asking]
        settled = [result for result in raw_results if result.recognition_metadata[key] not in asking]
        if not weighed:
            return settled
        return settled + super().enhance_using_context(text, weighed, nlp_artifacts, recognizers, context)


class Engines:
    """The recognizers, run over texts that the model has read.

    Presidio's own AnalyzerEngine chooses and sorts the recognizers anew for each text, which costs as much as
    they do; here each text only passes by those that need more digits than it has, or a word that it lacks.
    """

    def __init__(self, nlp: LocalSpacyEngine, recognizers: Sequence[EntityRecognizer]) -> None:
        self.nlp = nlp
        self._enhancer = _ContextEnhancer()
        self._words = {recognizer.id: words_needed(recognizer) for recognizer in recognizers}
        # For texts of many, few and no digits; all of them, and those that later passes need.
        self._by_digits = {
            (most, proven): [
                recognizer
                for recognizer in recognizers
                if digits_needed(recognizer) <= most and (not proven or _may_prove(recognizer))
            ]
            for most in (6, 1, 0)
            for proven in (False, True)
        }

    def analyze(
        self,
        text: str,
        artifacts: NlpArtifacts,
        context: list[str],
        *,
        proven: bool = False,
        failed: list[RecognizerFailed] | None = None,
    ) -> list[RecognizerResult]:
        """What the recognizers report for one text that the model has read.

        `proven` leaves out recognizers whose entities all give way to those that prove themselves. Raises
        RecognizerFailed where one of a policy fails; with `failed`, that is told there and the others go on.
        """
        digits = 6 if _SIX_DIGITS.search(text) else 1 if _DIGIT.search(text) else 0
        recognizers = self._by_digits[digits, proven]
        said = " ".join([text, *context]).lower()
        results: list[RecognizerResult] = []
        for recognizer in recognizers:
            words = self._words[recognizer.id]
            if words and not any(word in said for word in words):
                continue
            try:
                results += recognizer.analyze(text, _ENTITIES, artifacts)
            except RecognizerFailed as error:
                if failed is None:
                    raise
                failed.append(error)
        if not results:
            return []
        weighed = self._enhancer.enhance_using_context(text, results, artifacts, recognizers, context)
        return list(EntityRecognizer.remove_duplicates(weighed))


def _may_prove(recognizer: EntityRecognizer) -> bool:
    return any(entity_of(entity).rank <= PROVEN_RANK for entity in recognizer.supported_entities)


def load_model(model: str) -> LocalSpacyEngine:
    """The spaCy model, from an installed package or a folder. Raises LakewardError where it is of no use."""
    silence_presidio()
    nlp = LocalSpacyEngine(model)
    nlp.load()
    return nlp


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
