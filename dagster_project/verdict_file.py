"""A YAML file of verdicts, for `lakeward review --apply`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from classifications.verdicts import Decision
from dagster_project.reviewing import Asked
from policy.errors import LakewardError

WORDS = {
    "approve": Decision.CONFIRM,
    "reject": Decision.REJECT,
    "set": Decision.RECLASSIFY,
    "defer": Decision.DEFER,
}
"""What a steward says, and what the ledger calls it."""
MOST = 1_000_000


class VerdictFileError(LakewardError):
    """The file is not one of verdicts; nothing was recorded. The message repeats no content."""


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tenant: str = Field(min_length=1)
    dataset: str
    column: str
    judged: str | None = Field(default=None, alias="class")
    verdict: str
    new_class: str | None = None
    by: str
    why: str

    @model_validator(mode="before")
    @classmethod
    def _word(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("verdict") not in WORDS:
            raise ValueError(f"verdict is one of {', '.join(WORDS)}")
        return given

    def asked(self) -> Asked:
        tenant = None if self.tenant == "*" else self.tenant
        decision = WORDS[self.verdict]
        return Asked(
            tenant, self.dataset, self.column, self.judged, decision, self.by, self.why, self.new_class
        )


def read_verdicts(path: Path) -> list[Asked]:
    """The verdicts of a file: a list of {tenant, dataset, column, class, verdict, new_class, by, why}.

    `tenant: "*"` is every tenant with such a finding; `class` can be left out where one finding waits.
    Raises VerdictFileError, which names line and field and repeats no value.
    """
    if path.stat().st_size > MOST:
        raise VerdictFileError(f"the file has more than {MOST:,} bytes. To mend it: split it")
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
        lines = TypeAdapter(list[_Line]).validate_python(found)
    except (yaml.YAMLError, UnicodeDecodeError):
        raise VerdictFileError("the file is no YAML. To mend it: write a list of verdicts") from None
    except ValidationError as error:
        raise VerdictFileError(_told(error)) from None
    return [line.asked() for line in lines]


def _told(error: ValidationError) -> str:
    faults = []
    found = error.errors(include_input=False, include_url=False)
    for one in sorted(found, key=lambda one: one["type"] == "missing")[:5]:
        number, *names = one["loc"] or (None,)
        known = [str(name) for name in names if name in (*_Line.model_fields, "class")]
        place = f"verdict {number + 1}" if isinstance(number, int) else "the file"
        word = "unknown field" if one["type"] == "extra_forbidden" else one["msg"]
        faults.append(f"{place}{' ' + known[0] if known else ''}: {word}")
    return f"{'; '.join(faults)}. To mend it: write a list of tenant, dataset, column, verdict, by and why"
