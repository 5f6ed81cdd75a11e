"""The ledger appended to, read, proved and signed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, text

from audit.errors import LedgerError
from audit.ledger import Fact, Ledger
from audit.merkle import leaf_hash, root_of, verify_consistency, verify_inclusion
from tenancy.control import open_control
from tenancy.signing import public_key_file, read_public_key


@pytest.fixture
def ledger(engine, clock):
    return Ledger(engine, clock)


def checked(number, tenant="acme", **body):
    return Fact("check", f"run-1/{number}", {"passed": True, "rows": number} | body, tenant, "eu")


def test_entries_are_numbered_from_nought_and_come_back_as_they_went_in(ledger, clock):
    assert ledger.append([checked(0), Fact("policy", "run-1", {"digest": "sha256:" + "ab" * 32})]) == 2
    first, second = ledger.entries()
    assert (first.seq, first.kind, first.tenant, first.region) == (0, "check", "acme", "eu")
    assert first.body == {"passed": True, "rows": 0}
    assert first.at == "2026-03-01T12:00:00.000000Z"
    assert (second.seq, second.tenant, second.region) == (1, None, None)


def test_the_same_fact_is_entered_once_whatever_it_says_the_second_time(ledger):
    ledger.append([checked(0), checked(0)])
    assert ledger.append([checked(0, later=True), checked(1)]) == 1
    assert [one.source for one in ledger.entries()] == ["run-1/0", "run-1/1"]
    assert ledger.append([Fact("finding", "run-1/0", {})]) == 1  # another kind is another fact


def test_an_entry_is_there_only_if_its_callers_transaction_is_committed(engine, ledger):
    with engine.connect() as connection:
        assert ledger.append([checked(0)], connection) == 1
        connection.rollback()
    assert (ledger.size(), list(ledger.entries())) == (0, [])
    with engine.begin() as connection:
        ledger.append([checked(1)], connection)
    assert [(one.seq, one.source) for one in ledger.entries()] == [(0, "run-1/1")]


def test_entries_of_the_same_fact_have_different_hashes_in_two_ledgers(ledger, clock, tmp_path):
    other = Ledger(open_control(tmp_path / "other.db"), clock)
    for one in (ledger, other):
        one.append([checked(0)])
    assert ledger.root() != other.root()


def test_entries_are_found_by_tenant_time_and_kind(ledger, clock):
    start = clock.now
    ledger.append([checked(0), checked(1, "globex"), Fact("policy", "a", {})])
    clock.forward(60)
    ledger.append([checked(2), Fact("hold", "h/placed", {}, "acme")])

    def seqs(**asked):
        return [one.seq for one in ledger.entries(**asked)]

    assert seqs(tenant="acme") == [0, 3, 4]
    assert seqs(tenant="acme", kinds={"check"}) == [0, 3]
    assert seqs(since=start + timedelta(seconds=60)) == [3, 4]
    assert seqs(until=start + timedelta(seconds=60)) == [0, 1, 2]
    assert seqs(tenant="nobody") == []


def test_roots_and_proofs_of_every_size_are_those_of_the_entries_own_bytes(ledger):
    for start in range(0, 21, 3):
        ledger.append([checked(number) for number in range(start, start + 3)])
    leaves = [leaf_hash(one.canonical()) for one in ledger.entries()]
    size = len(leaves)
    for first in range(size + 1):
        assert ledger.root(first) == root_of(leaves[:first])
        proof = ledger.consistency_proof(first, size)
        assert verify_consistency(first, size, ledger.root(first), ledger.root(), proof)
    for seq in range(size):
        for among in (seq + 1, size):
            proof = ledger.inclusion_proof(seq, among)
            assert verify_inclusion(leaves[seq], seq, among, proof, ledger.root(among))


def test_a_proof_reads_few_hashes_however_long_the_ledger_is(ledger):
    ledger.append(checked(number) for number in range(3000))
    leaf = leaf_hash(next(iter(ledger.entries())).canonical())
    proof = ledger.inclusion_proof(0, 3000)
    assert len(proof) == 12
    assert verify_inclusion(leaf, 0, 3000, proof, ledger.root())


def test_appending_signing_and_proving_cost_the_database_no_more_in_a_long_ledger(ledger, engine, key):
    def work(ask):
        """Thousands of steps of SQLite's machine."""
        steps = []
        raw = event_connections[-1]
        raw.set_progress_handler(lambda: steps.append(1), 1000)
        ask()
        raw.set_progress_handler(None, 0)
        return len(steps)

    event_connections = []
    event.listen(engine, "checkout", lambda raw, *_: event_connections.append(raw))
    ledger.append(checked(number) for number in range(20))
    asked = (
        lambda: ledger.append([checked(ledger.size())]),
        lambda: ledger.inclusion_proof(3, ledger.size()),
        lambda: ledger.consistency_proof(7, ledger.size()),
        lambda: ledger.sign_head(key),
    )
    short = [work(ask) for ask in asked]
    ledger.append(checked(number) for number in range(100, 10_100))
    assert all(after <= before + 3 for before, after in zip(short, map(work, asked), strict=True))


