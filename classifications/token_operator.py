"""The Presidio operator that puts a token in a value's place."""

from __future__ import annotations

from typing import Any

from presidio_anonymizer.entities import InvalidParamError
from presidio_anonymizer.operators import Operator, OperatorType

from classifications.placeholders import placeholder


class TokenOperator(Operator):
    """Replaces a value by `<data_class:token>`.

    The engine passes the span's data class as `entity_type`; `tokenise` is
    `(data_class, value) -> token`, the same function that serves whole columns.
    """

    NAME = "lakeward_token"
    TOKENISE = "tokenise"

    def operate(self, text: str, params: dict[str, Any] | None = None) -> str:
        """The placeholder for `text`; `params` holds `entity_type` and `tokenise`."""
        given = params or {}
        data_class = str(given["entity_type"])
        return placeholder(data_class, given[self.TOKENISE](data_class, text))

    def validate(self, params: dict[str, Any] | None = None) -> None:
        """Raises InvalidParamError when `tokenise` is no function."""
        if not callable((params or {}).get(self.TOKENISE)):
            raise InvalidParamError(f"the operator {self.NAME} needs a function as {self.TOKENISE}")

    def operator_name(self) -> str:
        """The name by which the engine finds this operator."""
        return self.NAME

    def operator_type(self) -> OperatorType:
        """An operator that hides."""
        return OperatorType.Anonymize
