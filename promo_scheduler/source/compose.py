"""Composing: a YAML text into nodes, or every reason why it is none.

ruamel composes its node tree and stops there; its constructor, which would turn texts into numbers,
dates and objects, never runs.
"""

from __future__ import annotations

import re
from typing import Any

from promo_scheduler.errors import Place, Problem
from promo_scheduler.source.complaint import shown
from promo_scheduler.source.nodes import (
    START,
    Document,
    Entry,
    Items,
    Node,
    Position,
    Scalar,
    Table,
    place_in,
)
from promo_scheduler.source.reading import SourceFile, read_text

NODE_LIMIT = 50_000
DEPTH_LIMIT = 50
_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")  # as ruamel counts lines
_TAB = re.compile(r"^ *(\t)\s*[^\s#]", re.MULTILINE)
_CORE = re.compile(r"tag:yaml\.org,2002:(str|int|float|bool|null|timestamp|merge|value|map|seq)|!")


class _Refused(Exception):
    """Why a text is no document of ours, and where."""

    def __init__(self, code: str, message: str, help: str, at: Position) -> None:
        super().__init__(message)
        self.code = code
        self.help = help
        self.at = at


def read_document(file: SourceFile) -> tuple[Document, list[Problem]]:
    """The file as a document, and every Problem that its text has; empty where it has many."""
    text = read_text(file)
    if isinstance(text, Problem):
        return _empty(file, ""), [text]
    return compose(file, text)


def compose(file: SourceFile, text: str) -> tuple[Document, list[Problem]]:
    """The text as a document with a mapping at its root, and every Problem met on the way."""
    empty = _empty(file, text)
    if tabs := list(_tabs(empty, text)):
        return empty, tabs
    try:
        node = _composed(text)
        if node is None:
            return empty, [_empty_file(empty)]
        _refuse_huge(node)
        converting = _Converting()
        root = converting.node(node)
    except _Refused as refused:
        return empty, [_problem(empty, refused)]
    found = [_problem(empty, each) for each in converting.refused]
    if isinstance(root, Scalar) and root.is_nothing:
        return empty, [*found, _empty_file(empty)]
    if not isinstance(root, Table):
        place = place_in(file.name, empty.lines, root.at)
        return empty, [*found, Problem("E011", "expected a mapping at the top", place=place)]
    return empty.with_root(root), found


def _empty_file(document: Document) -> Problem:
    """The complaint about a file in which nothing stands."""
    return Problem(
        "E024",
        "is empty",
        place=Place(document.file, 1, 1),
        help="`promo init` writes an example; remove the file if it is not needed",
    )


def _empty(file: SourceFile, text: str) -> Document:
    return Document(file.name, tuple(_LINE_BREAK.split(text)), Table({}, START))


def _problem(document: Document, refused: _Refused) -> Problem:
    place = place_in(document.file, document.lines, refused.at)
    return Problem(refused.code, str(refused), place=place, help=refused.help)


def _tabs(document: Document, text: str) -> list[Problem]:
    found = []
    for tab in _TAB.finditer(text):
        line = len(_LINE_BREAK.findall(text, 0, tab.start(1))) + 1
        at = Position(line, tab.start(1) - tab.start() + 1)
        refused = _Refused("E023", "a tab where YAML indents", "indent with spaces", at)
        found.append(_problem(document, refused))
        if len(found) == 10:  # the rest of the file will be alike
            break
    return found


# ── ruamel ──────────────────────────────────────────────────────────────────────────────────────
def _composed(text: str) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError
    from ruamel.yaml.reader import ReaderError

    yaml = YAML(typ="safe", pure=True)
    yaml.max_depth = DEPTH_LIMIT
    yaml.composer.warn_double_anchors = False
    try:
        return yaml.compose(text)
    except MarkedYAMLError as error:
        raise _syntax(error) from None
    except ReaderError as error:
        raise _unprintable(text, error.position) from None
    except RecursionError:
        raise _too_deep(START) from None
    except Exception as error:  # a parser that meets nonsense fails in its own ways as well
        reason = f"cannot be read as YAML ({type(error).__name__})"
        raise _Refused("E025", reason, "compare it with a file that loads", START) from None


