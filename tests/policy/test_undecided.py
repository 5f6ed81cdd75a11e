"""How many findings may wait for a verdict: which limit holds where, and limits that cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from policy import PolicyError, UndecidedLimit, load_policies

ALL = "{at_most: 5, reason: a day of a steward}"
OF_DATASET = "{dataset: people, at_most: 4, reason: of persons}"
OF_TENANT = "{tenant: acme, at_most: 3, reason: theirs}"
OWN = "{tenant: acme, dataset: people, at_most: 0, from_confidence: 0.6, reason: promised}"


def limits(folder: Path, *written: str) -> None:
    path = folder / "treatments.yaml"
    lines = [f"  - {one}\n" for one in written]
    path.write_text("".join(["undecided:\n", *lines, path.read_text()]))


def faults(folder: Path) -> list[tuple[str, str]]:
    with pytest.raises(PolicyError) as refused:
        load_policies(folder)
    return [(one.where, f"{one.fact} {one.mend}") for one in refused.value.problems]


@pytest.mark.parametrize(
    ("written", "at_most"),
    [
        ((ALL,), 5),
        ((ALL, OF_DATASET), 4),
        ((ALL, OF_TENANT, OF_DATASET), 3),
        ((OWN, ALL, OF_TENANT, OF_DATASET), 0),
    ],
)
def test_the_narrowest_scope_holds_and_a_tenant_s_goes_before_a_dataset_s(
    folder: Path, written: tuple[str, ...], at_most: int
) -> None:
    limits(folder, *written)
    found = load_policies(folder).undecided_limit("acme", "people")
    assert found is not None
    assert found.at_most == at_most


def test_a_tenant_s_limit_is_not_another_s(folder: Path) -> None:
    limits(folder, OWN)
    bundle = load_policies(folder)
    assert bundle.undecided_limit("acme", "people") == UndecidedLimit(0, 0.6, "people", "acme")
    assert bundle.undecided_limit("globex", "people") is None


def test_without_the_setting_there_is_no_limit(folder: Path) -> None:
    assert load_policies(folder).undecided == ()


def test_the_limit_is_part_of_the_digest(folder: Path) -> None:
    limits(folder, ALL)
    before = load_policies(folder).digest
    path = folder / "treatments.yaml"
    path.write_text(path.read_text().replace("at_most: 5", "at_most: 6"))
    assert load_policies(folder).digest != before


@pytest.mark.parametrize(
    ("good", "bad", "where", "words"),
    [
        ("at_most: 0", "at_least: 0", "undecided[0].at_least (line 2)", "at_most, if that is meant"),
        ("at_most: 0", "at_most: -1", "undecided[0].at_most (line 2)", "a whole number from 0"),
        ("at_most: 0", "at_most: 0.5", "undecided[0].at_most (line 2)", "a whole number from 0"),
        ("at_most: 0", "at_most: true", "undecided[0].at_most (line 2)", "a whole number from 0"),
        (", reason: promised", "", "undecided[0] (line 2)", "'reason' is missing"),
        ("0.6", "1.1", "undecided[0].from_confidence (line 2)", "a number from 0 to 1"),
        ("0.6", "60%", "undecided[0].from_confidence (line 2)", "such as 0.6"),
        ("0.6", ".nan", "undecided[0].from_confidence (line 2)", "a number from 0 to 1"),
        ("tenant: acme", "tenant: acmee", "undecided[0].tenant (line 2)", "write acme, if"),
        ("dataset: people", "dataset: persons", "undecided[0].dataset (line 2)", "is not declared"),
    ],
)
def test_a_fault_is_told_with_its_place_and_its_mend(
    folder: Path, good: str, bad: str, where: str, words: str
) -> None:
    limits(folder, OWN.replace(good, bad))
    assert any(place == where and words in told for place, told in faults(folder))


@pytest.mark.parametrize("twice", [ALL, OF_DATASET, OWN])
def test_two_limits_for_one_scope_are_refused(folder: Path, twice: str) -> None:
    limits(folder, twice, twice)
    assert faults(folder) == [
        ("undecided[1] (line 3)", "another limit is set for the same scope keep one of the two")
    ]


def test_a_limit_for_a_dataset_that_the_tenant_has_not_is_refused(folder: Path) -> None:
    people = (folder / "datasets" / "people.yaml").read_text()
    theirs = people.replace("id: people\n", "id: others\ntenant: globex\n").replace(
        "name: people\n", "name: others\n"
    )
    (folder / "datasets" / "others.yaml").write_text(theirs)
    limits(folder, OWN.replace("dataset: people", "dataset: others"))
    assert faults(folder) == [("undecided[0] (line 2)", "acme has no contract for 'others' use people")]
