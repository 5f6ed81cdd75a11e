"""The signing key: made once, private, and never replaced behind the back of the receipts it signed."""

from __future__ import annotations

import hashlib
import stat

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tenancy.errors import SigningKeyError
from tenancy.signing import open_signing_key, public_key_file, read_public_key


@pytest.fixture
def key_file(tmp_path):
    path = tmp_path / "control" / "signing.key"
    open_signing_key(path)
    return path


def test_a_new_signing_key_is_readable_by_its_owner_only_and_its_public_half_lies_beside_it(key_file):
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert {path.name for path in key_file.parent.iterdir()} == {"signing.key", "signing.pub"}


def test_a_signing_key_opens_as_the_same_key_again(key_file):
    assert open_signing_key(key_file).key_id == open_signing_key(key_file).key_id


def test_what_it_signs_holds_under_its_public_half(key_file):
    signature = open_signing_key(key_file).sign(b"message")
    read_public_key(public_key_file(key_file)).verify(signature, b"message")


def test_its_id_is_the_start_of_the_hash_of_its_public_key(key_file):
    public = read_public_key(public_key_file(key_file)).public_bytes(Encoding.Raw, PublicFormat.Raw)
    assert open_signing_key(key_file).key_id == hashlib.sha256(public).hexdigest()[:16]


def test_a_lost_signing_key_is_not_made_anew(key_file):
    key_file.unlink()
    with pytest.raises(SigningKeyError, match=r"signing\.key is missing.*key backup"):
        open_signing_key(key_file)
    assert not key_file.exists()


def test_a_lost_public_half_is_written_again(key_file):
    before = public_key_file(key_file).read_bytes()
    public_key_file(key_file).unlink()
    open_signing_key(key_file)
    assert public_key_file(key_file).read_bytes() == before


def test_a_public_half_of_another_key_is_refused(key_file):
    other = Ed25519PrivateKey.generate().public_key()
    public_key_file(key_file).write_bytes(other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(SigningKeyError, match="not the public half"):
        open_signing_key(key_file)


def test_a_signing_key_that_others_can_read_is_refused(key_file):
    key_file.chmod(0o640)
    with pytest.raises(SigningKeyError, match="mode 0640"):
        open_signing_key(key_file)


def test_two_processes_that_make_it_in_the_same_moment_get_one_key(key_file, tmp_path, monkeypatch):
    first = key_file.read_bytes()
    monkeypatch.setattr("pathlib.Path.exists", lambda _: False)  # as the second process saw it
    open_signing_key(key_file)
    assert key_file.read_bytes() == first
    assert {path.name for path in key_file.parent.iterdir()} == {"signing.key", "signing.pub"}


def test_a_public_key_of_another_kind_is_refused(tmp_path):
    other = X25519PrivateKey.generate().public_key()
    (tmp_path / "k.pub").write_bytes(other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(SigningKeyError, match="Ed25519 public key"):
        read_public_key(tmp_path / "k.pub")


@pytest.mark.parametrize("content", [b"", b"not a key", b"\xff" * 40])
def test_what_is_no_public_key_is_refused(tmp_path, content):
    (tmp_path / "k.pub").write_bytes(content)
    with pytest.raises(SigningKeyError, match="To mend it"):
        read_public_key(tmp_path / "k.pub")


def test_the_repr_shows_the_id_only(key_file):
    assert repr(open_signing_key(key_file)) == f"SigningKey(key_id='{open_signing_key(key_file).key_id}')"
