"""Whatever is changed in a bundle, its verifier says so, and names the file."""

from __future__ import annotations

import base64
import io
import json
import shutil
import subprocess
import sys
import zipfile
import zlib
from collections import Counter
from datetime import timedelta

import pytest
import rfc8785
from evidence import Ticking, check_fact, fill, open_lake, other_facts

from audit.evidence.packing import pack, sign_manifest
from audit.standalone import verify_bundle
from audit.standalone.verify_bundle import (
    KEY,
    MANIFEST,
    MANIFEST_SAYS,
    Folder,
    Told,
    Zip,
    check_files,
    check_zip,
    verify,
)


class Memory:
    """A bundle's files in memory, to be changed at will."""

    def __init__(self, files):
        self.files = files

    def names(self):
        return list(self.files)

    def open(self, name):
        return io.BytesIO(self.files[name])


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    lake = open_lake(tmp_path_factory.mktemp("lake"))
    fill(lake, 1)
    lake.ledger.append(other_facts("acme", "orders", 7))
    lake.sign()
    yield lake
    lake.engine.dispose()


@pytest.fixture(scope="module")
def made(lake):
    return lake.bundle().path


@pytest.fixture(scope="module")
def files(made):
    with zipfile.ZipFile(made) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


@pytest.fixture
def folder(files, tmp_path):
    for name, content in files.items():
        path = tmp_path / "bundle" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "bundle"


@pytest.fixture
def resigned(lake, files):
    """The files with changes, listed and signed again by the lake's own key: a lake that lies."""

    def make(changes):
        changed = files | changes
        body = json.loads(files[MANIFEST])["body"]
        for name, content in changed.items():
            if name != MANIFEST:
                body["files"][name] = {
                    "bytes": len(content),
                    "sha256": verify_bundle.hashlib.sha256(content).hexdigest(),
                }
        signature = lake.sources.key.sign(MANIFEST_SAYS + rfc8785.dumps(body)).hex()
        changed[MANIFEST] = rfc8785.dumps({"body": body, "signature": signature}) + b"\n"
        return Memory(changed)

    return make


@pytest.fixture(scope="module")
def caught():
    """How many flipped bytes were told, by file; printed as a table, which `pytest -s` shows."""
    counts = Counter()
    yield counts
    rows = "".join(f"| `{name}` | {number:,} |\n" for name, number in counts.items())
    sys.stdout.write(f"\n| of | bytes flipped, one at a time, and told |\n|---|---|\n{rows}")


def flipped(content, place, bit=1):
    return content[:place] + bytes([content[place] ^ bit]) + content[place + 1 :]


def bad_lines(told):
    return [line for line in told.lines if line.startswith("DOES NOT HOLD")]


def test_a_bundle_holds_as_a_zip_and_as_a_folder(made, folder, lake):
    key = lake.public_key.read_bytes()
    with made.open("rb") as stream:
        told = verify(Zip(stream), key)
    assert told.holds, told.lines
    assert "Holds: the zip is, byte by byte, the one that was signed" in told.lines
    assert verify(Folder(folder), key).holds


