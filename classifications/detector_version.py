"""A detector's version: it changes with all that can change what is found or what a column is called."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version as package_version
from importlib.resources import files

from presidio_analyzer import EntityRecognizer, PatternRecognizer

from classifications.custom import described, source_of
from classifications.detector_config import DetectorConfig, shipped
from classifications.engine import NER_SCORE, model_version
from classifications.entities import ENTITIES
from classifications.gazetteers import LISTS

# The files, besides the recognizers, whose change can change what is found or what a column is called.
_RULES = (
    "address_words.py",
    "addresses.py",
    "casing.py",
    "column_evidence.py",
    "column_rules.py",
    "columns.py",
    "custom.py",
    "engine.py",
    "eponyms.py",
    "gazetteers.py",
    "headers.py",
    "named_things.py",
    "pieces.py",
    "placeholders.py",
    "references.py",
    "repeated.py",
    "resolve.py",
    "things.py",
    "validators.py",
    "recognizers/grammar.py",
    "recognizers/names.py",
    "recognizers/no_firms.py",
    "recognizers/no_names.py",
    "recognizers/no_persons.py",
    "recognizers/sifted.py",
    *(f"data/{name}.txt" for name in LISTS),
)


@cache
def version_of(config: DetectorConfig) -> str:
    """`presidio-2.2.366/md-3.7.1/1a2b3c4d`: of recognizers, model, thresholds and rules."""
    recognizers = [_describe(recognizer) for recognizer in shipped(config.phone_regions)]
    recognizers += [described(one) for one in config.recognizers]
    thresholds = [f"{name}:{entity}" for name, entity in sorted(ENTITIES.items())]
    folder = files("classifications")
    rules = [(folder / name).read_text(encoding="utf-8") for name in _RULES]
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
        [
            f"{pattern.name}|{pattern.regex}|{pattern.score}"
            for pattern in list(getattr(recognizer, "patterns", []))
        ]
        if isinstance(recognizer, PatternRecognizer)
        else []
    )
    own = type(recognizer).__module__.startswith("classifications.")
    source = source_of(type(recognizer)) if own else ""
    return "|".join(
        [
            str(getattr(recognizer, "name", "")),
            *map(str, recognizer.context or []),
            *patterns,
            source,
            str(getattr(recognizer, "regions", "")),
        ]
    )
