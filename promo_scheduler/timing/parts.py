"""What a rule of a named date is made of, and which calendar it goes by."""

from __future__ import annotations

from collections.abc import Iterator

from promo_scheduler.calendar import Between, HijriDay, Moved, Ramadan, Rule, Unless

_RAMADAN, _SHAWWAL = 9, 10


def parts(rule: Rule) -> Iterator[Rule]:
    """The rules that a rule is made of, itself among them."""
    yield rule
    match rule:
        case Moved(inner):
            yield from parts(inner)
        case Unless(first, second, third):
            for each in (first, second, third):
                yield from parts(each)
        case Between(first, last):
            yield from parts(first)
            yield from parts(last)


def is_hijri(rule: Rule) -> bool:
    """Whether the Hijri calendar of the region decides the date."""
    return any(isinstance(part, HijriDay | Ramadan) for part in parts(rule))


def follows_ramadan(rule: Rule) -> bool:
    """Whether an announced Ramadan decides the date: it, and Shawwal, which follows it."""
    return any(isinstance(part, Ramadan) or _is_near_it(part) for part in parts(rule))


def _is_near_it(part: Rule) -> bool:
    return isinstance(part, HijriDay) and part.month in (_RAMADAN, _SHAWWAL)
