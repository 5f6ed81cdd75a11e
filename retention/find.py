"""Where a person's records are: which tables, files and rows hold them. Reads only.

A record is the person's where its subject is the person; and where one of its columns names the person and
the dataset has no subject, is about its subject (its key is the subject), or names none in that record. In
any other record, which is somebody else's, the person is only named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import Row as SparkRow
from pyspark.sql import functions as F

from policy.contracts import Column, Contract
from policy.taxonomy import Taxonomy
from policy.treatments import TreatmentKind
from retention.kept_up import has_part
from retention.requests import Named, Role
from retention.sought import PERSONAL, Sought
from transforms.batch import Places
from transforms.context import LakeContext
from transforms.frames import frame_of
from transforms.identify import column_token, identifying_columns, with_tokens
from transforms.lake import Table
from transforms.mentions import NAMING, marked
from transforms.present import unsealed
from transforms.protect import plan_for
from transforms.records import RECORD, parsed
from transforms.seal import opened_row
from transforms.tokens import with_keys

PLACE = ("record_id", "batch_id", "position")


@dataclass(frozen=True)
class Row:
    """One row of a table that holds a person, and which request asks for that person.

    `batch_id` is empty in silver; `file` is the data file's own name.
    """

    request_id: str
    record_id: str
    batch_id: str = ""
    position: int = 0
    file: str = ""


@dataclass(frozen=True)
class Found:
    """What a tenant's dataset holds of the persons sought.

    `rows` are theirs, by layer. `named` are the requests and records of others that name them, by layer of
    the sealed row. `unreadable` is how many rows of quarantine could not be taken apart, and so not searched.
    """

    contract: Contract
    rows: dict[str, list[Row]] = field(default_factory=dict)
    named: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    unreadable: int = 0

    def count(self, request_id: str) -> Counter[str]:
        """Rows by table and what is there, for one request: names of tables and numbers."""
        name = self.contract.dataset
        counts: Counter[str] = Counter()
        for layer, rows in self.rows.items():
            own = {
                (one.record_id, one.batch_id, one.position) for one in rows if one.request_id == request_id
            }
            counts[f"{layer}.{name}"] = len(own)
        counts[f"named.{name}"] = self.naming()[request_id]
        return +counts

    def naming(self) -> Counter[str]:
        """How many records of others name the person, by request."""
        return Counter(request_id for records in self.named.values() for request_id, _ in records)

    def files(self, request_id: str) -> int:
        """How many data files hold the person."""
        return len(
            {(layer, r.file) for layer, own in self.rows.items() for r in own if r.request_id == request_id}
        )


class Finder:
    """One tenant's dataset, looked into for the persons of `sought`."""

    def __init__(self, ctx: LakeContext, contract: Contract, sought: Sought) -> None:
        self.ctx, self.contract, self.sought = ctx, contract, sought
        self.tenant = sought.tenant
        self.region = ctx.bundle.tenants[sought.tenant].region
        self.places = Places.of(self.region, contract.dataset)
        self.silver = Table(self.region, "silver", contract.dataset)
        subject = contract.subject_column
        self.subject = None if subject is None else contract.column(subject)
        self._about_subject = contract.primary_key == (subject,)

    def has(self, table: Table) -> bool:
        """Whether the table has a part of this tenant, live or not: told from folders alone."""
        return has_part(self.ctx, table, self.tenant)

    def find(self) -> Found:
        """All that the dataset's tables hold."""
        own, named = self._identified(self.places.bronze)
        held, held_named, unreadable = self._quarantined()
        silver = self._silver(own) if self.has(self.silver) else []
        named |= self._marked() if self.has(self.silver) else set()
        theirs = {(r.request_id, r.record_id) for r in silver}
        rows = {"bronze": self._bronze(own), "quarantine": held, "silver": silver}
        others = {"bronze": named - theirs, "quarantine": held_named}
        return Found(self.contract, rows, others, unreadable)

    def subjects(self) -> set[tuple[str, Named]]:
        """The subjects whom the identifiers of the requests name, where the dataset is about its subject."""
        if self.subject is None or not self._about_subject or not self.has(self.places.bronze):
            return set()
        hits = self._hits(self._opened_bronze(), self._columns(with_subject=False))
        domain = self.subject.token_domain
        return {
            (hit.row.request_id, Named(domain, hit.subject_token, Role.SUBJECT))
            for hit in hits
            if hit.subject_token is not None
        }

    def mentions(self) -> set[tuple[str, Named]]:
        """The identifiers in the persons' own records by which prose can name them."""
        columns = [c for c in identifying_columns(self.contract, self._taxonomy) if c.data_class in NAMING]
        subjects = self._subjects()
        if not columns or not subjects or not self.has(self.places.bronze):
            return set()
        rows = self.ctx.lake.read(self.places.bronze, [self.tenant])
        own = rows.join(F.broadcast(self._frame(subjects, "subject_token")), "subject_token")
        opened = with_tokens(unsealed(own, self.contract, self._keys()), columns, self._taxonomy)
        told = [
            F.struct(F.lit(one.data_class).alias("of"), F.col(column_token(one.name)).alias("token"))
            for one in columns
        ]
        found = opened.select("request_id", F.inline(F.array(*told))).where("token is not null").distinct()
        return {(row.request_id, Named(row["of"], row.token, Role.MENTION)) for row in found.collect()}

    def _bronze(self, own: set[tuple[str, str]]) -> list[Row]:
        if not self.has(self.places.bronze):
            return []
        rows = self._files(self.places.bronze)
        parts = [
            rows.join(F.broadcast(self._frame(pairs, key)), key).select("request_id", *PLACE, "file")
            for key, pairs in (("subject_token", self._subjects()), ("record_id", sorted(own)))
            if pairs
        ]
        return [Row(*row) for row in _together(parts)]

    def _silver(self, own: set[tuple[str, str]]) -> list[Row]:
        rows = self._files(self.silver)
        parts = [
            rows.join(F.broadcast(self._frame(pairs, key)), key).select("request_id", "record_id", "file")
            for key, pairs in (("subject_token", self._subjects()), ("record_id", sorted(own)))
            if pairs
        ]
        return [Row(row.request_id, row.record_id, file=row.file) for row in _together(parts)]

    def _identified(self, table: Table) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
        """Request and record: those that are the person's by a column, and those that only name them."""
        columns = self._columns(with_subject=False)
        if not columns or not self.has(table):
            return set(), set()
        own: set[tuple[str, str]] = set()
        named: set[tuple[str, str]] = set()
        for hit in self._hits(self._opened_bronze(), columns):
            (own if self._is_own(hit) else named).add((hit.row.request_id, hit.row.record_id))
        return own, named - own

    def _quarantined(self) -> tuple[list[Row], set[tuple[str, str]], int]:
        """Rows of quarantine that are the person's, records there that name them, rows that do not open up.

        A row whose subject is somebody else only names the person.
        """
        if not self.has(self.places.quarantine):
            return [], set(), 0
        opened = self._opened_quarantine()
        unreadable = opened.where(F.array_contains("reasons", "unreadable")).count()
        columns = self._columns(with_subject=True)
        if not columns:
            return [], set(), unreadable
        rows, named = [], set()
        for hit in self._hits(opened, columns):
            if self._is_own(hit):
                rows.append(hit.row)
            else:
                named.add((hit.row.request_id, hit.row.record_id))
        return rows, named, unreadable

    def _is_own(self, hit: _Hit) -> bool:
        if self.subject is None or self._about_subject or hit.subject_token is None:
            return True
        theirs = (hit.row.request_id, hit.subject_token) in self._subjects()
        return theirs or not hit.columns.isdisjoint(self.contract.primary_key)

    def _marked(self) -> set[tuple[str, str]]:
        """Records of others in which silver shows the person: a mark in redacted prose, a column's token."""
        silver = self.ctx.lake.read(self.silver, [self.tenant])
        marks = self._frame(self.sought.marks(), "mark")
        tokens = {one.name: one.token_domain for one in self._columns(with_subject=False)}
        rows = marked(silver, self.prose(), tokens, marks).collect()
        own = set(self._subjects())
        return {(r.request_id, r.record_id) for r in rows if (r.request_id, r.subject_token) not in own}

    def prose(self) -> list[str]:
        """The columns of the tenant's silver that hold redacted prose."""
        plan = plan_for(self.ctx, self.tenant, self.contract)
        there = set(self.ctx.lake.read(self.silver, [self.tenant]).columns)
        redacted = [one.column.name for one in plan if one.treatment.kind is TreatmentKind.REDACT]
        return [name for name in redacted if name in there]

    def _columns(self, *, with_subject: bool) -> list[Column]:
        """The columns by which the requests' identifiers can name somebody."""
        wanted = self.sought.domains()
        return [
            column
            for column in identifying_columns(self.contract, self._taxonomy)
            if column.token_domain in wanted and (with_subject or column is not self.subject)
        ]

    def _hits(self, opened: DataFrame, columns: Sequence[Column]) -> list[_Hit]:
        """The opened rows of which one of these columns names a person."""
        if not columns:
            return []
        tokens = with_tokens(opened, columns, self._taxonomy)
        told = [
            F.struct(
                F.lit(one.name).alias("name"),
                F.lit(one.token_domain).alias("domain"),
                F.col(column_token(one.name)).alias("token"),
            )
            for one in columns
        ]
        rows = tokens.select(*PLACE, "subject_token", "file", F.inline(F.array(*told)))
        pairs = [(r, o.domain, o.token) for r, o in self.sought.named if o.role in PERSONAL]
        wanted = frame_of(self.ctx.spark, pairs, "request_id string, domain string, token string")
        names: dict[_Hit, set[str]] = {}
        for row in rows.join(F.broadcast(wanted), ["domain", "token"]).collect():
            place = Row(row.request_id, row.record_id, row.batch_id, row.position, row.file)
            names.setdefault(_Hit(place, row.subject_token), set()).add(row["name"])
        return [replace(hit, columns=frozenset(found)) for hit, found in names.items()]

    def _opened_bronze(self) -> DataFrame:
        return unsealed(self._files(self.places.bronze), self.contract, self._keys())

    def _opened_quarantine(self) -> DataFrame:
        """Rows of quarantine with their record and the subject's token. A row that does not open stops it."""
        dataset = self.contract.dataset
        rows = with_keys(self._files(self.places.quarantine).drop("key_id"), self._keys())
        opened = rows.withColumn(RECORD, parsed(opened_row("quarantine", dataset), self.contract))
        if self.subject is None:
            return opened.withColumn("subject_token", F.lit(None).cast("string"))
        subject = F.col(column_token(self.subject.name)).alias("subject_token")
        return with_tokens(opened, [self.subject], self._taxonomy).select(*opened.columns, subject)

    def _files(self, table: Table) -> DataFrame:
        """The tenant's rows with the name of the data file that each lies in."""
        rows = self.ctx.lake.read(table, [self.tenant])
        return rows.select("*", F.col("_metadata.file_name").alias("file"))

    def _subjects(self) -> list[tuple[str, str]]:
        return self.sought.of_domain(self.subject.token_domain) if self.subject is not None else []

    def _frame(self, pairs: Iterable[tuple[str, str]], column: str) -> DataFrame:
        return self.sought.frame(self.ctx, list(pairs), column)

    def _keys(self) -> DataFrame:
        return self.ctx.keys([self.tenant])

    @property
    def _taxonomy(self) -> Taxonomy:
        return self.ctx.bundle.taxonomy


@dataclass(frozen=True)
class _Hit:
    """A row of which `columns` name the person; `subject_token` is the row's own subject."""

    row: Row
    subject_token: str | None
    columns: frozenset[str] = frozenset()


def _together(parts: Sequence[DataFrame]) -> list[SparkRow]:
    return list(reduce(DataFrame.unionByName, parts).distinct().collect()) if parts else []
