"""Nodes: a YAML file as a tree of source texts, each with its line and column.

A scalar is what stands in the file, never what YAML would make of it: `11.11`, `00123` and `NO`
stay texts until somebody who knows what is meant reads them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from promo_scheduler.errors import Place, Problem
from promo_scheduler.source.complaint import Complaint, Path, showable

TAG = "\0"  # marks the steps of a path that name a shape of a value and not a key
_KEY = "[key]"  # pydantic's last step for a complaint about a key
_EMPTY = frozenset({"", "~", "null", "Null", "NULL"})
_LONGEST_LINE = 200


class Text(str):
    """A scalar's text as data; `plain` where the file has it without quotes."""

    __slots__ = ("plain",)
    plain: bool

    @classmethod
    def of(cls, text: str, *, plain: bool) -> Text:
        made = cls(text)
        made.plain = plain
        return made


class Nothing:
    """What stands where a key has no value. It is not None, which no key given may become."""


NOTHING = Nothing()


class Position(NamedTuple):
    """A line and a column, both from 1."""

    line: int
    column: int


START = Position(1, 1)


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value, as written."""

    text: str
    plain: bool
    at: Position

    @property
    def is_nothing(self) -> bool:
        """Whether nothing was given: an empty value, `~` or `null`, not in quotes."""
        return self.plain and self.text in _EMPTY


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    nodes: tuple[Node, ...]
    at: Position


@dataclass(frozen=True, slots=True)
class Entry:
    """A key and its value."""

    key: Scalar
    node: Node


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping."""

    entries: Mapping[str, Entry]
    at: Position

    def get(self, key: str) -> Node | None:
        entry = self.entries.get(key)
        return entry.node if entry else None

    def table(self, key: str) -> Table:
        """The mapping under a key; an empty one where there is none."""
        node = self.get(key)
        return node if isinstance(node, Table) else Table({}, self.at)

    def texts(self, key: str) -> tuple[str, ...]:
        """The scalars of the list under a key; none where there is no list."""
        node = self.get(key)
        nodes = node.nodes if isinstance(node, Items) else ()
        return tuple(item.text for item in nodes if isinstance(item, Scalar))


Node = Scalar | Items | Table


def as_data(node: Node) -> Any:
    """The tree as dicts, lists and Texts; NOTHING where nothing was given."""
    match node:
        case Scalar():
            return NOTHING if node.is_nothing else Text.of(node.text, plain=node.plain)
        case Items(nodes):
            return [as_data(item) for item in nodes]
        case Table(entries):
            return {
                Text.of(key, plain=entry.key.plain): as_data(entry.node)
                for key, entry in entries.items()
            }


@dataclass(frozen=True, slots=True)
class Document:
    """A file that has been read: its name inside the workspace, its lines, and its tree."""

    file: str
    lines: tuple[str, ...]
    root: Table

    def with_root(self, root: Table) -> Document:
        """The same file with another tree over it, whose nodes keep their places."""
        return replace(self, root=root)

    def place(self, path: Path = (), *, at_key: bool = False) -> Place:
        """Where the node at `path` stands, or as near to it as the file goes."""
        return place_in(self.file, self.lines, _position(self.root, path, at_key=at_key))

    def problem(self, complaint: Complaint) -> Problem:
        """The complaint, with its place in this file."""
        place = self.place(complaint.path, at_key=complaint.at_key)
        return Problem(
            complaint.code,
            complaint.message,
            complaint.severity,
            replace(place, source="") if complaint.secret else place,
            showable(".".join(str(step) for step in real_steps(complaint.path))),
            complaint.help,
        )


def place_in(file: str, lines: tuple[str, ...], at: Position) -> Place:
    """A place with its source line: cut to a readable length, nothing unprintable in it."""
    line = lines[at.line - 1] if at.line <= len(lines) else ""
    return Place(file, at.line, at.column, showable(line[:_LONGEST_LINE].replace("\t", " ")))


def real_steps(path: Path) -> Iterator[str | int]:
    """The steps of a path that stand in the file."""
    for step in path:
        if not (isinstance(step, str) and (step.startswith(TAG) or step == _KEY)):
            yield step


def _position(root: Table, path: Path, *, at_key: bool) -> Position:
    node: Node = root
    key: Position | None = None
    for step in real_steps(path):
        if isinstance(node, Table) and step in node.entries:
            entry = node.entries[str(step)]
            key, node = entry.key.at, entry.node
        elif isinstance(node, Items) and isinstance(step, int) and step < len(node.nodes):
            key, node = None, node.nodes[step]
        else:
            break
    wants_key = at_key or path[-1:] == (_KEY,) or not isinstance(node, Scalar)
    return key if key and wants_key else node.at
