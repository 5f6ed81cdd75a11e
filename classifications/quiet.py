"""Presidio writes matched text into some of its log lines; none of those may leave the process."""

from __future__ import annotations

import logging

_LOGGERS = ("presidio-analyzer", "presidio-anonymizer", "decision_process", "tldextract")
# Says only a pattern's name, and that detection was cut short: that must be heard.
_ALLOWED = ("Regex pattern '%s' timed out",)


class _NoValues(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return isinstance(record.msg, str) and record.msg.startswith(_ALLOWED)


def silence_presidio() -> None:
    """Let nothing through but the warning that a pattern timed out. Calling it again changes nothing."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(old, _NoValues) for old in logger.filters):
            logger.addFilter(_NoValues())
        logger.setLevel(logging.WARNING)