def test_it_is_checked_by_the_script_inside_it_with_nothing_of_this_project(made, folder, lake):
    run = subprocess.run(
        [sys.executable, "-I", str(folder / "verify.py"), str(made), "--key", str(lake.public_key)],
        cwd=folder, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert "All that was checked holds." in run.stdout


def test_any_byte_of_any_listed_file_that_is_flipped_is_told_with_the_file(files, caught):
    """Place after place, in every file at once: each is judged by itself, and each has to be named."""
    listed = json.loads(files[MANIFEST])["body"]["files"]
    assert listed.keys() == files.keys() - {MANIFEST}
    for place in range(max(len(files[name]) for name in listed)):
        names = [name for name in listed if place < len(files[name])]
        changed = {name: flipped(files[name], place, 1 << place % 8) for name in names}
        told = Told()
        check_files(Memory(changed), {name: listed[name] for name in names}, told)
        assert {line.split()[3] for line in bad_lines(told)} == set(names), place
        caught.update(names)


@pytest.mark.parametrize("place", [0, 7, 1000, -1])
def test_a_changed_file_makes_the_whole_bundle_fail(files, place):
    for name in files.keys() - {MANIFEST, KEY}:
        changed = flipped(files[name], place % len(files[name]))
        (line,) = bad_lines(verify(Memory(files | {name: changed})))
        assert line == f"DOES NOT HOLD: {name} was changed: it is not the file that was signed"


@pytest.fixture(scope="module")
def small(lake, tmp_path_factory):
    """A signed zip of three small files, so that each of its bytes can be tried."""
    folder = tmp_path_factory.mktemp("small") / "bundle"
    (folder / "tables").mkdir(parents=True)
    (folder / "report.html").write_text("<p>Nothing</p>\n")
    (folder / "tables" / "check.csv").write_text("seq,at\r\n" * 40)
    (folder / KEY).write_bytes(lake.public_key.read_bytes())
    sign_manifest(folder, {"tenant": "acme"}, lake.sources.key)
    out = folder.parent / "small.zip"
    pack(folder, out, lake.sources.key)
    return out.read_bytes(), {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_any_byte_of_the_manifest_that_is_flipped_is_told(small, lake, caught):
    key, files = lake.public_key.read_bytes(), small[1]
    for place in range(len(files[MANIFEST])):
        (line,) = bad_lines(verify(Memory(files | {MANIFEST: flipped(files[MANIFEST], place)}), key))
        assert MANIFEST in line, place
        caught[f"{MANIFEST}, of a small bundle"] += 1


def test_any_byte_of_the_key_that_is_flipped_is_told(small, lake, caught):
    key, files = lake.public_key.read_bytes(), small[1]
    for place in range(len(files[KEY])):
        changed = Memory(files | {KEY: flipped(files[KEY], place)})
        assert not verify(changed).holds, place
        assert any(KEY in line for line in bad_lines(verify(changed, key))), place
        caught[f"{KEY}, of a small bundle"] += 1


@pytest.mark.parametrize("bit", [1, 0x80])
def test_any_byte_of_the_zip_itself_that_is_flipped_is_told(small, lake, caught, bit):
    key, content = verify_bundle.read_key(lake.public_key.read_bytes(), KEY), small[0]
    for place in range(len(content)):
        told = Told()
        check_zip(io.BytesIO(flipped(content, place, bit)), key, told)
        assert not told.holds, place
        caught[f"the zip of a small bundle, bit {bit:#x}"] += 1
    untouched = Told()
    check_zip(io.BytesIO(content), key, untouched)
    assert untouched.holds


def unpacked(content, name):
    """What a zip's member unpacks to; None where it does not."""
    try:
        return zipfile.ZipFile(io.BytesIO(content)).read(name)
    except (zipfile.BadZipFile, zlib.error):
        return None


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_member_that_was_changed_inside_the_zip_is_named(made, files, share):
    content, name = made.read_bytes(), "ledger/entries.jsonl"
    with zipfile.ZipFile(made) as packed:
        member = packed.getinfo(name)
    place = member.header_offset + 30 + len(name) + int(member.compress_size * share)
    # One byte in some thousands only points to another copy of the same text, and changes no file.
    while unpacked(flipped(content, place), name) == files[name]:
        place += 1
    told = verify(Zip(io.BytesIO(flipped(content, place))))
    assert any("the zip is not" in line for line in bad_lines(told))
    assert any(name in line for line in bad_lines(told))


def test_a_zip_that_does_not_open_fails_and_is_no_wrong_use(made, tmp_path, capsys):
    broken = tmp_path / "broken.zip"
    broken.write_bytes(made.read_bytes()[:-400])
    assert verify_bundle.main([str(broken)]) == 1
    assert "NOT as it was signed" in capsys.readouterr().out


def test_a_bundle_that_is_not_there_is_wrong_use(tmp_path, capsys):
    assert verify_bundle.main([str(tmp_path / "none.zip")]) == 2
    assert str(tmp_path) not in capsys.readouterr().err


def test_a_zip_that_was_packed_anew_is_checked_by_its_files(files, tmp_path):
    path = tmp_path / "again.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    with path.open("rb") as stream:
        told = verify(Zip(stream))
    assert told.holds
    assert any("packed anew" in line for line in told.lines)


def test_a_member_that_is_there_twice_is_told(files, tmp_path):
    path = tmp_path / "twice.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
        with pytest.warns(UserWarning, match="Duplicate"):
            packed.writestr("report.html", b"another")
    with path.open("rb") as stream:
        told = verify(Zip(stream))
    assert any("report.html" in line for line in bad_lines(told))


@pytest.mark.parametrize("name", ["ledger/entries.jsonl", "verify.py", "public_key.pem"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    assert any(name in line for line in bad_lines(verify(Folder(folder))))


def test_a_file_more_is_named(folder):
    (folder / "receipts" / "more.json").write_text("{}")
    assert bad_lines(verify(Folder(folder))) == [
        "DOES NOT HOLD: receipts/more.json is there, and the manifest does not list it"
    ]


def test_a_link_in_place_of_a_file_is_not_followed(folder):
    report = folder / "report.html"
    report.rename(folder.parent / "report.html")
    report.symlink_to(folder.parent / "report.html")
    assert any("report.html" in line for line in bad_lines(verify(Folder(folder))))


def test_another_lake_s_key_does_not_hold(files, tmp_path):
    other = open_lake(tmp_path / "other")
    told = verify(Memory(files), other.public_key.read_bytes())
    other.engine.dispose()
    assert any("names another key" in line for line in bad_lines(told))


def test_an_entry_that_the_lake_changed_and_signed_anew_is_not_in_the_ledger(resigned, files):
    entries = files["ledger/entries.jsonl"].replace(b'"rows":3', b'"rows":2', 1)
    told = verify(resigned({"ledger/entries.jsonl": entries}))
    (line,) = bad_lines(told)
    assert "ledger/entries.jsonl: entry" in line
    assert "is not in the ledger" in line


def test_two_entries_that_changed_places_are_told(resigned, files):
    lines = files["ledger/entries.jsonl"].splitlines(keepends=True)
    lines[3], lines[4] = lines[4], lines[3]
    told = verify(resigned({"ledger/entries.jsonl": b"".join(lines)}))
    assert any("out of order" in line for line in bad_lines(told))


def test_an_entry_of_another_tenant_is_told(resigned, files):
    entries = files["ledger/entries.jsonl"].replace(b'"tenant":"acme"}\n', b'"tenant":"evil"}\n', 1)
    told = verify(resigned({"ledger/entries.jsonl": entries}))
    assert any("another tenant" in line for line in bad_lines(told))


@pytest.mark.parametrize("drop", [0, -1])
def test_an_event_that_is_missing_is_told(resigned, files, drop):
    lines = files["lineage/events.jsonl"].splitlines(keepends=True)
    del lines[drop]
    told = verify(resigned({"lineage/events.jsonl": b"".join(lines)}))
    assert any("lineage/events.jsonl" in line for line in bad_lines(told))


def test_an_event_more_than_the_ledger_has_is_told(resigned, files):
    events = files["lineage/events.jsonl"]
    told = verify(resigned({"lineage/events.jsonl": events + events.splitlines(keepends=True)[0]}))
    assert any("more than the entries call for" in line for line in bad_lines(told))


def test_a_head_with_another_root_is_not_signed(resigned, files):
    line = json.loads(files["ledger/heads.jsonl"].splitlines()[0])
    line["head"]["root"] = "00" * 32
    rest = b"\n".join(files["ledger/heads.jsonl"].splitlines()[1:])
    told = verify(resigned({"ledger/heads.jsonl": rfc8785.dumps(line) + b"\n" + rest + b"\n"}))
    assert any("signature of the head" in line for line in bad_lines(told))


def test_a_head_that_the_lake_signed_over_another_past_is_told(resigned, files, lake):
    lines = [json.loads(line) for line in files["ledger/heads.jsonl"].splitlines()]
    head = lines[0]["head"] | {"root": "11" * 32}
    del head["signature"]
    signature = lake.sources.key.sign(verify_bundle.HEAD_SAYS + rfc8785.dumps(head))
    lines[0]["head"] = head | {"signature": base64.b64encode(signature).decode()}
    told = verify(resigned({"ledger/heads.jsonl": b"".join(rfc8785.dumps(one) + b"\n" for one in lines)}))
    assert any("does not begin with" in line for line in bad_lines(told))


def test_a_receipt_that_the_ledger_does_not_name_is_told(resigned, lake):
    lake.write_receipt("acme", 77)
    name = f"receipts/{77:032x}.1.json"
    told = verify(resigned({name: (lake.folder / name).read_bytes()}))
    assert any(name in line and "no entry" in line for line in bad_lines(told))


def test_a_receipt_of_another_signature_is_told(resigned, files):
    name = next(name for name in files if name.endswith(".1.json"))
    told = verify(resigned({name: files[name].replace(b'"verified"', b'"failed"')}))
    assert any(name in line for line in bad_lines(told))


def test_a_file_among_the_receipts_that_no_receipt_names_is_told(resigned):
    told = verify(resigned({"receipts/more.jsonl": b"{}\n"}))
    assert any("receipts/more.jsonl is no receipt" in line for line in bad_lines(told))


def test_an_older_ledger_than_the_manifest_names_is_told(resigned, files):
    heads = files["ledger/heads.jsonl"].splitlines(keepends=True)
    older = rfc8785.dumps(json.loads(heads[0])["head"]) + b"\n"
    told = verify(resigned({"ledger/heads.jsonl": heads[0], "ledger/head.json": older}))
    assert bad_lines(told) == ["DOES NOT HOLD: ledger/head.json is not the head that MANIFEST.json names"]


def test_heads_from_a_second_place_hold(files, lake, tmp_path, made, capsys):
    place = tmp_path / "second"
    place.mkdir()
    for number, head in enumerate(lake.ledger.heads()):
        (place / f"{number}.json").write_bytes(head.to_json() + b"\n")
    assert verify_bundle.main([str(made), "--key", str(lake.public_key), "--head", str(place)]) == 0
    assert "heads from elsewhere are the bundle's own" in capsys.readouterr().out


def test_a_ledger_that_was_rolled_back_and_grew_again_differs_from_the_heads_elsewhere(tmp_path):
    lake = open_lake(tmp_path / "lake")
    fill(lake, 1)
    lake.engine.dispose()
    shutil.copytree(tmp_path / "lake", tmp_path / "old")
    lake, old = open_lake(tmp_path / "lake"), open_lake(tmp_path / "old")
    lake.ledger.append([check_fact("x", passed=False)])
    lake.sign()
    elsewhere = b"".join(head.to_json() + b"\n" for head in lake.ledger.heads())
    old.ledger.append([check_fact("x")])
    old.ledger.append([check_fact("y")])
    with old.bundle().path.open("rb") as stream:
        told = verify(Zip(stream), None, elsewhere)
    lake.engine.dispose()
    old.engine.dispose()
    assert any("there are two" in line for line in bad_lines(told))


@pytest.mark.parametrize(
    "line", [b"no head", b"[]", b'{"size": 1}', b'{"size": 1, "root": "00", "signature": 7}']
)
def test_what_is_no_head_in_the_second_place_is_told(files, line):
    (told,) = bad_lines(verify(Memory(files), None, line))
    assert "heads from elsewhere" in told


def test_heads_that_are_all_newer_do_not_hold(files, lake):
    lake.ledger.append([check_fact("newer")])
    newer = lake.ledger.sign_head(lake.sources.key).to_json()
    told = verify(Memory(files), None, newer)
    assert any("as old as the bundle" in line for line in bad_lines(told))


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 8, 13])
def test_its_own_proof_arithmetic_agrees_with_the_ledger_s(size, tmp_path):
    lake = open_lake(tmp_path / "lake", Ticking(timedelta(seconds=1)))
    lake.ledger.append(check_fact(str(n)) for n in range(size))
    leaves = [
        verify_bundle.hashlib.sha256(b"\x00" + one.canonical()).digest() for one in lake.ledger.entries()
    ]
    root = lake.ledger.root(size)
    for index in range(size):
        proof = lake.ledger.inclusion_proof(index, size)
        assert verify_bundle.included(leaves[index], index, size, proof, root)
        assert not verify_bundle.included(leaves[index], (index + 1) % size, size, proof, root) or size == 1
        assert not verify_bundle.included(leaves[index - 1], index, size, proof, root) or size == 1
        assert not verify_bundle.included(leaves[index], index, size, [*proof, root], root)
    for first in range(1, size + 1):
        proof, old = lake.ledger.consistency_proof(first, size), lake.ledger.root(first)
        assert verify_bundle.grown(first, size, old, root, proof)
        assert not verify_bundle.grown(first, size, root[::-1], root, proof)
        assert not verify_bundle.grown(first, size, old, root, [*proof, root])
    lake.engine.dispose()


def test_the_period_is_part_of_what_is_signed(files):
    body = json.loads(files[MANIFEST])["body"]
    assert (body["from"], body["to"], body["tenant"]) == (None, None, "acme")
