"""The trigger events of a window: stage it where the channel can hold it, make it live, end it."""

from __future__ import annotations

from datetime import datetime

from promo_scheduler.channel import Capabilities, Channel
from promo_scheduler.plan import Action, Key, TriggerEvent, Window

# An enum's members are slow to look up, and a named tuple's own constructor is a call more.
_STAGE, _ACTIVATE, _DEACTIVATE = Action
_new = tuple.__new__


def events_of(
    window: Window,
    generation: int,
    channel: Channel,
    capabilities: Capabilities,
    now: datetime | None = None,
) -> tuple[TriggerEvent, ...]:
    """The events of one generation of a window; due instants are UTC.

    Without `now` they are due as planned. With `now` what was begun before is ensured again: what
    is staged at once, what has begun at once, and the end as planned.
    """
    key, start = window.key, window.start
    staged_at = start - channel.stage_ahead
    if now is not None:
        start, staged_at = max(start, now), now
    activate = _new(TriggerEvent, (_new(Key, (key, _ACTIVATE)), start, generation))
    deactivate = _new(TriggerEvent, (_new(Key, (key, _DEACTIVATE)), window.end, generation))
    if not capabilities.stages or staged_at >= window.start:
        return activate, deactivate
    stage = _new(TriggerEvent, (_new(Key, (key, _STAGE)), staged_at, generation))
    return stage, activate, deactivate


def planned_events(
    window: Window,
    generation: int,
    channel: Channel,
    capabilities: Capabilities,
    now: datetime,
) -> tuple[TriggerEvent, ...]:
    """The events of a window of which nothing is on the channel yet, planned at `now`.

    A start that lies behind stays due when it was meant: how late it may begin is judged by that.
    It is not staged any more; a staging that lies behind is due now.
    """
    events = events_of(window, generation, channel, capabilities)
    if events[0].key.action is not _STAGE or events[0].due_at >= now:
        return events
    if window.start <= now:
        return events[1:]
    return (events[0]._replace(due_at=now), *events[1:])
