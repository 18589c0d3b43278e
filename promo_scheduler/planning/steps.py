"""One window's difference: what has begun is not started again, what is staged is staged again.

    new         create
    untouched   move, amend or cancel in place: nothing of it is on the channel
    staged      move and amend raise the generation and stage again at once; withdraw
    live        its start stays, and a duration counts from it; a new end or offer raises the
                generation and ensures again
    over        comes back where it was taken out and the plan has it again

Laws 1, 6 and 7 of the design, and its rule T11, decide here. Under new zone data nobody edited: a
start that then lies in the past is fired or missed by its lateness, and never just taken out.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from promo_scheduler.plan import (
    Action,
    Change,
    ChangeKind,
    Key,
    Plan,
    Standing,
    StandingWindow,
    TriggerEvent,
    Window,
    WindowKey,
)
from promo_scheduler.planning.events import events_of, planned_events
from promo_scheduler.planning.requests import Difference, DiffRequest, ReviveRequest

_COMES_BACK = "comes back"
_END_IS_PAST = "its end now lies in the past"
_MISSED = "its start was missed: by new zone data it was at"
_NOT_PLANNED = "not in the plan any more"
_IN_A_YEAR = re.compile(r"(.+)-[0-9]{4}(?:\.[0-9]+)?")  # `ramadan-2030.2`; not a written date


_NOTHING = Difference()


def step(wanted: Window | None, stands: StandingWindow | None, request: DiffRequest) -> Difference:
    """From what stands to what is wanted, for one window. One of the two is given."""
    if stands is None:
        return _create(wanted, None, request)
    if stands.is_over or stands.standing is Standing.ENDING:
        return (
            _create(wanted, stands, request) if _may_return(wanted, stands, request) else _NOTHING
        )
    if wanted is None:
        return _gone(stands, request)
    if not stands.touched:
        return _untouched(wanted, stands, request)
    if stands.standing is Standing.LIVE or stands.window.start <= request.now:
        return _live(wanted, stands, request)
    return _staged(wanted, stands, request)


def revived(wanted: Window, stands: StandingWindow, request: ReviveRequest) -> Difference:
    """One window back after an order, as it is wanted now; the time under the order is not
    lateness, so it is due now.
    """
    now, name = request.now, wanted.key.channel
    window = _as_begun(wanted, stands.window, request)
    if stands.taken_by != request.order.id or window.end <= now:
        return _NOTHING
    change = _created(window, stands, now)
    channel, can = request.workspace.channels[name], request.capabilities[name]
    return Difference((change,), events_of(window, change.generation, channel, can, now))


def _as_begun(wanted: Window, before: Window, request: ReviveRequest) -> Window:
    """What had begun before the order keeps its start, unless it is wanted only later."""
    if before.start <= request.order.at and wanted.start <= request.now:
        return _going_on(before, wanted)
    return wanted


# ── new, or back again ──────────────────────────────────────────────────────────────────────────
def _create(
    wanted: Window | None, stands: StandingWindow | None, request: DiffRequest
) -> Difference:
    if wanted is None or wanted.end <= request.now:
        return _NOTHING
    change = _created(wanted, stands, request.now)
    return Difference((change,), _planned(wanted, change.generation, request))


def _created(window: Window, stands: StandingWindow | None, now: datetime) -> Change:
    return Change(
        ChangeKind.CREATE,
        window.key,
        before=None,
        after=window,
        standing=stands.standing if stands else None,
        generation=stands.generation + 1 if stands else 1,
        policy="starts-late" if window.start <= now else "create",
        reason=_COMES_BACK if stands else "",
    )


def _may_return(wanted: Window | None, stands: StandingWindow, request: DiffRequest) -> bool:
    """Whether what is over was taken out, or ended, before what the plan now says.

    What an order took down waits for its release. What was missed is on record as that, unless an
    edit gives it another start, still to come. What has ended by itself is not started again
    because zone data or a calendar moved it.
    """
    before = stands.window
    if wanted is None or stands.taken_by is not None or stands.never_began:
        return False
    if stands.standing is Standing.MISSED:
        return wanted.start > request.now and not wanted.reads_as(before)
    ran_out = stands.standing is Standing.ENDED and before.end <= request.now
    if ran_out and (wanted.reads_as(before) or _is_on_another_date(wanted, before)):
        return False
    return wanted.end > request.now


# ── nothing of it on the channel ────────────────────────────────────────────────────────────────
def _untouched(wanted: Window, stands: StandingWindow, request: DiffRequest) -> Difference:
    before = stands.window
    if request.anew and stands.generation > 1 and before.start <= request.now:
        wanted = _going_on(before, wanted)  # an order's release brings it back as it had begun
    if _all(wanted) == _all(before):
        return _NOTHING
    if wanted.end <= request.now and not request.anew:
        return _cancel(stands, _END_IS_PAST)
    kind = ChangeKind.AMEND if _times(wanted) == _times(before) else ChangeKind.MOVE
    change = _changed(kind, kind.value, stands, wanted)
    return Difference((change,), _planned(wanted, stands.generation, request))


def _cancel(stands: StandingWindow, reason: str) -> Difference:
    change = _changed(ChangeKind.CANCEL, "cancel", stands, None)
    return Difference((replace(change, reason=reason),))


# ── staged ──────────────────────────────────────────────────────────────────────────────────────
def _staged(wanted: Window, stands: StandingWindow, request: DiffRequest) -> Difference:
    before = stands.window
    same_times = _times(wanted) == _times(before)
    if same_times and (_content(wanted), wanted.late) == (_content(before), before.late):
        return _NOTHING
    if wanted.end <= request.now:
        return _withdraw(stands, "end-now", _END_IS_PAST, request.now)
    if request.anew and _is_too_late(wanted, request.now):
        reason = f"{_MISSED} {wanted.start:%Y-%m-%dT%H:%MZ}"
        return _withdraw(stands, "end-now", reason, request.now)
    kind = ChangeKind.AMEND if same_times else ChangeKind.MOVE
    return _again(_changed(kind, kind.value, _next(stands), wanted), request)


def _is_too_late(wanted: Window, now: datetime) -> bool:
    """Whether its start lies behind, and further than it may begin late (Lateness)."""
    lateness, late = now - wanted.start, wanted.late
    allowed = late.start_within if late.start_within is not None else lateness
    return lateness > timedelta(0) and (lateness > allowed or wanted.end - now < late.min_remaining)


# ── live ────────────────────────────────────────────────────────────────────────────────────────
def _live(wanted: Window, stands: StandingWindow, request: DiffRequest) -> Difference:
    """A start that moved changes nothing: what has begun keeps the one it had."""
    before, now = stands.window, request.now
    after = _going_on(before, wanted)
    same_content = _content(after) == _content(before)
    if (same_content and after.end == before.end) or max(after.end, before.end) <= now:
        return _NOTHING
    if after.end <= now:
        return _withdraw(stands, "end-now", _END_IS_PAST, now)
    if same_content:
        change = _changed(ChangeKind.MOVE, "move-live-end", _next(stands), after)
    else:
        change = _changed(ChangeKind.AMEND, "amend-live", _next(stands), after)
    return _again(change, request)


def _going_on(before: Window, wanted: Window) -> Window:
    """What has begun, as it is wanted now: it keeps its start, and a duration counts from it.

    Where its slot of a named date is another date's by now, it keeps its end as well.
    """
    kept = replace(wanted, start=before.start, start_wall=before.start_wall or wanted.start_wall)
    if _is_on_another_date(wanted, before) and _are_apart(wanted, before):
        return replace(kept, end=before.end, end_wall=before.end_wall, span=before.span)
    span = wanted.span
    if span is None or kept.start_wall is None:
        return kept
    end = kept.start + span.elapsed if span.end is None else wanted.end
    return replace(kept, end=end, span=replace(span, start=kept.start_wall))


def _is_on_another_date(wanted: Window, before: Window) -> bool:
    one, other = wanted.start_wall, before.start_wall
    return one is not None and other is not None and one.day != other.day


def _are_apart(wanted: Window, before: Window) -> bool:
    return before.end <= wanted.start or wanted.end <= before.start


# ── gone ────────────────────────────────────────────────────────────────────────────────────────
def _gone(stands: StandingWindow, request: DiffRequest) -> Difference:
    if stands.window.end <= request.now:
        return _NOTHING  # its own ending is due already, or its start on record as missed
    if not stands.touched:
        return _cancel(stands, _NOT_PLANNED)
    if _has_gone_on(stands.window.key, request.plan):
        return _withdraw(stands, "end-now", _END_IS_PAST, request.now)
    return _withdraw(stands, "withdraw", _NOT_PLANNED, request.now)


def _has_gone_on(key: WindowKey, plan: Plan) -> bool:
    """Whether its name means another year by now: its end was put into the past."""
    found = _IN_A_YEAR.fullmatch(key.occurrence)
    if found is None:
        return False
    there = (w.key for w in plan.windows if _is_of_one_series(w.key, key))
    years = (_IN_A_YEAR.fullmatch(other.occurrence) for other in there)
    return any(year is not None and year[1] == found[1] for year in years)


def _is_of_one_series(one: WindowKey, other: WindowKey) -> bool:
    return one[:4] == other[:4] and one.channel == other.channel


def _withdraw(stands: StandingWindow, policy: str, reason: str, now: datetime) -> Difference:
    change = _changed(ChangeKind.WITHDRAW, policy, stands, None)
    ending = TriggerEvent(Key(change.key, Action.DEACTIVATE), now, stands.generation)
    return Difference((replace(change, reason=reason),), (ending,))


# ── parts ───────────────────────────────────────────────────────────────────────────────────────
def _changed(kind: ChangeKind, policy: str, stands: StandingWindow, after: Window | None) -> Change:
    before = stands.window
    return Change(kind, before.key, before, after, stands.standing, stands.generation, policy)


def _next(stands: StandingWindow) -> StandingWindow:
    return replace(stands, generation=stands.generation + 1)


def _planned(window: Window, generation: int, request: DiffRequest) -> tuple[TriggerEvent, ...]:
    name = window.key.channel
    channel, can = request.workspace.channels[name], request.capabilities[name]
    return planned_events(window, generation, channel, can, request.now)


def _again(change: Change, request: DiffRequest) -> Difference:
    """A change of what is on the channel: ensured again at once, in its new generation."""
    assert change.after is not None
    name = change.key.channel
    channel, can = request.workspace.channels[name], request.capabilities[name]
    return Difference(
        (change,), events_of(change.after, change.generation, channel, can, request.now)
    )


def _times(window: Window) -> tuple[object, ...]:
    return window.start, window.end


def _content(window: Window) -> tuple[object, ...]:
    """What the channel is told of a window beside its times."""
    return (
        window.zone_name,
        window.target,
        window.currency,
        window.offer,
        window.rank,
        window.stack,
        window.label,
    )


def _all(window: Window) -> tuple[object, ...]:
    walls = (window.start_wall, window.end_wall)
    return (*_times(window), *_content(window), window.late, *walls)
