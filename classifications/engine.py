"""Presidio's engine with a local spaCy model: only what names need, and never a download."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Sequence

import spacy
from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerRegistry
from presidio_analyzer.nlp_engine import NerModelConfiguration, NlpArtifacts, SpacyNlpEngine
from spacy.tokens import Doc

from classifications.quiet import silence_presidio
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
            with warnings.catch_warnings():
                # W095: the model was trained with spaCy 3.7; what 3.8 makes of it is what is measured here.
                warnings.filterwarnings("ignore", message=".*W095")
                nlp = spacy.load(self.model, exclude=list(_UNUSED_PIPES))
        except OSError as error:
            raise LakewardError(
                f"the language model {self.model} is not installed. "
                "To mend it: install the packages of the lock file, or set the name of an installed model."
            ) from error
        self.nlp = {LANGUAGE: nlp}  # type: ignore[assignment]

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


def build_engine(model: str, recognizers: Sequence[EntityRecognizer]) -> AnalyzerEngine:
    """An engine with exactly these recognizers; nothing of Presidio's default set is added."""
    silence_presidio()
    nlp_engine = LocalSpacyEngine(model)
    nlp_engine.load()
    registry = RecognizerRegistry(recognizers=list(recognizers), supported_languages=[LANGUAGE])
    return AnalyzerEngine(registry=registry, nlp_engine=nlp_engine, supported_languages=[LANGUAGE])


def model_version(model: str) -> str:
    """`md-3.7.1`-like: the model's size word and version, read from its package or its folder."""
    spec = importlib.util.find_spec(model) if model.isidentifier() else None
    meta = spacy.util.get_model_meta(
        spec.submodule_search_locations[0] if spec and spec.submodule_search_locations else model
    )
    parts = [part for part in str(meta["name"]).split("_") if part in {"sm", "md", "lg", "trf"}]
    return f"{parts[0] if parts else meta['name']}-{meta['version']}"
