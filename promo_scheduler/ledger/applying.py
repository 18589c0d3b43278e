"""Applying a plan: changes, their events and their audit entries, in one transaction.

Everything is decided first, against rows read in bulk, and then written in bulk. An event that is
claimed is always left to be settled; what stands by then decides what becomes of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict

import sqlalchemy as sa

from promo_scheduler.audit import Detail, instant_text
from promo_scheduler.clock import Versions
from promo_scheduler.errors import StalePlan
from promo_scheduler.firing import OPEN_STATES, EventState
from promo_scheduler.ledger.drafting import Drafted
from promo_scheduler.ledger.encoding import Row, batches
from promo_scheduler.ledger.noting import Moved, note_moved
from promo_scheduler.ledger.starving import unblock
from promo_scheduler.ledger.tables import ENDING, EVENT, IN_FLIGHT, OVER, STAMP, WINDOW
from promo_scheduler.ledger.transaction import Transaction, raise_serial
from promo_scheduler.plan import (
    Application,
    Change,
    ChangeKind,
    Standing,
    TriggerEvent,
    Window,
    WindowKey,
)

_STOOD = sa.select(WINDOW).where(WINDOW.c.key.in_(sa.bindparam("keys", expanding=True)))
_EVENTS = sa.select(EVENT).where(EVENT.c.window_id.in_(sa.bindparam("ids", expanding=True)))
_MOST = sa.select(sa.func.coalesce(sa.func.max(WINDOW.c.id), 0))
_UNCLAIMED = OPEN_STATES - {EventState.CLAIMED}
_PLANNED_AGAIN = "the plan asks for it again"


def apply(write: Transaction, application: Application, releasing: int | None = None) -> int:
    """Write the changes. Returns the serial. See `Ledger.apply`.

    `releasing` is the order whose release this is: what it took down may come back.
    """
    expected = application.expected_serial
    if expected is not None and expected != write.stamp.serial:
        raise StalePlan(
            f"the plan was made at serial {expected}, the ledger stands at {write.stamp.serial}",
            help="make the plan again: `promo plan`",
        )
    if application.changes:
        _Applying(write, application, releasing).run()
        unblock(write, application.at)
    return _restamp(write, application)


def _restamp(write: Transaction, application: Application) -> int:
    stamp, versions = write.stamp, asdict(application.versions)
    said = (application.revision, application.versions, application.config_digest)
    if not application.changes and said == (stamp.revision, stamp.versions, stamp.config_digest):
        return stamp.serial
    made_of = {"revision": application.revision, "config_digest": application.config_digest}
    detail: Detail = {
        "serial": (serial := raise_serial(write)),
        **made_of,
        **versions,
        "changes": len(application.changes),
    }
    write.connection.execute(STAMP.update().values({**made_of, **versions}))
    write.note(application.at, "plan.applied", "", detail, actor=application.actor)
    _note_versions(write, application)
    return serial


def _note_versions(write: Transaction, application: Application) -> None:
    """New zone data or calendars are on record, also where they move nothing (T11)."""
    before, after = write.stamp.versions, application.versions
    if before in (after, Versions()):
        return  # before the first application nothing stood
    kinds = [change.kind for change in application.changes]
    detail: Detail = {
        "from": str(before),
        "to": str(after),
        "changed": list(before.changed(after)),
        "moves": kinds.count(ChangeKind.MOVE),
        "changes": len(kinds),
    }
    write.note(application.at, "zone-data.applied", "", detail, actor=application.actor)


class _Applying:
    """One application being carried out: what stood, and what is to be written."""

    def __init__(self, write: Transaction, application: Application, releasing: int | None) -> None:
        self._write = write
        self._application = application
        self._releasing = releasing
        self._events = _by_window(application.events)
        self._texts = [str(change.key) for change in application.changes]
        self._stood = _stood(write.connection, self._texts)
        self._fired = _fired(write.connection, [row.id for row in self._stood.values()])
        most = write.connection.execute(_MOST).scalar_one()
        self._drafted = Drafted(application, next_window=most + 1)

    def run(self) -> None:
        for change, text in zip(self._application.changes, self._texts, strict=True):
            kind = self._change(change, text)
            self._note(change, kind, text)
            self._note_events(text)
        self._drafted.write(self._write.connection)

    def _change(self, change: Change, text: str) -> ChangeKind:
        """Draft one change; the kind that it came to."""
        row = self._stood.get(text)
        if change.kind is ChangeKind.CREATE:
            self._create(change, row, text)
            return change.kind
        if row is None:
            raise _stale(text, "it is not in the ledger")
        if change.kind in (ChangeKind.WITHDRAW, ChangeKind.CANCEL):
            return self._take_out(change, row)
        self._put_in_place(change, row, text)
        return change.kind

    def _create(self, change: Change, row: Row | None, text: str) -> None:
        window, events = _after(change), self._events.get(change.key, ())
        if row is None:
            self._drafted.insert(change, window, text, events)
            return
        if change.generation <= row.generation:
            raise _stale(text, f"generation {row.generation} stands already")
        self._refuse_if_taken(change, row, text)
        remains = row.touched and row.standing != Standing.ENDED
        self._drafted.replace(row, change, window, (Standing.PLANNED, remains))
        self._supersede(row, change)
        self._drafted.add_events(row.id, window, events)

    def _refuse_if_taken(self, change: Change, row: Row, text: str) -> None:
        """An ending that was asked for since the plan was made is not planned away (law 2)."""
        if row.taken_by not in (None, self._releasing):
            raise _stale(text, f"order {row.taken_by} took it down: its release brings it back")
        is_meant = row.taken_by is not None or change.standing is Standing.ENDING
        if row.standing == Standing.ENDING and not is_meant:
            raise _stale(text, "its end was asked for meanwhile")

    def _put_in_place(self, change: Change, row: Row, text: str) -> None:
        """A move or an amendment; of nothing whose end was asked for (law 2)."""
        gone = row.standing in (*OVER, Standing.ENDING) or row.taken_by is not None
        began = (change.standing is Standing.LIVE) != (row.standing == Standing.LIVE)
        if gone or change.generation < row.generation or (change.standing is not None and began):
            raise _stale(text, f"it is {row.standing}, generation {row.generation}")
        window, events = _after(change), self._events.get(change.key, ())
        if change.generation > row.generation:
            self._drafted.replace(row, change, window, (Standing(row.standing), row.touched))
            self._supersede(row, change)
            self._drafted.add_events(row.id, window, events)
            return
        if row.touched or any(e.state in IN_FLIGHT for e in self._fired[row.id]):
            raise _stale(text, "something of it is on the channel by now")
        self._drafted.replace(row, change, window, (Standing(row.standing), False))
        self._move_events(row, window, events)

    def _move_events(self, row: Row, window: Window, events: Sequence[TriggerEvent]) -> None:
        """The window's events where they are, new instants for them, and no others."""
        present = {e.action: e for e in self._fired[row.id] if e.generation == row.generation}
        missing = self._drafted.move_events(present, window, events)
        self._drafted.add_events(row.id, window, missing)
        for event in present.values():
            if event.state in _UNCLAIMED:
                self._drafted.close_event(event, EventState.CANCELLED, "no longer planned")

    def _supersede(self, row: Row, change: Change) -> None:
        reason = f"generation {change.generation} stands"
        for event in self._fired[row.id]:
            if event.state in _UNCLAIMED and event.generation < change.generation:
                self._drafted.close_event(event, EventState.SUPERSEDED, reason)

    def _take_out(self, change: Change, row: Row) -> ChangeKind:
        """Withdraw; or cancel, where nothing of the window can be on the channel."""
        if row.standing in OVER:
            return change.kind  # it ended by itself meanwhile
        events = self._fired[row.id]
        touched = row.touched or any(e.state in IN_FLIGHT for e in events)
        if change.kind is ChangeKind.CANCEL and not touched:
            self._drafted.stand(row, Standing.CANCELLED)
            self._close(events, change, keep_ending=False)
            return change.kind
        self._drafted.stand(row, Standing.ENDING)
        self._close(events, change, keep_ending=True)
        for event in events:
            if event.action == ENDING and event.generation == row.generation:
                self._drafted.end_now(event)
        return ChangeKind.WITHDRAW

    def _close(self, events: Sequence[Row], change: Change, *, keep_ending: bool) -> None:
        """Close what is open; a start that was to come, and by now lies in the past, was missed."""
        is_missed = change.policy == "end-now" and change.standing is Standing.STAGED
        state = EventState.MISSED if is_missed else EventState.CANCELLED
        for event in events:
            if event.state in _UNCLAIMED and not (keep_ending and event.action == ENDING):
                self._drafted.close_event(event, state, change.reason)

    def _note(self, change: Change, kind: ChangeKind, text: str) -> None:
        detail: dict[str, str | int | bool | list[str] | None] = {
            "generation": change.generation,
            "policy": change.policy,
        }
        if window := change.after or change.before:
            detail["start"] = instant_text(window.start)
            detail["end"] = instant_text(window.end)
        if change.kind is ChangeKind.MOVE and change.before:
            detail["from_start"] = instant_text(change.before.start)
            detail["from_end"] = instant_text(change.before.end)
        if change.reason:
            detail["reason"] = change.reason
        if self._application.revision:
            detail["revision"] = self._application.revision
        at, actor = self._application.at, self._application.actor
        self._write.note(at, f"plan.{kind}", text, detail, actor=actor)

    def _note_events(self, text: str) -> None:
        """The events that the last change moved; those it brought are told by its own entry."""
        at, actor = self._application.at, self._application.actor
        serial = self._write.stamp.serial + 1
        for row, state, reason in self._drafted.moved():
            moved = Moved(at, state, reason or _PLANNED_AGAIN, actor, serial=serial)
            note_moved(self._write, text, row, moved)


def _by_window(events: Sequence[TriggerEvent]) -> dict[WindowKey, list[TriggerEvent]]:
    found: dict[WindowKey, list[TriggerEvent]] = defaultdict(list)
    for event in events:
        found[event.key.window].append(event)
    return found


def _stood(connection: sa.Connection, texts: Sequence[str]) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for batch in batches(texts):
        found.update({row.key: row for row in connection.execute(_STOOD, {"keys": batch})})
    return found


def _fired(connection: sa.Connection, ids: Sequence[int]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for batch in batches(ids):
        for row in connection.execute(_EVENTS, {"ids": batch}):
            found[row.window_id].append(row)
    return found


def _after(change: Change) -> Window:
    if change.after is None:
        raise ValueError(f"a {change.kind} of {change.key} says nothing of what shall stand")
    return change.after


def _stale(text: str, why: str) -> StalePlan:
    return StalePlan(
        f"the plan changes {text}, but {why}", help="make the plan again: `promo plan`"
    )
