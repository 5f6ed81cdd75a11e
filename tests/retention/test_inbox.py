"""A file of requests: each good line is taken, each bad one told by number; no value stays, none is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from policy import load_policies
from retention import requests
from retention.identifiers import tokens_of
from retention.inbox import take_inbox
from retention.requests import State, all_requests, move, tokens_of_requests
from tenancy.control import open_control
from tenancy.keyring import open_keyring

BUNDLE = load_policies(Path(__file__).parents[2] / "examples" / "policies")


@pytest.fixture
def inbox(tmp_path):
    class Inbox:
        folder = tmp_path / "requests"
        engine = open_control(tmp_path / "control" / "control.db")
        ring = open_keyring(engine, tmp_path / "control" / "root.key", tmp_path / "lake")

        def drop(self, tenant: str, name: str, content: str | bytes) -> Path:
            path = self.folder / tenant / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
            return path

        def take(self):
            return take_inbox(self.engine, BUNDLE, self.ring, self.folder)

    requests.metadata.create_all(Inbox.engine)
    return Inbox()


def test_ten_thousand_requests_in_one_file_some_malformed(inbox):
    bad = {17: "not json", 400: '["a"]', 4711: '{"email": ""}', 8000: '{"shoe_size": "canary-44"}'}
    lines = [bad.get(n, f'{{"email": "p{n}@example.org"}}') for n in range(1, 10_001)]
    file = inbox.drop("acme", "a.jsonl", "\n".join(lines))
    taken = inbox.take()
    assert (len(taken.request_ids), len(set(taken.request_ids))) == (9996, 9996)
    assert [(one.tenant, one.file, one.line) for one in taken.refused] == [
        ("acme", 1, n) for n in sorted(bad)
    ]
    assert not file.exists()
    assert len(all_requests(inbox.engine, "acme")) == 9996
    told = " ".join(one.reason for one in taken.refused)
    assert "canary" not in told
    assert "shoe" not in told


def test_a_csv_has_a_column_an_identifier_and_a_line_can_leave_some_out(inbox):
    inbox.drop(
        "acme", "a.csv", "email,customer_id\nana@example.org,C-000001\n,C-000002\n\nx@example.org\n,\n"
    )
    taken = inbox.take()
    assert [one.line for one in taken.refused] == [5, 6]
    found = [
        {(o.domain, o.token) for r, o in tokens_of_requests(inbox.engine, [i])} for i in taken.request_ids
    ]
    both = tokens_of(BUNDLE, inbox.ring, "acme", {"email": "ana@example.org", "customer_id": "C-000001"})
    one = tokens_of(BUNDLE, inbox.ring, "acme", {"customer_id": "C-000002"})
    assert found == [set(both.items()), set(one.items())]


def test_the_same_line_again_is_the_same_request(inbox):
    inbox.drop("acme", "a.jsonl", '{"email": "ana@example.org"}\n')
    first = inbox.take().request_ids
    inbox.drop("acme", "b.jsonl", '{"email": "ANA@example.org"}\n')
    assert inbox.take().request_ids == first


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.txt", "x"), ("a.jsonl", "no json\n"), ("a.csv", b"email\n\xff\xfe\n"), ("a.csv", "shoe\n44\n")],
)
def test_a_file_without_a_good_line_stays_and_is_told(inbox, name, content):
    file = inbox.drop("acme", name, content)
    taken = inbox.take()
    assert (taken.request_ids, len(taken.refused), file.exists()) == ([], 1, True)


def test_a_folder_of_nobody_is_told_without_a_name_that_may_be_a_value(inbox):
    inbox.drop("umbrella", "a.jsonl", '{"email": "a@example.org"}')
    inbox.drop("Ana Trujillo", "a.jsonl", '{"email": "a@example.org"}')
    assert [one.tenant for one in inbox.take().refused] == ["(name withheld)", "umbrella"]
    assert all_requests(inbox.engine) == []


def test_links_are_not_followed_and_hidden_files_wait(inbox, tmp_path):
    (tmp_path / "elsewhere.jsonl").write_text('{"email": "a@example.org"}')
    waiting = inbox.drop("acme", ".upload.jsonl", '{"email": "a@example.org"}')
    (waiting.parent / "link.jsonl").symlink_to(tmp_path / "elsewhere.jsonl")
    (inbox.folder / "globex").symlink_to(waiting.parent)
    assert inbox.take().request_ids == []
    assert waiting.exists()


def test_an_inbox_that_is_not_there_gives_nothing(inbox):
    taken = inbox.take()
    assert (taken.request_ids, taken.refused) == ([], [])


def test_a_line_that_names_another_tenant_than_its_folder_is_refused_and_one_that_agrees_is_taken(inbox):
    lines = '{"tenant": "globex", "email": "a@example.org"}\n{"tenant": "acme", "email": "b@example.org"}\n'
    inbox.drop("acme", "a.jsonl", lines)
    inbox.drop("acme", "b.csv", "tenant,email\nnorthwind,c@example.org\n")
    taken = inbox.take()
    assert [(one.file, one.line, "another tenant" in one.reason) for one in taken.refused] == [
        (1, 1, True), (2, 2, True),
    ]  # fmt: skip
    [request] = all_requests(inbox.engine)
    assert (request.tenant, [request.request_id]) == ("acme", taken.request_ids)
    alone = tokens_of(BUNDLE, inbox.ring, "acme", {"email": "b@example.org"})
    assert {one.token for _, one in tokens_of_requests(inbox.engine, taken.request_ids)} == set(
        alone.values()
    )


def test_a_line_that_names_a_tenant_and_nobody_is_refused(inbox):
    inbox.drop("acme", "a.jsonl", '{"tenant": "acme"}\n')
    assert [one.reason[:21] for one in inbox.take().refused] == ["the line names nobody"]


def test_a_file_that_is_replayed_is_one_request_until_that_is_done_and_then_a_new_one(inbox):
    file = '{"email": "ana@example.org"}\n' * 2
    inbox.drop("acme", "a.jsonl", file)
    [first, twice] = inbox.take().request_ids
    inbox.drop("acme", "a.jsonl", file)
    assert {first, twice, *inbox.take().request_ids} == {first}
    for state in (State.PLANNED, State.ERASING, State.VERIFYING, State.DONE):
        move(inbox.engine, [first], state)
    inbox.drop("acme", "a.jsonl", file)
    assert first not in inbox.take().request_ids
    assert [one.state for one in all_requests(inbox.engine)] == ["done", "received"]
