"""Recognizers that a policy declares: what they find, and what happens when one fails."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import spacy
from presidio_analyzer import EntityRecognizer, RecognizerResult

from classifications.custom import build_custom
from classifications.detector import Detector
from classifications.detector_config import check_detection
from classifications.errors import DetectionError, RecognizerFailed
from classifications.jsonl import detect_file
from policy.detection import CustomRecognizer, Detection, DetectionPolicy, TextPattern
from policy.errors import LakewardError
from policy.taxonomy import DataClass, Normaliser

BADGE = DataClass("user.badge", personal=True, normaliser=Normaliser.COMPACT, group="other")
TEXT = "The tag qx-tulip was lost by the river."
TAG = "qx-[a-z]{5}"


class Rivers(EntityRecognizer):
    """A recognizer of somebody's own, as Presidio has them."""

    def __init__(self) -> None:
        super().__init__(["RIVER"])

    def load(self) -> None:
        """Nothing to load."""

    def analyze(self, text, entities, nlp_artifacts):
        at = text.find("river")
        return [RecognizerResult("RIVER", at, at + 5, 0.9)] if at >= 0 else []


class Raises(Rivers):
    def analyze(self, text, entities, nlp_artifacts):
        if "river" in text:
            raise ValueError(text)
        return []


class Outside(Rivers):
    def analyze(self, text, entities, nlp_artifacts):
        return [RecognizerResult("RIVER", 0, len(text) + 1, 0.9)]


class Endless(Rivers):
    def analyze(self, text, entities, nlp_artifacts):
        while "river" in text:
            pass
        return []


class NoList(Rivers):
    def analyze(self, text, entities, nlp_artifacts):
        return None


class NeedsMore(Rivers):
    def __init__(self, more) -> None:
        super().__init__()


def pattern(regex: str, score: float = 0.9, name: str = "badge", **more) -> CustomRecognizer:
    return CustomRecognizer(name, BADGE, (TextPattern("the pattern", regex, score),), **more)


def python(called: str) -> CustomRecognizer:
    return CustomRecognizer("ours", BADGE, python=f"{__name__}:{called}")


def detector(*recognizers: CustomRecognizer, **more) -> Detector:
    return Detector.of(Detection(recognizers=recognizers, **more))


def found(text: str, *recognizers: CustomRecognizer) -> list[tuple[str, str]]:
    spans = detector(*recognizers).detect([text])[0]
    return [(text[span.start : span.end], span.data_class) for span in spans]


def test_a_pattern_finds_its_class():
    assert found(TEXT, pattern(TAG)) == [("qx-tulip", "user.badge")]


def test_without_it_nothing_is_found_there():
    assert found(TEXT) == []


def test_a_weak_pattern_needs_a_word_of_its_context_beside_it():
    weak = pattern(TAG, 0.2, context=("tag",))
    assert found(TEXT, weak) == [("qx-tulip", "user.badge")]
    assert found("The bolt qx-tulip was lost.", weak) == []


def test_words_of_a_deny_list_are_found_whole_and_in_any_case():
    words = CustomRecognizer("crew", BADGE, deny_list=("zorblax",))
    assert found("ask ZORBLAX, not zorblaxes", words) == [("ZORBLAX", "user.badge")]


def test_a_python_class_finds_what_it_is_written_for():
    assert found(TEXT, python("Rivers")) == [("river", "user.badge")]


def test_a_python_class_may_say_nothing():
    assert found(TEXT, python("NoList")) == []


def test_what_ships_goes_on_beside_ones_own():
    text = "qx-tulip: ann@example.com"
    assert [one for _, one in found(text, pattern(TAG))] == ["user.badge", "user.contact.email"]


FAILING = [
    (python("Raises"), '"ours" failed with ValueError'),
    (python("Outside"), '"ours" failed with BadResult'),
    (pattern(r"(v|vv)+!"), '"badge" failed with TimeoutError'),
]
IDS = ["raises", "gives nonsense", "backtracks without end"]
WORSE = TEXT + " " + "v" * 80 + " ann@example.com"


@pytest.mark.parametrize(("failing", "told"), FAILING, ids=IDS)
def test_one_that_fails_is_named_and_passed_over_and_the_others_read_the_text(failing, told):
    reading = detector(failing, pattern(TAG, name="other")).read([WORSE, "plain"])
    assert [span.data_class for span in reading.spans[0]] == ["user.badge", "user.contact.email"]
    assert told in reading.skipped[0]


def test_a_text_on_which_none_failed_skips_none():
    assert detector(python("Raises")).read([TEXT, "plain"]).skipped[1] == frozenset()


