"""Recognizers made of rules with named groups: the group's name is the entity, the rest is its surroundings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import regex
from presidio_analyzer import LocalRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts

from classifications.recognizers.results import result_of

_TIMEOUT = 10.0  # seconds: a bound, not a measure; texts come in pieces of 5,000 code points


@dataclass(frozen=True)
class Rule:
    """One pattern. Each named group that takes part in a match is a result with the rule's score.

    `needs` are lower-case pieces of text of which one must be there before the pattern is tried: a
    cheap test that spares most texts the costly one. Empty: always tried. A value that `check` says no
    to is dropped.
    """

    pattern: str
    score: float
    needs: tuple[str, ...] = field(default=())
    check: Callable[[str], bool] = field(default=bool)

    @cached_property
    def compiled(self) -> regex.Pattern[str]:
        """The pattern, made once."""
        return regex.compile(self.pattern, regex.MULTILINE)


class GrammarRecognizer(LocalRecognizer):
    """Runs RULES over a text. Raises TimeoutError when one takes too long.

    TOGETHER: where the check says no to one value of a match, the others go with it.
    """

    RULES: Sequence[Rule] = ()
    TOGETHER = False

    def __init__(self, entities: Sequence[str]) -> None:
        super().__init__(supported_entities=list(entities), supported_language="en")

    def load(self) -> None:
        """Nothing to load."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """A result for each named group of each match that its rule's check lets through."""
        lower = text.lower()
        results: list[RecognizerResult] = []
        for rule in self.RULES:
            if rule.needs and not any(need in lower for need in rule.needs):
                continue
            for match in rule.compiled.finditer(text, timeout=_TIMEOUT):
                places = [
                    (entity, start, end)
                    for entity in rule.compiled.groupindex
                    for start, end in match.spans(entity)
                ]
                kept = [place for place in places if rule.check(text[place[1] : place[2]])]
                if len(kept) == len(places) or not self.TOGETHER:
                    results += [
                        result_of(self, entity, (start, end), rule.score) for entity, start, end in kept
                    ]
        return results
