"""Invariants of the data classes that ship with Lakeward."""

from __future__ import annotations

from policy import Normaliser, shipped_taxonomy
from policy.load_classes import CLASS_KEY, GROUPS


def test_the_number_of_shipped_classes_is_pinned():
    assert len(shipped_taxonomy().classes) == 85


def test_every_class_stands_under_its_own_key():
    assert all(key == found.key for key, found in shipped_taxonomy().classes.items())


def test_every_key_is_well_formed():
    assert all(CLASS_KEY.fullmatch(key) for key in shipped_taxonomy().classes)


def test_every_parent_is_declared():
    taxonomy = shipped_taxonomy()
    assert [
        key for key, found in taxonomy.classes.items() if found.parent and found.parent not in taxonomy
    ] == []


def test_all_of_user_is_personal_and_nothing_of_system_is():
    for key, found in shipped_taxonomy().classes.items():
        assert found.personal == (key.split(".")[0] == "user"), key


def test_every_group_is_known():
    assert {found.group for found in shipped_taxonomy().classes.values()} <= set(GROUPS)


def test_numbers_that_people_group_are_compared_without_the_grouping():
    for found in shipped_taxonomy().classes.values():
        if found.group in ("card", "bank_account", "national_id"):
            assert found.normaliser is Normaliser.COMPACT, found.key


def test_phone_and_fax_are_compared_as_phone_numbers_and_nothing_else_is():
    phones = {
        key for key, found in shipped_taxonomy().classes.items() if found.normaliser is Normaliser.PHONE
    }
    assert phones == {"user.contact.phone_number", "user.contact.fax_number"}
