"""What can go wrong as texts are read. No message says what a text says."""

from __future__ import annotations

from policy.errors import LakewardError


class DetectionError(LakewardError):
    """A recognizer or the language model failed on a text; the message says how many there were."""


class RecognizerFailed(DetectionError):
    """A recognizer of a policy failed on a text: which, and with what kind of error (its class).

    `BadResult`: it gave a span outside the text, or a score outside 0 to 1.
    """

    def __init__(self, name: str, kind: str) -> None:
        self.name, self.kind = name, kind
        self.told = f'"{name}" failed with {kind}'
        super().__init__(
            f"the recognizer {self.told}. To mend it: repair the recognizer, or take it out of detection.yaml"
        )

    def __reduce__(self) -> tuple[type[RecognizerFailed], tuple[str, str]]:
        return RecognizerFailed, (self.name, self.kind)
