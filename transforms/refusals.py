"""Every word that is told of what was not taken as it came, and how to mend it."""

from __future__ import annotations

REFUSED = {
    "unknown_format": "deliver .csv, .jsonl, .ndjson, .json or .parquet; text also with .gz at the end",
    "empty_file": "deliver a file with at least a header, or none",
    "not_utf8": "deliver the file as UTF-8; the number is the first line that is not",
    "nul_byte": "deliver the file as UTF-8 text; a byte of zero comes from UTF-16 or from a damaged disk",
    "broken_gzip": "deliver the file again, it is cut or damaged",
    "broken_parquet": "deliver the file again, it is cut or damaged",
    "parquet_not_read": "deliver the file again, it is damaged or encrypted; or without the types, encodings "
    "and compressions that Spark does not read, such as times of day, UUIDs and Brotli",
    "nanoseconds": "write timestamps with microseconds, Spark reads no finer ones",
    "missing_columns": "deliver the file with these columns, or change the contract",
    "duplicate_or_empty_header": "give each column a name of its own, whatever its case",
    "header_too_long": "begin the file with a header of at most 64 KiB and 20,480 columns",
    "unclosed_quote": "close the quote that opens on this line, or double it where it is part of the value",
    "mixed_line_ends": "end all rows alike, with LF or with CRLF, where quoted fields hold line breaks",
    "too_many_fields": "split this row; one with more than 20,480 fields is not read",
    "record_too_long": "deliver no record of more than 16 MiB; perhaps line breaks are missing",
    "json_too_large": "deliver JSON lines; an array or document is held whole, so it has at most 64 MiB",
    "over_limit": "deliver smaller files, or raise this limit of the tenant's tier in tiers.yaml",
}
"""A refused file stays where it is, and is looked at again when the policies change.

More can follow the word after a colon: columns of the contract, a line, a limit's name.
"""

WAITING = {
    "still_being_written": "none: the next run takes it, when it lies still",
    "not_readable": "give the pipeline read access to it",
    "not_removed": "give the pipeline write access to the file's folder, and the lake's disk space; "
    "its rows are in the lake",
    "max_files_per_run": "none: the next run goes on; or raise this limit of the tenant's tier in tiers.yaml",
    "max_bytes_per_run": "none: the next run goes on; or raise this limit of the tenant's tier in tiers.yaml",
    "max_rows_per_run": "none: the next run goes on; or raise this limit of the tenant's tier in tiers.yaml",
}
"""A waiting file is looked at by every run."""

QUARANTINED = {
    "missing": "deliver the record with this value, or change the contract and try quarantine again",
    "type": "deliver the value as its type asks, dates as 2026-12-31; or change the type, and try again",
    "pattern": "deliver a value of the contract's pattern, or change the pattern and try quarantine again",
    "length": "deliver a value of the contract's length, or change the bounds and try quarantine again",
    "range": "deliver a value within the contract's bounds, or change them and try quarantine again",
    "enum": "deliver one of the contract's values, or add this one and try quarantine again",
    "unreadable": "deliver the record again: with as many fields as the header, or as one JSON object whose "
    "names differ",
    "other_tenant": "ask the tenant why its rows name another, and deliver them where they belong",
    "suppressed": "none, the person was erased; if they consented anew: lakeward subject consent, then try "
    "quarantine again",
}
"""A record in quarantine has one reason or more: these words, the first six with the column after a colon."""

VIOLATIONS = {
    "unregistered_tenant": "register the tenant in tenants.yaml, or take the folder away",
    "wrong_region": "move the files to the folder of the tenant's own region",
    "no_contract": "add a contract for this dataset, or take the folder away",
    "symbolic_link": "put the file itself there; links are never followed",
    "misplaced_file": "move the file to <region>/<tenant>/<dataset>/",
    "not_a_file": "take it away; a dataset's folder holds files only",
    "not_readable": "give the pipeline read access to it",
    "row_names_other_tenant": "ask the tenant why its rows name another; they wait in quarantine",
}
"""What lies where it must not: told with its place, where that is built of ids, and how many there are."""


def mend_of(reason: str) -> str:
    """How to mend what a reason such as `missing_columns:name` says."""
    return (REFUSED | WAITING | QUARANTINED | VIOLATIONS)[code_of(reason)]


def code_of(reason: str) -> str:
    """The word alone."""
    return reason.partition(":")[0]


def waits(reason: str) -> bool:
    """Whether a file that was left for this reason comes in by itself, with a later run."""
    return code_of(reason) in WAITING
