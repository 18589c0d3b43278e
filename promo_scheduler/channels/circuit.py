"""Circuit: a channel that says it is down is not called again until it is time to probe.

    closed ──ChannelDown──▶ open ──its time has come──▶ probing ──an answer──▶ closed
                             ▲                            │
                             └──────no answer, longer─────┘

One firing is the probe; all others wait in the ledger meanwhile, and cost neither calls nor audit
entries. Times are monotonic seconds. Nothing here touches a network.
"""

from __future__ import annotations

from promo_scheduler import firing

FIRST = 1.0  # seconds until the first probe, where the channel does not say; doubled each time
LONGEST = 60.0  # seconds between two probes, where the channel does not say
LONGEST_ASKED = firing.LONGEST_ASKED.total_seconds()


class Circuit:
    """Whether one account may be called."""

    def __init__(self) -> None:
        self._probe_at: float | None = None
        self._wait = FIRST
        self._probing = False

    @property
    def is_open(self) -> bool:
        """Whether the channel is taken to be down."""
        return self._probe_at is not None

    def room(self, now: float) -> int | None:
        """How many firings may be begun: any number (None), the one that probes, or none."""
        if self._probe_at is None:
            return None
        return 1 if now >= self._probe_at and not self._probing else 0

    def left(self, now: float) -> float:
        """Seconds until the next probe; 0 where it is time, or the channel is up."""
        return max(0.0, self._probe_at - now) if self._probe_at is not None else 0.0

    def enter(self, now: float) -> bool:
        """Whether this firing may call the channel; where it is down, as the one that probes."""
        room = self.room(now)
        if room == 1:
            self._probing = True
        return room != 0

    def fell(self, now: float, asked: float | None = None) -> bool:
        """The channel is down, and asks to be left alone for so many seconds. True: it was up.

        Of one that is down already, only its probe says something new.
        """
        was_up = not self.is_open
        if was_up or self._probing:
            self._wait = FIRST if was_up else min(self._wait * 2, LONGEST)
            wait = self._wait if asked is None else min(max(asked, FIRST), LONGEST_ASKED)
            self._probe_at, self._probing = now + wait, False
        return was_up

    def answered(self) -> bool:
        """The channel answers. True: it was down."""
        was_open, self._probe_at, self._probing = self.is_open, None, False
        return was_open

    def unanswered(self, now: float) -> None:
        """No word from the channel: a probe that ended so is a failed one."""
        if self.is_open:
            self.fell(now)
