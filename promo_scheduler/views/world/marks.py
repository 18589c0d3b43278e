"""How phases are told apart, with colour and without: a letter, a pattern, a colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from promo_scheduler.plan import Window
from promo_scheduler.views.world.markup import Markup, joined, tag

SIZE = 8.0
# Lines over the tint, in a tile of SIZE: the first phase is plain, and none looks like night.
PATTERNS = (
    "",
    "M1 2H3M5 6H7",
    "M0 2H8M0 6H8",
    "M-2 6L2 10M0 0L8 8M6-2L10 2",
    "M2 0V8M6 0V8",
    "M0 4H8M4 0V8",
    "M0 6L4 2L8 6",
    "M2 2H6V6H2z",
)
PhaseName = tuple[str, str]  # campaign, phase


@dataclass(frozen=True, slots=True)
class Mark:
    """A phase's `letter`, and the number of its colour and pattern."""

    letter: str
    number: int

    @property
    def fill(self) -> str:
        """The class of its pattern."""
        return f"p{self.number}"

    @property
    def ink(self) -> str:
        """The class of its full colour."""
        return f"k{self.number}"

    @property
    def edge(self) -> str:
        """The class of its outline."""
        return f"e{self.number}"


def marks_of(windows: Sequence[Window]) -> Mapping[PhaseName, Mark]:
    """A mark for each campaign's phase, in the order in which they are written."""
    ordered = sorted(windows, key=lambda w: (w.key.campaign, w.rank, w.start, w.key.phase))
    names = dict.fromkeys((w.key.campaign, w.key.phase) for w in ordered)
    return {name: Mark(_letter(n), n % len(PATTERNS)) for n, name in enumerate(names)}


def _letter(number: int) -> str:
    """A to Z, then AA, AB and so on."""
    more, last = divmod(number, len(ascii_uppercase))
    return (_letter(more - 1) if more else "") + ascii_uppercase[last]


def pattern_definitions() -> Markup:
    """The tiles that `fill` refers to, and that of night."""
    night = _tile("night", "nf", "M-2 2L2-2M0 8L8 0M6 10L10 6", "nl")
    tiles = (_tile(f"p{n}", f"t{n}", path, f"l{n}") for n, path in enumerate(PATTERNS))
    return tag("defs", joined(night, *tiles))


def _tile(name: str, ground: str, path: str, lines: str) -> Markup:
    parts = [tag("rect", width=SIZE, height=SIZE, class_=ground)]
    if path:
        parts.append(tag("path", d=path, class_=lines))
    return tag(
        "pattern",
        *parts,
        id=f"promo-{name}",
        width=SIZE,
        height=SIZE,
        patternUnits="userSpaceOnUse",
    )
