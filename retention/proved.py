"""Whether every request that is done has a receipt that holds: looked at again, by the public key alone."""

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
    told = [(one, _why(one, receipts, public_key)) for one in done]
    return len(done), [Unproved(one, why) for one, why in told if why]


def _why(request: Request, receipts: Path, public_key: Path) -> str:
    """What is wrong with a request's receipt; empty where nothing is."""
    file = receipts / (request.receipt or "none")
    if not file.is_file():
        return "its receipt is not there"
    try:
        body = read_receipt(file.read_bytes(), read_public_key(public_key))
    except (ReceiptRefused, LakewardError) as error:
        return str(error)
    if (body["request_id"], body["tenant"]) != (request.request_id, request.tenant):
        return "its receipt is that of another request"
    if body["verdict"] != Verdict.VERIFIED:
        return f"its receipt says {body['verdict']}"
    fallen = [one.words for one in statements(body, receipts) if not one.holds]
    return "; ".join(fallen)