def test_what_the_ledger_does_not_hold_is_not_proved(ledger):
    ledger.append([checked(0)])
    for ask in (lambda: ledger.root(2), lambda: ledger.inclusion_proof(1, 1),
                lambda: ledger.inclusion_proof(0, 2), lambda: ledger.consistency_proof(1, 2)):  # fmt: skip
        with pytest.raises(LedgerError, match="no such entries"):
            ask()


def test_a_head_is_signed_once_for_what_is_there_and_again_when_something_is_new(
    ledger, key, clock, tmp_path
):
    public = read_public_key(public_key_file(tmp_path / "signing.key"))
    ledger.append([checked(0)])
    first = ledger.sign_head(key)
    assert first.signed_by(public)
    assert (first.size, first.root, first.log) == (1, ledger.root().hex(), ledger.log)
    clock.forward(60)
    assert ledger.sign_head(key) == first
    ledger.append([checked(1)])
    second = ledger.sign_head(key)
    assert (second.size, second.at) == (2, "2026-03-01T12:01:00.000000Z")
    assert list(ledger.heads()) == [first, second]
    assert list(ledger.heads(after=1)) == [second]


def test_nothing_is_signed_over_a_past_that_is_not_the_last_heads(engine, ledger, key):
    ledger.append([checked(0), checked(1)])
    ledger.sign_head(key)
    with engine.begin() as connection:
        connection.execute(text("UPDATE ledger_nodes SET hash = zeroblob(32) WHERE level = 1"))
    ledger.append([checked(2)])
    with pytest.raises(LedgerError, match="not the one whose head over 2 entries"):
        ledger.sign_head(key)


@pytest.mark.parametrize(
    "value",
    ["Maria Anders", "maria@example.org", "+4915112345678", "1511234567", "Café", "x" * 1001, b"bytes"],
)
def test_a_text_that_is_no_code_is_refused_and_not_repeated(value):
    for body in ({"a": value}, {"a": [{"b": value}]}):
        with pytest.raises(LedgerError) as refused:
            Fact("check", "run-1/1", body)
        assert str(value) not in str(refused.value)


@pytest.mark.parametrize("where", ["source", "tenant", "region", "key"])
def test_no_other_part_of_a_fact_takes_a_value_either(where):
    value = "Maria Anders"
    given = {"source": "a", "body": {}} | ({"body": {value: 1}} if where == "key" else {where: value})
    with pytest.raises(LedgerError, match="is no code"):
        Fact("check", **given)


def test_codes_counts_digests_times_and_names_of_tables_are_taken(ledger):
    fact = Fact("check", "us/silver/orders", {
        "table": "us/silver/orders", "digest": "sha256:" + "ab" * 32, "at": "2026-03-01T12:00:00.000000Z",
        "rows": 5_551_234_567, "score": 0.5, "ok": True, "none": None,
        "silver.orders": ["user.contact.email"],
        "period": "P1M", "class": "1.2.0+b", "rule": "delete(bronze)",
    })  # fmt: skip
    ledger.append([fact])
    assert [one.body for one in ledger.entries()] == [fact.body]


def test_a_kind_that_nobody_knows_is_refused():
    with pytest.raises(LedgerError, match="no such kind"):
        Fact("gossip", "a", {})


def test_a_number_that_json_cannot_hold_exactly_is_refused(ledger):
    with pytest.raises(LedgerError, match="no canonical JSON"):
        ledger.append([Fact("check", "a", {"rows": 2**60})])
    assert ledger.size() == 0
