"""Pulse: what a daemon says of itself each second, readable while the ledger is not.

It stands on the slate that the daemon holds locked, so whoever reads it knows whether the process
lives. Instants are UTC; `ticks` are the machine's monotonic seconds, which no step of the clock
touches.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from promo_scheduler.audit import EMPTY, Head
from promo_scheduler.clock import Clock
from promo_scheduler.engine import lock, slate
from promo_scheduler.record import encode, instant, instant_from

STALE = timedelta(seconds=5)  # a beat this old of a living process: it hangs
REASON = 200  # characters of a reason that are kept


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something that is wrong: since when (UTC), and what is known of it."""

    since: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Late:
    """How many events are overdue, and by how many seconds the longest of them."""

    count: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class About:
    """Who a daemon is: its name, its engine (`embedded`, `pgqueuer`), and since when it runs."""

    owner: str
    engine: str
    version: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Pulse:
    """One beat. `ledger` and `wake` are None while all is well; `head` and `ledger_id` are the last
    ones known, from a daemon before this one where need be.
    """

    about: About
    beat_at: datetime
    ticks: float
    ledger: Wrong | None = None
    wake: Wrong | None = None
    late: Late = Late()
    in_flight: int = 0
    unsettled: int = 0
    channels_down: Mapping[str, Wrong] = field(default_factory=dict)
    ledger_id: str = ""
    head: Head = EMPTY

    @property
    def is_well(self) -> bool:
        """Whether it says that nothing is wrong. A channel that is down is no fault of its own."""
        return self.ledger is None and self.wake is None and not self.late.count

    def age(self, clock: Clock) -> timedelta:
        """How old the beat is: by the monotonic time, or by the wall where that shows less, because
        the file comes from another machine or from before its last start.
        """
        by_wall = abs(clock.now() - self.beat_at)
        ticked = clock.monotonic() - self.ticks
        return by_wall if ticked < 0 else min(by_wall, timedelta(seconds=ticked))


@dataclass(frozen=True, slots=True)
class Daemon:
    """A process that is alive on this machine, and its last beat; None before the first."""

    name: str
    pulse: Pulse | None
    age: timedelta | None

    @property
    def is_stale(self) -> bool:
        """Whether it has said nothing for too long."""
        return self.age is not None and self.age > STALE

    @property
    def is_well(self) -> bool:
        """Whether it beats, and says that nothing is wrong. One that only just began is well."""
        return not self.is_stale and (self.pulse is None or self.pulse.is_well)


def daemons(lock_file: Path, clock: Clock) -> tuple[Daemon, ...]:
    """The daemons of a ledger that are alive on this machine. Raises LedgerUnavailable."""
    found = []
    for name, path in lock.held(lock_file):
        pulse = read(path)
        found.append(Daemon(name, pulse, pulse.age(clock) if pulse else None))
    return tuple(found)


def read(path: Path) -> Pulse | None:
    """The last beat on a slate, of whichever daemon; None where there is none."""
    data = lock.said(slate.read(path))
    try:
        return _pulse_from(data) if data.get("beat_at") else None
    except (KeyError, TypeError, ValueError, AttributeError):
        return None  # of another version


def last_head(path: Path) -> tuple[str, Head]:
    """The id of the ledger that was last used here and the head of its audit, as far as known;
    whether anybody runs or not. An empty id: nothing is known.
    """
    return _head_from(lock.said(slate.read(path)))


def head_on(held: slate.Slate) -> tuple[str, Head]:
    """The same, of a slate that this process holds."""
    return _head_from(lock.said(held.read()))


def _head_from(data: Mapping[str, Any]) -> tuple[str, Head]:
    try:
        head = data["head"]
        return str(data["ledger_id"]), Head(int(head["seq"]), str(head["seal"]))
    except (KeyError, TypeError, ValueError):
        return "", EMPTY


# ── as data ─────────────────────────────────────────────────────────────────────────────────────
def pulse_data(pulse: Pulse) -> dict[str, Any]:
    """A beat as plain data, for its slate and for JSON output."""
    return {
        "owner": pulse.about.owner,
        "engine": pulse.about.engine,
        "version": pulse.about.version,
        "started_at": instant(pulse.about.started_at),
        "beat_at": instant(pulse.beat_at),
        "ticks": round(pulse.ticks, 3),
        "ledger": _wrong_data(pulse.ledger),
        "wake": _wrong_data(pulse.wake),
        "late": {"count": pulse.late.count, "seconds": round(pulse.late.seconds, 3)},
        "in_flight": pulse.in_flight,
        "unsettled": pulse.unsettled,
        "channels_down": {name: _wrong_data(w) for name, w in pulse.channels_down.items()},
        "ledger_id": pulse.ledger_id,
        "head": {"seq": pulse.head.seq, "seal": pulse.head.seal},
    }


def text_of(pulse: Pulse) -> str:
    """A beat as it stands on its slate. Channels that find no room there are left out."""
    data = pulse_data(pulse)
    while len((text := encode(data)).encode()) > slate.ROOM:
        data["channels_down"].popitem()
    return text


def _wrong_data(wrong: Wrong | None) -> str | dict[str, str]:
    if wrong is None:
        return "ok"
    return {"since": instant(wrong.since), "reason": wrong.reason[:REASON]}


def _pulse_from(data: Mapping[str, Any]) -> Pulse:
    ledger_id, head = _head_from(data)
    return Pulse(
        about=About(
            data["owner"], data["engine"], data["version"], instant_from(data["started_at"])
        ),
        beat_at=instant_from(data["beat_at"]),
        ticks=float(data["ticks"]),
        ledger=_wrong_from(data["ledger"]),
        wake=_wrong_from(data["wake"]),
        late=Late(int(data["late"]["count"]), float(data["late"]["seconds"])),
        in_flight=int(data["in_flight"]),
        unsettled=int(data["unsettled"]),
        channels_down=_all_from(data["channels_down"]),
        ledger_id=ledger_id,
        head=head,
    )


def _all_from(data: Mapping[str, Any]) -> dict[str, Wrong]:
    return {name: wrong for name, said in data.items() if (wrong := _wrong_from(said))}


def _wrong_from(data: Any) -> Wrong | None:
    return None if data == "ok" else Wrong(instant_from(data["since"]), str(data["reason"]))
