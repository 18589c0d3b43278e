"""Observing: a ledger that came from a copy has its channels read before anything is done.

It may know nothing of what was done since. What a channel holds of a window is put on record, and
counts from then on as something that must be ended; nothing starts before a person has released the
hold that the copy came with (law 9).
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import timedelta

import structlog

from promo_scheduler.audit import Head
from promo_scheduler.connector import ChannelError
from promo_scheduler.engine.dispatcher import Means
from promo_scheduler.engine.engines import Chore
from promo_scheduler.ledger import Seen
from promo_scheduler.operations import actor
from promo_scheduler.operations.keeping import hold_restored, to_observe
from promo_scheduler.plan import Window, natural_key

AT_ONCE = 50  # windows of one channel that are read at one time
EVERY = timedelta(seconds=5)  # between two tries of what did not answer

log = structlog.get_logger()


def hold_older_copy(means: Means, last_seen: tuple[str, Head]) -> None:
    """Hold everything where the ledger ends before the last entry that a daemon here has seen: then
    somebody put an older copy in its place.
    """
    ledger, (ledger_id, head) = means.books.ledger, last_seen
    stamp = ledger.stamp()
    if stamp.id == ledger_id and stamp.head.seq < head.seq:
        why = f"its audit ends at entry {stamp.head.seq}, and entry {head.seq} was seen here"
        if hold_restored(ledger, means.clock.now(), why):
            log.error("ledger.older-copy", reason=why, way_out="promo release, once all is checked")


class Observer:
    """Reads the channels of one ledger until all have answered."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._left: list[Window] | None = None

    @property
    def chore(self) -> Chore:
        """The same as something to be done again and again; it does nothing for most ledgers."""
        return Chore("observe", EVERY, self.look)

    async def look(self) -> None:
        """Read what has not been read yet. Raises LedgerError."""
        books, now = self._means.books, self._means.clock.now()
        stamp = await books.call(books.ledger.stamp)
        if stamp.copied_at is None:
            return
        if self._left is None:
            channels = self._means.accounts.channels
            self._left = list(await books.call(to_observe, books.ledger, channels, now))
            log.warning("observe.begun", windows=len(self._left))
        await self._look_at_what_is_left(self._left, stamp.id)

    async def _look_at_what_is_left(self, left: list[Window], ledger_id: str) -> None:
        """One round. Channels do not wait for each other (law 11)."""
        by_channel: dict[str, list[Window]] = defaultdict(list)
        for window in left:
            by_channel[window.key.channel].append(window)
        rounds = (self._look_at(*each, ledger_id) for each in by_channel.items())
        self._left = [window for unread in await asyncio.gather(*rounds) for window in unread]
        if not self._left:
            await self._record([], finished=True)
            log.warning("observe.finished", way_out="promo release --all, once all is checked")

    async def _look_at(self, channel: str, windows: list[Window], ledger_id: str) -> list[Window]:
        """Read one channel. Returns the windows for which it did not answer, and tells them."""
        unread: list[Window] = []
        why = ""
        for begin in range(0, len(windows), AT_ONCE):
            some = windows[begin : begin + AT_ONCE]
            looks = await asyncio.gather(*(self._seen(window, ledger_id) for window in some))
            failed = [(w, f) for w, f in zip(some, looks, strict=True) if isinstance(f, str)]
            unread += [window for window, _ in failed]
            why = why or next((reason for _, reason in failed), "")
            await self._record([found for found in looks if isinstance(found, Seen)])
        if unread:
            log.warning("observe.unanswered", channel=channel, windows=len(unread), error=why)
        return unread

    async def _seen(self, window: Window, ledger_id: str) -> Seen | str:
        """What the channel holds of a window; else why it did not say."""
        try:
            found = await self._means.accounts.observe(window, natural_key(ledger_id, window.key))
        except ChannelError as error:
            return error.message
        return Seen(window.key, found.state, found.present, found.refs)

    async def _record(self, seen: list[Seen], *, finished: bool = False) -> None:
        books, now = self._means.books, self._means.clock.now()

        def record() -> None:
            books.ledger.observed(seen, now, actor(), finished=finished)

        if seen or finished:
            await books.call(record)
