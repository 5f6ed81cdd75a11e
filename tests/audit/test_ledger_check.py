"""Each way to change the ledger behind its back, done with plain SQL, and what the check says of it."""

from __future__ import annotations

import json
import shutil

import pytest
from sqlalchemy import text

from audit.ledger import Fact, Ledger
from audit.ledger_check import check_ledger
from audit.ledger_head import parse_head
from audit.merkle import leaf_hash
from tenancy.control import open_control
from tenancy.signing import open_signing_key, public_key_file, read_public_key

ENTRIES = "ledger_entries"


class Book:
    """A ledger of eleven entries, heads over five and ten of them, and the means to tamper with it."""

    def __init__(self, folder, clock):
        self.folder, self.clock = folder, clock
        self.engine = open_control(folder / "control.db")
        self.ledger = Ledger(self.engine, clock)
        self.key = open_signing_key(folder / "signing.key")
        self.public = read_public_key(public_key_file(folder / "signing.key"))
        self.heads = [self.grow(5), self.grow(5)]
        self.append(1)

    def append(self, count):
        start = self.ledger.size()
        self.ledger.append(
            Fact("check", f"run/{number}", {"rows": number}, "acme") for number in range(start, start + count)
        )

    def grow(self, count):
        self.append(count)
        self.clock.forward(60)
        return self.ledger.sign_head(self.key)

    def sql(self, *statements):
        with self.engine.begin() as connection:
            for one in statements:
                connection.exec_driver_sql(one)

    def codes(self, elsewhere=()):
        return {one.code for one in self.check(elsewhere).findings}

    def check(self, elsewhere=()):
        return check_ledger(self.engine, elsewhere, self.public)

    def rebuild(self, keep):
        """What a thief of the database does: all of it anew, with hashes that fit, from changed entries."""
        kept = [json.loads(one.canonical()) for one in self.ledger.entries()]
        changed = keep(kept)
        self.sql("DELETE FROM ledger_nodes", f"DELETE FROM {ENTRIES}", "UPDATE ledger_state SET size = 0")
        self.ledger.append(
            Fact(one["kind"], one["source"], one["body"], one["tenant"], one["region"]) for one in changed
        )


@pytest.fixture
def book(tmp_path, clock):
    return Book(tmp_path, clock)


def test_an_untouched_ledger_holds_and_says_how_much_of_it_is_signed(book):
    checked = book.check(book.heads)
    assert checked.findings == ()
    assert (checked.size, checked.signed, checked.heads, checked.elsewhere) == (11, 10, 2, 2)


def test_an_edited_entry_is_named(book):
    book.sql(f"UPDATE {ENTRIES} SET entry = replace(entry, '\"rows\":3', '\"rows\":4') WHERE seq = 3")
    (found,) = book.check().findings
    assert found.code == "edited"
    assert "entry 3 was edited" in found.words


def test_an_edited_entry_with_its_hash_made_to_fit_is_told_by_the_hashes_above(book):
    entry = list(book.ledger.entries())[3].canonical().replace(b'"rows":3', b'"rows":4')
    with book.engine.begin() as connection:
        connection.execute(text(f"UPDATE {ENTRIES} SET entry = :e WHERE seq = 3"), {"e": entry.decode()})
        connection.execute(
            text("UPDATE ledger_nodes SET hash = :h WHERE level = 0 AND place = 3"), {"h": leaf_hash(entry)}
        )
    assert book.codes() == {"edited", "rewritten"}


def test_an_edited_entry_with_all_hashes_made_to_fit_is_told_by_the_heads(book):
    book.rebuild(
        lambda entries: [one | {"body": {"rows": one["seq"] + (one["seq"] == 3)}} for one in entries]
    )
    findings = book.check().findings
    assert {one.code for one in findings} == {"rewritten"}
    assert "among entries 0 to 4 one was edited, dropped, put in or moved" in findings[0].words


def test_a_columns_value_that_hides_an_entry_from_its_tenant_is_told(book):
    book.sql(f"UPDATE {ENTRIES} SET tenant = 'globex' WHERE seq = 3")
    (found,) = book.check().findings
    assert "entry 3 is filed under another kind, tenant, time or fact" in found.words


def test_a_dropped_entry_is_named(book):
    book.sql(f"DELETE FROM {ENTRIES} WHERE seq = 3")
    (found,) = book.check().findings
    assert (found.code, found.words) == ("missing", "entry 3 is missing")


def test_a_dropped_entry_with_all_later_ones_moved_up_is_told(book):
    book.rebuild(lambda entries: entries[:3] + entries[4:])
    assert book.codes() == {"rewritten"}


def test_two_entries_that_changed_places_are_named(book):
    book.sql(
        f"UPDATE {ENTRIES} SET seq = -1 WHERE seq = 3",
        f"UPDATE {ENTRIES} SET seq = 3 WHERE seq = 4",
        f"UPDATE {ENTRIES} SET seq = 4 WHERE seq = -1",
    )
    words = [one.words for one in book.check().findings if one.code == "moved"]
    assert words == ["in the place of entry 3 lies entry 4", "in the place of entry 4 lies entry 3"]


def test_two_entries_that_changed_places_with_all_hashes_made_to_fit_are_told(book):
    book.rebuild(lambda entries: [*entries[:3], entries[4], entries[3], *entries[5:]])
    assert book.codes() == {"rewritten"}


