"""Where peaks stand in the text of a regions file, and the text with others in their place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from promo_scheduler.region import DayType, Peak
from promo_scheduler.timing.learning import Lesson

COPIED = "# From the shipped catalogue; its peaks are learned from our orders (promo peaks learn)."
_LINE = re.compile(r"[^\r\n]*")
Node = Any  # ruamel's nodes have no types


class NotPossible(Exception):
    """Why the text cannot be changed."""


@dataclass(frozen=True, slots=True)
class _Splice:
    """A new text for the characters [begin, end)."""

    begin: int
    end: int
    text: str


# ── reading ─────────────────────────────────────────────────────────────────────────────────────
def composed(text: str) -> Node:
    """The text as ruamel's nodes, which know where they stand; None where nothing stands in it."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return YAML(typ="rt").compose(text)
    except YAMLError as error:
        raise NotPossible(f"it would be no YAML: {error}") from None


def entries_of(root: Node) -> Mapping[str, Node]:
    """The regions of a file by name."""
    return {key.value: value for key, value in _pairs(_child(root, "regions"))}


def plain(node: Node) -> Any:
    """What a node means, in dicts, lists and texts; None for nothing at all."""
    if node is None:
        return None
    if _is_mapping(node):
        return {key.value: plain(value) for key, value in node.value}
    return [plain(each) for each in node.value] if isinstance(node.value, list) else node.value


def _is_mapping(node: Node) -> bool:
    return node is not None and node.id == "mapping"


def _pairs(node: Node) -> list[tuple[Node, Node]]:
    return node.value if _is_mapping(node) else []


def _child(node: Node, key: str) -> Node:
    return next((value for name, value in _pairs(node) if name.value == key), None)


def _end(node: Node) -> int:
    """Where a node's last character has been; a block's own end lies after what follows it."""
    if isinstance(node.value, list) and node.value and not node.flow_style:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _line_end(text: str, index: int) -> int:
    found = _LINE.match(text, index)
    return found.end() if found else index


def _spliced(text: str, splices: Sequence[_Splice]) -> str:
    for splice in sorted(splices, key=lambda s: s.begin, reverse=True):
        text = text[: splice.begin] + splice.text + text[splice.end :]
    return text


