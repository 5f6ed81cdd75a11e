"""Checks a Lakeward evidence bundle with the standard library and `cryptography` alone.

    python verify.py BUNDLE [--key PUBLIC_KEY.pem] [--head HEADS]

BUNDLE is the zip, or the folder that it was unpacked into. `--key` is the lake's public key, got by a way
that you trust and not with the bundle. `--head` is what the lake sent to a second place: a folder of signed
heads, or a file with one a line. Exit code 0: all that was looked at holds; 1: something does not;
2: wrong use.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import json
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

FORMAT = "lakeward-evidence/1"
RECEIPT = "lakeward-receipt/1"
MANIFEST, KEY = "MANIFEST.json", "public_key.pem"
HEAD, HEADS = "ledger/head.json", "ledger/heads.jsonl"
ENTRIES, PROOFS, EVENTS = "ledger/entries.jsonl", "ledger/proofs.jsonl", "lineage/events.jsonl"
MANIFEST_SAYS = b"lakeward-evidence-manifest-v1\n"
HEAD_SAYS = b"lakeward-ledger-head-v1\n"
ZIP_SAYS = b"lakeward-evidence-zip-v1\n"
SEAL = re.compile(rb"lakeward-evidence-zip-v1 ([0-9a-f]{128})")
SEAL_BYTES = 153
END_BYTES = 22  # of a zip's last record, before its comment
BLOCK = 1 << 16
MANIFEST_LIMIT = 256 << 20
UNREADABLE = (OSError, ValueError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error, struct.error)


class Broken(Exception):
    """A part of the bundle is not what it should be; the message names the file."""


class Place(Protocol):
    """Where the files of a bundle lie."""

    def names(self) -> list[str]:
        """Every file, as `folder/name`."""

    def open(self, name: str) -> BinaryIO:
        """A file's bytes. Raises one of UNREADABLE."""


class Folder:
    """A bundle that was unpacked."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def names(self) -> list[str]:
        """Every file, and whatever else is no folder."""
        found = (one for one in self._root.rglob("*") if one.is_symlink() or not one.is_dir())
        return [one.relative_to(self._root).as_posix() for one in found]

    def open(self, name: str) -> BinaryIO:
        """A file's bytes; a link leads out of the bundle and is not followed."""
        path = self._root / name
        if path.is_symlink() or not path.is_file():
            raise OSError("no file")
        return path.open("rb")


class Zip:
    """A bundle as it was handed over, in a file or in memory."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self._zip = zipfile.ZipFile(stream)

    def names(self) -> list[str]:
        """Every member; one that is there twice is listed twice."""
        return self._zip.namelist()

    def open(self, name: str) -> BinaryIO:
        """A member's bytes."""
        return self._zip.open(name)  # type: ignore[return-value]  # it reads as one does


class Told:
    """What there is to say, line by line."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.holds = True

    def good(self, words: str) -> None:
        """Something holds."""
        self.lines.append(f"Holds: {words}")

    def bad(self, words: str) -> None:
        """Something does not."""
        self.lines.append(f"DOES NOT HOLD: {words}")
        self.holds = False

    def note(self, words: str) -> None:
        """Something that nobody here can tell."""
        self.lines.append(f"Not checked: {words}")


# --- forms


def canonical(value: Any) -> bytes:
    """The canonical form (RFC 8785) of what is signed: no numbers but whole ones."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return b"{" + b",".join(canonical(key) + b":" + canonical(value[key]) for key in keys) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(map(canonical, value)) + b"]"
    if isinstance(value, float) or (isinstance(value, int) and abs(value) > 2**53 - 1):
        raise ValueError("a number that is not whole")
    # What remains is written by `json` as the RFC asks; a lone surrogate cannot be encoded.
    return json.dumps(value, ensure_ascii=False).encode()


def read_json(data: bytes, name: str) -> Any:
    """The value in `data`, one line in canonical form. Raises Broken."""
    try:
        value = json.loads(data)
        same = canonical(value) + b"\n" == data
    except (ValueError, RecursionError):
        raise Broken(f"{name} is not JSON") from None
    if not same:
        raise Broken(f"{name} is not in the form that it was written in: something in it was changed")
    return value


