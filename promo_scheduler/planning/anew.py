"""What stands, resolved anew: its own walls under the zone data at hand (T1, T11, law 7).

No campaign is read, so nothing that was edited since can come along. What has begun is not started
again, what is staged is staged again, and a start that then lies in the past is fired or missed by
its lateness.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from promo_scheduler.channel import Capabilities
from promo_scheduler.plan import LeftAlone, Plan, Standing, StandingWindow, Window
from promo_scheduler.planning.diff import joined
from promo_scheduler.planning.requests import Difference, DiffRequest
from promo_scheduler.planning.steps import step
from promo_scheduler.timing import versions
from promo_scheduler.timing.hours import Hours
from promo_scheduler.timing.standing import resolve_span
from promo_scheduler.workspace import Workspace


@dataclass(frozen=True, slots=True)
class AnewRequest:
    """What stands at `now` (UTC); of the workspace only the channels count, as they are run."""

    standing: tuple[StandingWindow, ...]
    workspace: Workspace
    capabilities: Mapping[str, Capabilities]
    now: datetime


@dataclass(frozen=True, slots=True)
class Anew:
    """What the zone data at hand change of what stands."""

    difference: Difference
    left: tuple[LeftAlone, ...]


def resolved_anew(request: AnewRequest) -> Anew:
    """Every window that is not over, where its own walls come to other instants by now.

    One whose walls come to nothing, or whose channel is gone, is left as it stands.
    """
    steps: list[Difference] = []
    left: list[LeftAlone] = []
    diff_request = _diff_request(request)
    for stands in request.standing:
        found = _resolved(stands, request)
        if isinstance(found, LeftAlone):
            left.append(found)
        elif found is not None:
            steps.append(step(found, stands, diff_request))
    return Anew(joined(steps), tuple(left))


def _diff_request(request: AnewRequest) -> DiffRequest:
    nothing = Plan((), (), (), versions(), None)
    given = (request.workspace, request.capabilities, request.now)
    return DiffRequest(nothing, request.standing, *given, anew=True)


def _resolved(stands: StandingWindow, request: AnewRequest) -> Window | LeftAlone | None:
    """The window as its walls are now; None where nothing of it moves, or it is over."""
    window = stands.window
    if stands.is_over or stands.standing is Standing.ENDING or window.span is None:
        return None
    hours = resolve_span(window.zone_name, window.span)
    if not isinstance(hours, Hours):
        return LeftAlone(window.key, hours.notice.message)
    if (hours.start, hours.end) == (window.start, window.end):
        return None
    if window.key.channel not in request.workspace.channels:
        return LeftAlone(window.key, f"there is no channel {window.key.channel} in config/")
    return replace(window, start=hours.start, end=hours.end)
