"""Recognizers that a policy declares, built in Presidio's form: patterns, word lists or Python classes."""

from __future__ import annotations

import hashlib
import importlib
import inspect
from collections.abc import Callable

import regex
from presidio_analyzer import EntityRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts

from classifications.errors import RecognizerFailed
from classifications.recognizers.results import result_of
from classifications.time_limit import time_limit
from policy.detection import PATTERN_FLAGS, CustomRecognizer
from policy.errors import LakewardError

DENY_LIST_SCORE = 1.0
"""Presidio's own for a word of a deny list."""
TIMEOUT = 2.0
"""Seconds for one pattern on one piece of a text: one that takes longer backtracks without end."""
PYTHON_TIMEOUT = 30.0
"""Seconds for a Python class on one piece of a text: the first one may have to load a model."""


class CustomPatterns(EntityRecognizer):
    """Patterns and words of a policy; what they find is named after its data class."""

    def __init__(self, spec: CustomRecognizer) -> None:
        super().__init__([spec.data_class.key], name=spec.name, context=list(spec.context))
        self._spec = spec
        self._patterns = [(regex.compile(one.regex, PATTERN_FLAGS), one.score) for one in spec.patterns]
        if spec.deny_list:
            words = regex.compile(r"(?<!\w)\L<words>(?!\w)", PATTERN_FLAGS, words=spec.deny_list)
            self._patterns.append((words, DENY_LIST_SCORE))

    def load(self) -> None:
        """Nothing to load."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """All matches. Raises RecognizerFailed where a pattern takes too long."""
        try:
            return [
                result_of(self, self._spec.data_class.key, match.span(), score)
                for pattern, score in self._patterns
                for match in pattern.finditer(text, timeout=TIMEOUT)
                if match.end() > match.start()
            ]
        except TimeoutError:
            raise RecognizerFailed(self._spec.name, "TimeoutError") from None


class CustomPython(EntityRecognizer):
    """A recognizer written in Python, whose results are looked at before they count."""

    def __init__(self, spec: CustomRecognizer) -> None:
        self._inner = _made(spec)
        self._spec = spec
        self._gave_up = False
        context = [*spec.context, *(self._inner.context or [])]
        super().__init__([spec.data_class.key], name=spec.name, context=context)

    def load(self) -> None:
        """Presidio has the inner one load itself as it is made."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts) -> list[RecognizerResult]:
        """The results of the class.

        Raises RecognizerFailed where it raises, gives what is no result, or takes longer than PYTHON_TIMEOUT:
        then it is not asked again, so that a run ends.
        """
        if self._gave_up:
            raise RecognizerFailed(self._spec.name, "TimeoutError")
        try:
            with time_limit(PYTHON_TIMEOUT):
                found = self._inner.analyze(text, self._inner.supported_entities, nlp_artifacts) or []
            spans = [(int(one.start), int(one.end), float(one.score)) for one in found]
        except Exception as error:  # noqa: BLE001 - whatever fails in there may quote the text
            self._gave_up = isinstance(error, TimeoutError)
            raise RecognizerFailed(self._spec.name, type(error).__name__) from None
        if any(not 0 <= start < end <= len(text) or not 0 <= score <= 1 for start, end, score in spans):
            raise RecognizerFailed(self._spec.name, "BadResult")
        return [
            result_of(self, self._spec.data_class.key, (start, end), score) for start, end, score in spans
        ]


def build_custom(spec: CustomRecognizer) -> CustomPatterns | CustomPython:
    """The recognizer. Raises LakewardError where its Python class cannot be had."""
    return CustomPython(spec) if spec.python else CustomPatterns(spec)


def source_of(recognizer: Callable[..., EntityRecognizer]) -> str:
    """The source of the class's whole module: its words and patterns stand beside it."""
    return inspect.getsource(inspect.getmodule(recognizer) or recognizer)


def described(spec: CustomRecognizer) -> str:
    """All that makes the recognizer decide as it does, its Python class's source included."""
    lines = [repr(spec), *([source_of(_class_of(spec.python))] if spec.python else [])]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _class_of(name: str) -> Callable[[], EntityRecognizer]:
    module, _, called = name.partition(":")
    found = getattr(importlib.import_module(module), called)
    if not (isinstance(found, type) and issubclass(found, EntityRecognizer)):
        raise TypeError(name)
    return found


def _made(spec: CustomRecognizer) -> EntityRecognizer:
    name = spec.python or ""
    try:
        found = _class_of(name)
        source_of(found)
        return found()
    except Exception as error:  # noqa: BLE001 - whatever a class of others does as it is made
        raise LakewardError(
            f'the recognizer "{spec.name}" cannot be made from {name}: {type(error).__name__}. To mend it: '
            "install the package that has it where Lakeward is, and give it a class derived from Presidio's "
            "EntityRecognizer that is made without arguments and whose source is there"
        ) from None
