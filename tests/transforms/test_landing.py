"""What lies in the landing zone: whose it is, and what is told of what does not belong."""

from __future__ import annotations

import os

import pytest

from transforms.landing import STAGING, take_inventory


@pytest.fixture
def landing(tmp_path):
    root = tmp_path / "landing"
    root.mkdir()
    return root


def put(landing, place, content="x"):
    path = landing / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def told(landing, bundle):
    return [(one.kind, one.place, one.amount) for one in take_inventory(landing, bundle).violations]


def names(landing, bundle):
    return sorted(file.path.name for file in take_inventory(landing, bundle).files)


def test_a_file_at_its_drop_off_is_found_with_region_tenant_dataset_and_format(landing, small_policies):
    put(landing, "us/globex/people/june.csv")
    [file] = take_inventory(landing, small_policies).files
    assert (file.region, file.tenant, file.dataset, file.format, file.gzipped) == (
        "us", "globex", "people", "csv", False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "form", "gzipped"),
    [
        ("a.csv", "csv", False),
        ("a.CSV.GZ", "csv", True),
        ("a.jsonl", "json", False),
        ("a.ndjson.gz", "json", True),
        ("a.json", "json", False),
        ("a.parquet", "parquet", False),
        ("a.txt", None, False),
        ("a.csv.bak", None, False),
        ("a.gz", None, True),
        ("a", None, False),
        ("csv", None, False),
    ],
)
def test_the_ending_tells_the_format_and_nothing_else_does(landing, small_policies, name, form, gzipped):
    put(landing, f"us/globex/people/{name}")
    [file] = take_inventory(landing, small_policies).files
    assert (file.format, file.gzipped) == (form, gzipped)


def test_an_empty_or_missing_landing_zone_holds_nothing(landing, small_policies):
    assert take_inventory(landing, small_policies).files == ()
    assert take_inventory(landing / "nowhere", small_policies).files == ()


def test_files_of_an_unregistered_tenant_are_counted_and_not_taken(landing, small_policies):
    put(landing, "us/umbrella/people/a.csv")
    put(landing, "us/umbrella/orders/b.csv")
    assert told(landing, small_policies) == [("unregistered_tenant", "us/umbrella", 2)]
    assert names(landing, small_policies) == []


def test_a_tenant_in_another_region_is_a_violation_and_not_taken(landing, small_policies):
    put(landing, "eu/globex/people/a.csv")
    put(landing, "us/globex/people/b.csv")
    assert told(landing, small_policies) == [("wrong_region", "eu/globex", 1)]
    assert names(landing, small_policies) == ["b.csv"]


def test_a_dataset_without_a_contract_is_a_violation_and_not_taken(landing, small_policies):
    put(landing, "us/globex/payroll/a.csv")
    assert told(landing, small_policies) == [("no_contract", "us/globex/payroll", 1)]
    assert names(landing, small_policies) == []


@pytest.mark.parametrize("name", ["Maria Anders", "maria@example.org", "+49 30 0074321", "Globex", "a" * 61])
@pytest.mark.parametrize("level", ["{}/globex/people/x.csv", "us/{}/people/x.csv", "us/globex/{}/x.csv"])
def test_a_foreign_folder_name_is_never_shown(landing, small_policies, level, name):
    put(landing, level.format(name))
    [(_, place, amount)] = told(landing, small_policies)
    assert name not in place
    assert ("(name withheld)" in place, amount) == (True, 1)


def test_a_symbolic_link_to_a_file_is_not_followed(landing, small_policies, tmp_path):
    secret = put(tmp_path, "secret.csv", "customer_id\n")
    own = put(landing, "us/globex/people/own.csv")
    (own.parent / "link.csv").symlink_to(secret)
    assert told(landing, small_policies) == [("symbolic_link", "us/globex/people", 1)]
    assert names(landing, small_policies) == ["own.csv"]


