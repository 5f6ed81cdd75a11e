"""A bucket of S3, or of a store that speaks as it does, as the second place of heads."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from audit.errors import SinkUnavailable
from audit.ledger_head import FILE_NAME, SignedHead, parse_head
from policy.errors import LakewardError

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

SECONDS = 5.0
OPTIONS = {"endpoint_override", "region"}


def is_bucket(place: str) -> bool:
    """Whether a place is given as the URL of a bucket."""
    return place.startswith("s3://")


def check_bucket(url: str) -> None:
    """Raise LakewardError for what is no plain URL of a bucket. It is not repeated: it may hold a secret."""
    parts = urlsplit(url)
    unknown = dict(parse_qsl(parts.query)).keys() - OPTIONS
    if not parts.netloc or "@" in parts.netloc or unknown or parts.fragment:
        raise LakewardError(
            "the bucket for ledger heads is no URL such as s3://BUCKET/PREFIX, with endpoint_override and "
            "region alone after a question mark. To mend it: give one, and the login where AWS's tools look"
        )


class BucketPlace:
    """A bucket, one object a head, named as the files of a folder are.

    The URL is `s3://BUCKET/PREFIX`, with `?endpoint_override=URL` for another store than Amazon's, and
    `region=`. The login is looked for where AWS's own tools do (`AWS_ACCESS_KEY_ID`, `AWS_PROFILE`, a role).
    """

    def __init__(self, url: str) -> None:
        self._url = url
        parts = urlsplit(url)
        self._root = f"{parts.netloc}{parts.path}".rstrip("/")
        self._options = dict(parse_qsl(parts.query))
        self._opened: FileSystem | None = None

    @property
    def name(self) -> str:
        """`bucket:` and a digest of its URL."""
        return f"bucket:{hashlib.sha256(self._url.encode()).hexdigest()[:16]}"

    def put(self, head: SignedHead) -> None:
        """Put the head's object, whole or not at all, and never over another one."""
        from pyarrow.fs import FileType

        path = f"{self._root}/{head.file_name}"
        try:
            if self._store.get_file_info(path).type is FileType.NotFound:
                with self._store.open_output_stream(path) as out:
                    out.write(head.to_json() + b"\n")
        except OSError as error:
            raise SinkUnavailable("bucket") from error

    def newest(self) -> SignedHead | None:
        """The head in the last object."""
        paths = self._paths()
        return self._read(paths[-1]) if paths else None

    def heads(self) -> Iterator[SignedHead]:
        """The heads of all objects with such a name."""
        return map(self._read, self._paths())

    @property
    def _store(self) -> FileSystem:
        from pyarrow.fs import AwsStandardS3RetryStrategy, S3FileSystem

        if self._opened is None:
            # One try within some seconds: no run waits for a bucket that is down, and the next one sends.
            self._opened = S3FileSystem(
                connect_timeout=SECONDS, request_timeout=SECONDS, allow_delayed_open=True,
                retry_strategy=AwsStandardS3RetryStrategy(max_attempts=1), **self._options,
            )  # fmt: skip
        return self._opened

    def _paths(self) -> list[str]:
        from pyarrow.fs import FileSelector

        try:
            found = self._store.get_file_info(FileSelector(self._root, allow_not_found=True))
        except OSError as error:
            raise SinkUnavailable("bucket") from error
        return sorted(one.path for one in found if FILE_NAME.fullmatch(one.base_name))

    def _read(self, path: str) -> SignedHead:
        try:
            with self._store.open_input_stream(path) as data:
                return parse_head(data.read())
        except OSError as error:
            raise SinkUnavailable("bucket") from error
