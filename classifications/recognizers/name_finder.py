"""Names, places, organisations and groups, as the language model finds them."""

from __future__ import annotations

from presidio_analyzer import RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts
from presidio_analyzer.predefined_recognizers import SpacyRecognizer

# Labels of forms and units of money, which a model for prose takes for names.
_NO_NAMES = frozenset(
    "tel phone mobile fax email e-mail mail name address apt suite zip url id iban dob ssn ref re attn cc"
    " invoice order ticket account password username eur usd gbp chf jpy inr brl nan null none true false"
    " n/a".split()
)


class NameFinder(SpacyRecognizer):
    """Presidio's view of the spaCy model, without form labels, currency codes and numbers."""

    def __init__(self, entities: list[str]) -> None:
        super().__init__(supported_entities=entities)

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """The model's entities that can be names: at least one letter, and not a known label."""
        results: list[RecognizerResult] = super().analyze(text, entities, nlp_artifacts)
        return [result for result in results if can_be_a_name(text[result.start : result.end])]


def can_be_a_name(found: str) -> bool:
    """False for form labels, currency codes, and what has no letter."""
    return any(map(str.isalpha, found)) and found.strip(" .:#\n").lower() not in _NO_NAMES
