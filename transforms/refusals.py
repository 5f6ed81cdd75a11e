"""Every word that is told of a landing file that was not taken, and how to mend it."""

from __future__ import annotations

REFUSED = {
    "unknown_format": "deliver .csv, .jsonl, .ndjson, .json or .parquet; text also with .gz at the end",
    "empty_file": "deliver a file with at least a header, or none",
    "not_utf8": "deliver the file as UTF-8; the number is the first line that is not",
    "nul_byte": "deliver the file as UTF-8 text; a byte of zero comes from UTF-16 or from a damaged disk",
    "broken_gzip": "deliver the file again, it is cut or damaged",
    "broken_parquet": "deliver the file again, it is cut or damaged",
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
    "not_readable": "give the pipeline read access to the file",
    "max_files_per_run": "none: the next run goes on; or raise this limit of the tenant's tier in tiers.yaml",
    "max_bytes_per_run": "none: the next run goes on; or raise this limit of the tenant's tier in tiers.yaml",
    "max_rows_per_run": "none: the next run goes on; or raise this limit of the tenant's tier in tiers.yaml",
}
"""A waiting file is looked at by every run."""


def mend_of(reason: str) -> str:
    """How to mend what a reason such as `missing_columns:name` says."""
    code = reason.partition(":")[0]
    return REFUSED[code] if code in REFUSED else WAITING[code]


def waits(reason: str) -> bool:
    """Whether a file that was left for this reason comes in by itself, with a later run."""
    return reason.partition(":")[0] in WAITING
