"""What a verification reads, passes by, keeps, cannot search, and what verdict that gives."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from needles import EMAIL, NEEDLES, TOKEN, look

from retention.verify import Known, Mode, Place, Verdict, Why, tokens_and_values, verify

UNTIL = datetime(2027, 1, 1, tzinfo=UTC)


def _database(path, **tables):
    """A database in WAL mode with one text column a table; its log is put into it."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA secure_delete = ON")
    for table, texts in tables.items():
        connection.execute(f"CREATE TABLE {table} (v TEXT PRIMARY KEY)")
        connection.executemany(f"INSERT INTO {table} VALUES (?)", [(text,) for text in texts])
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return connection


def test_every_file_is_told_with_its_size_and_hash_hidden_ones_too(tmp_path):
    (tmp_path / ".h").mkdir()
    for name in ("a.txt", ".h/_b", ".c.crc"):
        (tmp_path / name).write_text(name)
    found = {(one.path, one.size, one.sha256) for one in look(tmp_path).searched}
    assert found == {
        (name, len(name), hashlib.sha256(name.encode()).hexdigest()) for name in ("a.txt", ".h/_b", ".c.crc")
    }


def test_a_single_file_is_a_place(tmp_path):
    (tmp_path / "events.jsonl").write_text(EMAIL)
    result = look(tmp_path / "events.jsonl")
    assert [(hit.place, hit.path, hit.where) for hit in result.hits] == [("place", ".", "raw bytes")]


def test_a_file_below_two_places_is_searched_once(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "f").write_text("x")
    result = verify([Place("outer", tmp_path), Place("inner", tmp_path / "in")], NEEDLES)
    assert [(one.place, one.path) for one in result.searched] == [("outer", "in/f")]


def test_values_are_counted_by_cell(tmp_path):
    pq.write_table(pa.table({"a": ["x", "y"], "b": [[1, 2], []]}), tmp_path / "f")
    assert [(one.kind, one.values) for one in look(tmp_path).searched] == [("parquet", 4)]


def test_searching_leaves_files_and_folders_as_they_were(tmp_path):
    _database(tmp_path / "control.db", runs=["x"]).close()
    before = {path: path.stat().st_mtime_ns for path in (tmp_path, *tmp_path.iterdir())}
    look(tmp_path)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path, *tmp_path.iterdir())} == before


class TestTargeted:
    def _lake(self, root):
        for path in ("us/silver/people/tenant_id=acme/a", "us/silver/people/tenant_id=globex/g"):
            (root / path).parent.mkdir(parents=True)
            (root / path).write_text(EMAIL)
        (root / "us/silver/people/_delta_log").mkdir()
        (root / "us/silver/people/_delta_log/0.json").write_text("{}")
        (root / "us/silver/people/tenant_id=__HIVE_DEFAULT_PARTITION__").mkdir()
        (root / "us/silver/people/tenant_id=__HIVE_DEFAULT_PARTITION__/n").write_text("x")

    def test_passes_other_tenants_folders_by_and_tells_how_much(self, tmp_path):
        self._lake(tmp_path)
        result = look(tmp_path, mode=Mode.TARGETED, tenant="acme")
        assert {hit.path for hit in result.hits} == {"us/silver/people/tenant_id=acme/a"}
        assert [(one.files, one.size) for one in result.passed_by] == [(1, len(EMAIL))]
        assert {one.path.split("people/")[1] for one in result.searched} == {
            "tenant_id=acme/a", "_delta_log/0.json", "tenant_id=__HIVE_DEFAULT_PARTITION__/n",
        }  # fmt: skip
        assert result.mode is Mode.TARGETED

    def test_full_reads_every_tenants_folders(self, tmp_path):
        self._lake(tmp_path)
        result = look(tmp_path, tenant="acme")
        assert {hit.path.split("=")[1] for hit in result.hits} == {"acme/a", "globex/g"}
        assert result.passed_by == ()

    def test_knows_a_tenants_folder_by_its_level(self, tmp_path):
        for path in ("us/acme/people/a.csv", "us/globex/people/g.csv", ".staging/globex/x"):
            (tmp_path / path).parent.mkdir(parents=True)
            (tmp_path / path).write_text("x")
        place = Place("landing", tmp_path, tenant_level=1)
        result = verify([place], NEEDLES, mode=Mode.TARGETED, tenant="acme")
        assert [one.path for one in result.searched] == [".staging/globex/x", "us/acme/people/a.csv"]

    def test_needs_to_know_the_tenant(self, tmp_path):
        with pytest.raises(ValueError, match="To mend it: give the tenant"):
            look(tmp_path, mode=Mode.TARGETED)


