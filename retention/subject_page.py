"""A person's records as one page to read: no script, nothing from a network, everything escaped."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from retention.dossier import Dossier, Kept, Part

STYLE = """\
body { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; }
h1 { line-height: 1.2; }
h2 { margin-top: 2.5rem; border-bottom: 2px solid; }
dl { display: grid; grid-template-columns: minmax(8rem, 14rem) 1fr; gap: .2rem 1rem; margin: 0; }
dt { color: #555; overflow-wrap: anywhere; }
dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
section { border: 1px solid #999; border-radius: .3rem; padding: .8rem 1rem; margin: 1rem 0; }
h3 { font-size: 1rem; margin: 0 0 .5rem; }
@media print { body { max-width: none; margin: 0; font-size: 11pt; } section { break-inside: avoid; } }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
WORDS = {
    "export": "Number of this export", "held_by": "Held by", "made": "Made", "kept_until": "Kept until",
    "policies": "Policies in force",
}  # fmt: skip
LAYERS = {
    "bronze": "kept",
    "quarantine": "set aside, because it does not hold to its contract",
}


def page(about: Mapping[str, str], dossier: Dossier) -> str:
    """The page: what this is, then each dataset with each record."""
    body = "".join(_part(part) for part in dossier.parts if part.records or part.named or part.unreadable)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Your data</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>Your data</h1>\n"
        f"<p>{dossier.records} records about you. The same records lie beside this page as JSON, exactly as "
        "they arrived, and as CSV for a spreadsheet.</p>\n"
        f"{_list([(WORDS[name], told) for name, told in about.items()])}"
        f"{body or '<p>Nothing about you is kept here.</p>'}\n</main>\n</body>\n</html>\n"
    )


def _part(part: Part) -> str:
    named = (
        f"<p>{part.named} records of other people name you. They are theirs, and are not shown.</p>\n"
        if part.named
        else ""
    )
    shut = (
        f"<p>{part.unreadable} rows could not be read, so nobody knows whom they are about.</p>\n"
        if part.unreadable
        else ""
    )
    told = part.contract.description or ""
    records = "".join(_record(number, one, part) for number, one in enumerate(part.records, start=1))
    return f"<h2>{escape(part.contract.dataset)}</h2>\n<p>{escape(told)}</p>\n{named}{shut}{records}"


def _record(number: int, one: Kept, part: Part) -> str:
    happened = f", of {one.occurred:%Y-%m-%d %H:%M} UTC" if one.occurred else ""
    head = f"Record {number}{happened}: arrived {one.arrived:%Y-%m-%d %H:%M} UTC, {LAYERS[one.layer]}"
    said = {".".join(column.path): column.description for column in part.contract.columns}
    pairs = [(f"{name} ({said[name]})" if said.get(name) else name, told) for name, told in _pairs(one)]
    return f"<section>\n<h3>{escape(head)}</h3>\n{_list(pairs)}</section>\n"


def _pairs(one: Kept) -> list[tuple[str, str]]:
    try:
        record = json.loads(one.payload)
    except ValueError:
        return [("as it arrived", one.payload)]
    return list(flat(record))


def flat(record: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """A record's names and values side by side: `customer.contact.email`; a list is one value, as JSON."""
    if isinstance(record, dict) and record:
        for name, value in record.items():
            yield from flat(value, f"{path}.{name}" if path else str(name))
    elif record is not None:
        yield path or "value", record if isinstance(record, str) else json.dumps(record, ensure_ascii=False)


def _list(pairs: list[tuple[str, str]]) -> str:
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(told)}</dd>\n" for name, told in pairs)
    return f"<dl>\n{rows}</dl>\n"
