"""E-mail addresses, as Presidio reads them, with the suffix checked without a network."""

from __future__ import annotations

from presidio_analyzer.predefined_recognizers import EmailRecognizer

from classifications.recognizers.domains import is_domain


class OfflineEmailRecognizer(EmailRecognizer):
    """`name@host.tld` where the host ends in a public suffix (publicsuffix.org)."""

    def validate_result(self, pattern_text: str) -> bool:
        """True lifts the match to certainty, False drops it."""
        return is_domain(pattern_text.rpartition("@")[2])
