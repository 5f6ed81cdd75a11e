"""One treatment as it is written: a bare word, or a word with parameters."""

from __future__ import annotations

from policy.contracts import LogicalType
from policy.load_node import Node, close_match, quoted
from policy.treatments import GeneraliseTo, Treatment, TreatmentKind

MAX_SHOWN = 8
"""`mask` leaves at most this many characters readable at either end."""

_BARE = [kind.value for kind in TreatmentKind if kind is not TreatmentKind.GENERALISE]
_SIZES = {GeneraliseTo.BIN: 1_000_000_000, GeneraliseTo.PREFIX: 20}
_TIMES = (LogicalType.DATE, LogicalType.TIMESTAMP)
_NUMBERS = (LogicalType.INTEGER, LogicalType.NUMBER)
_GENERALISES = {
    GeneraliseTo.YEAR: _TIMES,
    GeneraliseTo.MONTH: _TIMES,
    GeneraliseTo.DECADE: _TIMES,
    GeneraliseTo.BIN: _NUMBERS,
    GeneraliseTo.PREFIX: (LogicalType.STRING,),
}


def parse_treatment(node: Node) -> Treatment | None:
    """`token`, `{generalise: {to: prefix, size: 3}}` or `{mask: {show_last: 4}}`; None after a fault."""
    value = node.value
    if value == TreatmentKind.GENERALISE:
        node.fault("generalise does not say to what", "write {generalise: {to: year}}, for instance")
        return None
    if isinstance(value, dict) and len(value) == 1:
        (kind,) = value
        if kind == TreatmentKind.GENERALISE:
            return _generalise(node.child(kind))
        if kind == TreatmentKind.MASK:
            return _mask(node.child(kind))
        if kind in _BARE:
            node.fault(f"{kind} takes no parameters", f"write {kind} alone")
        else:
            node.fault(f"{quoted(kind)} is no treatment", close_match(kind, list(TreatmentKind)))
        return None
    if isinstance(value, dict):
        node.fault(
            "a treatment with parameters is one word with a mapping",
            "write {mask: {show_last: 4}}, for instance",
        )
        return None
    kind_ = node.choice(_BARE)
    return Treatment(TreatmentKind(kind_)) if kind_ else None


def misfit(treatment: Treatment, logical_type: LogicalType) -> str | None:
    """Why the treatment cannot be done to a column of that type; None where it can."""
    fitting: tuple[LogicalType, ...] = tuple(LogicalType)
    if treatment.kind is TreatmentKind.GENERALISE and treatment.to is not None:
        fitting = _GENERALISES[treatment.to]
    elif treatment.kind is TreatmentKind.REDACT:
        fitting = (LogicalType.STRING, LogicalType.ARRAY)
    elif treatment.kind is TreatmentKind.MASK:
        fitting = (LogicalType.STRING, LogicalType.INTEGER)
    if logical_type in fitting:
        return None
    return f"{treatment} is for {' and '.join(fitting)} columns, not for {logical_type}"


def _generalise(node: Node) -> Treatment | None:
    got = node.fields(["to"], ["size"])
    chosen = got["to"].choice(list(GeneraliseTo)) if "to" in got else None
    if chosen is None:
        return None
    to = GeneraliseTo(chosen)
    if to not in _SIZES:
        if "size" in got:
            got["size"].fault(f"generalise to {to} takes no size", "remove size")
            return None
        return Treatment(TreatmentKind.GENERALISE, to=to)
    if "size" not in got:
        node.fault(f"generalise to {to} needs a size", "add size")
        return None
    size = got["size"].integer(1, _SIZES[to])
    return Treatment(TreatmentKind.GENERALISE, to=to, size=size) if size else None


def _mask(node: Node) -> Treatment | None:
    got = node.fields([], ["show_first", "show_last"])
    first = got["show_first"].integer(0, MAX_SHOWN) if "show_first" in got else 0
    last = got["show_last"].integer(0, MAX_SHOWN) if "show_last" in got else 0
    if first is None or last is None or not isinstance(node.value, dict):
        return None
    return Treatment(TreatmentKind.MASK, show_first=first, show_last=last)
