"""The root key file: used only when it is there, whole and private."""

from __future__ import annotations

import stat

import pytest

from tenancy.errors import RootKeyError
from tenancy.rootkey import KEY_BYTES, create_root_key, read_root_key


@pytest.fixture
def key_file(tmp_path):
    path = tmp_path / "control" / "root.key"
    create_root_key(path)
    return path


def test_a_new_root_key_is_readable_by_its_owner_only(key_file):
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600


def test_a_written_root_key_reads_back_as_the_same_key(tmp_path):
    created = create_root_key(tmp_path / "root.key")
    assert read_root_key(tmp_path / "root.key") == created


def test_an_existing_root_key_file_is_never_written_over(key_file):
    before = key_file.read_bytes()
    with pytest.raises(RootKeyError, match="exists already"):
        create_root_key(key_file)
    assert key_file.read_bytes() == before


def test_a_run_that_dies_while_it_makes_the_key_leaves_no_key_file_and_the_next_makes_one(
    tmp_path, monkeypatch
):
    class Killed(BaseException):
        pass

    def dies(*_):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", dies)
        with pytest.raises(Killed):
            create_root_key(tmp_path / "root.key")
    assert not (tmp_path / "root.key").exists()
    create_root_key(tmp_path / "root.key")


def test_a_missing_root_key_file_is_an_error_that_names_the_file(tmp_path):
    with pytest.raises(RootKeyError, match=r"root\.key is missing.*To mend it"):
        read_root_key(tmp_path / "root.key")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o610, 0o601])
def test_a_root_key_file_that_others_may_touch_is_refused(key_file, mode):
    key_file.chmod(mode)
    with pytest.raises(RootKeyError, match=f"mode {mode:04o}"):
        read_root_key(key_file)


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_root_key_file_for_its_owner_alone_is_taken(key_file, mode):
    key_file.chmod(mode)
    assert read_root_key(key_file).fingerprint


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"ab" * (KEY_BYTES - 1),
        b"ab" * (KEY_BYTES + 1),
        b"a" * 63,
        b"zz" * KEY_BYTES,
        b"\xff" * KEY_BYTES,
    ],
    ids=["empty", "only a line end", "31 bytes", "33 bytes", "half a byte", "no hex", "raw bytes"],
)
def test_a_root_key_file_that_does_not_hold_64_hex_digits_is_refused(key_file, content):
    key_file.write_bytes(content)
    with pytest.raises(RootKeyError, match="64 hex digits"):
        read_root_key(key_file)


@pytest.mark.parametrize("content", ["AB" * KEY_BYTES, "ab" * KEY_BYTES + "\r\n", "  " + "ab" * KEY_BYTES])
def test_case_and_surrounding_blanks_of_the_digits_do_not_matter(key_file, content):
    key_file.write_text("ab" * KEY_BYTES)
    plain = read_root_key(key_file)
    key_file.write_text(content)
    assert read_root_key(key_file) == plain


def test_the_refusal_of_a_malformed_file_does_not_quote_it(key_file):
    key_file.write_text("deadbeef")
    with pytest.raises(RootKeyError) as caught:
        read_root_key(key_file)
    assert "deadbeef" not in str(caught.value)


def test_a_wrapped_key_opens_under_its_own_label_only(key_file):
    root = read_root_key(key_file)
    wrapped = root.wrap(b"k" * 32, "lake/acme.data.1/1")
    assert root.unwrap(wrapped, "lake/acme.data.1/1") == b"k" * 32
    with pytest.raises(RootKeyError, match=r"globex\.data\.1"):
        root.unwrap(wrapped, "lake/globex.data.1/1")


def test_another_root_key_does_not_open_a_wrapped_key(tmp_path, key_file):
    wrapped = create_root_key(tmp_path / "other.key").wrap(b"k" * 32, "label")
    with pytest.raises(RootKeyError):
        read_root_key(key_file).unwrap(wrapped, "label")


@pytest.mark.parametrize("length", [0, 4, 12, 27, 59])
def test_a_cut_wrapped_key_does_not_open_whatever_its_length(key_file, length):
    root = read_root_key(key_file)
    with pytest.raises(RootKeyError):
        root.unwrap(root.wrap(b"k" * 32, "label")[:length], "label")


def test_wrapping_a_key_twice_gives_two_cells(key_file):
    root = read_root_key(key_file)
    assert root.wrap(b"k" * 32, "label") != root.wrap(b"k" * 32, "label")


def test_neither_repr_nor_fingerprint_tells_the_key(key_file):
    root, digits = read_root_key(key_file), key_file.read_text().strip()
    assert digits[:8] not in repr(root)
    assert root.fingerprint not in digits