def _break(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


# ── peaks ───────────────────────────────────────────────────────────────────────────────────────
def with_peaks(text: str, lessons: Sequence[Lesson]) -> str:
    """The text with the changed peaks of regions that it has."""
    entries = entries_of(composed(text))
    return _spliced(text, [s for each in lessons for s in _of(text, entries, each)])


def _of(text: str, entries: Mapping[str, Node], lesson: Lesson) -> Iterator[_Splice]:
    entry = entries[lesson.region.name]
    peaks = _child(entry, "peaks")
    if peaks is None:
        yield _added(text, entry, [f"peaks: {{ {', '.join(_all(lesson))} }}"])
        return
    if not _is_mapping(peaks) or peaks.anchor:
        raise NotPossible(f"the peaks of {lesson.region.name} are no plain mapping")
    new: list[str] = []
    for kind in lesson.changed:
        value, wanted = _child(peaks, kind), lesson.peaks.on(kind)
        if value is None:
            new.append(f"{kind}: {_value(wanted)}")
        else:
            yield from _changed(text, value, wanted)
    if new:
        yield _added(text, peaks, new)


def _all(lesson: Lesson) -> list[str]:
    given = ((kind, getattr(lesson.peaks, kind)) for kind in DayType)
    return [f"{kind}: {_value(peaks)}" for kind, peaks in given if peaks]


def _value(peaks: Sequence[Peak]) -> str:
    quoted = [_quoted(peak) for peak in peaks]
    return quoted[0] if len(quoted) == 1 else f"[{', '.join(quoted)}]"


def _quoted(peak: Peak) -> str:
    return f'"{peak}"'


def _changed(text: str, value: Node, peaks: Sequence[Peak]) -> Iterator[_Splice]:
    """Other peaks in a value's place, in the way that it is written."""
    items = value.value if value.id == "sequence" else []
    if value.anchor or any(item.anchor for item in items):
        raise NotPossible("a peak has an anchor")
    if not items:
        yield _Splice(int(value.start_mark.index), _end(value), _value(peaks))
    elif value.flow_style and "#" in text[value.start_mark.index : _end(value)]:
        raise NotPossible("a comment stands within a list of peaks")
    elif value.flow_style:
        every = f"[{', '.join(map(_quoted, peaks))}]"
        yield _Splice(int(value.start_mark.index), _end(value), every)
    else:
        yield from _lines(text, value, peaks)


def _lines(text: str, block: Node, peaks: Sequence[Peak]) -> Iterator[_Splice]:
    """Peaks in a list of lines: one in another's place, the others after them or taken out."""
    items = block.value
    for item, peak in zip(items, peaks, strict=False):
        if item.value != str(peak):
            yield _Splice(int(item.start_mark.index), _end(item), _quoted(peak))
    for item in items[len(peaks) :]:
        yield _taken_out(text, item)
    more = [f"- {_quoted(peak)}" for peak in peaks[len(items) :]]
    if more:
        at, indent = _line_end(text, _end(items[-1])), " " * int(block.start_mark.column)
        yield _Splice(at, at, "".join(_break(text) + indent + line for line in more))


def _taken_out(text: str, item: Node) -> _Splice:
    """An item without its line, or where a comment follows it, with the comment left there."""
    dash = text.rindex("-", 0, item.start_mark.index)
    end = _line_end(text, _end(item))
    comment = text.find("#", _end(item), end)
    if comment >= 0:
        return _Splice(dash, comment, "")
    return _Splice(len(text[:dash].rstrip(" ").removesuffix("\n").removesuffix("\r")), end, "")


def _added(text: str, mapping: Node, pairs: Sequence[str]) -> _Splice:
    """More pairs at the end of a mapping, in the way that it is written."""
    if not mapping.value:
        begin, end = mapping.start_mark.index, mapping.end_mark.index
        return _Splice(begin, end, f"{{ {', '.join(pairs)} }}")
    if mapping.flow_style:
        at = _end(mapping.value[-1][1])
        return _Splice(at, at, ", " + ", ".join(pairs))
    at = _line_end(text, _end(mapping))
    indent = _break(text) + " " * int(mapping.value[0][0].start_mark.column)
    return _Splice(at, at, "".join(indent + pair for pair in pairs))


# ── regions of the shipped catalogue ────────────────────────────────────────────────────────────
def with_entries(text: str, catalogue: str, names: Sequence[str]) -> str:
    """The text with whole entries of the catalogue after its own."""
    line = _break(text)
    key = next((k for k, _ in _pairs(composed(text)) if k.value == "regions"), None)
    regions = _child(composed(text), "regions")
    own = _pairs(regions)
    if own and regions.flow_style:
        raise NotPossible("`regions` is written on one line, so no region can be added")
    entries = dict(_entries(catalogue))
    indent = own[0][0].start_mark.column if own else 2
    copies = line.join(line.join(_copied(entries[name], indent)) for name in names)
    if key is None:
        before = text if not text or text.endswith(line) else text + line
        return f"{before}regions:{line}{copies}{line}"
    if not own:
        return _spliced(text, [_in_place_of_nothing(text, key, regions, line + copies)])
    at = _line_end(text, _end(regions))
    return _spliced(text, [_Splice(at, at, line + copies)])


def _in_place_of_nothing(text: str, key: Node, value: Node, copies: str) -> _Splice:
    """The entries after `regions:`, instead of a `{}` there."""
    begin = text.index(":", key.end_mark.index) + 1
    given = value.end_mark.index > value.start_mark.index
    return _Splice(begin, int(value.end_mark.index) if given else begin, copies)


def _entries(catalogue: str) -> Iterator[tuple[str, list[str]]]:
    """The catalogue's entries: their lines, as far to the left as they go."""
    for key, value in _pairs(_child(composed(catalogue), "regions")):
        column = int(key.start_mark.column)
        begin = key.start_mark.index - column
        lines = catalogue[begin : _line_end(catalogue, _end(value))].splitlines()
        yield key.value, [line[column:] for line in lines]


def _copied(entry: Sequence[str], indent: int) -> list[str]:
    """An entry's lines, indented as here, under one that says where they are from."""
    return [(" " * indent + line).rstrip() for line in (COPIED, *entry)]
