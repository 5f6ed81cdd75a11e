"""Hardware addresses of network devices."""

from __future__ import annotations

from classifications.recognizers.grammar import GrammarRecognizer, Rule

_PAIR = "[0-9A-Fa-f]{2}"


class DeviceAddressRecognizer(GrammarRecognizer):
    """Not called as Presidio's own: its registry takes the class of that name that it meets, whosever it is.

    Six pairs of hex digits (IEEE 802): "00:1B:44:11:3A:B7". Near-misses: times, longer rows of pairs.
    """

    RULES = (
        Rule(
            rf"(?<![\w:-])(?P<MAC_ADDRESS>{_PAIR}(?::{_PAIR}){{5}}|{_PAIR}(?:-{_PAIR}){{5}})(?![\w:-])", 0.8
        ),
    )

    def __init__(self) -> None:
        super().__init__(["MAC_ADDRESS"])
