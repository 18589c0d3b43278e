"""Pulsing: a daemon says each second how it is, on its slate and in its metrics file.

It looks at the ledger on a thread of its own, so that a ledger that does not answer is told too. A
look that found nothing wrong does not outweigh a claim or an outcome that could not be written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from promo_scheduler.audit import Head
from promo_scheduler.channels.account import Down
from promo_scheduler.channels.act import where_raised
from promo_scheduler.clock import Clock
from promo_scheduler.engine import pulse
from promo_scheduler.engine.metrics import Exporter, Figures
from promo_scheduler.engine.pulse import About, Late, Pulse, Wrong
from promo_scheduler.engine.slate import Slate
from promo_scheduler.errors import LedgerUnavailable
from promo_scheduler.ledger import Ledger
from promo_scheduler.operations.reporting import GRACE

BEAT = 1.0  # seconds
PATIENCE = 3.0  # seconds that the ledger may take to answer before that is told
READING = "reading"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Lag:
    """Seconds between an event's instant and its handing to the channel: the last, and the worst
    since the daemon began.
    """

    last: float = 0.0
    worst: float = 0.0

    def after(self, seconds: float) -> Lag:
        """The same with one more event."""
        return Lag(seconds, max(self.worst, seconds))


@dataclass(frozen=True, slots=True)
class Vitals:
    """How a service is, as it knows without asking anybody.

    `trouble` says what keeps the ledger from being used, by what it was used for. `channels` are
    the configured ones, `down` those of them that are down.
    """

    in_flight: int = 0
    unsettled: int = 0
    trouble: Mapping[str, str] = field(default_factory=dict)
    stalled_since: datetime | None = None
    channels: frozenset[str] = frozenset()
    down: Mapping[str, Down] = field(default_factory=dict)
    lag: Lag = Lag()


class Pulsing:
    """The pulse of one daemon. `exporter` None: no metrics are asked for."""

    def __init__(
        self, about: About, clock: Clock, slate: Slate, exporter: Exporter | None = None
    ) -> None:
        self._about = about
        self._clock = clock
        self._slate = slate
        self._exporter = exporter
        self._since: dict[str, datetime] = {}
        self._look: asyncio.Task[None] | None = None
        self._asked_at = 0.0
        self._unreadable: str | None = None
        self._late = Late()
        self._ledger_id, self._head = pulse.head_on(slate)

    async def beat_forever(self, vitals: Callable[[], Vitals], ledger: Ledger) -> None:
        """Beat once a second, until cancelled."""
        while True:
            try:
                self._begin_to_look(ledger)
                await self.beat(vitals())
            except Exception as error:  # a beat that fails must not be the last
                log.error("pulse.bug", error=where_raised(error))
            await asyncio.sleep(BEAT)

    async def beat(self, vitals: Vitals) -> None:
        """Say how this daemon is, now."""
        said = self._pulse(vitals)
        await asyncio.to_thread(self._slate.write, pulse.text_of(said))
        if self._exporter is not None:
            channels = {name: name not in vitals.down for name in vitals.channels}
            figures = Figures(said, channels, vitals.lag.last, vitals.lag.worst)
            await asyncio.to_thread(self._exporter.export, figures)

    def _pulse(self, vitals: Vitals) -> Pulse:
        stalled = vitals.stalled_since
        return Pulse(
            about=self._about,
            beat_at=self._clock.now(),
            ticks=self._clock.monotonic(),
            ledger=self._trouble(vitals.trouble),
            wake=Wrong(stalled, "the timer does not ring") if stalled else None,
            late=self._late,
            in_flight=vitals.in_flight,
            unsettled=vitals.unsettled,
            channels_down={n: Wrong(d.since, d.reason) for n, d in sorted(vitals.down.items())},
            ledger_id=self._ledger_id,
            head=self._head,
        )

    def _trouble(self, told: Mapping[str, str]) -> Wrong | None:
        """What is wrong with the ledger, the oldest first."""
        unreadable = self._unreadable or self._silence()
        wrong = {**told, READING: unreadable} if unreadable else told
        now = self._clock.now()
        self._since = {what: self._since.get(what, now) for what in wrong}
        if not wrong:
            return None
        oldest = min(wrong, key=lambda what: self._since[what])
        return Wrong(self._since[oldest], wrong[oldest])

    def _silence(self) -> str | None:
        waited = self._clock.monotonic() - self._asked_at
        if self._look is None or self._look.done() or waited < PATIENCE:
            return None
        return "the ledger does not answer"

    # ── looking at the ledger ───────────────────────────────────────────────────────────────────
    def _begin_to_look(self, ledger: Ledger) -> None:
        """One look at a time: a ledger that hangs is not asked again."""
        if self._look is None or self._look.done():
            self._asked_at = self._clock.monotonic()
            self._look = asyncio.create_task(self._look_at(ledger))

    async def _look_at(self, ledger: Ledger) -> None:
        now = self._clock.now()
        try:
            self._late, self._ledger_id, self._head = await asyncio.to_thread(_asked, ledger, now)
            self._unreadable = None
            if self._exporter is not None:
                await asyncio.to_thread(self._exporter.look, ledger)
        except LedgerUnavailable as error:
            self._unreadable = error.message
        except Exception as error:  # it must not end the pulse, and not go unsaid either
            self._unreadable = f"a bug: {type(error).__name__}"
            log.error("pulse.bug", error=type(error).__name__)


def _asked(ledger: Ledger, now: datetime) -> tuple[Late, str, Head]:
    stamp = ledger.stamp()
    count, first = ledger.overdue(now - GRACE)
    seconds = (now - first).total_seconds() if first else 0.0
    return Late(count, seconds), stamp.id, stamp.head