class TestKept:
    KEEP = {"place/control.db#suppressions": "stops a return"}  # noqa: RUF012 - never changed

    def test_a_token_in_a_table_that_keeps_it_is_told_apart_and_no_hit(self, tmp_path):
        _database(tmp_path / "control.db", suppressions=[TOKEN], runs=["x"]).close()
        result = look(tmp_path, keep=self.KEEP)
        assert result.hits == ()
        assert {(one.where, one.reason) for one in result.kept} == {
            ("table suppressions, column v", "stops a return"),
            ("raw bytes", "stops a return"),
        }
        assert result.verdict is Verdict.VERIFIED

    def test_a_large_table_with_overflowing_rows_is_kept_whole(self, tmp_path):
        texts = [f"{TOKEN} {number:06d} " + "x" * (number % 3 * 9_000) for number in range(900)]
        texts += [f"{number:06d} " + "y" * 9_000 + TOKEN for number in range(90)]
        _database(tmp_path / "control.db", suppressions=texts).close()
        result = look(tmp_path, keep=self.KEEP)
        assert result.hits == ()
        assert result.kept

    def test_the_same_token_in_another_table_is_a_hit(self, tmp_path):
        _database(tmp_path / "control.db", suppressions=[TOKEN], findings=[TOKEN]).close()
        result = look(tmp_path, keep=self.KEEP)
        assert {hit.where for hit in result.hits} == {"table findings, column v", "raw bytes"}

    def test_a_table_of_that_name_in_another_database_is_a_hit(self, tmp_path):
        _database(tmp_path / "other.db", suppressions=[TOKEN]).close()
        assert look(tmp_path, keep=self.KEEP).hits

    def test_what_a_deleted_row_left_in_a_free_page_is_a_hit(self, tmp_path):
        connection = _database(tmp_path / "control.db", suppressions=[TOKEN], runs=["x"])
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("INSERT INTO runs VALUES (?)", (TOKEN + "x" * 20_000,))
        connection.execute("DELETE FROM runs")
        connection.commit()
        connection.close()
        result = look(tmp_path, keep=self.KEEP)
        assert {hit.where for hit in result.hits} == {"raw bytes"}

    def test_a_raw_value_in_a_table_that_keeps_tokens_is_a_hit(self, tmp_path):
        _database(tmp_path / "control.db", suppressions=[EMAIL]).close()
        result = look(tmp_path, keep=self.KEEP)
        assert {hit.where for hit in result.hits} == {"table suppressions, column v", "raw bytes"}
        assert result.kept == ()

    def test_a_kept_token_in_the_write_ahead_log_is_kept_and_one_of_another_table_is_a_hit(self, tmp_path):
        connection = _database(tmp_path / "control.db", suppressions=["x"], runs=["x"])
        connection.execute("INSERT INTO suppressions VALUES (?)", (TOKEN,))
        connection.commit()
        kept = look(tmp_path, keep=self.KEEP)
        connection.execute("INSERT INTO runs VALUES (?)", (TOKEN,))
        connection.commit()
        connection.execute("DELETE FROM runs")
        connection.commit()
        left = look(tmp_path, keep=self.KEEP)
        connection.close()
        assert kept.hits == ()
        assert "control.db-wal" in {one.path for one in kept.kept}
        assert {hit.path for hit in left.hits} == {"control.db-wal"}

    def test_files_that_keep_tokens_are_named_by_a_pattern(self, tmp_path):
        (tmp_path / "receipts").mkdir()
        (tmp_path / "receipts" / "r.json").write_text(TOKEN)
        result = look(tmp_path, keep={"place/receipts/*": "says what was searched"})
        assert {one.reason for one in result.kept} == {"says what was searched"}
        assert result.verdict is Verdict.VERIFIED


