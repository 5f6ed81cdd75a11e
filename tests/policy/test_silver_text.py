"""Which columns are text in silver, and which overrides would leave nothing of one that is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from policy import Column, LogicalType, PolicyError, Problem, Treatment, TreatmentKind, load_policies

PEOPLE = "datasets/people.yaml"
TEXTS = (LogicalType.STRING, LogicalType.ARRAY)


@pytest.mark.parametrize("logical", list(LogicalType))
def test_a_bare_column_is_text_where_its_logical_type_is(logical: LogicalType):
    assert Column(("v",), "v", logical).text_in_silver is (logical in TEXTS)


@pytest.mark.parametrize("logical", list(LogicalType))
@pytest.mark.parametrize("kind", list(TreatmentKind))
def test_a_column_with_any_treatment_of_its_own_is_text(logical: LogicalType, kind: TreatmentKind):
    assert Column(("v",), "v", logical, treatment=Treatment(kind)).text_in_silver


@pytest.mark.parametrize("logical", list(LogicalType))
def test_a_column_with_a_class_or_free_text_is_text(logical: LogicalType):
    assert Column(("v",), "v", logical, data_class="system").text_in_silver
    assert Column(("v",), "v", logical, free_text=True).text_in_silver


def test_a_namespace_or_being_required_makes_no_text():
    assert not Column(("v",), "v", LogicalType.DATE, required=True, namespace="person").text_in_silver


def override(folder: Path, treatment: str, column: str = "level", **scope: str) -> None:
    lines = "".join(f"    {key}: {value}\n" for key, value in scope.items())
    entry = f"  - column: {column}\n{lines}    treatment: {treatment}\n    reason: asked for\n"
    with (folder / "treatments.yaml").open("a") as file:
        file.write(entry)


def change(folder: Path, good: str, bad: str, file: str = PEOPLE) -> None:
    text = (folder / file).read_text()
    assert text.count(good) == 1
    (folder / file).write_text(text.replace(good, bad))


def variant(folder: Path, tenant: str, good: str = "", bad: str = "") -> None:
    text = (folder / PEOPLE).read_text().replace("id: people\n", f"id: people-{tenant}\ntenant: {tenant}\n")
    (folder / f"datasets/people.{tenant}.yaml").write_text(text.replace(good, bad))


def refused(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(PolicyError) as told:
        load_policies(folder)
    return told.value.problems


NOT_KEPT = ["token", "seal", "redact", "mask", "{generalise: {to: bin, size: 10}}", "{mask: {show_last: 2}}"]
CLASS = "logicalType: integer\n        classification: user.job_title"
OWN = (
    "logicalType: integer\n        customProperties: [{property: lakeward.treatment, value: {generalise: "
    "{to: bin, size: 5}}}]"
)


@pytest.mark.parametrize("treatment", NOT_KEPT)
def test_an_override_that_leaves_nothing_of_a_typed_column_is_told_once_at_its_place(
    folder: Path, treatment: str
):
    override(folder, treatment)
    (problem,) = refused(folder)
    assert problem.file == "treatments.yaml"
    assert problem.where.startswith("overrides[1].treatment (line ")
    assert "would leave nothing in silver: datasets/people.yaml types 'level' as integer" in problem.fact
    assert "give the column a classification or lakeward.treatment in its contract" in problem.mend


@pytest.mark.parametrize("logical", ["integer", "number", "boolean", "date", "timestamp"])
def test_every_logical_type_but_text_is_guarded(folder: Path, logical: str):
    change(
        folder,
        "logicalType: integer\n        logicalTypeOptions: {minimum: 1, maximum: 5}",
        f"logicalType: {logical}",
    )
    override(folder, "token", dataset="people")
    (problem,) = refused(folder)
    assert f"as {logical}," in problem.fact


@pytest.mark.parametrize("logical", ["string", "array"])
def test_a_text_without_a_class_takes_an_override(folder: Path, logical: str):
    change(
        folder,
        "logicalType: integer\n        logicalTypeOptions: {minimum: 1, maximum: 5}",
        f"logicalType: {logical}",
    )
    override(folder, "token", dataset="people")
    level = load_policies(folder).contracts[0].column("level")
    assert load_policies(folder).treatment_for("acme", "people", level).kind is TreatmentKind.TOKEN


@pytest.mark.parametrize("treatment", ["keep", "drop"])
def test_a_typed_column_is_kept_or_dropped_by_an_override(folder: Path, treatment: str):
    override(folder, treatment)
    bundle = load_policies(folder)
    level = bundle.contracts[0].column("level")
    assert str(bundle.treatment_for("globex", "people", level)) == treatment


@pytest.mark.parametrize("mend", [CLASS, OWN], ids=["a class", "a treatment of its own"])
def test_the_mend_that_is_told_mends_it(folder: Path, mend: str):
    override(folder, "token")
    assert len(refused(folder)) == 1
    change(folder, "logicalType: integer", mend)
    bundle = load_policies(folder)
    level = bundle.contracts[0].column("level")
    assert bundle.treatment_for("acme", "people", level).kind is TreatmentKind.TOKEN


def test_an_override_for_a_class_is_no_override_for_a_typed_column(folder: Path):
    change(folder, "column: Mail", "class: user.job_title", "treatments.yaml")
    assert load_policies(folder)


def test_one_override_that_meets_two_tenants_is_told_once(folder: Path):
    override(folder, "seal")
    assert len(refused(folder)) == 1


def test_each_contract_that_an_override_meets_is_told(folder: Path):
    variant(folder, "acme")
    override(folder, "seal")
    assert sorted(problem.fact.partition(": ")[2].split()[0] for problem in refused(folder)) == [
        "datasets/people.acme.yaml",
        PEOPLE,
    ]


def test_an_override_for_another_tenant_is_held_against_the_general_contract(folder: Path):
    variant(folder, "acme")
    override(folder, "token", tenant="globex")
    (problem,) = refused(folder)
    assert f"{PEOPLE} types" in problem.fact


def other_dataset(folder: Path) -> None:
    text = (folder / PEOPLE).read_text().replace("people", "staff")
    text = text.replace(
        "logicalType: integer\n        logicalTypeOptions: {minimum: 1, maximum: 5}", "logicalType: string"
    )
    (folder / "datasets/staff.yaml").write_text(text)


def test_an_override_without_a_dataset_is_held_against_every_dataset(folder: Path):
    other_dataset(folder)
    override(folder, "token")
    (problem,) = refused(folder)
    assert f"{PEOPLE} types" in problem.fact


def test_an_override_for_one_dataset_is_not_held_against_another(folder: Path):
    other_dataset(folder)
    override(folder, "token", dataset="staff")
    assert load_policies(folder)


def test_an_override_that_a_nearer_one_beats_on_the_typed_column_is_taken(folder: Path):
    other_dataset(folder)
    override(folder, "token")
    override(folder, "keep", dataset="people")
    assert load_policies(folder)


def test_a_nearer_override_for_one_tenant_does_not_save_the_other(folder: Path):
    override(folder, "token")
    override(folder, "keep", tenant="acme", dataset="people")
    assert len(refused(folder)) == 1


def test_variants_that_differ_in_what_silver_holds_are_refused(tmp_path):
    contract = """\
apiVersion: v3.2.0
kind: DataContract
id: people{tenant_id}
version: 1.0.0
{tenant}team: {{name: the-team}}
customProperties: [{{property: lakeward.loadMode, value: append}}]
schema:
  - name: people
    logicalType: object
    properties:
      - {{name: id, logicalType: string, primaryKey: true}}
      - {{name: level, logicalType: integer{extra}}}
"""
    (tmp_path / "datasets").mkdir()
    (tmp_path / "tenants.yaml").write_text(
        "tenants: [{id: acme, name: Acme, region: eu, tier: basic, calling_code: 49}]\n"
    )
    (tmp_path / "treatments.yaml").write_text("classes: {user: token}\n")
    general = contract.format(tenant_id="", tenant="", extra="")
    (tmp_path / "datasets" / "people.yaml").write_text(general)
    own = {"tenant_id": "-acme", "tenant": "tenant: acme\n"}
    variant = tmp_path / "datasets" / "people.acme.yaml"
    variant.write_text(contract.format(**own, extra=""))
    load_policies(tmp_path)  # a near miss: a variant that agrees
    variant.write_text(contract.format(**own, extra=", classification: user.unique_id"))
    with pytest.raises(PolicyError, match="text in silver for one"):
        load_policies(tmp_path)
