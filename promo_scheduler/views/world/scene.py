"""What the world timeline draws, and where each lane and each window lies."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from promo_scheduler.plan import Plan, Window
from promo_scheduler.region import Region
from promo_scheduler.views.tracks import Track, tracks
from promo_scheduler.views.world.scale import Scale
from promo_scheduler.workspace import Workspace

TOP = 112.0  # the heading and the axis
STRIP, ROW, GAP, FOOT = 14.0, 18.0, 3.0, 6.0  # a lane: its dates, its rows, its lower edge
BETWEEN, APART = 2.0, 7.0  # lanes of one region, and of two
MARK = 13.0  # no window is narrower: its letter fits in


@dataclass(frozen=True, slots=True)
class World:
    """A plan as a picture. `now` is a UTC instant; `viewer` a zone whose clock is told too."""

    plan: Plan
    workspace: Workspace
    now: datetime
    viewer: str = ""

    def region(self, name: str) -> Region:
        return self.workspace.regions[name]

    def title(self, campaign: str) -> str:
        """A campaign's title; its name where it is gone."""
        titles = (c.title for c in self.workspace.campaigns if c.name == campaign)
        return next(titles, campaign)

    def is_stopped(self, window: Window) -> bool:
        """Whether an error stops the window's campaign there."""
        key = window.key
        whom = {(key.campaign, key.region), (key.campaign, "")}
        return any(f.is_error and (f.campaign, f.region) in whom for f in self.plan.findings)


@dataclass(frozen=True, slots=True)
class Bar:
    """One window in its lane: from `left`, `width` wide, in the row at `top`.

    `room` is how far to the right nothing else begins.
    """

    window: Window
    left: float
    width: float
    top: float
    room: float


@dataclass(frozen=True, slots=True)
class Lane:
    """One line of the picture. `leads`: it is the first one of its region."""

    track: Track
    top: float
    height: float
    leads: bool
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """All lanes on one scale; `bottom` is where they end."""

    scale: Scale
    lanes: tuple[Lane, ...]
    bottom: float


def scene_of(windows: Sequence[Window]) -> Scene:
    """Every window in its place. There is at least one."""
    scale = Scale.over(windows)
    lanes: list[Lane] = []
    bottom, before = TOP, ""
    for track in tracks(windows):
        leads = track.region != before
        top = bottom + (APART if leads else BETWEEN)
        lane = _lane(track, scale, top, leads)
        lanes.append(lane)
        bottom, before = top + lane.height, track.region
    return Scene(scale, tuple(lanes), bottom)


def _lane(track: Track, scale: Scale, top: float, leads: bool) -> Lane:
    rows = _packed(track.windows, scale)
    bars = tuple(
        bar for number, row in enumerate(rows) for bar in _bars(row, scale, _row_top(top, number))
    )
    return Lane(track, top, _row_top(0, len(rows)) - GAP + FOOT, leads, bars)


def _row_top(top: float, number: int) -> float:
    return top + STRIP + number * (ROW + GAP)


Placed = tuple[float, float, int]  # left, right, and the number of the window


def _packed(windows: Sequence[Window], scale: Scale) -> list[list[tuple[Placed, Window]]]:
    """Rows in which nothing overlaps: the phases that yield come above those that win."""
    ordered = sorted(windows, key=lambda w: (w.rank, w.key.campaign, w.start, w.key))
    rows: list[list[Placed]] = []
    for number, window in enumerate(ordered):
        left = min(scale.at(window.start), scale.right - MARK)
        placed = (left, max(scale.at(window.end), left + MARK), number)
        row = next((row for row in rows if _is_free(row, placed)), None)
        if row is None:
            rows.append(row := [])
        insort(row, placed)
    return [[(placed, ordered[placed[2]]) for placed in row] for row in rows]


def _is_free(row: list[Placed], placed: Placed) -> bool:
    after = bisect_left(row, placed)
    free_before = after == 0 or row[after - 1][1] <= placed[0]
    return free_before and (after == len(row) or placed[1] <= row[after][0])


def _bars(row: Sequence[tuple[Placed, Window]], scale: Scale, top: float) -> list[Bar]:
    ends = [*(placed[0] for placed, _ in row[1:]), scale.right]
    return [
        Bar(window, left, right - left, top, end - right)
        for ((left, right, _), window), end in zip(row, ends, strict=True)
    ]
