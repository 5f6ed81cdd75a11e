"""Whether what is done has a receipt that holds: looked at again, by the public key alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from policy.errors import LakewardError
from retention.receipt_check import ReceiptRefused, read_receipt, statements
from retention.requests import Request, State, all_requests
from retention.verify_result import Verdict
from tenancy.signing import read_public_key


@dataclass(frozen=True)
class Unproved:
    """A request that is done and whose receipt does not say so; `why` in words that hold no value."""

    request: Request
    why: str


def unproved(engine: Engine, receipts: Path, public_key: Path) -> tuple[int, list[Unproved]]:
    """How many requests are done, and those of which the receipt in the folder does not prove it.

    Args:
        engine: The control database.
        receipts: The folder of the receipts.
        public_key: The file of the public key that they are signed for.
    """
    done = all_requests(engine, states=[State.DONE])
    told = [
        (one, why_unproved(receipts / (one.receipt or "none"), public_key, one.tenant, one.request_id))
        for one in done
    ]
    return len(done), [Unproved(one, why) for one, why in told if why]


def why_unproved(file: Path, public_key: Path, tenant: str, request_id: str) -> str:
    """What is wrong with the receipt of a request, or of a run of retention; empty where nothing is."""
    if not file.is_file():
        return "its receipt is not there"
    try:
        body = read_receipt(file.read_bytes(), read_public_key(public_key))
    except (ReceiptRefused, LakewardError) as error:
        return str(error)
    if (body["request_id"], body["tenant"]) != (request_id, tenant):
        return "its receipt is that of another request"
    if body["verdict"] != Verdict.VERIFIED:
        return f"its receipt says {body['verdict']}"
    fallen = [one.words for one in statements(body, file.parent) if not one.holds]
    return "; ".join(fallen)
