"""What a good folder becomes, and near-misses that are no faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from policy import (
    Column,
    Constraints,
    Contract,
    Disposal,
    GeneraliseTo,
    LoadMode,
    LogicalType,
    PolicyError,
    Treatment,
    TreatmentKind,
    load_policies,
)


def change(folder: Path, file: str, good: str, bad: str) -> None:
    text = (folder / file).read_text()
    assert good in text
    (folder / file).write_text(text.replace(good, bad, 1))


def only(folder: Path) -> Contract:
    (contract,) = load_policies(folder).contracts
    return contract


def test_the_head_of_a_contract_is_read(folder: Path):
    contract = only(folder)
    assert (contract.dataset, contract.tenant, contract.version, contract.owner) == (
        "people",
        None,
        "1.2.3",
        "people-team",
    )
    assert (contract.load_mode, contract.disposal) == (LoadMode.MERGE, Disposal.DELETE)
    assert (contract.primary_key, contract.subject_column) == (("person_id",), "person_id")
    assert (contract.time_column, contract.version_column, contract.tenant_column) == (
        "changed",
        "changed",
        None,
    )


def test_a_nested_property_becomes_a_flat_column(folder: Path):
    assert only(folder).columns[0] == Column(
        path=("person", "id"),
        name="person_id",
        logical_type=LogicalType.STRING,
        required=True,
        data_class="user.unique_id",
        namespace="person",
        constraints=Constraints(pattern="^P[0-9]+$", min_length=2, max_length=9),
    )


def test_a_column_keeps_its_spelling_in_the_path_and_loses_it_in_the_name(folder: Path):
    mail = only(folder).column("mail")
    assert mail.path == ("Mail",)


def test_bounds_and_allowed_values_are_read(folder: Path):
    contract = only(folder)
    assert contract.column("level").constraints == Constraints(minimum=1.0, maximum=5.0)
    assert contract.column("state").constraints == Constraints(allowed=("new", "old"))


def test_a_calling_code_is_a_text_whether_quoted_or_not(folder: Path):
    assert {each.calling_code for each in load_policies(folder).tenants.values()} == {"49", "1"}


def test_a_physical_name_is_where_the_file_has_it(folder: Path):
    change(folder, "datasets/people.yaml", "name: level", "name: rank\n        physicalName: occurred_at")
    assert only(folder).column("rank").path == ("occurred_at",)


@pytest.mark.parametrize("spelling", ["person.id", "person_id", "Person.ID"])
def test_a_contract_names_a_column_by_path_or_silver_name(folder: Path, spelling: str):
    change(folder, "datasets/people.yaml", "value: person.id", f"value: {spelling}")
    assert only(folder).subject_column == "person_id"


def test_key_columns_follow_their_positions(folder: Path):
    change(
        folder,
        "datasets/people.yaml",
        "primaryKey: true",
        "primaryKey: true\n            primaryKeyPosition: 2",
    )
    change(
        folder,
        "datasets/people.yaml",
        "name: level",
        "name: level\n        primaryKey: true\n        primaryKeyPosition: 1",
    )
    assert only(folder).primary_key == ("level", "person_id")


def test_a_key_column_is_required_without_saying_so(folder: Path):
    change(folder, "datasets/people.yaml", "name: level", "name: level\n        primaryKey: true")
    assert only(folder).column("level").required


def test_key_positions_for_some_columns_only_are_refused(folder: Path):
    change(
        folder,
        "datasets/people.yaml",
        "primaryKey: true",
        "primaryKey: true\n            primaryKeyPosition: 2",
    )
    change(folder, "datasets/people.yaml", "name: level", "name: level\n        primaryKey: true")
    with pytest.raises(PolicyError, match="positions of the primary key are not clear"):
        load_policies(folder)


@pytest.mark.parametrize(
    ("support", "contact"),
    [
        ("[{channel: '#people'}]", "#people"),
        ("[{channel: '#people', url: 'https://chat.example/1'}]", "#people https://chat.example/1"),
        (
            "[{channel: '#people'}, {url: 'mailto:people@corp.example'}]",
            "#people, mailto:people@corp.example",
        ),
        ("[{description: none yet}]", ""),
        ("[]", ""),
    ],
)
def test_the_contact_is_what_the_standard_calls_support(folder: Path, support: str, contact: str):
    path = folder / "datasets" / "people.yaml"
    path.write_text(f"support: {support}\n{path.read_text()}")
    assert only(folder).contact == contact


@pytest.mark.parametrize("team", ["{members: [{role: Owner, name: Ada}]}", "[{role: owner, username: Ada}]"])
def test_the_owner_is_the_team_member_with_that_role(folder: Path, team: str):
    change(folder, "datasets/people.yaml", "team:\n  name: people-team\n", f"team: {team}\n")
    assert only(folder).owner == "Ada"


def test_a_treatment_with_parameters_stands_in_a_contract(folder: Path):
    change(
        folder,
        "datasets/people.yaml",
        "lakeward.freeText, value: true",
        "lakeward.treatment, value: {mask: {show_last: 2}}",
    )
    assert only(folder).column("remark").treatment == Treatment(TreatmentKind.MASK, show_last=2)


def test_an_override_meets_its_tenant_and_no_other(folder: Path):
    bundle = load_policies(folder)
    mail = bundle.contracts[0].column("mail")
    assert bundle.treatment_for("acme", "people", mail).kind is TreatmentKind.SEAL
    assert bundle.treatment_for("globex", "people", mail).kind is TreatmentKind.TOKEN


def test_generalise_carries_what_it_goes_to(folder: Path):
    bundle = load_policies(folder)
    born = bundle.contracts[0].column("born")
    assert bundle.treatment_for("acme", "people", born) == Treatment(
        TreatmentKind.GENERALISE, GeneraliseTo.YEAR
    )


def test_a_treatment_by_class_that_does_not_fit_the_type_is_refused(folder: Path):
    change(folder, "datasets/people.yaml", "logicalType: date", "logicalType: string")
    with pytest.raises(
        PolicyError, match="generalise to year is for date and timestamp columns, not for string"
    ):
        load_policies(folder)


def test_a_personal_column_without_a_treatment_is_refused(folder: Path):
    change(folder, "treatments.yaml", "  user: token\n", "  user.unique_id: token\n")
    with pytest.raises(
        PolicyError, match=r"user\.contact\.email has no treatment, so 'mail' would stay in the clear"
    ):
        load_policies(folder)


def test_a_second_contract_for_the_same_tenants_is_refused(folder: Path):
    text = (folder / "datasets" / "people.yaml").read_text()
    (folder / "datasets" / "persons.yaml").write_text(text)
    with pytest.raises(PolicyError, match="describes 'people' for all tenants already"):
        load_policies(folder)


def variant(folder: Path, good: str = "", bad: str = "") -> None:
    text = (folder / "datasets" / "people.yaml").read_text()
    text = text.replace("id: people\n", "id: people-acme\ntenant: acme\n").replace(good, bad)
    (folder / "datasets" / "people.acme.yaml").write_text(text)


def test_a_tenant_has_its_own_variant_and_others_the_general_contract(folder: Path):
    variant(folder, "value: merge", "value: append")
    bundle = load_policies(folder)
    acme, globex = bundle.contract_for("acme", "people"), bundle.contract_for("globex", "people")
    assert acme is not None
    assert globex is not None
    assert (acme.load_mode, globex.load_mode) == (LoadMode.APPEND, LoadMode.MERGE)


def test_variants_that_disagree_on_a_type_are_refused(folder: Path):
    variant(folder, "name: Mail\n        logicalType: string", "name: MAIL\n        logicalType: array")
    with pytest.raises(PolicyError, match=r"'mail' is string here and array in datasets/people\.acme\.yaml"):
        load_policies(folder)


def test_a_folder_adds_a_class_of_its_own(folder: Path):
    own = "classes: [{key: user.contact.pager, personal: true, normaliser: phone, group: phone}]\n"
    (folder / "data_classes.yaml").write_text(own)
    change(folder, "datasets/people.yaml", "user.contact.email", "user.contact.pager")
    assert only(folder).column("mail").data_class == "user.contact.pager"


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("{key: user.contact.email, personal: true, normaliser: text, group: email}", "ships with Lakeward"),
        (
            "{key: user.lair.door, personal: true, normaliser: text, group: other}",
            "'user.lair' is not declared",
        ),
        (
            "{key: user.shoe, personal: false, normaliser: text, group: other}",
            "not personal, but its parent is",
        ),
        ("{key: user.shoe, personal: true, normaliser: fone, group: other}", "write phone"),
        ("{key: user.shoe, personal: true, normaliser: text, group: shoes}", "is not one of"),
        ("{key: User.shoe, personal: true, normaliser: text, group: other}", "is not a data class key"),
        ("{key: user.shoe, personal: true, normaliser: text}", "'group' is missing"),
    ],
)
def test_a_wrong_class_of_its_own_is_refused(folder: Path, entry: str, words: str):
    (folder / "data_classes.yaml").write_text(f"classes: [{entry}]\n")
    with pytest.raises(PolicyError, match=words.replace(".", r"\.")):
        load_policies(folder)
