from __future__ import annotations

import fcntl
import stat

import pytest

from audit.errors import SinkRejected, SinkUnavailable
from audit.sinks import FileSink, MemorySink

LINE = '{"eventType":"START"}'


@pytest.fixture
def path(tmp_path):
    return tmp_path / "lineage" / "events.jsonl"


def test_a_file_gets_one_line_an_event_and_is_its_owners_alone(path):
    sink = FileSink(path)
    sink.send([LINE], 1)
    sink.send([LINE], 1)
    assert path.read_text() == f"{LINE}\n{LINE}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_others_could_read_is_closed_to_them(path):
    path.parent.mkdir()
    path.write_text("")
    path.chmod(0o644)
    FileSink(path).send([LINE], 1)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("torn", ["{", LINE, "x" * 200_000])
@pytest.mark.parametrize("whole", ["", LINE + "\n", (LINE + "\n") * 3])
def test_a_torn_last_line_is_cut_before_the_next_event(path, whole, torn):
    path.parent.mkdir()
    path.write_text(whole + torn)
    FileSink(path).send([LINE], 1)
    assert path.read_text() == whole + LINE + "\n"


def test_a_file_that_cannot_be_written_is_an_outage_told_by_the_systems_code(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SinkUnavailable) as failure:
        FileSink(tmp_path / "file" / "events.jsonl").send([LINE], 1)
    assert failure.value.kind in {"ENOTDIR", "EEXIST"}


def test_a_link_in_place_of_the_file_is_not_followed(path, tmp_path):
    path.parent.mkdir()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SinkUnavailable) as failure:
        FileSink(path).send([LINE], 1)
    assert failure.value.kind == "ELOOP"
    assert not (tmp_path / "elsewhere").exists()


def test_a_failed_write_leaves_no_part_of_the_line(path, monkeypatch):
    sink = FileSink(path)
    sink.send([LINE], 1)

    def full_disk(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("audit.sinks.os.fsync", full_disk)
    with pytest.raises(SinkUnavailable) as failure:
        sink.send([LINE], 1)
    assert failure.value.kind == "ENOSPC"
    assert path.read_text() == LINE + "\n"


def test_what_is_more_than_one_line_is_refused(path):
    with pytest.raises(SinkRejected):
        FileSink(path).send([LINE, "{\n}"], 1)
    assert not path.exists()


def test_a_file_that_another_process_is_writing_is_unavailable_for_the_moment(path):
    FileSink(path).send([LINE], 1)
    with path.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(SinkUnavailable) as failure:
            FileSink(path).send([LINE], 1)
    assert failure.value.kind == "EAGAIN"
    assert path.read_text() == LINE + "\n"
    FileSink(path).send([LINE], 1)
    assert path.read_text() == (LINE + "\n") * 2


def test_a_file_is_locked_while_it_is_written(path, monkeypatch):
    locked = []

    def sync(_handle):
        with path.open("rb") as other:
            try:
                fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                locked.append(True)

    monkeypatch.setattr("audit.sinks.os.fsync", sync)
    monkeypatch.setattr("audit.sinks._sync_folder", lambda _folder: None)
    FileSink(path).send([LINE], 1)
    assert locked == [True]


def test_a_memory_sink_fails_as_scripted_and_then_takes():
    sink = MemorySink()
    sink.fail_next(SinkUnavailable("timeout"))
    with pytest.raises(SinkUnavailable):
        sink.send([LINE], 1)
    sink.send([LINE], 1)
    assert sink.events == [{"eventType": "START"}]
