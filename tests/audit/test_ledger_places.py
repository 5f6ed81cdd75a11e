"""Heads brought to a folder or an endpoint, and what happens while that is down."""

from __future__ import annotations

import pytest
from lineage_endpoint import raw, status

from audit.errors import SinkUnavailable
from audit.ledger import Fact, Ledger
from audit.ledger_delivery import keep_heads, kept_heads
from audit.ledger_places import FolderPlace, HttpPlace
from tenancy.control import open_control
from tenancy.signing import open_signing_key


@pytest.fixture
def sign(engine, clock, tmp_path):
    """Appends an entry and signs a head."""
    ledger, key = Ledger(engine, clock), open_signing_key(tmp_path / "signing.key")

    def one_more():
        ledger.append([Fact("check", f"run/{ledger.size()}", {})])
        return ledger.sign_head(key)

    return one_more


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "heads"
    place.mkdir()
    return place


def test_a_folder_gets_each_head_once_and_gives_them_back(engine, sign, folder, clock):
    place, heads = FolderPlace(folder), [sign(), sign()]
    assert keep_heads(engine, place, clock).waiting == 0
    heads.append(sign())
    assert kept_heads(engine, place).waiting == 1
    keep_heads(engine, place, clock)
    assert list(place.heads()) == heads
    assert place.newest() == heads[-1]
    assert [one.name for one in folder.iterdir() if one.name.startswith(".")] == []


def test_a_folder_that_is_not_there_is_told_and_made_up_for_when_it_comes_back(engine, sign, folder, clock):
    place = FolderPlace(folder)
    folder.rmdir()
    heads = [sign(), sign()]
    kept = keep_heads(engine, place, clock)
    assert (kept.waiting, kept.reason, kept.failing_since) == (2, "ENOENT", clock())
    assert not folder.exists()
    since = clock()
    clock.forward(60)
    assert keep_heads(engine, place, clock).failing_since == since
    folder.mkdir()
    kept = keep_heads(engine, place, clock)
    assert (kept.waiting, kept.reason, kept.failing_since) == (0, "", None)
    assert list(place.heads()) == heads


def test_a_head_that_lies_there_already_is_never_written_over(sign, folder):
    head, place = sign(), FolderPlace(folder)
    place.put(head)
    (file,) = folder.iterdir()
    file.write_text("kept")
    place.put(head)
    assert file.read_text() == "kept"


def test_an_older_copy_of_the_database_that_signs_on_is_told_by_the_folder(
    engine, sign, folder, clock, tmp_path
):
    sign()
    with engine.connect() as connection:
        connection.connection.driver_connection.execute("VACUUM INTO ?", (str(tmp_path / "older.db"),))
    sign()
    keep_heads(engine, FolderPlace(folder), clock)
    older = open_control(tmp_path / "older.db")
    Ledger(older, clock).append([Fact("check", "another", {})])
    Ledger(older, clock).sign_head(open_signing_key(tmp_path / "signing.key"))
    assert keep_heads(older, FolderPlace(folder), clock).reason == "other-history"
    assert len(list(folder.iterdir())) == 2


def test_an_endpoint_gets_each_head_and_gives_them_back(engine, sign, clock, endpoint):
    place, heads = HttpPlace(endpoint.url, lambda: "secret"), [sign(), sign()]
    keep_heads(engine, place, clock)
    assert [request.body for request in endpoint.requests] == [head.to_json() for head in heads]
    assert endpoint.requests[0].headers["Authorization"] == "Bearer secret"
    lines = b"".join(head.to_json() + b"\n" for head in heads)
    length = f"HTTP/1.1 200 OK\r\nContent-Length: {len(lines)}\r\n\r\n".encode()
    endpoint.script.append(raw(length + lines))
    assert list(place.heads()) == heads


def test_an_endpoint_that_is_down_is_told_and_made_up_for(engine, sign, clock, endpoint):
    place = HttpPlace(endpoint.url)
    sign()
    endpoint.script.append(status(503))
    kept = keep_heads(engine, place, clock)
    assert (kept.waiting, kept.reason) == (1, "http-503")
    assert keep_heads(engine, place, clock).waiting == 0


def test_an_endpoint_that_gives_nothing_back_says_so(endpoint):
    endpoint.script.append(status(405))
    with pytest.raises(SinkUnavailable, match="http-405"):
        list(HttpPlace(endpoint.url).heads())
