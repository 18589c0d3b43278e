"""Picking: which of the events that may be claimed are taken. Pure.

Round robin over lanes: each gets its first one before any gets a second, and what is being done
there already counts. Within one round the nearest deadline goes first. So no region waits for
another one's backlog, also where only one more can be done.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from promo_scheduler.ledger.encoding import instant
from promo_scheduler.ledger.lanes import Due
from promo_scheduler.ledger.requests import ClaimRequest
from promo_scheduler.ledger.tables import ENDING, START


def pick(found: Iterable[Due], request: ClaimRequest, in_flight: Mapping[str, int]) -> list[Due]:
    """Those that are taken, in the order of their turn: at most one of a window, `request.limit` in
    all, and on each channel as many as there is room.

    `in_flight`: how many events of each lane are being done.
    """
    chosen: list[Due] = []
    windows: set[int] = set()
    on_channel: Counter[str] = Counter()
    for rank, due in _in_turn(found, in_flight):
        channel = due.window.key.channel
        waits = rank > 0 and channel in request.one_at_a_time
        is_full = on_channel[channel] >= request.room_on(channel)
        if waits or is_full or due.window_id in windows:
            continue
        on_channel[channel] += 1
        windows.add(due.window_id)
        chosen.append(due)
        if len(chosen) == request.limit:
            break
    return chosen


def _in_turn(found: Iterable[Due], in_flight: Mapping[str, int]) -> list[tuple[int, Due]]:
    """Each event with its place in its lane, counted from 0 after what is being done there."""
    lanes: dict[str, list[Due]] = defaultdict(list)
    for due in found:
        lanes[due.lane].append(due)
    turns = []
    for lane, waiting in lanes.items():
        waiting.sort(key=lambda due: (due.ready_at, due.action, due.id))
        for rank, due in enumerate(waiting, start=in_flight.get(lane, 0)):
            turns.append((rank, deadline(due), due.action, due.ready_at, due.id, due))
    turns.sort()
    return [(turn[0], turn[-1]) for turn in turns]


def deadline(due: Due) -> datetime:
    """Until when (UTC) it must be done: an ending at its instant, a start while it may begin."""
    due_at = instant(due.due_at)
    if due.action == ENDING:
        return due_at
    late = due.window.late
    last = due.window.end - late.min_remaining
    if due.action == START and late.start_within is not None:
        return min(last, due_at + late.start_within)
    return last
