"""Where a person's records are: which tables, files and rows hold them. Reads only.

A record is the person's where its subject is the person; and where one of its columns names the person and
the dataset has no subject, is about its subject (its key is the subject), or names none in that record. In
any other record, which is somebody else's, the person is only named. Columns of which the contract says
nothing count as what detection found in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame
from pyspark.sql import Row as SparkRow
from pyspark.sql import functions as F

from policy.contracts import Column, Contract
from policy.taxonomy import Taxonomy
from retention.found import UNREADABLE, Found, Row
from retention.kept_up import has_part
from retention.requests import Named, Role
from retention.sought import PERSONAL, Sought
from transforms.batch import Places
from transforms.context import LakeContext
from transforms.frames import frame_of
from transforms.identify import identifying_columns, normaliser_of, token_of
from transforms.lake import Table
from transforms.mentions import NAMING, marked
from transforms.plan import contract_as_found
from transforms.present import unsealed
from transforms.records import RECORD, parsed, raw
from transforms.seal import opened_row
from transforms.tokens import value_token, with_keys
from transforms.treatments.redact import redacted

PLACE = ("record_id", "batch_id", "position")
_BETWEEN = r"""[",;\t|\r\n{}\[\]]+"""
_AROUND = r"^[\s:=]+|\s+$"
"""What stands between the values of a line or of JSON that is none, and around them."""


class Finder:
    """One tenant's dataset, looked into for the persons of `sought`."""

    def __init__(self, ctx: LakeContext, contract: Contract, sought: Sought) -> None:
        self.ctx, self.contract, self.sought = ctx, contract, sought
        self.tenant = sought.tenant
        self.as_found = contract_as_found(ctx.engine, ctx.bundle, self.tenant, contract)
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
        held, held_named, torn, unreadable = self._quarantined()
        silver = self._silver(own) if self.has(self.silver) else []
        named |= self._marked() if self.has(self.silver) else set()
        theirs = {(r.request_id, r.record_id) for r in silver}
        rows = {"bronze": self._bronze(own), "quarantine": held, UNREADABLE: torn, "silver": silver}
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
        columns = [c for c in identifying_columns(self.as_found, self._taxonomy) if c.data_class in NAMING]
        subjects = self._subjects()
        if not columns or not subjects or not self.has(self.places.bronze):
            return set()
        rows = self.ctx.lake.read(self.places.bronze, [self.tenant])
        own = rows.join(F.broadcast(self._frame(subjects, "subject_token")), "subject_token")
        opened = unsealed(own, self.contract, self._keys())
        told = [
            F.struct(F.lit(one.data_class).alias("of"), token_of(one, self._taxonomy).alias("token"))
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

    def _quarantined(self) -> tuple[list[Row], set[tuple[str, str]], list[Row], int]:
        """What quarantine holds.

        Rows that are the person's, records that name them, rows that do not come apart and hold them, and how
        many do not. A row whose subject is somebody else only names the person.
        """
        if not self.has(self.places.quarantine):
            return [], set(), [], 0
        opened = self._opened_quarantine()
        broken = F.array_contains("reasons", UNREADABLE)
        unreadable = opened.where(broken).count()
        rows, named = [], set()
        for hit in self._hits(opened, self._columns(with_subject=True)):
            if self._is_own(hit):
                rows.append(hit.row)
            else:
                named.add((hit.row.request_id, hit.row.record_id))
        named |= self._shown(opened.where(~broken))
        torn = self._torn(opened.where(broken)) if unreadable else set()
        return (
            rows,
            named - {(one.request_id, one.record_id) for one in rows},
            sorted(torn - set(rows)),
            unreadable,
        )

    def _shown(self, opened: DataFrame) -> set[tuple[str, str]]:
        """Records of others that would show the person in prose, were they in silver."""
        texts = self.prose()
        if not texts:
            return set()
        shown = opened.select(
            "record_id", "subject_token", *[self._redacted(raw(one), one.name) for one in texts]
        )
        return self._others(shown, [one.name for one in texts], {})

    def _redacted(self, text: SparkColumn, name: str) -> SparkColumn:
        detector = self.ctx.detector_of(self.tenant)
        return redacted(text, F.col("key_token"), F.col("key_code"), detector).alias(name)

    def _torn(self, opened: DataFrame) -> set[Row]:
        """Rows that do not come apart and in which the person stands: as one of their pieces, or in prose."""
        text = F.coalesce(F.get_json_object("payload", "$.unreadable"), F.col("payload"))
        place = (*PLACE, "file")
        shown = opened.select(*place, self._redacted(text, "text"))
        found = marked(shown, ["text"], {}, self._frame(self.sought.marks(), "mark"), place).collect()
        kinds = {
            (one.token_domain, normaliser_of(one, self._taxonomy)) for one in self._columns(with_subject=True)
        }
        if kinds:
            piece = F.regexp_replace("piece", _AROUND, "")
            told = [
                F.struct(F.lit(domain).alias("domain"), value_token(domain, how, piece).alias("token"))
                for domain, how in sorted(kinds)
            ]
            pieces = opened.withColumn("piece", F.explode(F.split(text, _BETWEEN)))
            rows = pieces.select(*place, F.inline(F.array(*told)))
            found += (
                rows.join(F.broadcast(self._wanted()), ["domain", "token"])
                .select("request_id", *place)
                .collect()
            )
        return {Row(*row) for row in found}

    def _is_own(self, hit: _Hit) -> bool:
        if self.subject is None or self._about_subject or hit.subject_token is None:
            return True
        theirs = (hit.row.request_id, hit.subject_token) in self._subjects()
        return theirs or not hit.columns.isdisjoint(self.contract.primary_key)

    def _marked(self) -> set[tuple[str, str]]:
        """Records of others in which silver shows the person: a mark in redacted prose, a column's token."""
        silver = self.ctx.lake.read(self.silver, [self.tenant])
        tokens = {one.name: one.token_domain for one in self._columns(with_subject=False)}
        texts = [one.name for one in self.prose() if one.name in silver.columns]
        return self._others(silver, texts, tokens)

    def _others(
        self, shown: DataFrame, texts: Sequence[str], tokens: Mapping[str, str]
    ) -> set[tuple[str, str]]:
        """Request and record of the rows of others that show a mark of the persons."""
        marks = self._frame(self.sought.marks(), "mark")
        rows = marked(shown, texts, tokens, marks, ("record_id", "subject_token")).collect()
        own = set(self._subjects())
        return {(r.request_id, r.record_id) for r in rows if (r.request_id, r.subject_token) not in own}

    def prose(self) -> list[Column]:
        """The columns that hold prose, by contract or as detection found."""
        return [one for one in self.as_found.columns if one.free_text]

    def _columns(self, *, with_subject: bool) -> list[Column]:
        """The columns by which the requests' identifiers can name somebody."""
        wanted = self.sought.domains()
        return [
            column
            for column in identifying_columns(self.as_found, self._taxonomy)
            if column.token_domain in wanted and (with_subject or column is not self.subject)
        ]

    def _hits(self, opened: DataFrame, columns: Sequence[Column]) -> list[_Hit]:
        """The opened rows of which one of these columns names a person."""
        if not columns:
            return []
        told = [
            F.struct(
                F.lit(one.name).alias("name"),
                F.lit(one.token_domain).alias("domain"),
                token_of(one, self._taxonomy).alias("token"),
            )
            for one in columns
        ]
        rows = opened.select(*PLACE, "subject_token", "file", F.inline(F.array(*told)))
        names: dict[_Hit, set[str]] = {}
        for row in rows.join(F.broadcast(self._wanted()), ["domain", "token"]).collect():
            place = Row(row.request_id, row.record_id, row.batch_id, row.position, row.file)
            names.setdefault(_Hit(place, row.subject_token), set()).add(row["name"])
        return [replace(hit, columns=frozenset(found)) for hit, found in names.items()]

    def _wanted(self) -> DataFrame:
        """The persons' own tokens: `request_id`, `domain`, `token`."""
        pairs = [(r, o.domain, o.token) for r, o in self.sought.named if o.role in PERSONAL]
        return frame_of(self.ctx.spark, pairs, "request_id string, domain string, token string")

    def _opened_bronze(self) -> DataFrame:
        return unsealed(self._files(self.places.bronze), self.contract, self._keys())

    def _opened_quarantine(self) -> DataFrame:
        """Rows of quarantine with payload, record and subject token; one that does not open stops it."""
        rows = with_keys(self._files(self.places.quarantine).drop("key_id"), self._keys())
        rows = rows.withColumn("payload", opened_row("quarantine", self.contract.dataset))
        opened = rows.withColumn(RECORD, parsed(F.col("payload"), self.contract))
        subject = (
            F.lit(None).cast("string") if self.subject is None else token_of(self.subject, self._taxonomy)
        )
        return opened.withColumn("subject_token", subject)

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
