"""Which offer applies where two of ours meet; regions with the same hours share the answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.text import Text

from promo_scheduler.plan import NO_ZONE, Window
from promo_scheduler.views.grid import Grid, Line, Row
from promo_scheduler.views.words import Dates, products

DIM = "bright_black"
SHOWN = 7  # stretches of one pair; more are counted


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two windows that meet at one place, on the products that both may take."""

    winner: Window
    loser: Window

    def hours(self, dates: Dates) -> str:
        """When they do, on the clocks there."""
        start = max(self.winner.start, self.loser.start)
        end = min(self.winner.end, self.loser.end)
        return dates.local(self.winner.zone_name, start, end)


Place = tuple[str, str, str]  # region, the key's zone, channel
Said = tuple[str, str, str, str]  # the winner, before whom, on which products, when


def meeting_grid(meetings: Sequence[Meeting]) -> Grid | None:
    """At every place who goes before whom, and when; None where nothing meets."""
    dates = Dates(min((m.winner.start.year for m in meetings), default=0))
    several = len({w.key.campaign for m in meetings for w in (m.winner, m.loser)}) > 1
    by_place: dict[Place, list[Meeting]] = {}
    for meeting in meetings:
        key = meeting.winner.key
        by_place.setdefault((key.region, key.zone, key.channel), []).append(meeting)
    shared: dict[tuple[Said, ...], list[Place]] = {}
    for place, here in by_place.items():
        shared.setdefault(tuple(_said(here, dates, several=several)), []).append(place)
    items: list[Line | Row] = []
    for said, places in shared.items():
        items += [Line(), Line(_heading(places)), *map(_row, said)]
    return Grid(items[1:], spill=(3, 2)) if items else None


def _said(here: Iterable[Meeting], dates: Dates, *, several: bool) -> list[Said]:
    pairs: dict[tuple[str, str, str], list[str]] = {}
    for meeting in sorted(here, key=lambda m: (m.winner.start, m.winner.key, m.loser.start)):
        winner, loser = meeting.winner, meeting.loser
        names = (_name(winner, several=several), _name(loser, several=several))
        which = products(winner.offer.products)
        pairs.setdefault((*names, which), []).append(meeting.hours(dates))
    return [(*pair, _listed(hours)) for pair, hours in pairs.items()]


def _listed(hours: Sequence[str]) -> str:
    more = f" and {len(hours) - SHOWN} times more" if len(hours) > SHOWN else ""
    return ", ".join(hours[:SHOWN]) + more


def _name(window: Window, *, several: bool) -> str:
    return f"{window.key.campaign}/{window.key.phase}" if several else window.key.phase


def _heading(places: Sequence[Place]) -> Text:
    regions = dict.fromkeys(r if zone == NO_ZONE else f"{r} {zone}" for r, zone, _ in places)
    channels = ", ".join(dict.fromkeys(channel for _, _, channel in places))
    text = Text(", ".join(regions), style="bold")
    return text.append(f" · {channels} · local hours", style=f"not bold {DIM}")


def _row(said: Said) -> Row:
    winner, loser, which, hours = said
    beside = Text("before ", style=DIM).append(loser, style="default")
    return Row((Text(winner), beside, Text(which, style=DIM), Text(hours)))
