"""Checks a Lakeward receipt, or a tenant's export, with the standard library and `cryptography` alone.

    python verify_receipt.py RECEIPT.json PUBLIC_KEY.pub
    python verify_receipt.py EXPORT/manifest.json PUBLIC_KEY.pub

Get the public key from the lake's keeper by a way that you trust, not together with the receipt. Exit code 0:
the receipt is as it was signed and says `verified`, or manifest and files of the export are as they were
signed; 1: anything else.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

RECEIPT = "lakeward-receipt/1"
EXPORT = "lakeward-tenant-export/1"
LISTS = ("expired", "tables", "removed", "found", "kept", "not_searchable", "out_of_reach")


class Refused(Exception):
    """The receipt or manifest, the key, or a file that it names is not what it should be."""


def canonical(value: Any) -> bytes:
    """The canonical form (RFC 8785) of what receipts hold: no numbers but whole ones."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return b"{" + b",".join(canonical(key) + b":" + canonical(value[key]) for key in keys) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(map(canonical, value)) + b"]"
    if isinstance(value, float) or (isinstance(value, int) and abs(value) > 2**53 - 1):
        raise Refused("it holds a number that receipts do not hold")
    # What remains is written by `json` as the RFC asks; a lone surrogate cannot be encoded.
    return json.dumps(value, ensure_ascii=False).encode()


def read_body(data: bytes, key: Ed25519PublicKey) -> dict[str, Any]:
    """The body of a receipt or manifest. Raises Refused unless every byte is as it was signed."""
    try:
        receipt = json.loads(data)
        same = canonical(receipt) + b"\n" == data
    except (ValueError, RecursionError):
        raise Refused("it is not JSON") from None
    if not same or not isinstance(receipt, dict) or set(receipt) != {"body", "signature"}:
        raise Refused("it is not in the form that receipts are written in: something was changed")
    body, signature = receipt["body"], receipt["signature"]
    if not isinstance(body, dict) or body.get("format") not in (RECEIPT, EXPORT):
        raise Refused(f"it is neither of the format {RECEIPT} nor {EXPORT}")
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    if body.get("key_id") != hashlib.sha256(raw).hexdigest()[:16]:
        raise Refused("it names another key")
    try:
        plain = bytes.fromhex(signature)
        if plain.hex() != signature:
            raise Refused("its signature is not written as one")
        key.verify(plain, canonical(body))
    except (TypeError, ValueError, InvalidSignature):
        raise Refused("its signature does not hold: it was changed, or the key is another lake's") from None
    return body


def check_list(body: dict[str, Any], folder: Path) -> str:
    """What there is to say of the list of searched files. Raises Refused where it is another one."""
    told = body["search"]["list"]
    path = folder / Path(told["name"]).name
    if not path.is_file():
        return f"not beside the receipt ({told['name']}), so not checked"
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != told["sha256"] or data.count(b"\n") != told["files"]:
        raise Refused("the list of searched files is not the one that was signed")
    return f"as it was signed: {told['files']} files, {told['bytes']} bytes"


def check_files(body: dict[str, Any], folder: Path) -> list[str]:
    """What there is to say of an export in this folder. Raises Refused where a file is another or missing."""
    expected = {one["file"]: one["sha256"] for one in body["datasets"]}
    expected |= {one["contract"]: one["contract_sha256"] for one in body["datasets"]}
    for name, sha256 in expected.items():
        if not (folder / name).is_file():
            raise Refused(f"{name} is missing")
        with (folder / name).open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                raise Refused(f"{name} is not the one that was signed")
    here = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    others = len(here - set(expected) - {"manifest.json"})
    rows = ", ".join(f"{one['dataset']} {one['rows']}" for one in body["datasets"])
    return [
        f"The manifest is as key {body['key_id']} signed it, and so are the {len(expected)} files it names.",
        f"Export {body['export']} of tenant {body['tenant']}, lake {body['lake_id']}, made {body['made']}.",
        f"Rows: {rows}. Encrypted to {body['encrypted_to']}.",
        f"Other files in the folder, which nobody signed: {others}.",
    ]


def check(receipt: Path, public_key: Path) -> tuple[bool, list[str]]:
    """Whether the receipt holds and says `verified`, or the export holds, and what there is to say of it."""
    try:
        key = load_pem_public_key(public_key.read_bytes())
        if not isinstance(key, Ed25519PublicKey):
            raise Refused("the public key is not Ed25519")
        body = read_body(receipt.read_bytes(), key)
        if body["format"] == EXPORT:
            return True, check_files(body, receipt.parent)
        listed = check_list(body, receipt.parent)
    except Refused as refused:
        return False, [f"REFUSED: {refused}"]
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        return False, [f"REFUSED: a file or the key cannot be read ({type(error).__name__})"]
    follows = not body["found"] and all(one["accounted"] for one in body["not_searchable"])
    if body["verdict"] == "verified" and not follows:
        return False, ["REFUSED: its verdict is `verified`, and what it lists says otherwise"]
    return body["verdict"] == "verified", told(body, listed)


def told(body: dict[str, Any], listed: str) -> list[str]:
    """What a receipt says, in lines."""
    search, amounts = body["search"], {name: len(body.get(name, ())) for name in LISTS}
    return [
        f"The receipt is as key {body['key_id']} signed it.",
        f"Request {body['request_id']} ({body['kind']}) of tenant {body['tenant']}, lake {body['lake_id']}.",
        f"Received {body['received']}, due {body['due']}, verified {body['verified']}.",
        f"Searched: {search['mode']}, {', '.join(search['places'])}. List of searched files: {listed}.",
        ", ".join(f"{name.replace('_', ' ')}: {amount}" for name, amount in amounts.items()),
        f"Verdict: {body['verdict']}.",
    ]


def main(arguments: list[str]) -> int:
    """Check the receipt that the arguments name; the exit code."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python verify_receipt.py RECEIPT_OR_MANIFEST.json PUBLIC_KEY.pub\n")
        return 1
    verified, lines = check(Path(arguments[0]), Path(arguments[1]))
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if verified else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