class TestNotSearchable:
    CLOSED = {  # noqa: RUF012 - never changed
        "encrypted parquet": (b"PARE" + b"\0" * 20 + b"PARE", Why.ENCRYPTED),
        "age": (b"age-encryption.org/v1\n-> X25519 x\n", Why.ENCRYPTED),
        "avro": (b"Obj\x01\x04", Why.UNKNOWN_FORMAT),
        "cut parquet": (b"PAR1" + b"\0" * 50, Why.UNREADABLE),
        "cut gzip": (b"\x1f\x8b\x08\0", Why.UNREADABLE),
        "cut zip": (b"PK\x03\x04 ", Why.UNREADABLE),
        "damaged database": (b"SQLite format 3\0" + b"\1" * 4096, Why.UNREADABLE),
    }

    @pytest.mark.parametrize(("content", "why"), CLOSED.values(), ids=CLOSED.keys())
    def test_what_cannot_be_taken_apart_is_told_and_leaves_the_verdict_open(self, tmp_path, content, why):
        (tmp_path / "f").write_bytes(content)
        result = look(tmp_path)
        assert [one.why for one in result.unsearched] == [why]
        assert result.verdict is Verdict.INCOMPLETE

    def test_bytes_of_what_cannot_be_taken_apart_are_searched_all_the_same(self, tmp_path):
        (tmp_path / "f").write_bytes(b"Obj\x01\x04" + EMAIL.encode())
        assert look(tmp_path).verdict is Verdict.FAILED

    def test_what_the_caller_accounts_for_is_told_with_its_time_and_lets_the_verdict_stand(self, tmp_path):
        (tmp_path / "f").write_bytes(b"age-encryption.org/v1\n")
        known = {"place/f": Known("an export of another person", UNTIL)}
        result = look(tmp_path, known=known)
        assert [(one.until, one.accounted) for one in result.unsearched] == [(UNTIL, True)]
        assert "an export of another person" in result.unsearched[0].detail
        assert result.verdict is Verdict.VERIFIED

    def test_what_the_caller_knows_excuses_no_hit(self, tmp_path):
        (tmp_path / "f").write_text(EMAIL)
        assert look(tmp_path, known={"place/f": Known("known")}).verdict is Verdict.FAILED

    def test_a_link_out_is_told_and_not_followed(self, tmp_path):
        (tmp_path / "in").mkdir()
        (tmp_path / "out").write_text(EMAIL)
        (tmp_path / "in" / "link").symlink_to(tmp_path / "out")
        result = look(tmp_path / "in")
        assert [(one.why, one.path) for one in result.unsearched] == [(Why.LINK_OUT, "link")]
        assert result.hits == ()

    def test_a_link_within_the_places_is_nothing_to_tell(self, tmp_path):
        (tmp_path / "f").write_text("x")
        (tmp_path / "link").symlink_to("f")
        assert look(tmp_path).verdict is Verdict.VERIFIED

    def test_a_place_that_is_a_link_is_searched_where_it_leads(self, tmp_path):
        (tmp_path / "real").mkdir()
        (tmp_path / "real" / "f").write_text(EMAIL)
        (tmp_path / "link").symlink_to("real")
        assert look(tmp_path / "link").hits

    def test_a_place_that_is_not_there_leaves_the_verdict_open(self, tmp_path):
        result = look(tmp_path / "nowhere")
        assert [one.why for one in result.unsearched] == [Why.MISSING]
        assert result.verdict is Verdict.INCOMPLETE

    def test_a_pipe_is_told_and_holds_nothing(self, tmp_path):
        os.mkfifo(tmp_path / "pipe")
        result = look(tmp_path)
        assert [one.why for one in result.unsearched] == [Why.NOT_A_FILE]
        assert result.verdict is Verdict.VERIFIED

    def test_a_file_that_the_system_does_not_give_leaves_the_verdict_open(self, tmp_path, monkeypatch):
        (tmp_path / "f").write_text("x")

        def fails(*_, **__):
            raise PermissionError

        monkeypatch.setattr("pathlib.Path.open", fails)
        result = look(tmp_path)
        assert [one.why for one in result.unsearched] == [Why.UNREADABLE]
        assert result.searched == ()

    def test_a_file_that_changes_whenever_it_is_read_leaves_the_verdict_open(self, tmp_path):
        (tmp_path / "f").write_text("x")

        def grows(done, known):
            with (tmp_path / "f").open("a") as file:
                file.write("y")

        result = look(tmp_path, progress=grows)
        assert [one.path for one in result.searched] == ["f"]
        assert result.verdict is Verdict.INCOMPLETE


def test_a_file_that_comes_while_others_are_read_is_searched_too(tmp_path):
    (tmp_path / "f").write_text("x")
    result = look(tmp_path, progress=lambda done, known: (tmp_path / "g").write_text(EMAIL))
    assert {hit.path for hit in result.hits} == {"g"}


def test_names_that_others_gave_are_withheld(tmp_path):
    (tmp_path / "us").mkdir()
    (tmp_path / "us" / "maria.csv").write_text(EMAIL)
    result = verify([Place("landing", tmp_path, names_withheld=True)], NEEDLES)
    assert "maria" not in repr(result)
    assert {hit.path for hit in result.hits} == {"us/(name withheld)"}


def test_a_short_value_is_said_to_be_compared_with_whole_cells(tmp_path):
    assert look(tmp_path).whole_only == (5,)


@pytest.mark.parametrize("text", ["3F9C0D5BE1A24788A6B0C1D2E3F40516", "3f9c", "", "g" * 32])
def test_a_token_of_another_form_is_refused_without_being_quoted(text):
    with pytest.raises(ValueError, match="32 lower-case hex digits") as caught:
        tokens_and_values([text])
    assert text not in str(caught.value) or not text


def test_needles_do_not_show_in_their_repr():
    assert not any(needle.text in repr(NEEDLES) for needle in NEEDLES)


def test_two_places_of_one_name_are_refused(tmp_path):
    with pytest.raises(ValueError, match="a name of its own"):
        verify([Place("a", tmp_path), Place("a", tmp_path)], NEEDLES)
