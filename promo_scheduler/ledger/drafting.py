"""What an application writes to windows and events: gathered row by row, written in bulk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from promo_scheduler.firing import EventState
from promo_scheduler.ledger.encoding import Row, Values, key_values, lane, micros, window_values
from promo_scheduler.ledger.tables import ACTION_CODES, EVENT, WAITING, WINDOW
from promo_scheduler.plan import Application, Change, Standing, TriggerEvent, Window

_ADD_WINDOW = WINDOW.insert()
_ADD_EVENT = EVENT.insert()
_REPLACE = (
    WINDOW.update()
    .where(WINDOW.c.id == sa.bindparam("window"))
    .values(
        **{
            name: sa.bindparam(f"new_{name}")
            for name in ("start_at", "end_at", "start_wall", "end_wall", "terms")
        },
        standing=sa.bindparam("where"),
        generation=sa.bindparam("stands"),
        touched=sa.bindparam("is_touched"),
        taken_by=None,
    )
)
_STAND = (
    WINDOW.update()
    .where(WINDOW.c.id == sa.bindparam("window"))
    .values(standing=sa.bindparam("where"))
)
_CHANGE_EVENT = (
    EVENT.update()
    .where(EVENT.c.id == sa.bindparam("event"))
    .values(
        state=sa.bindparam("to"),
        reason=sa.bindparam("why"),
        lane=sa.bindparam("new_lane"),
        due_at=sa.bindparam("due"),
        ready_at=sa.bindparam("ready"),
    )
)


@dataclass(slots=True)
class Drafted:
    """Rows to be written. Window numbers are given here: there is one writer at a time."""

    application: Application
    next_window: int
    _new_windows: list[Values] = field(default_factory=list)
    _replaced: list[Values] = field(default_factory=list)
    _standing: list[Values] = field(default_factory=list)
    _new_events: list[Values] = field(default_factory=list)
    _changed_events: list[Values] = field(default_factory=list)
    _moved: list[tuple[Row, EventState, str]] = field(default_factory=list)

    def insert(
        self, change: Change, window: Window, text: str, events: Sequence[TriggerEvent]
    ) -> None:
        """A window that was never there, with its events."""
        self._new_windows.append(
            {
                "id": self.next_window,
                **key_values(change.key, text),
                **window_values(window),
                "standing": Standing.PLANNED.value,
                "generation": change.generation,
                "touched": False,
            }
        )
        self.add_events(self.next_window, window, events)
        self.next_window += 1

    def replace(
        self, row: Row, change: Change, window: Window, stands: tuple[Standing, bool]
    ) -> None:
        """New content for a window, the standing and the touch that it has afterwards."""
        standing, touched = stands
        self._replaced.append(
            {
                "window": row.id,
                **{f"new_{name}": value for name, value in window_values(window).items()},
                "where": standing.value,
                "stands": change.generation,
                "is_touched": touched,
            }
        )

    def stand(self, row: Row, standing: Standing) -> None:
        """Another standing for a window whose content stays."""
        self._standing.append({"window": row.id, "where": standing.value})

    def add_events(self, window_id: int, window: Window, events: Sequence[TriggerEvent]) -> None:
        """New events, pending."""
        where = lane(window.key.channel, window.target)
        for event in events:
            due = micros(event.due_at)
            self._new_events.append(
                {
                    "window_id": window_id,
                    "action": ACTION_CODES[event.key.action],
                    "generation": event.generation,
                    "lane": where,
                    "due_at": due,
                    "ready_at": due,
                    "state": "pending",
                }
            )

    def move_events(
        self, present: dict[int, Row], window: Window, events: Sequence[TriggerEvent]
    ) -> list[TriggerEvent]:
        """Give each event that is present its new instant, and take it out of `present`.

        What a person or the channel had stopped is tried again with the new content; what an order
        holds stays held. Returns the events that are not there yet.
        """
        missing: list[TriggerEvent] = []
        for event in events:
            row = present.pop(ACTION_CODES[event.key.action], None)
            if row is None:
                missing.append(event)
                continue
            held = row.state == EventState.HELD
            where = lane(window.key.channel, window.target)
            placed = (where, micros(event.due_at))
            if held:
                self._change(row, EventState.HELD, row.reason, placed)
            else:
                self._change(row, EventState.PENDING, "", placed)
        return missing

    def close_event(self, row: Row, state: EventState, reason: str) -> None:
        """Take an event out for good."""
        self._change(row, state, reason, (row.lane, row.due_at))

    def end_now(self, row: Row) -> None:
        """Bring an ending forward to this moment; one that is being done, or done, stays."""
        if row.state in WAITING:
            due = min(row.due_at, micros(self.application.at))
            self._change(row, _waiting(row), "brought forward", (row.lane, due))

    def moved(self) -> list[tuple[Row, EventState, str]]:
        """The events that went to another state since this was last asked, and why."""
        found, self._moved = self._moved, []
        return found

    def write(self, connection: sa.Connection) -> None:
        """Write everything that was gathered."""
        for statement, rows in (
            (_ADD_WINDOW, self._new_windows),
            (_REPLACE, self._replaced),
            (_STAND, self._standing),
            (_CHANGE_EVENT, self._changed_events),
            (_ADD_EVENT, self._new_events),
        ):
            if rows:
                connection.execute(statement, rows)

    def _change(self, row: Row, state: EventState, reason: str, placed: tuple[str, int]) -> None:
        where, due = placed
        if state not in (row.state, _waiting(row)):
            self._moved.append((row, state, reason))
        self._changed_events.append(
            {
                "event": row.id,
                "to": state.value,
                "why": reason,
                "new_lane": where,
                "due": due,
                "ready": due,
            }
        )


def _waiting(row: Row) -> EventState:
    """The state that it is in but for a queue: to be handed to one is no change on record."""
    state = EventState(row.state)
    return EventState.PENDING if state is EventState.HANDED else state
