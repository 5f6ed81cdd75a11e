"""The bundle as an RO-Crate 1.1: one JSON-LD file that says what each file is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from audit.evidence.packing import files_in

CONTEXT = "https://w3id.org/ro/crate/1.1/context"
PROFILE = "https://w3id.org/ro/crate/1.1"
METADATA = "ro-crate-metadata.json"

DESCRIBED: Mapping[str, tuple[str, str]] = {
    "README.txt": ("text/plain", "What is in this bundle, how to check it, and what it does not prove"),
    "report.html": ("text/html", "The report: one page, with pictures"),
    "verify.py": ("text/x-python", "Checks the bundle; better taken from a trusted copy"),
    "public_key.pem": ("application/x-pem-file", "The lake's public key"),
    "ledger/entries.jsonl": ("application/jsonl", "The ledger's entries, one a line, in canonical JSON"),
    "ledger/proofs.jsonl": ("application/jsonl", "An inclusion proof (RFC 9162) for each of them"),
    "ledger/heads.jsonl": ("application/jsonl", "Signed heads, each with its consistency proof (RFC 9162)"),
    "ledger/head.json": ("application/json", "The signed head that the inclusion proofs lead to"),
    "lineage/events.jsonl": ("application/jsonl", "OpenLineage run events (spec 2-0-2)"),
    "journey.json": ("application/json", "Where data of each class came from, was treated, and went"),
    "processing-record.json": ("application/json", "The record of processing (GDPR article 30)"),
    "processing-record.csv": ("text/csv", "The same as a table"),
    "prov.json": ("application/json", "The journey in W3C PROV-JSON"),
    "policy/versions.json": ("application/json", "Which policies were in force when, by digest"),
    "summary.json": ("application/json", "What is in the bundle and what was left out, counted"),
}
FOLDERS = {
    "tables/": ("text/csv", "Entries of one kind, as a table"),
    "receipts/": (
        "application/json",
        "A signed receipt of an erasure or of retention, or its list of searched files",
    ),
    "policy/older/": ("application/yaml", "A policy file as it was, or this tenant's part of it"),
    "policy/current/": ("application/yaml", "A policy file as it is today, or this tenant's part of it"),
}


def write_crate(folder: Path, name: str, made: str) -> None:
    """Write the metadata of every file that is in the folder by now. `made`: when, RFC 3339."""
    parts = [_part(path.relative_to(folder).as_posix(), path.stat().st_size) for path in files_in(folder)]
    root = {
        "@id": "./", "@type": "Dataset", "name": name, "datePublished": made,
        "description": "What can be proved of the processing of one tenant's data, to be checked offline",
        "license": {"@id": "#terms"}, "hasPart": [{"@id": part["@id"]} for part in parts],
    }  # fmt: skip
    about = {
        "@id": METADATA, "@type": "CreativeWork", "conformsTo": {"@id": PROFILE}, "about": {"@id": "./"},
    }  # fmt: skip
    terms = {
        "@id": "#terms", "@type": "CreativeWork", "name": "For the auditor it was made for",
        "description": "Confidential to the tenant that it is about, and to whom it is shown",
    }  # fmt: skip
    document = {"@context": CONTEXT, "@graph": [about, root, terms, *parts]}
    (folder / METADATA).write_text(json.dumps(document, indent=1) + "\n")


def _part(name: str, size: int) -> dict[str, Any]:
    kind, words = DESCRIBED.get(name) or next(
        told for folder, told in FOLDERS.items() if name.startswith(folder)
    )
    return {
        "@id": name, "@type": "File", "name": name, "encodingFormat": kind, "description": words,
        "contentSize": str(size),
    }  # fmt: skip
