"""Whether a receipt is what its lake signed, and whether it agrees with itself and with its file list."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from policy.errors import LakewardError
from retention.receipt import FORMAT
from retention.verify_result import Verdict
from tenancy.signing import key_id_of


class ReceiptRefused(LakewardError):
    """A file is no receipt, or not the one that was signed."""


@dataclass(frozen=True)
class Statement:
    """One thing that a check looked at: `holds` is None where it could not be looked at."""

    holds: bool | None
    words: str


def read_receipt(data: bytes, public_key: Ed25519PublicKey) -> dict[str, Any]:
    """The body of the receipt in `data`. Raises ReceiptRefused for any byte that is not as it was signed."""
    try:
        envelope = json.loads(data)
        canonical = rfc8785.dumps(envelope) + b"\n"
    except (ValueError, RecursionError, rfc8785.CanonicalizationError):
        raise ReceiptRefused("it is not JSON. To mend it: get the receipt again from who wrote it") from None
    if canonical != data or not isinstance(envelope, dict) or set(envelope) != {"body", "signature"}:
        raise ReceiptRefused(
            "it is not in the form that receipts are written in: something in it was changed. "
            "To mend it: get the receipt again from who wrote it"
        )
    body, signature = envelope["body"], envelope["signature"]
    _check_format(body, key_id_of(public_key))
    try:
        public_key.verify(_signature(signature), rfc8785.dumps(body))
    except InvalidSignature:
        raise ReceiptRefused(
            "its signature does not hold: it was changed, or this is the key of another lake. "
            "To mend it: get receipt and public key again from who wrote it"
        ) from None
    return dict(body)


def _check_format(body: Any, key_id: str) -> None:
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        raise ReceiptRefused(
            f"it is not a receipt of the format {FORMAT}. To mend it: check it with the version that wrote it"
        )
    if body.get("key_id") != key_id:
        raise ReceiptRefused(
            f"it names another key than {key_id}. To mend it: get the public key of the lake that wrote it"
        )


def _signature(text: Any) -> bytes:
    try:
        signature = bytes.fromhex(text)
    except (TypeError, ValueError):
        signature = b""
    if signature.hex() != text:
        raise ReceiptRefused("its signature is not written as one. To mend it: get the receipt again")
    return signature


def statements(body: dict[str, Any], folder: Path) -> list[Statement]:
    """What a signed body says of itself and of the file list in `folder`, and whether that agrees."""
    return [_of_list(body["search"]["list"], folder), _of_verdict(body)]


def _of_list(told: dict[str, Any], folder: Path) -> Statement:
    path = folder / told["name"]
    if "/" in told["name"] or not path.is_file():
        return Statement(None, f"The list of searched files, {told['name']}, is not beside the receipt")
    digest, files, size = hashlib.sha256(), 0, 0
    with path.open("rb") as lines:
        for line in lines:
            digest.update(line)
            files += 1
            size += _size(line)
    agrees = (digest.hexdigest(), files, size) == (told["sha256"], told["files"], told["bytes"])
    return Statement(
        agrees,
        f"The list of searched files is the one that was signed: {files:,} files, {size:,} bytes"
        if agrees
        else "The list of searched files is not the one that was signed",
    )


def _size(line: bytes) -> int:
    try:
        return int(json.loads(line)["size"])
    except (ValueError, TypeError, KeyError):
        return 0


def _of_verdict(body: dict[str, Any]) -> Statement:
    """The verdict follows from what the receipt lists."""
    if body["found"]:
        follows = Verdict.FAILED
    elif all(one["accounted"] for one in body["not_searchable"]):
        follows = Verdict.VERIFIED
    else:
        follows = Verdict.INCOMPLETE
    agrees = body["verdict"] == follows
    return Statement(
        agrees,
        f"Its verdict, {body['verdict']}, follows from what it lists"
        if agrees
        else f"Its verdict is {body['verdict']}, and what it lists comes to {follows}",
    )
