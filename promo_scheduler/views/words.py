"""Words for people: how long, how far off, what is taken off, on which products, in which hours.

The only user of pendulum beside `timing`. Nothing here resolves a wall time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from promo_scheduler.offer import AmountOff, FixedPrice, Money, Offer, PercentOff, Selection
from promo_scheduler.timing.walltime import local


def plain(text: str) -> str:
    """The text without control characters: a channel's answer must not steer a terminal."""
    return "".join(c if c.isprintable() else " " for c in text).strip()


WEEK, DAY, HOUR, MINUTE = 604_800, 86_400, 3_600, 60
ROUNDING = ((2 * WEEK, WEEK), (3 * DAY, DAY), (DAY, HOUR), (HOUR, MINUTE), (MINUTE, MINUTE))


# ── how long, how far ───────────────────────────────────────────────────────────────────────────
def lasting(delta: timedelta) -> str:
    """A length in words: `2 hours`, `1 day 1 hour`."""
    import pendulum

    if not delta:
        return "no time"
    return pendulum.duration(seconds=round(abs(delta).total_seconds())).in_words(locale="en")


def roughly(delta: timedelta) -> str:
    """A length in words, as exactly as somebody who waits wants it: `2 hours 5 minutes`."""
    seconds = int(abs(delta).total_seconds())
    for longest, smallest in ROUNDING:
        if seconds >= longest:
            return lasting(timedelta(seconds=seconds - seconds % smallest))
    return lasting(timedelta(seconds=max(seconds, 1)))


def relative(at: datetime, now: datetime) -> str:
    """How far an instant is from `now`: `in 3 days`, `5 minutes ago`. Both are aware."""
    delta = at - now
    if abs(delta) < timedelta(seconds=1):
        return "now"
    return f"in {roughly(delta)}" if delta > timedelta(0) else f"{roughly(delta)} ago"


# ── when ────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Dates:
    """Writes dates briefly: a year is named only where it is not `year`."""

    year: int

    def day(self, at: datetime) -> str:
        """A date: `Wed 11 Nov`."""
        text = f"{at:%a} {at.day} {at:%b}"
        return text if at.year == self.year else f"{text} {at.year}"

    def moment(self, at: datetime) -> str:
        """A date and time: `Wed 11 Nov 19:30`, with seconds only where there are some."""
        return f"{self.day(at)} {clock(at)}"

    def span(self, start: datetime, end: datetime) -> str:
        """From and until, on one clock; the midnight that ends a day is written `24:00`."""
        day, time = _closing(end)
        if day.date() == start.date():
            return f"{self.moment(start)}–{time}"
        soon = day - start < timedelta(days=6)  # its weekday alone tells the date
        return f"{self.moment(start)} – {f'{day:%a}' if soon else self.day(day)} {time}"

    def arrow(self, before: datetime, after: datetime) -> str:
        """A change of one moment, on one clock: `Wed 11 Nov 19:30 → 20:00`."""
        same_day = before.date() == after.date()
        return f"{self.moment(before)} → {clock(after) if same_day else self.moment(after)}"

    def utc(self, start: datetime, end: datetime) -> str:
        """The same span in UTC, beside local dates: `Tue 23:00 – Wed 23:00 UTC`."""
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        day, time = _closing(end)
        if day.date() == start.date():
            return f"{start:%a} {clock(start)}–{time} UTC"
        if day - start < timedelta(days=6):
            return f"{start:%a} {clock(start)} – {day:%a} {time} UTC"
        return f"{self.moment(start)} – {self.day(day)} {time} UTC"

    def local(self, zone: str, start: datetime, end: datetime) -> str:
        """The same span on a zone's clock."""
        return self.span(local(zone, start), local(zone, end))


def clock(at: datetime) -> str:
    """A time of day: `19:30`, or `19:30:05` where there are seconds."""
    return f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"


def _closing(end: datetime) -> tuple[datetime, str]:
    at_midnight = (end.hour, end.minute, end.second) == (0, 0, 0)
    return (end - timedelta(days=1), "24:00") if at_midnight else (end, clock(end))


def offset(at: datetime) -> str:
    """An aware local time's distance from UTC: `UTC+1`, `UTC−3:30`."""
    minutes = int((at.utcoffset() or timedelta(0)).total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "−" if minutes < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{rest:02d}" if rest else "")


def days(first: datetime, last: datetime) -> str:
    """A range of dates: `9–12 Nov 2026`, `27 Nov – 2 Dec 2026`."""
    if (first.year, first.month) == (last.year, last.month):
        return (
            f"{first.day}–{last.day} {last:%b %Y}"
            if first.day != last.day
            else f"{first:%-d %b %Y}"
        )
    year = "" if first.year == last.year else f" {first.year}"
    return f"{first.day} {first:%b}{year} – {last.day} {last:%b %Y}"


# ── what ────────────────────────────────────────────────────────────────────────────────────────
def value(offer: Offer, currency: str = "") -> str:
    """What is taken off: `25 % off`, `5.00 EUR off`, `9.99 EUR`; in one currency, where given."""
    match offer.value:
        case PercentOff(percent):
            return f"{percent.normalize():f} % off"
        case AmountOff(amounts):
            return f"{_money(amounts, currency)} off"
        case FixedPrice(prices):
            return f"for {_money(prices, currency)}"


def _money(amounts: tuple[Money, ...], currency: str) -> str:
    ours = [m for m in amounts if m.currency == currency] or list(amounts)
    return ", ".join(f"{m.amount} {m.currency}" for m in ours)


def products(selection: Selection) -> str:
    """Which products: `everything`, `tag winter except A-100, A-200`."""
    parts = ["everything"] if selection.everything else []
    named = (
        ("tag", selection.tags),
        ("collection", selection.collections),
        ("category", selection.categories),
        ("", selection.skus),
    )
    parts += [f"{word} {_some(names)}".strip() for word, names in named if names]
    text = ", ".join(parts) or "nothing"
    return text if selection.excluded is None else f"{text} except {products(selection.excluded)}"


def _some(names: frozenset[str]) -> str:
    shown = sorted(names)
    if len(shown) <= 4:
        return ", ".join(shown)
    return f"{', '.join(shown[:3])} and {len(shown) - 3} more"


def offer(offer: Offer, currency: str = "") -> str:
    """The whole offer: `25 % off tag winter`."""
    return f"{value(offer, currency)} {products(offer.products)}"


def count(number: int, noun: str) -> str:
    """A number with its noun: `1 window`, `12 windows`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