@pytest.mark.parametrize("place", ["us", "us/globex", "us/globex/people"])
def test_a_symbolic_link_to_a_folder_is_not_followed(landing, small_policies, tmp_path, place):
    put(tmp_path, "elsewhere/globex/people/people/a.csv")
    (landing / place).parent.mkdir(parents=True, exist_ok=True)
    (landing / place).symlink_to(tmp_path / "elsewhere")
    assert [kind for kind, _, _ in told(landing, small_policies)] == ["symbolic_link"]
    assert names(landing, small_policies) == []


def test_a_link_from_one_tenant_to_anothers_folder_brings_nothing_in(landing, small_policies):
    victim = put(landing, "us/initech/people/a.csv")
    (landing / "us/globex").mkdir(parents=True)
    (landing / "us/globex/people").symlink_to(victim.parent)
    assert {file.tenant for file in take_inventory(landing, small_policies).files} == {"initech"}


@pytest.mark.parametrize("name", [".upload.csv", ".a.csv.swp", ".hidden/a.csv"])
def test_hidden_files_are_neither_taken_nor_told(landing, small_policies, name):
    put(landing, f"us/globex/people/{name}")
    assert (names(landing, small_policies), told(landing, small_policies)) == ([], [])


def test_the_staging_folder_is_no_region(landing, small_policies):
    put(landing, f"{STAGING}/us.people.1/1.csv")
    assert (names(landing, small_policies), told(landing, small_policies)) == ([], [])


def test_a_folder_or_pipe_among_the_files_is_told_and_not_opened(landing, small_policies):
    put(landing, "us/globex/people/sub/a.csv")
    os.mkfifo(landing / "us/globex/people/b.csv")
    assert told(landing, small_policies) == [("not_a_file", "us/globex/people", 2)]
    assert names(landing, small_policies) == []


def test_places_that_look_alike_are_told_as_one_with_their_sum(landing, small_policies):
    put(landing, "us/Maria Anders/people/a.csv")
    put(landing, "us/maria@example.org/people/b.csv")
    put(landing, "us/Maria Anders/people/deeper/c.csv")
    assert told(landing, small_policies) == [("unregistered_tenant", "us/(name withheld)", 3)]


@pytest.mark.parametrize(
    ("path", "place"),
    [("a.csv", "the landing zone"), ("us/a.csv", "us"), ("us/globex/a.csv", "us/globex")],
)
def test_a_file_above_its_datasets_folder_is_told_with_its_place(landing, small_policies, path, place):
    put(landing, path)
    assert told(landing, small_policies) == [("misplaced_file", place, 1)]


@pytest.mark.parametrize("place", ["us", "us/globex", "us/globex/people"])
def test_a_folder_that_may_not_be_listed_is_told_and_the_others_are_read(
    landing, small_policies, monkeypatch, place
):
    put(landing, "us/globex/people/a.csv")
    put(landing, "eu/acme/people/b.csv")
    listing = os.scandir

    def scandir(folder):
        if folder == landing / place:
            raise PermissionError("shut")
        return listing(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    assert told(landing, small_policies) == [("not_readable", place, 1)]
    assert names(landing, small_policies) == ["b.csv"]


def test_a_violation_names_no_file(landing, small_policies):
    put(landing, "us/umbrella/people/maria-anders.csv")
    put(landing, "us/globex/people/maria-anders/a.csv")
    assert "maria" not in repr(take_inventory(landing, small_policies).violations)


def test_files_are_taken_in_the_order_of_their_age_then_name(landing, small_policies):
    for name, moment in (("c.csv", 5), ("b.csv", 9), ("a.csv", 9)):
        os.utime(put(landing, f"us/globex/people/{name}"), (moment, moment))
    taken = take_inventory(landing, small_policies).of("people", ["globex"])
    assert [file.path.name for file in taken] == ["c.csv", "a.csv", "b.csv"]


def test_only_the_asked_tenants_files_of_the_asked_dataset_are_given(landing, small_policies):
    for place in ("us/globex/people/a.csv", "us/globex/orders/b.csv", "us/initech/people/c.csv"):
        put(landing, place)
    taken = take_inventory(landing, small_policies).of("people", ["globex"])
    assert [file.path.name for file in taken] == ["a.csv"]