@pytest.mark.parametrize(("failing", "told"), FAILING, ids=IDS)
def test_where_texts_are_treated_one_that_fails_stops_it_and_no_text_is_quoted(failing, told):
    with pytest.raises(RecognizerFailed) as caught:
        detector(failing).detect([WORSE])
    assert told in str(caught.value)
    assert "river" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_class_that_never_ends_is_stopped_named_and_not_asked_again(monkeypatch):
    monkeypatch.setattr("classifications.custom.PYTHON_TIMEOUT", 0.05)
    reading = detector(python("Endless"), pattern(TAG, name="other")).read([TEXT, "plain ann@example.com"])
    assert [[span.data_class for span in spans] for spans in reading.spans] == [
        ["user.badge"],
        ["user.contact.email"],
    ]
    assert reading.skipped == [frozenset({'"ours" failed with TimeoutError'})] * 2


def test_the_error_survives_the_way_out_of_a_worker():
    error = copy.copy(RecognizerFailed("ours", "ValueError"))  # by the same door as pickle
    assert isinstance(error, DetectionError)
    assert (error.name, error.kind) == ("ours", "ValueError")


def test_a_file_tells_on_how_many_texts_one_failed(tmp_path: Path):
    source = tmp_path / "in.jsonl"
    source.write_text(
        '{"id": 1, "text": "a river"}\n{"id": 2, "text": "plain"}\n{"id": 3, "text": "river"}\n'
    )
    done = detect_file(source, tmp_path / "out.jsonl", detector(python("Raises")), lambda _: None)
    assert (done.texts, dict(done.skipped)) == (3, {'"ours" failed with ValueError': 2})


@pytest.mark.parametrize(
    "called",
    ["NeedsMore", "Path", "missing", "TEXT"],
    ids=["arguments", "no recognizer", "absent", "no class"],
)
def test_a_python_class_that_cannot_be_had_is_refused_with_its_name(called):
    with pytest.raises(LakewardError, match=f'"ours" cannot be made from .*:{called}: .*To mend it: install'):
        build_custom(python(called))


def test_the_version_tells_of_each_recognizer_and_of_how_it_is_written():
    versions = [
        one.version
        for one in (
            detector(), detector(pattern("BX")), detector(pattern("BY")), detector(pattern("BX", 0.8)),
            detector(python("Rivers")),
        )
    ]  # fmt: skip
    assert len(set(versions)) == len(versions)
    assert detector(pattern("BX")).version == versions[1]


def test_the_same_spans_in_any_batch():
    own, texts = detector(pattern(TAG)), [TEXT, "plain", "qx-roses of Ann Lee"]
    assert own.detect(texts) == [own.detect([text])[0] for text in texts]


@pytest.fixture(scope="module")
def portuguese(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A model of another language and with another corpus's labels, small enough to make here."""
    nlp = spacy.blank("pt")
    nlp.add_pipe("entity_ruler").add_patterns(
        [{"label": "PER", "pattern": "Tainá Buarque"}, {"label": "LOC", "pattern": "Xique-Xique"}]
    )
    folder = tmp_path_factory.mktemp("models") / "pt"
    nlp.to_disk(folder)
    return str(folder)


def test_another_model_reads_another_language_and_what_needs_no_model_stays(portuguese):
    text = "A Tainá Buarque, que mora em Xique-Xique, é tainabu@exemplo.com.br; CPF 111.444.777-35."
    own = detector(model=portuguese)
    values = {text[span.start : span.end]: span.entity for span in own.detect([text])[0]}
    assert values["Tainá Buarque"] == "PERSON"
    assert values["Xique-Xique"] == "LOCATION"
    assert values["tainabu@exemplo.com.br"] == "EMAIL_ADDRESS"
    assert values["111.444.777-35"]
    assert own.version != Detector.default().version


def test_a_model_that_is_not_there_is_refused_by_name():
    policy = DetectionPolicy(by_tenant={"acme": Detection(model="no_such_model")})
    with pytest.raises(LakewardError, match="no_such_model is not installed"):
        check_detection(policy)


def test_a_model_that_finds_no_persons_is_refused(tmp_path: Path):
    spacy.blank("pt").to_disk(tmp_path / "blank")
    with pytest.raises(LakewardError, match="finds no persons"):
        check_detection(DetectionPolicy(Detection(model=str(tmp_path / "blank"))))


def test_telephone_regions_say_whose_numbers_are_read_without_a_country_code():
    text = "she left 22 41 00 00 with us"
    near, far = (detector(phone_regions=(region,)).detect([text])[0] for region in ("NO", "US"))
    assert [span.entity for span in near] == ["PHONE_NUMBER"]
    assert far == []
