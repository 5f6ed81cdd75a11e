"""A receipt says what was searched and found, is never written over, and no byte of it can be changed."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
import sys
import sysconfig
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from needles import EMAIL, NEEDLES, TOKEN, look
from receipts import MOMENT, SEARCHED, facts, verification, written

from retention.receipt import ReceiptError, write_receipt, write_receipts
from retention.receipt_check import ReceiptRefused, read_receipt, statements
from retention.standalone import verify_receipt as standalone
from retention.verify import Hit, Kept, Unsearched, Why
from tenancy.signing import open_signing_key, public_key_file, read_public_key

HIT = Hit("lake", "a", "raw bytes", 0, "text", 2)
KEPT = Kept("control", "control.db", "table suppressions, column v", 0, 1, "stops a return")
SEALED = Unsearched("lake", "us/bronze/people", Why.SEALED, "sealed", 9, accounted=True)
OPEN = Unsearched("lake", "a.7z", Why.UNKNOWN_FORMAT, "7z", until=MOMENT)


def _public(folder):
    return read_public_key(public_key_file(folder / "signing.key"))


def _body(folder, **more):
    return read_receipt(written(folder, **more).read_bytes(), _public(folder))


def test_a_receipt_tells_who_what_when_and_what_was_searched(tmp_path):
    body = _body(tmp_path, kept=(KEPT,), unsearched=(SEALED,))
    assert body["tokens"] == [TOKEN]
    assert (body["received"], body["verified"]) == ("2026-03-01T12:00:30Z", "2026-03-01T12:00:30Z")
    assert body["tables"] == [{"table": "us/silver/people", "version_before": 3, "version_after": 7}]
    assert body["search"]["list"]["files"] == 2
    assert body["search"]["list"]["bytes"] == 120
    assert body["kept"][0]["reason"] == "stops a return"
    assert body["not_searchable"][0]["count"] == 9
    assert body["out_of_reach"][0]["until"] == "2026-06-01T00:00:00Z"
    assert body["verdict"] == "verified"


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({"hits": (HIT,)}, "failed"),
        ({"unsearched": (OPEN,)}, "incomplete"),
        ({"hits": (HIT,), "unsearched": (OPEN,)}, "failed"),
    ],
    ids=["a hit", "something not searched", "both"],
)
def test_a_hit_fails_and_what_nobody_accounts_for_leaves_it_open(tmp_path, more, verdict):
    assert _body(tmp_path, **more)["verdict"] == verdict


def test_the_file_list_names_every_file_and_the_receipt_holds_its_hash(tmp_path):
    path = written(tmp_path)
    told = json.loads(path.read_bytes())["body"]["search"]["list"]
    data = (path.parent / told["name"]).read_bytes()
    assert hashlib.sha256(data).hexdigest() == told["sha256"]
    assert [json.loads(line) for line in data.splitlines()] == [vars(one) for one in SEARCHED]


def test_receipts_of_one_search_share_its_list(tmp_path):
    key = open_signing_key(tmp_path / "signing.key")
    told = [(replace(facts(), request_id=one), verification()) for one in ("r-1", "r-2")]
    paths = write_receipts(tmp_path / "receipts", told, SEARCHED, key)
    assert [path.name for path in paths] == ["r-1.1.json", "r-2.1.json"]
    [listed] = (tmp_path / "receipts").glob("files-*.jsonl")
    lists = [json.loads(path.read_bytes())["body"]["search"]["list"]["name"] for path in paths]
    assert lists == [listed.name] * 2


def test_a_receipt_of_a_real_search_tells_no_value(tmp_path):
    (tmp_path / "place").mkdir()
    (tmp_path / "place" / f"{EMAIL}.txt").write_text(EMAIL)
    key = open_signing_key(tmp_path / "signing.key")
    path = write_receipt(tmp_path / "receipts", facts(), look(tmp_path / "place"), key)
    texts = [one.read_text().lower() for one in path.parent.iterdir()]
    assert not any(needle.text.lower() in text for needle in NEEDLES[1:] for text in texts)


def test_a_second_receipt_of_a_request_has_the_next_number_and_leaves_the_first(tmp_path):
    first = written(tmp_path)
    before = first.read_bytes()
    second = written(tmp_path, unsearched=(OPEN,))
    assert (first.name, second.name) == ("r-1.1.json", "r-1.2.json")
    assert first.read_bytes() == before
    assert json.loads(second.read_bytes())["body"]["number"] == 2


def test_a_name_that_is_taken_in_the_last_moment_is_not_written_over(tmp_path, monkeypatch):
    first = written(tmp_path)
    before = first.read_bytes()
    monkeypatch.setattr("pathlib.Path.exists", lambda path: path.suffix != ".json")
    key = open_signing_key(tmp_path / "signing.key")
    assert write_receipt(first.parent, facts(), verification(unsearched=(OPEN,)), key).name == "r-1.2.json"
    assert first.read_bytes() == before


def test_a_run_that_dies_before_the_receipt_has_its_name_leaves_none(tmp_path, monkeypatch):
    class Killed(BaseException):
        pass

    def dies(*_):
        raise Killed

    open_signing_key(tmp_path / "signing.key")
    with monkeypatch.context() as patch:
        patch.setattr("retention.receipt.publish", dies)
        with pytest.raises(Killed):
            written(tmp_path)
    assert list((tmp_path / "receipts").glob("*.json")) == []
    assert written(tmp_path).name == "r-1.1.json"


def test_receipt_and_list_are_for_their_owner_alone(tmp_path):
    folder = written(tmp_path).parent
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


@pytest.mark.parametrize("request_id", ["", "../r", "a b", "r" * 65, "r.1"])
def test_a_request_id_that_makes_no_file_name_is_refused(tmp_path, request_id):
    key = open_signing_key(tmp_path / "signing.key")
    bad = facts()
    object.__setattr__(bad, "request_id", request_id)
    with pytest.raises(ReceiptError, match="To mend it"):
        write_receipt(tmp_path, bad, verification(), key)


def test_a_time_without_a_zone_is_refused(tmp_path):
    bad = facts()
    object.__setattr__(bad, "received", datetime(2026, 1, 1))  # noqa: DTZ001 - the fault under test
    with pytest.raises(ReceiptError, match="no zone"):
        write_receipt(tmp_path, bad, verification(), open_signing_key(tmp_path / "signing.key"))


def test_every_change_of_one_byte_is_refused_by_both_checks(tmp_path):
    path, public = written(tmp_path), _public(tmp_path)
    data = path.read_bytes()
    for at in range(len(data)):
        for mask in (1, 32, 128):
            changed = data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :]
            with pytest.raises(ReceiptRefused):
                read_receipt(changed, public)
            with pytest.raises(standalone.Refused):
                standalone.read_body(changed, public)


@pytest.mark.parametrize(
    "change", [lambda data: data[:-1], lambda data: data + b"\n", lambda data: b" " + data]
)
def test_bytes_that_come_or_go_at_the_ends_are_refused(tmp_path, change):
    path, public = written(tmp_path), _public(tmp_path)
    for check, refusal in ((read_receipt, ReceiptRefused), (standalone.read_body, standalone.Refused)):
        with pytest.raises(refusal):
            check(change(path.read_bytes()), public)


def test_a_receipt_of_another_lake_is_refused(tmp_path):
    data = written(tmp_path / "a").read_bytes()
    written(tmp_path / "b")
    with pytest.raises(ReceiptRefused, match="names another key"):
        read_receipt(data, _public(tmp_path / "b"))
    with pytest.raises(standalone.Refused, match="names another key"):
        standalone.read_body(data, _public(tmp_path / "b"))


@pytest.mark.parametrize(
    "data", [b"", b"[]\n", b"{}\n", b"null\n", b'{"body":1,"signature":2}\n', b"\xff", b"1e999\n"]
)
def test_what_is_no_receipt_is_refused(tmp_path, data):
    written(tmp_path)
    with pytest.raises(ReceiptRefused):
        read_receipt(data, _public(tmp_path))
    with pytest.raises(standalone.Refused):
        standalone.read_body(data, _public(tmp_path))


def test_a_changed_file_list_does_not_hold(tmp_path):
    path = written(tmp_path)
    listed = next(path.parent.glob("*.jsonl"))
    listed.write_bytes(listed.read_bytes().replace(b"100", b"101"))
    body = read_receipt(path.read_bytes(), _public(tmp_path))
    assert [one.holds for one in statements(body, path.parent)] == [False, True]
    assert standalone.check(path, public_key_file(tmp_path / "signing.key"))[0] is False


def test_a_file_list_that_is_not_there_is_told_as_not_checked(tmp_path):
    path = written(tmp_path)
    next(path.parent.glob("*.jsonl")).unlink()
    body = read_receipt(path.read_bytes(), _public(tmp_path))
    assert [one.holds for one in statements(body, path.parent)] == [None, True]


def test_a_verdict_that_does_not_follow_from_the_lists_does_not_hold(tmp_path):
    path = written(tmp_path, hits=(HIT,))
    body = read_receipt(path.read_bytes(), _public(tmp_path)) | {"verdict": "verified"}
    assert [one.holds for one in statements(body, path.parent)] == [True, False]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@settings(deadline=None)
@given(JSON)
def test_the_stand_alone_canonical_form_is_that_of_rfc_8785(value):
    try:
        expected = rfc8785.dumps(value)
    except rfc8785.CanonicalizationError:  # a lone surrogate
        with pytest.raises(ValueError, match="surrogates"):
            standalone.canonical(value)
        return
    assert standalone.canonical(value) == expected


@pytest.mark.parametrize("value", [0.5, 2**53, -(2**53), {"a": [1e300]}])
def test_the_stand_alone_canonical_form_refuses_numbers_that_receipts_do_not_hold(value):
    with pytest.raises(standalone.Refused):
        standalone.canonical(value)


@pytest.fixture(scope="module")
def cryptography_alone(tmp_path_factory):
    """A folder with `cryptography` and what it needs, and nothing else that is installed."""
    folder = tmp_path_factory.mktemp("alone")
    for name in ("cryptography", "cffi", "pycparser", "_cffi_backend*"):
        for found in Path(sysconfig.get_path("platlib")).glob(name):
            (folder / found.name).symlink_to(found)
    return folder


def _run_alone(folder, *arguments):
    """Run the script without site-packages, the environment, or the folder that it lies in."""
    start = (
        "import runpy, sys; sys.path.append(sys.argv.pop(1)); "
        "sys.argv.pop(0); runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    command = [sys.executable, "-I", "-S", "-c", start, folder, standalone.__file__, *arguments]
    return subprocess.run([str(one) for one in command], capture_output=True, text=True, check=False, env={})


def test_the_stand_alone_script_runs_with_nothing_but_cryptography(tmp_path, cryptography_alone):
    path = written(tmp_path)
    public = public_key_file(tmp_path / "signing.key")
    done = _run_alone(cryptography_alone, path, public)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Verdict: verified." in done.stdout
    data = path.read_bytes()
    path.write_bytes(data.replace(b"erase", b"erasf"))
    refused = _run_alone(cryptography_alone, path, public)
    assert refused.returncode == 1
    assert "REFUSED: its signature does not hold" in refused.stdout


@pytest.mark.parametrize("more", [{"hits": (HIT,)}, {"unsearched": (OPEN,)}], ids=["failed", "incomplete"])
def test_the_stand_alone_script_passes_only_what_is_verified(tmp_path, more):
    path = written(tmp_path, **more)
    held, lines = standalone.check(path, public_key_file(tmp_path / "signing.key"))
    assert not held
    assert lines[0].startswith("The receipt is as key")


@pytest.mark.parametrize("missing", ["receipt", "key"])
def test_the_stand_alone_script_tells_what_it_cannot_read(tmp_path, missing):
    path, key = written(tmp_path), public_key_file(tmp_path / "signing.key")
    os.unlink(path if missing == "receipt" else key)  # noqa: PTH108 - either path
    assert standalone.check(path, key) == (
        False,
        ["REFUSED: a file or the key cannot be read (FileNotFoundError)"],
    )


def test_the_stand_alone_script_tells_its_use():
    assert standalone.main([]) == 1
