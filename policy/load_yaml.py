"""YAML text to plain values with line numbers; duplicate keys and aliases are refused."""

from __future__ import annotations

from typing import Any

import yaml

from policy.load_node import Faults, Node, Path, quoted

MAX_BYTES = 1 << 20
"""A policy file above this is refused before it is parsed."""


class _StrictLoader(yaml.SafeLoader):
    """The safe loader without aliases: a few lines of them can stand for more than memory holds."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "an alias (*name) is not allowed in policies", mark)
        return super().compose_node(parent, index)


def parse_yaml(file: str, content: bytes, faults: Faults) -> Node | None:
    """The document in `content`, as the root Node; None after a fault that leaves nothing to read.

    `file` is the path relative to the policies folder, for messages.
    """
    if len(content) > MAX_BYTES:
        faults.add(
            file, "", f"the file has more than {MAX_BYTES} bytes", "split it or take out what is no policy"
        )
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        faults.add(file, f"line {line}", "the file is not UTF-8", "save it as UTF-8")
        return None
    lines: dict[Path, int] = {}
    loader: _StrictLoader | None = None
    try:
        loader = _StrictLoader(text)
        tree = loader.get_single_node()
        if tree is None:
            faults.add(file, "", "the file is empty", "fill it in, or remove it")
            return None
        _walk(tree, (), file, lines, faults)
        value = loader.construct_document(tree)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        fact = f"this is not YAML: {error.problem or error.context or 'it does not parse'}"
        faults.add(
            file, f"line {mark.line + 1}" if mark else "", fact, "correct the line or the one before it"
        )
        return None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # ReaderError (control characters), an impossible date, or nesting beyond reason
        faults.add(
            file, "", f"this is not YAML that can be read: {type(error).__name__}", "write it as plain YAML"
        )
        return None
    finally:
        if loader is not None:
            loader.dispose()
    return Node(file, (), value, lines, faults)


def _walk(node: yaml.Node, path: Path, file: str, lines: dict[Path, int], faults: Faults) -> None:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            _walk(child, (*path, index), file, lines, faults)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, child in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode) or key.tag != "tag:yaml.org,2002:str":
                faults.add(file, f"line {line}", "a key is no text", "write the key in quotes")
                continue
            if key.value in seen:
                fact = f"the key {quoted(key.value)} stands here twice"
                faults.add(file, f"line {line}", fact, "keep one of the two")
            seen.add(key.value)
            lines[(*path, key.value)] = line
            _walk(child, (*path, key.value), file, lines, faults)
