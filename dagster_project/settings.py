"""Where everything is: the one place that reads the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from audit.bucket_place import check_bucket, is_bucket
from audit.http_sink import check_endpoint
from policy.errors import LakewardError
from policy.load_retention import PERIOD


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 - `resolve` would follow links


Folder = Annotated[Path, AfterValidator(_absolute)]


class Settings(BaseSettings):
    """Paths and addresses of one lake; each can be given as `LAKEWARD_<NAME>`. All paths are absolute.

    `control` holds what belongs to the lake and is no table: control database, root key, lineage,
    locks, Spark's scratch files, Dagster's home. It lies beside the lake and never inside it, so
    that a copy of the lake alone opens nothing.
    """

    model_config = SettingsConfigDict(
        env_prefix="LAKEWARD_", frozen=True, extra="ignore", validate_default=True
    )

    landing: Folder = Path(".lakeward/landing")
    lake: Folder = Path(".lakeward/lake")
    policies: Folder = Path("examples/policies")
    control: Folder = Field(default=Path())
    root_key: Folder = Field(default=Path())
    requests: Folder = Field(default=Path())
    request_period: str = "P1M"
    lineage_file: Folder = Field(default=Path())
    lineage_url: str | None = Field(default=None, repr=False)  # may carry a key
    lineage_token: SecretStr | None = None
    lineage_token_file: Folder | None = None
    lineage_keep: int = Field(default=10_000, ge=0)
    ledger_heads: str | None = Field(default=None, repr=False)  # a folder, or a URL that may carry a key
    ledger_heads_token_file: Folder | None = None
    ledger_archive: Folder | None = None
    ledger_keep: str | None = None
    dagster_home: Folder = Field(default=Path())
    docs_url: str | None = None  # read by `docs_address` too, where definitions are made
    spark_conf: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _beside_the_lake(cls, given: dict[str, Any]) -> dict[str, Any]:
        values = {name: value for name, value in given.items() if value is not None}
        lake = _absolute(Path(values.get("lake", ".lakeward/lake")))
        control = _absolute(Path(values.setdefault("control", lake.with_name(f"{lake.name}-control"))))
        landing = _absolute(Path(values.get("landing", ".lakeward/landing")))
        values.setdefault("requests", landing.with_name("requests"))
        values.setdefault("root_key", control / "root.key")
        values.setdefault("lineage_file", control / "lineage" / "events.jsonl")
        values.setdefault("dagster_home", os.environ.get("DAGSTER_HOME") or control / "dagster")
        return values

    @model_validator(mode="after")
    def _apart(self) -> Self:
        for name in ("control", "landing", "requests", "root_key"):
            if getattr(self, name).is_relative_to(self.lake):
                raise LakewardError(
                    f"{name} lies inside the lake, {self.lake}. To mend it: set LAKEWARD_{name.upper()} "
                    "to a folder beside it"
                )
        return self

    @model_validator(mode="after")
    def _period(self) -> Self:
        for name in ("request_period", "ledger_keep"):
            period = getattr(self, name)
            if period is not None and not PERIOD.fullmatch(period):
                raise LakewardError(
                    f"LAKEWARD_{name.upper()} is no ISO 8601 period of whole days, weeks, months or years. "
                    "To mend it: write one such as P1M"
                )
        return self

    @model_validator(mode="after")
    def _second_place(self) -> Self:
        """What is to tell a change of the lake must not lie in it."""
        if self.ledger_heads is not None and is_url(self.ledger_heads):
            has_token = self.ledger_heads_token_file is not None
            check_endpoint(self.ledger_heads, has_token=has_token, what="ledger heads")
        elif self.ledger_heads is not None and is_bucket(self.ledger_heads):
            check_bucket(self.ledger_heads)
        elif self.ledger_heads is not None:
            folder = Path(self.ledger_heads)
            if not folder.is_absolute() or any(map(folder.is_relative_to, (self.control, self.lake))):
                raise LakewardError(
                    "LAKEWARD_LEDGER_HEADS is no URL (http, https, s3) and no absolute path of a folder "
                    "outside of lake and control folder. To mend it: give a place that writers of the lake "
                    "cannot change"
                )
        return self

    @model_validator(mode="after")
    def _lineage_endpoint(self) -> Self:
        if self.lineage_token and self.lineage_token_file is not None:
            raise LakewardError(
                "the lineage token is given twice. To mend it: leave out LAKEWARD_LINEAGE_TOKEN or "
                "LAKEWARD_LINEAGE_TOKEN_FILE"
            )
        if self.lineage_url:
            has_token = bool(self.lineage_token) or self.lineage_token_file is not None
            check_endpoint(self.lineage_url, has_token=has_token)
        return self

    def read_lineage_token(self) -> str | None:
        """The token for the lineage endpoint, read now, or None. Raises OSError or UnicodeDecodeError."""
        if self.lineage_token_file is not None:
            return self.lineage_token_file.read_text(encoding="utf-8").strip()
        return self.lineage_token.get_secret_value() if self.lineage_token else None

    def read_ledger_heads_token(self) -> str | None:
        """The token for the endpoint of heads, read now, or None. Raises OSError or UnicodeDecodeError."""
        file = self.ledger_heads_token_file
        return file.read_text(encoding="utf-8").strip() if file is not None else None

    @property
    def control_db(self) -> Path:
        """The control database."""
        return self.control / "control.db"

    @property
    def signing_key(self) -> Path:
        """The file of the key that signs receipts."""
        return self.control / "signing.key"

    @property
    def receipts(self) -> Path:
        """The folder of the receipts."""
        return self.control / "receipts"

    @property
    def kept_policies(self) -> Path:
        """The folder of the policies as they were, by digest."""
        return self.control / "policies"

    @property
    def exports(self) -> Path:
        """The folder of exports for persons that were not asked for elsewhere."""
        return self.control / "exports"

    @property
    def evidence(self) -> Path:
        """The folder of evidence bundles that were not asked for elsewhere, beside the lake.

        Not in the control folder: a bundle's receipts name tokens, and there an erasure looks for them.
        """
        return self.lake.with_name(f"{self.lake.name}-evidence")

    @property
    def report(self) -> Path:
        """The page about the lake that was not asked for elsewhere, beside the lake."""
        return self.lake.with_name(f"{self.lake.name}-report.html")

    @property
    def leases(self) -> Path:
        """The folder of the tables' lock files."""
        return self.control / "leases"

    @property
    def spark_dir(self) -> Path:
        """Spark's scratch folder."""
        return self.control / "spark"


def is_url(place: str) -> bool:
    """Whether a place is given as an http(s) URL, and not as a folder."""
    return place.startswith(("http://", "https://"))


def load_settings(**given: Any) -> Settings:
    """The settings from the environment, with `given` in front (None: not given).

    Raises LakewardError for a value that does not fit, naming the setting only.
    """
    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        names = sorted({"LAKEWARD_" + str(one["loc"][0]).upper() for one in error.errors() if one["loc"]})
        raise LakewardError(
            f"{', '.join(names)} does not fit. To mend it: give what the README lists, or leave it out"
        ) from None
    except SettingsError:
        raise LakewardError(
            "LAKEWARD_SPARK_CONF is not a JSON object of texts. To mend it: write it as one"
        ) from None


def docs_address() -> str:
    """Where the pages under docs/ are served, without a slash at its end; empty where nowhere."""
    return os.environ.get("LAKEWARD_DOCS_URL", "").rstrip("/")


def debugging() -> bool:
    """Whether unexpected errors are shown in full: `LAKEWARD_DEBUG=1`."""
    return os.environ.get("LAKEWARD_DEBUG", "") not in ("", "0")
