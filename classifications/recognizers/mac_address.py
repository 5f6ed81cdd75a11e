"""Hardware addresses of network devices."""

from __future__ import annotations

from classifications.recognizers.grammar import GrammarRecognizer, Rule

_PAIR = "[0-9A-Fa-f]{2}"


class DeviceAddressRecognizer(GrammarRecognizer):
    """Six pairs of hex digits (IEEE 802): "00:1B:44:11:3A:B7". Near-misses: times, longer rows of pairs.

    It is not called as Presidio's own is, whose registry takes any class of the name that it looks for.
    """

    RULES = (
        Rule(
            rf"(?<![\w:-])(?P<MAC_ADDRESS>{_PAIR}(?::{_PAIR}){{5}}|{_PAIR}(?:-{_PAIR}){{5}})(?![\w:-])", 0.8
        ),
    )

    def __init__(self) -> None:
        super().__init__(["MAC_ADDRESS"])
