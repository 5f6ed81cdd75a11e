"""A person's records as files that they can read and take elsewhere: JSON, CSV and one page, in a zip."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from retention.dossier import Dossier, Kept, Part
from retention.subject_page import flat, page

PHONE_OR_NUMBER = re.compile(r"[+-][0-9 ().,/-]+")


@dataclass(frozen=True)
class Cover:
    """What an export says of itself. Times are UTC."""

    export_id: str
    tenant: str
    created: datetime
    expires: datetime
    policy_digest: str


def write_archive(stream: BinaryIO, cover: Cover, dossier: Dossier) -> None:
    """A zip of the dossier into `stream`: `index.html`, `summary.json`, and `<dataset>.json` and `.csv`."""
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.html", page(_about(cover), dossier))
        archive.writestr("summary.json", _json(_about(cover) | {"datasets": [*map(_counts, dossier.parts)]}))
        for part in dossier.parts:
            if part.records:
                archive.writestr(f"{part.contract.dataset}.json", _json(_told(part)))
                archive.writestr(f"{part.contract.dataset}.csv", _csv(part))


def _about(cover: Cover) -> dict[str, str]:
    return {
        "export": cover.export_id,
        "held_by": cover.tenant,
        "made": f"{cover.created:%Y-%m-%d %H:%M} UTC",
        "kept_until": f"{cover.expires:%Y-%m-%d %H:%M} UTC",
        "policies": cover.policy_digest,
    }


def _counts(part: Part) -> Mapping[str, Any]:
    return {
        "dataset": part.contract.dataset,
        "records": len(part.records),
        "records_of_others_that_name_you": part.named,
        "rows_that_nobody_can_read": part.unreadable,
    }


def _told(part: Part) -> Mapping[str, Any]:
    return {
        "dataset": part.contract.dataset,
        "contract_version": part.contract.version,
        "records": [_facts(one) | {"record": _parsed(one)} for one in part.records],
    }


def _facts(one: Kept) -> dict[str, Any]:
    return {
        "kept_in": one.layer,
        "arrived": one.arrived.isoformat(),
        "happened": one.occurred.isoformat() if one.occurred else None,
    }


def _parsed(one: Kept) -> Any:
    """The record as it arrived; where it is no JSON, its text."""
    try:
        return json.loads(one.payload)
    except ValueError:
        return one.payload


def _csv(part: Part) -> str:
    """A line a record, a column for every name that one of them has."""
    rows = [dict(flat(_parsed(one))) for one in part.records]
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["kept_in", "arrived", "happened", *map(_harmless, names)])
    for one, row in zip(part.records, rows, strict=True):
        writer.writerow([*_facts(one).values(), *(_harmless(row.get(name, "")) for name in names)])
    return text.getvalue()


def _harmless(text: str) -> str:
    """The text with a `'` before it where a spreadsheet would take it for a formula; JSON has it as it is."""
    formula = text.startswith(("=", "@", "\t", "\r", "+", "-")) and not PHONE_OR_NUMBER.fullmatch(text)
    return f"'{text}" if formula else text


def _json(told: Mapping[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"
