"""E-mail addresses, as Presidio reads them, with the host checked without a network."""

from __future__ import annotations

from presidio_analyzer.predefined_recognizers import EmailRecognizer

from classifications.recognizers.domains import is_mail_host


class OfflineEmailRecognizer(EmailRecognizer):
    """`name@host.tld` where the host is a domain (publicsuffix.org), or one of a network of its own."""

    def validate_result(self, pattern_text: str) -> bool:
        """True lifts the match to certainty, False drops it."""
        return is_mail_host(pattern_text.rpartition("@")[2])