def holds(key: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    """Whether the signature is that key's over that message."""
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def key_id(key: Ed25519PublicKey) -> str:
    """The short name of a key: the first 16 hex digits of its SHA-256."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def read_key(data: bytes, name: str) -> Ed25519PublicKey:
    """The public key in a PEM file. Raises Broken."""
    try:
        key = load_pem_public_key(data)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise Broken(f"{name} holds no Ed25519 public key in PEM")
    return key


def lines(place: Place, name: str) -> Iterator[bytes]:
    """The lines of a file, each with its end."""
    with place.open(name) as stream:
        yield from stream


# --- RFC 9162, section 2.1


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def included(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    """Whether the proof leads from the leaf at `index` to the root of a tree of `size` leaves."""
    if not 0 <= index < size:
        return False
    at, last, reached = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            reached = _node(step, reached)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            reached = _node(reached, step)
        at, last = at >> 1, last >> 1
    return last == 0 and reached == root


def grown(first: int, second: int, first_root: bytes, second_root: bytes, proof: list[bytes]) -> bool:
    """Whether the tree of `second` leaves begins with that of `first`: nothing in it was changed."""
    if first == second:
        return not proof and first_root == second_root
    if first == 0:
        return not proof
    steps = list(proof)
    if first & (first - 1) == 0:
        steps.insert(0, first_root)
    if first > second or not steps:
        return False
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = _node(step, old), _node(step, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = _node(new, step)
        at, last = at >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


# --- the files


def check_zip(stream: BinaryIO, key: Ed25519PublicKey, told: Told) -> None:
    """The container: signed over every byte before the signature, which stands in the zip's comment."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - SEAL_BYTES - 2))
    tail = stream.read()
    sealed = SEAL.fullmatch(tail[2:])
    if sealed is None or tail[:2] != struct.pack("<H", SEAL_BYTES):
        stream.seek(max(0, size - END_BYTES))
        if stream.read(4) == b"PK\x05\x06":
            told.note("the zip was packed anew, so its own form is not the signed one; its files are checked")
        else:
            told.bad("the end of the zip was changed")
        return
    digest, left = hashlib.sha256(), size - SEAL_BYTES
    stream.seek(0)
    while left and (block := stream.read(min(BLOCK, left))):
        digest.update(block)
        left -= len(block)
    if holds(key, bytes.fromhex(sealed[1].decode()), ZIP_SAYS + digest.digest()):
        told.good("the zip is, byte by byte, the one that was signed")
    else:
        told.bad("the zip is not, byte by byte, the one that was signed")


def read_manifest(place: Place, key: Ed25519PublicKey) -> dict[str, Any]:
    """The body of the manifest. Raises Broken unless it is as that key signed it."""
    try:
        with place.open(MANIFEST) as stream:
            data = stream.read(MANIFEST_LIMIT)
    except (*UNREADABLE, KeyError):
        raise Broken(f"{MANIFEST} is missing or cannot be read") from None
    manifest = read_json(data, MANIFEST)
    if not isinstance(manifest, dict) or set(manifest) != {"body", "signature"}:
        raise Broken(f"{MANIFEST} is no manifest")
    body, signature = manifest["body"], manifest["signature"]
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        raise Broken(
            f"{MANIFEST} is not of the format {FORMAT}: check it with the verifier that it came with"
        )
    if body.get("key_id") != key_id(key):
        raise Broken(f"{MANIFEST} names another key than {key_id(key)}, which it is checked with")
    if not _hex_holds(key, signature, MANIFEST_SAYS + canonical(body)):
        raise Broken(
            f"the signature of {MANIFEST} does not hold: it was changed, or the key is another lake's"
        )
    return body


def _hex_holds(key: Ed25519PublicKey, signature: Any, message: bytes) -> bool:
    try:
        plain = bytes.fromhex(signature)
    except (TypeError, ValueError):
        return False
    return plain.hex() == signature and holds(key, plain, message)


def check_files(place: Place, listed: dict[str, Any], told: Told) -> None:
    """Every file is there once, as it was signed, and no other."""
    there = sorted(place.names())
    known = set(there)
    faults = {name: "is there, and the manifest does not list it" for name in there if name not in listed}
    faults.pop(MANIFEST, None)
    faults |= {name: "is there more than once" for name, after in pairwise(there) if name == after}
    for name, wanted in listed.items():
        fault = _fault(place, name, wanted) if name in known else "is missing"
        if fault:
            faults[name] = fault
    for name, fault in sorted(faults.items()):
        told.bad(f"{name} {fault}")
    if not faults:
        total = sum(wanted["bytes"] for wanted in listed.values())
        told.good(f"each of {len(listed)} files is as it was signed, {total:,} bytes, and there is no other")


def _fault(place: Place, name: str, wanted: dict[str, Any]) -> str:
    digest, size = hashlib.sha256(), 0
    try:
        with place.open(name) as stream:
            # No further than was signed: what swells without end is not read to it.
            while size <= wanted["bytes"] and (block := stream.read(BLOCK)):
                digest.update(block)
                size += len(block)
    except (*UNREADABLE, KeyError):
        return "cannot be read: it was changed"
    same = size == wanted["bytes"] and digest.hexdigest() == wanted["sha256"]
    return "" if same else "was changed: it is not the file that was signed"


# --- the ledger


def read_head(head: Any, key: Ed25519PublicKey, name: str) -> tuple[int, bytes]:
    """Size and root of a signed head. Raises Broken."""
    try:
        signature = base64.b64decode(head["signature"], validate=True)
        said = canonical({field: value for field, value in head.items() if field != "signature"})
        size, root = int(head["size"]), bytes.fromhex(head["root"])
    except (TypeError, KeyError, ValueError, AttributeError):
        raise Broken(f"{name}: a head is no signed head") from None
    if base64.b64encode(signature).decode() != head["signature"] or not holds(
        key, signature, HEAD_SAYS + said
    ):
        raise Broken(f"{name}: the signature of the head of size {size} does not hold")
    return size, root


def check_heads(place: Place, key: Ed25519PublicKey, told: Told) -> dict[int, bytes]:
    """Each head is signed, and each ledger begins with the one before; roots by size. Raises Broken."""
    roots: dict[int, bytes] = {}
    size, root, number = 0, hashlib.sha256().digest(), 0
    for line in lines(place, HEADS):
        one = read_json(line, HEADS)
        after, its_root = read_head(one["head"], key, HEADS)
        if not grown(size, after, root, its_root, [bytes.fromhex(step) for step in one["consistency"]]):
            raise Broken(f"{HEADS}: the ledger of {after} entries does not begin with that of {size}")
        size, root, number = after, its_root, number + 1
        roots[size] = root
    with place.open(HEAD) as stream:
        final = read_head(read_json(stream.read(), HEAD), key, HEAD)
    if final != (size, root):
        raise Broken(f"{HEAD} is not the last of {HEADS}")
    roots[size] = root
    told.good(f"{number} heads are signed, and the ledger only grew: each begins with the one before")
    return roots


def check_entries(place: Place, tenant: str, size: int, root: bytes, told: Told) -> dict[str, int]:
    """Each entry is in the ledger, and each event is the ledger's. Gives receipt hashes. Raises Broken."""
    proofs, events = lines(place, PROOFS), lines(place, EVENTS)
    before, number, told_events, receipts = -1, 0, 0, {}
    for line in lines(place, ENTRIES):
        entry, proof = json.loads(line), json.loads(next(proofs, b"null"))
        seq = entry["seq"]
        if entry["tenant"] not in (tenant, None):
            raise Broken(f"{ENTRIES}: entry {seq} is of another tenant")
        if seq <= before or not isinstance(proof, dict) or proof["seq"] != seq:
            raise Broken(f"{ENTRIES}: entry {seq} is out of order, or {PROOFS} is")
        leaf = hashlib.sha256(b"\x00" + line.removesuffix(b"\n")).digest()
        if not included(leaf, seq, size, [bytes.fromhex(step) for step in proof["proof"]], root):
            raise Broken(f"{ENTRIES}: entry {seq} is not in the ledger that the head was signed for")
        if entry["kind"] == "lineage":
            event = next(events, b"").removesuffix(b"\n")
            if hashlib.sha256(event).hexdigest() != entry["body"]["sha256"]:
                raise Broken(f"{EVENTS}: the event of entry {seq} is not the one that the ledger holds")
            told_events += 1
        if digest := entry["body"].get("receipt_sha256"):
            receipts[digest] = seq
        before, number = seq, number + 1
    if next(proofs, None) is not None or next(events, None) is not None:
        raise Broken(f"{PROOFS} or {EVENTS} holds more than the entries call for")
    told.good(f"each of {number} entries is in the ledger of {size}, as the signed head has it")
    told.good(f"each of {told_events} lineage events is the one that the ledger holds")
    return receipts


def check_receipts(
    place: Place, key: Ed25519PublicKey, body: dict[str, Any], known: dict[str, int], told: Told
) -> None:
    """Each receipt is signed, and named in the ledger by its hash; each list is one's. Raises Broken."""
    hashes = {name: one["sha256"] for name, one in body["files"].items() if name.startswith("receipts/")}
    receipts = [name for name in hashes if re.fullmatch(r"receipts/[^/]+\.[0-9]+\.json", name)]
    lists = set()
    for name in receipts:
        with place.open(name) as stream:
            receipt = read_json(stream.read(), name)
        said = receipt["body"]
        if said["format"] != RECEIPT or not _hex_holds(key, receipt["signature"], canonical(said)):
            raise Broken(f"{name}: its signature does not hold")
        if hashes[name] not in known:
            raise Broken(f"{name} is named by no entry of the ledger")
        lists.add((f"receipts/{said['search']['list']['name']}", said["search"]["list"]["sha256"]))
    for name in hashes.keys() - set(receipts):
        if (name, hashes[name]) not in lists:
            raise Broken(f"{name} is no receipt, and not the list of searched files that one names")
    told.good(f"each of {len(receipts)} receipts is signed, and the ledger names its hash")
    if len(known) > len(receipts):
        told.note(f"{len(known) - len(receipts)} receipts that the ledger names were left out of the bundle")


def check_elsewhere(heads: bytes, roots: dict[int, bytes], key: Ed25519PublicKey, told: Told) -> None:
    """The heads from a second place are the bundle's, as far as its ledger goes. Raises Broken."""
    same = later = 0
    for line in filter(bytes.strip, heads.splitlines()):
        try:
            head = json.loads(line)
        except ValueError:
            raise Broken("the heads from elsewhere: a line is not JSON") from None
        size, root = read_head(head, key, "the heads from elsewhere")
        if size > max(roots):
            later += 1
        elif roots.get(size) != root:
            raise Broken(
                f"the ledger of {size} entries as signed elsewhere is not the bundle's: there are two"
            )
        else:
            same += 1
    if not same:
        raise Broken("no head from elsewhere is as old as the bundle: give older ones, or get a newer bundle")
    told.good(f"{same} heads from elsewhere are the bundle's own")
    if later:
        told.note(f"{later} heads from elsewhere: they are newer than the bundle")


def read_heads(path: Path) -> bytes:
    """The heads in a file, one a line, or in a folder's files. Raises OSError."""
    if path.is_dir():
        return b"\n".join(one.read_bytes() for one in sorted(path.glob("*.json")))
    return path.read_bytes()


def verify(place: Place, given_key: bytes | None = None, heads: bytes | None = None) -> Told:
    """Everything that can be said of a bundle. Where files were changed, what is in them is not looked at."""
    told = Told()
    try:
        with place.open(KEY) as stream:
            came_with_it = stream.read(BLOCK)
    except (*UNREADABLE, KeyError):
        came_with_it = b""
    try:
        key = read_key(given_key or came_with_it, "the key given" if given_key else KEY)
        if isinstance(place, Zip):
            check_zip(place.stream, key, told)
        body = read_manifest(place, key)
        told.good(f"{MANIFEST} is as key {key_id(key)} signed it")
        if not given_key:
            told.note(
                f"whose key {key_id(key)} is: it came with the bundle. Get it another way, and say --key"
            )
        check_files(place, body["files"], told)
        if told.holds:
            roots = check_heads(place, key, told)
            size = max(roots)
            if body["head"]["size"] != size or body["head"]["root"] != roots[size].hex():
                raise Broken(f"{HEAD} is not the head that {MANIFEST} names")
            receipts = check_entries(place, body["tenant"], size, roots[size], told)
            check_receipts(place, key, body, receipts, told)
            if heads is None:
                told.note(
                    "whether another ledger was shown elsewhere: get heads from a second place, say --head"
                )
            else:
                check_elsewhere(heads, roots, key, told)
    except Broken as broken:
        told.bad(str(broken))
    except (KeyError, TypeError, ValueError, AttributeError, *UNREADABLE) as error:
        told.bad(f"the bundle is not built as one ({type(error).__name__})")
    return told


def main(arguments: list[str]) -> int:
    """Check the bundle that the arguments name; the exit code."""
    parser = argparse.ArgumentParser(prog="verify.py", description="Checks a Lakeward evidence bundle.")
    parser.add_argument("bundle", type=Path, help="the zip, or the folder that it was unpacked into")
    parser.add_argument("--key", type=Path, help="the lake's public key in PEM, got by a way that you trust")
    parser.add_argument("--head", type=Path, help="signed heads from the second place: a folder, or a file")
    asked = parser.parse_args(arguments)
    try:
        key = asked.key.read_bytes() if asked.key else None
        heads = read_heads(asked.head) if asked.head else None
        place = Folder(asked.bundle) if asked.bundle.is_dir() else Zip(asked.bundle.open("rb"))
    except OSError as error:
        sys.stderr.write(f"verify.py: bundle, key or heads cannot be read ({type(error).__name__})\n")
        return 2
    except (zipfile.BadZipFile, ValueError, struct.error):
        told = Told()
        told.bad("the bundle is no zip: its end or its list of files was changed, or it is another file")
    else:
        told = verify(place, key, heads)
    told.lines.append("All that was checked holds." if told.holds else "This bundle is NOT as it was signed.")
    sys.stdout.write("\n".join(told.lines) + "\n")
    return 0 if told.holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