def test_an_entry_put_in_is_told(book):
    book.rebuild(lambda entries: [*entries[:3], entries[3] | {"source": "run/new"}, *entries[3:]])
    assert book.codes() == {"rewritten"}


def test_an_entry_put_in_behind_the_end_is_told(book):
    book.sql(f"INSERT INTO {ENTRIES} SELECT 11, 'new', kind, tenant, at, entry FROM {ENTRIES} WHERE seq = 3")
    assert book.codes() == {"inserted"}


def test_a_ledger_cut_off_before_its_last_head_is_told(book):
    book.rebuild(lambda entries: entries[:7])
    assert "cut" in book.codes()


def test_a_ledger_cut_off_together_with_its_heads_is_told_by_the_heads_kept_elsewhere(book):
    whole = [(row.level, row.place) for row in _rows(book, "SELECT level, place FROM ledger_nodes")]
    gone = [(level, place) for level, place in whole if ((place + 1) << level) > 5]
    book.sql(
        f"DELETE FROM {ENTRIES} WHERE seq >= 5",
        "DELETE FROM ledger_heads WHERE size > 5",
        "UPDATE ledger_state SET size = 5",
        *(f"DELETE FROM ledger_nodes WHERE level = {level} AND place = {place}" for level, place in gone),
    )
    assert book.codes() == set()  # by itself it is a sound, shorter ledger
    (dropped, cut) = book.check(book.heads).findings
    assert "there are 5 entries, and the head over 10 entries" in cut.words
    assert (dropped.code, cut.code) == ("dropped", "rolled_back")


def test_an_older_copy_of_the_database_is_told_by_the_heads_kept_elsewhere(book):
    older = book.folder / "older.db"
    _copy(book, older)
    book.heads.append(book.grow(4))
    book.engine.dispose()
    for log in ("-wal", "-shm"):
        (book.folder / f"control.db{log}").unlink(missing_ok=True)
    shutil.copy(older, book.folder / "control.db")
    assert book.check(book.heads[:2]).findings == ()
    assert "rolled_back" in book.codes(book.heads)


def test_an_older_copy_that_grew_on_is_told_as_a_fork(book):
    older = book.folder / "older.db"
    _copy(book, older)
    book.heads.append(book.grow(4))
    book.engine = open_control(older)
    book.ledger = Ledger(book.engine, book.clock)
    book.grow(6)
    assert book.codes(book.heads[:2]) == set()
    assert "forked" in book.codes(book.heads)


def test_a_head_with_an_edited_field_carries_no_right_signature(book):
    book.sql(
        "UPDATE ledger_heads SET head = replace(head, '\"size\":5', '\"size\":4'), size = 4 WHERE size = 5"
    )
    (found,) = book.check().findings
    assert found.code == "signature"
    assert "the head over 4 entries" in found.words


def test_a_head_signed_with_another_key_is_told(book):
    other = open_signing_key(book.folder / "other.key")
    book.append(1)
    book.ledger.sign_head(other)
    assert book.codes() == {"signature"}


def test_a_head_of_another_ledger_under_the_same_key_is_told(book, tmp_path, clock):
    other = Ledger(open_control(tmp_path / "other.db"), clock)
    other.append([Fact("check", "run/0", {})])
    (found,) = book.check([other.sign_head(book.key)]).findings
    assert (found.code, "is of another ledger" in found.words) == ("forked", True)


def test_a_head_that_is_taken_out_of_the_database_is_missed(book):
    book.sql("DELETE FROM ledger_heads WHERE size = 5")
    assert book.codes() == set()
    assert book.codes(book.heads) == {"dropped"}


def test_heads_in_another_order_are_told(book):
    book.sql("UPDATE ledger_heads SET id = 99 WHERE size = 5")
    assert book.codes() == {"moved"}


def test_a_hash_that_was_changed_or_taken_away_is_told_though_no_entry_was(book):
    book.sql("UPDATE ledger_nodes SET hash = zeroblob(32) WHERE level = 2 AND place = 1")
    (found,) = book.check().findings
    assert found.words == "the stored hash over entries 4 to 7 is not theirs"
    book.sql("DELETE FROM ledger_nodes WHERE level = 2 AND place = 1")
    assert [one.code for one in book.check().findings] == ["edited"]


def test_a_ledger_without_its_own_row_is_told(book):
    book.sql("DELETE FROM ledger_state")
    assert "missing" in book.codes()


def test_many_findings_of_a_kind_are_counted_and_not_all_told(book):
    book.append(50)
    book.sql(f"UPDATE {ENTRIES} SET tenant = 'globex'")
    words = [one.words for one in book.check().findings]
    assert len(words) == 21
    assert words[-1] == "and 41 more of the kind 'edited'"


def test_a_check_tells_nothing_that_a_fact_says(book):
    book.sql(f"UPDATE {ENTRIES} SET entry = 'Maria Anders' WHERE seq = 3")
    assert "Maria" not in str(book.check())
    assert parse_head(book.heads[0].to_json()) == book.heads[0]


def _rows(book, statement):
    with book.engine.connect() as connection:
        return connection.execute(text(statement)).all()


def _copy(book, target):
    with book.engine.connect() as connection:
        raw = connection.connection.driver_connection
        raw.execute("VACUUM INTO ?", (str(target),))
