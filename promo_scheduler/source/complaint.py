"""Complaint: what is wrong at a path inside one document, before it has its line and column."""

from __future__ import annotations

import difflib
import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace

from promo_scheduler.errors import Severity

Path = tuple[str | int, ...]
_LONGEST_SHOWN = 60
_LONGEST_GUESSED = 80
_UNSHOWABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})  # control, half characters, line breaks


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong. `at_key`: the place is the key, not its value. `secret`: hide the line."""

    code: str
    message: str
    path: Path = ()
    help: str = ""
    severity: Severity = "error"
    at_key: bool = False
    secret: bool = False

    def under(self, *prefix: str | int) -> Complaint:
        """The same complaint, seen from further up in the document."""
        return replace(self, path=prefix + self.path)


def shown(value: object) -> str:
    """A found value in words: quoted, cut to a readable length, nothing unprintable in it."""
    match value:
        case dict():
            return "a mapping"
        case list():
            return "a list"
    if not isinstance(value, str):
        return "nothing"
    text = str(value)
    cut = text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
    return json.dumps(showable(cut), ensure_ascii=False)


def is_showable(text: str) -> bool:
    """Whether every character can be shown: no control character, no line break."""
    return text.isprintable() or not any(unicodedata.category(c) in _UNSHOWABLE for c in text)


def showable(text: str) -> str:
    """The text with `�` in place of what a terminal would obey instead of show."""
    if is_showable(text):
        return text
    return "".join("�" if unicodedata.category(c) in _UNSHOWABLE else c for c in text)


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """A hint that names the choice most like the word; empty where none is."""
    if len(word) > _LONGEST_GUESSED:
        return ""
    by_lower = {choice.lower(): choice for choice in choices}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return f"did you mean {by_lower[found[0]]}?" if found else ""


def hint(word: str, choices: Iterable[str], what: str) -> str:
    """The nearest choice, else a few of those that there are."""
    known = sorted(choices)
    if guess := did_you_mean(word, known):
        return guess
    if not known:
        return f"there are no {what} yet"
    more = ", …" if len(known) > 8 else ""
    return f"{what}: {', '.join(known[:8])}{more}"
