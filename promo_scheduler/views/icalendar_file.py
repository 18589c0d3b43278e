"""The windows as a calendar file (RFC 5545), for the calendar of whoever wants to see them coming.

Times are UTC. An event keeps its UID whatever its hours: it is the window's key, without a
generation, so that a calendar that reads the file again moves it and never doubles it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from promo_scheduler.plan import Window
from promo_scheduler.views.story import Telling
from promo_scheduler.views.words import plain, value

if TYPE_CHECKING:
    from icalendar import Event


@dataclass(frozen=True, slots=True)
class CalendarRequest:
    """Which windows, how they are told, and when (a UTC instant) the file is made."""

    windows: Sequence[Window]
    telling: Telling
    now: datetime
    name: str = "Promotions"


def calendar_file(request: CalendarRequest) -> bytes:
    """One VEVENT a window, in the order of the plan. The same request gives the same bytes."""
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//promo-scheduler//promo preview//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", plain(request.name))
    for window in request.windows:
        calendar.add_component(_event(window, request))
    return bytes(calendar.to_ical())


def _event(window: Window, request: CalendarRequest) -> Event:
    from icalendar import Event

    off = value(window.offer, window.currency)
    event = Event()
    event.add("uid", f"{window.key}@promo-scheduler")
    event.add("dtstamp", request.now.replace(microsecond=0))
    event.add("dtstart", window.start)
    event.add("dtend", window.end)
    event.add("summary", f"{plain(request.telling.heading(window))}: {off}")
    event.add("description", "\n".join(map(plain, request.telling.story([window]))))
    event.add("categories", [window.key.campaign, window.key.phase])
    event.add("transp", "TRANSPARENT")  # nobody is busy because a discount runs
    return event
