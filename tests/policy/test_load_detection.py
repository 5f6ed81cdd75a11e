"""`detection.yaml`: which recognizers, model and telephone regions a tenant has, and what is refused."""

# ruff: noqa: E501  a case of the table is one line
from __future__ import annotations

from pathlib import Path

import pytest

from policy import PolicyError, load_policies
from policy.detection import Detection, DetectionPolicy

DETECTION = r"""
model: small_model
phone_regions: [DE, "NO"]
overrides:
  - {tenants: [globex], model: /models/pt}
recognizers:
  - name: badge
    data_class: user.unique_id
    patterns: [{name: of two parts, regex: 'BX-\d{5}', score: 0.4}]
    context: [badge]
  - name: crew
    data_class: user.name
    deny_list: [Zorblax]
    tenants: [globex]
  - {name: ours, data_class: user.name, python: acme_pii.names:Names, tenants: [acme]}
"""


def written(folder: Path, text: str = DETECTION) -> Path:
    (folder / "detection.yaml").write_text(text, encoding="utf-8")
    return folder


def names(detection: Detection) -> list[str]:
    return [one.name for one in detection.recognizers]


def test_without_the_file_everything_is_as_it_ships(folder: Path) -> None:
    assert load_policies(folder).detection == DetectionPolicy()


def test_a_recognizer_without_tenants_is_for_all_and_one_with_them_for_those_only(folder: Path) -> None:
    detection = load_policies(written(folder)).detection
    assert names(detection.of("acme")) == ["badge", "ours"]
    assert names(detection.of("globex")) == ["badge", "crew"]
    assert names(detection.of(None)) == ["badge"]


def test_an_override_replaces_what_it_names_and_keeps_the_rest(folder: Path) -> None:
    detection = load_policies(written(folder)).detection
    assert (detection.of("acme").model, detection.of("globex").model) == ("small_model", "/models/pt")
    assert detection.of("acme").phone_regions == detection.of("globex").phone_regions == ("DE", "NO")


def test_a_recognizer_keeps_what_the_file_says_of_it(folder: Path) -> None:
    badge, crew, ours = load_policies(written(folder)).detection.recognizers
    assert badge.data_class.key == "user.unique_id"
    assert [(one.name, one.regex, one.score) for one in badge.patterns] == [
        ("of two parts", r"BX-\d{5}", 0.4)
    ]
    assert badge.context == ("badge",)
    assert crew.deny_list == ("Zorblax",)
    assert ours.python == "acme_pii.names:Names"


def test_the_file_is_part_of_the_digest(folder: Path) -> None:
    before = load_policies(folder).digest
    assert load_policies(written(folder)).digest != before


def test_a_class_of_the_folder_s_own_can_be_found(folder: Path) -> None:
    own = "classes: [{key: user.badge, personal: true, normaliser: compact, group: other}]"
    (folder / "data_classes.yaml").write_text(own)
    bundle = load_policies(written(folder, DETECTION.replace("user.unique_id", "user.badge")))
    assert bundle.detection.recognizers[0].data_class == bundle.taxonomy["user.badge"]


# what stands there, what stands there instead, a part of `where`, a part of `fact` or `mend`
WRONG = [
    ("user.unique_id", "user.uniqe_id", "recognizers[0].data_class (line 8)", "write user.unique_id, if"),
    ("user.unique_id", "system.operations", "recognizers[0].data_class (line 8)", "is not personal"),
    ("tenants: [globex]\n  - {name: ours", "tenants: [globx]\n  - {name: ours", "recognizers[1].tenants[0] (line 14)", "write globex, if"),
    ("{tenants: [globex], ", "{tenants: [globx], ", "overrides[0].tenants[0] (line 5)", "write globex, if"),
    ("{tenants: [globex], ", "{tenants: [globex, globex], ", "overrides[0].tenants[1] (line 5)", "is overridden twice"),
    ('"NO"', "NO", "phone_regions[1] (line 3)", 'write "NO"'),
    ('"NO"', "XX", "phone_regions[1] (line 3)", "is no region of telephone numbers"),
    ("small_model", "a model", "model (line 2)", "is not a language model"),
    (r"BX-\d{5}", "BX-(", "patterns[0].regex (line 9)", "does not compile"),
    (r"BX-\d{5}", r"\d*", "patterns[0].regex (line 9)", "matches nothing at all"),
    (r"BX-\d{5}", "x" * 2_001, "patterns[0].regex (line 9)", "more than 2000 characters"),
    ("score: 0.4", "score: 4", "patterns[0].score (line 9)", "0"),
    (", score: 0.4", "", "patterns[0] (line 9)", "'score' is missing"),
    ("context: [badge]", "contxt: [badge]", "recognizers[0].contxt (line 10)", "write context, if"),
    ("    deny_list: [Zorblax]\n", "", "recognizers[1] (line 11)", "add patterns, a deny_list or python"),
    ("deny_list: [Zorblax]", "deny_list: [Zorblax]\n    python: a.b:C", "recognizers[1] (line 11)", "make two recognizers of it"),
    ("acme_pii.names:Names", "acme_pii.names.Names", "recognizers[2].python (line 15)", "package.module:Class"),
    ("name: crew", "name: badge", "recognizers[1].name (line 11)", "rename one of them"),
    ("name: crew", 'name: "crew\\n"', "recognizers[1].name (line 11)", "begin with a letter or digit"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "where", "told"), WRONG)
def test_a_fault_is_told_with_its_place_and_its_mend(
    folder: Path, old: str, new: str, where: str, told: str
) -> None:
    assert DETECTION.count(old) == 1
    with pytest.raises(PolicyError) as refused:
        load_policies(written(folder, DETECTION.replace(old, new)))
    (problem,) = refused.value.problems
    assert problem.file == "detection.yaml"
    assert where in problem.where
    assert told in f"{problem.fact} {problem.mend}"
