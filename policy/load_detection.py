"""`detection.yaml`: the language model, telephone regions, and recognizers of one's own."""

from __future__ import annotations

import re
from collections.abc import Collection

import phonenumbers
import regex

from policy.detection import PATTERN_FLAGS, CustomRecognizer, Detection, DetectionPolicy, TextPattern
from policy.load_node import Node, close_match, quoted
from policy.taxonomy import Taxonomy

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,39}")
PYTHON = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")
MODEL = re.compile(r"[A-Za-z_]\w*|/.+")
MOST_WORDS = 10_000
LONGEST_PATTERN = 2_000
_MATCHERS = ("patterns", "deny_list", "python")
_SETTINGS = ("model", "phone_regions")


def load_detection(root: Node, taxonomy: Taxonomy, tenants: Collection[str] | None) -> DetectionPolicy:
    """The file's content; faults go to the node's list. `tenants` is None where their file had faults."""
    top = root.fields([], [*_SETTINGS, "overrides", "recognizers"])
    default = _settings(top, Detection())
    by_tenant: dict[str, Detection] = {}
    for entry in top["overrides"].items() if "overrides" in top else []:
        got = entry.fields(["tenants"], _SETTINGS)
        own = _settings(got, default)
        for node in got["tenants"].items() if "tenants" in got else []:
            tenant = _one_of(node, tenants, "tenant")
            if tenant is not None and tenant in by_tenant:
                node.fault(f"{quoted(tenant)} is overridden twice", "keep it in one of the overrides")
            elif tenant is not None:
                by_tenant[tenant] = own
    found: dict[str, CustomRecognizer] = {}
    for entry in top["recognizers"].items() if "recognizers" in top else []:
        one = _recognizer(entry, taxonomy, tenants)
        if one is not None and one.name in found:
            entry.child("name").fault(f"there are two recognizers {quoted(one.name)}", "rename one of them")
        elif one is not None:
            found[one.name] = one
    return DetectionPolicy(default, by_tenant, tuple(found.values()))


def _settings(got: dict[str, Node], default: Detection) -> Detection:
    model, regions = default.model, default.phone_regions
    if "model" in got:
        rule = "write the name of an installed spaCy package, or the whole path of a model's folder"
        model = got["model"].matching(MODEL, "a language model", rule) or model
    if "phone_regions" in got:
        regions = tuple(filter(None, (_region(node) for node in got["phone_regions"].items()))) or regions
    return Detection(model, regions)


def _region(node: Node) -> str | None:
    if isinstance(node.value, bool) and not node.value:
        node.fault("YAML reads NO without quotes as false", 'write "NO"')
        return None
    return _one_of(node, phonenumbers.SUPPORTED_REGIONS, "region of telephone numbers")


def _one_of(node: Node, known: Collection[str] | None, what: str) -> str | None:
    text = node.text()
    if text is not None and known is not None and text not in known:
        node.fault(f"{quoted(text)} is no {what}", close_match(text, known))
        return None
    return text


def _recognizer(entry: Node, taxonomy: Taxonomy, tenants: Collection[str] | None) -> CustomRecognizer | None:
    got = entry.fields(["name", "data_class"], [*_MATCHERS, "context", "tenants"])
    rule = "begin with a letter or digit; go on with these, blanks, dots, - and _; 40 characters at most"
    name = got["name"].matching(NAME, "a recognizer's name", rule) if "name" in got else None
    key = _one_of(got["data_class"], taxonomy.classes, "data class") if "data_class" in got else None
    if key is not None and not taxonomy[key].personal:
        got["data_class"].fault(f"{key} is not personal: there is nothing to find", "name a personal class")
        key = None
    given = [matcher for matcher in _MATCHERS if matcher in got]
    if not given:
        entry.fault("there is nothing to recognize by", "add patterns, a deny_list or python")
    elif "python" in given and len(given) > 1:
        entry.fault("python stands beside patterns or a deny_list", "make two recognizers of it")
    patterns = [_pattern(node) for node in got["patterns"].items()] if "patterns" in got else []
    python = None
    if "python" in got:
        python = got["python"].matching(PYTHON, "a Python class", "write it as package.module:Class")
    whose = None
    if "tenants" in got:
        whose = tuple(one for node in got["tenants"].items() if (one := _one_of(node, tenants, "tenant")))
    deny_list, context = _words(got.get("deny_list")), _words(got.get("context"))
    if name is None or key is None:
        return None
    kept = tuple(one for one in patterns if one is not None)
    return CustomRecognizer(name, taxonomy[key], kept, deny_list, context, python, whose)


def _pattern(entry: Node) -> TextPattern | None:
    got = entry.fields(["name", "regex", "score"])
    name = got["name"].text() if "name" in got else None
    score = got["score"].share() if "score" in got else None
    pattern = got["regex"].text() if "regex" in got else None
    fault = _fault_of(pattern) if pattern is not None else None
    if fault is not None:
        got["regex"].fault(*fault)
    if pattern is None or fault is not None or name is None or score is None:
        return None
    return TextPattern(name, pattern, score)


def _fault_of(pattern: str) -> tuple[str, str] | None:
    if len(pattern) > LONGEST_PATTERN:
        return f"the pattern has more than {LONGEST_PATTERN} characters", "make several patterns of it"
    try:
        compiled = regex.compile(pattern, PATTERN_FLAGS)
    except regex.error as error:
        return f"the pattern does not compile: {error.msg}", "mend it; in YAML, write it in single quotes"
    if compiled.search("") is not None:
        return "the pattern matches nothing at all, an empty text", "ask for at least one character"
    return None


def _words(node: Node | None) -> tuple[str, ...]:
    if node is None:
        return ()
    words = tuple(word for one in node.items() if (word := one.text()) is not None)
    if len(words) > MOST_WORDS:
        node.fault(f"there are more than {MOST_WORDS} words", "write a recognizer in Python for so many")
    return words
