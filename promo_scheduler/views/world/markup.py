"""Elements of SVG and HTML as text. What is not made here is escaped: a title may be anything."""

from __future__ import annotations

from html import escape
from typing import NewType

Markup = NewType("Markup", str)
NOTHING = Markup("")
Value = str | float | None


def tag(name: str, /, *content: Markup, **attributes: Value) -> Markup:
    """An element. An attribute None is left out; `class_` is `class`, `stroke_width` has a dash."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inside = "".join(content)
    return Markup(f"<{name}{given}>{inside}</{name}>")


def text(words: str) -> Markup:
    """Words as content: escaped, without control characters; line breaks stay."""
    return Markup(escape("".join(c if c.isprintable() or c == "\n" else " " for c in words)))


def joined(*parts: Markup) -> Markup:
    """Parts, each on its own line."""
    return Markup("\n".join(part for part in parts if part))


def number(value: float) -> str:
    """A coordinate to a tenth of a unit, as short as it can be written."""
    return f"{value + 0.0:.1f}".removesuffix(".0")


def _value(value: str | float) -> str:
    return text(value) if isinstance(value, str) else number(value)