def _position(mark: Any) -> Position:
    return Position(mark.line + 1, mark.column + 1) if mark is not None else START


def _syntax(error: Any) -> _Refused:
    at = _position(error.problem_mark or error.context_mark)
    problem = str(error.problem or error.context or "it is not YAML")
    if type(error).__name__ == "MaxDepthExceededError":
        return _too_deep(at)
    if "another document" in problem:
        return _Refused(
            "E027", "a second document begins here", "one file holds one document: drop `---`", at
        )
    if "\\t" in problem:
        return _Refused("E023", "a tab where YAML wants spaces", "use spaces", at)
    way_out = "a text with `: `, ` #` or a special first character needs quotes"
    return _Refused("E025", f"not YAML: {problem}", way_out, at)


def _unprintable(text: str, index: int) -> _Refused:
    before = _LINE_BREAK.split(text[:index])
    at = Position(len(before), len(before[-1]) + 1)
    return _Refused("E022", "a character that no text file holds", "remove it", at)


def _too_deep(at: Position) -> _Refused:
    return _Refused("E026", "is nested too deep", f"at most {DEPTH_LIMIT} levels are read", at)


def _refuse_huge(root: Any) -> None:
    """Raise where the tree, with every alias written out, is huge or endless.

    Counted without writing anything out: a node's size is computed once, however often it is used.
    """
    _Measuring().measure(root)


class _Measuring:
    """Sizes and heights of nodes, each computed once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, int] | None] = {}

    def measure(self, node: Any) -> tuple[int, int]:
        at = _position(node.start_mark)
        if id(node) in self._known:
            known = self._known[id(node)]
            if known is None:
                raise _Refused("E026", "an alias contains itself", "write it out", at)
            return known
        self._known[id(node)] = None
        measures = [self.measure(child) for child in _children(node)]
        size = 1 + sum(each for each, _ in measures)
        height = 1 + max((each for _, each in measures), default=0)
        if size > NODE_LIMIT:
            message = f"grows to more than {NODE_LIMIT:,} values"
            raise _Refused("E026", message, "write less, or use fewer aliases (`*name`)", at)
        if height > DEPTH_LIMIT:
            raise _too_deep(at)
        self._known[id(node)] = (size, height)
        return size, height


def _children(node: Any) -> list[Any]:
    if node.id == "mapping":
        return [child for pair in node.value for child in pair]
    return node.value if node.id == "sequence" else []


def _whole(text: str) -> str:
    """The text with the pairs of half characters that escapes may spell put together."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


# ── ruamel's nodes into ours ────────────────────────────────────────────────────────────────────
class _Converting:
    """Turns ruamel's nodes into ours, and gathers what they hold that we do not read."""

    def __init__(self) -> None:
        self.refused: list[_Refused] = []

    def node(self, node: Any) -> Node:
        at = _position(node.start_mark)
        tag = str(node.tag)
        if not _CORE.fullmatch(tag):
            way_out = "write the value without it"
            self.refused.append(_Refused("E029", f"the tag {shown(tag)} is not read", way_out, at))
        if node.id == "mapping":
            return self._table(node, at)
        if node.id == "sequence":
            return Items(tuple(self.node(child) for child in node.value), at)
        return Scalar(_whole(node.value), node.style is None, at)

    def _table(self, node: Any, at: Position) -> Table:
        entries: dict[str, Entry] = {}
        for key_node, value_node in node.value:
            key = self.node(key_node) if key_node.id == "scalar" else None
            if not isinstance(key, Scalar) or key.is_nothing or not key.text:
                here = _position(key_node.start_mark)
                self.refused.append(_Refused("E029", "expected a name as key", "name it", here))
            elif key.text in entries:
                self._duplicate(key, entries[key.text].key)
            else:
                entries[key.text] = Entry(key, self.node(value_node))
        return Table(entries, at)

    def _duplicate(self, key: Scalar, first: Scalar) -> None:
        message = f"{shown(key.text)} is given twice; first in line {first.at.line}"
        self.refused.append(_Refused("E017", message, "keep one of the two", key.at))
