"""Heads brought to a folder or an endpoint, and what happens while that is down."""

from __future__ import annotations

import pytest
from bucket import store
from lineage_endpoint import raw, status

from audit.bucket_place import BucketPlace, check_bucket
from audit.errors import SinkUnavailable
from audit.ledger import Fact, Ledger
from audit.ledger_delivery import OTHER_HISTORY, keep_heads, kept_heads
from audit.ledger_places import FolderPlace, HttpPlace
from policy.errors import LakewardError
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


@pytest.fixture
def bucket(monkeypatch):
    """A store on this machine: a place in it, and its objects."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with store() as (address, objects):
        yield f"s3://audit/lake-1?endpoint_override={address}&region=eu-central-1", objects


def test_a_bucket_gets_each_head_once_and_gives_them_back(engine, sign, bucket, clock):
    url, objects = bucket
    place, heads = BucketPlace(url), [sign(), sign()]
    assert place.newest() is None
    assert keep_heads(engine, place, clock).waiting == 0
    heads.append(sign())
    keep_heads(engine, place, clock)
    assert list(place.heads()) == heads
    assert place.newest() == heads[-1]
    assert set(objects) == {f"/audit/lake-1/{one.file_name}" for one in heads}


def test_a_head_that_the_bucket_has_is_never_written_over(sign, bucket):
    url, objects = bucket
    head, place = sign(), BucketPlace(url)
    place.put(head)
    (name,) = objects
    objects[name] = b"kept"
    place.put(head)
    assert objects == {name: b"kept"}


def test_a_bucket_that_is_down_is_told_in_a_code_and_made_up_for(engine, sign, bucket, clock):
    down = BucketPlace("s3://audit/lake-1?endpoint_override=http://127.0.0.1:9&region=eu-central-1")
    sign()
    kept = keep_heads(engine, down, clock)
    assert (kept.waiting, kept.reason) == (1, "bucket")
    assert keep_heads(engine, BucketPlace(bucket[0]), clock).waiting == 0


def test_an_older_copy_of_the_database_that_signs_on_is_told_by_the_bucket(
    engine, sign, bucket, tmp_path, clock
):
    place, key = BucketPlace(bucket[0]), open_signing_key(tmp_path / "signing.key")
    sign()
    keep_heads(engine, place, clock)
    other = open_control(tmp_path / "other.db")
    Ledger(other, clock).sign_head(key)
    assert keep_heads(other, place, clock).reason == OTHER_HISTORY


@pytest.mark.parametrize(
    "url", ["s3://", "s3:///prefix", "s3://key:secret@bucket", "s3://bucket?secret_key=x", "s3://bucket#x"]
)
def test_what_is_no_plain_url_of_a_bucket_is_refused_and_not_repeated(url):
    with pytest.raises(LakewardError, match="To mend it") as refused:
        check_bucket(url)
    assert "secret" not in str(refused.value)


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
