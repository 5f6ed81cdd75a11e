"""What may lie in a policies folder, and how faults in several files come together."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from policy import PolicyError, load_policies


def faults(folder: Path) -> list[tuple[str, str]]:
    with pytest.raises(PolicyError) as refused:
        load_policies(folder)
    return [(each.file, each.fact) for each in refused.value.problems]


def test_a_folder_that_does_not_exist_is_told(tmp_path: Path):
    assert faults(tmp_path / "nowhere") == [(str(tmp_path / "nowhere"), "the policies folder does not exist")]


def test_a_file_in_the_folders_place_is_told(folder: Path):
    assert faults(folder / "tenants.yaml")[0][1] == "this is no folder"


def test_a_folder_of_something_else_is_told_and_not_read(tmp_path: Path):
    (tmp_path / "photo.jpg").write_bytes(b"x")
    (told,) = faults(tmp_path)
    assert "there is no tenants.yaml" in told[1]


@pytest.mark.parametrize("name", ["tenants.yaml", "treatments.yaml"])
def test_a_missing_file_is_told(folder: Path, name: str):
    (folder / name).unlink()
    assert (name, "the file is missing") in faults(folder)


def test_a_folder_without_datasets_is_told(folder: Path):
    (folder / "datasets" / "people.yaml").unlink()
    assert ("datasets", "there is no dataset") in faults(folder)


def test_an_empty_file_is_told(folder: Path):
    (folder / "tenants.yaml").write_text("# nothing yet\n")
    assert faults(folder) == [("tenants.yaml", "the file is empty")]


def test_a_file_that_is_not_utf8_is_told_with_its_line(folder: Path):
    (folder / "tenants.yaml").write_bytes(b"tenants:\n  - id: \xe4\n")
    with pytest.raises(PolicyError) as refused:
        load_policies(folder)
    assert [(each.where, each.fact) for each in refused.value.problems] == [
        ("line 2", "the file is not UTF-8")
    ]


def test_faults_in_several_files_come_together_in_file_order(folder: Path):
    for name, good, bad in (
        ("treatments.yaml", "user: token", "user: tokn"),
        ("tenants.yaml", "region: eu", "region: EU"),
        ("datasets/people.yaml", "logicalType: integer", "logicalType: int"),
    ):
        (folder / name).write_text((folder / name).read_text().replace(good, bad))
    assert [file for file, _ in faults(folder)] == ["datasets/people.yaml", "tenants.yaml", "treatments.yaml"]


def test_two_faults_in_one_contract_are_both_told(folder: Path):
    path = folder / "datasets" / "people.yaml"
    text = (
        path.read_text().replace("version: 1.2.3", "version: 1.0").replace("user.contact.email", "user.mail")
    )
    path.write_text(text)
    assert len(faults(folder)) == 2


def test_one_broken_contract_is_not_told_again_as_an_unknown_dataset(folder: Path):
    (folder / "datasets" / "people.yaml").write_text("a: [")
    assert [file for file, _ in faults(folder)] == ["datasets/people.yaml"]


def test_a_policy_file_under_a_wrong_name_is_refused(folder: Path):
    (folder / "datasets" / "more.yml").write_text("kind: DataContract\n")
    with pytest.raises(PolicyError) as refused:
        load_policies(folder)
    (problem,) = refused.value.problems
    assert (problem.file, problem.mend) == ("datasets/more.yml", "name it datasets/more.yaml")


@pytest.mark.parametrize(
    "name", [".hidden.yaml", "tenants.yaml~", "datasets/.people.yaml.swp", "people.yaml.swp"]
)
def test_hidden_files_and_editor_backups_change_nothing(folder: Path, name: str):
    before = load_policies(folder)
    (folder / name).write_text("not: [yaml")
    assert load_policies(folder) == before


def test_a_hidden_folder_changes_nothing(folder: Path):
    before = load_policies(folder)
    (folder / ".git").mkdir()
    (folder / ".git" / "config.yaml").write_text("x")
    assert load_policies(folder) == before


def test_a_readme_is_allowed_and_part_of_the_digest(folder: Path):
    before = load_policies(folder)
    (folder / "README.md").write_text("who may change what")
    after = load_policies(folder)
    assert after.contracts == before.contracts
    assert after.digest != before.digest


def test_a_link_that_leaves_the_folder_is_refused(folder: Path, tmp_path: Path):
    outside = tmp_path / "outside.yaml"
    (folder / "tenants.yaml").rename(outside)
    (folder / "tenants.yaml").symlink_to(outside)
    assert ("tenants.yaml", "a symbolic link leaves the policies folder") in faults(folder)


def test_a_link_to_a_sibling_folder_with_the_same_beginning_is_refused(folder: Path, tmp_path: Path):
    other = tmp_path / "policies2"
    other.mkdir()
    (other / "note.md").write_text("x")
    (folder / "note.md").symlink_to(other / "note.md")
    assert ("note.md", "a symbolic link leaves the policies folder") in faults(folder)


def test_a_link_that_stays_inside_is_read_as_a_file(folder: Path):
    (folder / ".store").mkdir()
    (folder / "tenants.yaml").rename(folder / ".store" / "tenants.yaml")
    (folder / "tenants.yaml").symlink_to(Path(".store") / "tenants.yaml")
    assert sorted(load_policies(folder).tenants) == ["acme", "globex"]


def test_a_link_to_a_folder_is_refused(folder: Path):
    (folder / "more").symlink_to(folder / "datasets")
    assert ("more", "a symbolic link leads to a folder") in faults(folder)


def test_links_in_a_circle_are_refused(folder: Path):
    (folder / "a.md").symlink_to(folder / "b.md")
    (folder / "b.md").symlink_to(folder / "a.md")
    assert {file for file, _ in faults(folder)} == {"a.md", "b.md"}


def test_a_pipe_is_refused_and_not_waited_for(folder: Path):
    os.mkfifo(folder / "pipe.md")
    assert ("pipe.md", "this is no regular file") in faults(folder)


def test_the_folder_itself_may_be_a_link(folder: Path, tmp_path: Path):
    (tmp_path / "current").symlink_to(folder)
    assert load_policies(tmp_path / "current") == load_policies(folder)


def test_nesting_beyond_reason_is_refused(folder: Path):
    (folder / "tenants.yaml").write_text("tenants: " + "[" * 5000)
    assert faults(folder)[0][0] == "tenants.yaml"
