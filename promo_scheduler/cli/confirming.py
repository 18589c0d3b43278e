"""Waiting until what an order takes down was read back as down, with a daemon running or without.

A daemon that is alive does it, and the ledger tells how far it is. Where none is, or it dies, it is
done here. The order stands whatever becomes of the waiting.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from promo_scheduler.cli.alive import daemons_of
from promo_scheduler.errors import LedgerInUse, LedgerUnavailable, PartlyDone

if TYPE_CHECKING:
    from promo_scheduler.engine.pulse import Daemon
    from promo_scheduler.ledger import Ledger
    from promo_scheduler.operations import Given
    from promo_scheduler.order import OrderKind
    from promo_scheduler.plan import StandingWindow
    from promo_scheduler.views.orders import TakenDown
    from promo_scheduler.workspace import Workspace

LOOK = 0.2  # seconds between two looks at the ledger, while a daemon is at it
AGAIN = 1.0  # seconds between two rounds here, without one

Tell = Callable[[int], None]


def who_runs(workspace: Workspace, ledger: Ledger) -> str | None:
    """The daemon that works on this ledger: here by its lock, elsewhere by its lease; else None."""
    return next(_at_work(workspace, ledger), None)


def _at_work(workspace: Workspace, ledger: Ledger) -> Iterator[str]:
    from promo_scheduler.engine.lock import holder
    from promo_scheduler.operations import lock_path

    if found := holder(lock_path(workspace)):
        yield found
    yield from (node.name for node in ledger.nodes() if node.lease_left > timedelta(0))


@dataclass(slots=True)
class Wait:
    """The wait for one order, for `timeout` seconds at most."""

    workspace: Workspace
    ledger: Ledger
    given: Given
    timeout: float
    is_simulated: bool = field(init=False)
    _deadline: float = field(init=False)  # monotonic seconds

    def __post_init__(self) -> None:
        self.is_simulated = self.ledger.stamp().simulated
        self._deadline = time.monotonic() + self.timeout

    def until_down(self) -> None:
        """Return when nothing of it waits any more, or the time is over."""
        if self.is_simulated or not self.given.awaited:
            return  # nobody but its simulation passes the time of a simulated ledger
        with _progress(self.given) as tell:
            self._wait(tell)

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Ctrl-C in the block goes on as KeyboardInterrupt, after a word on what stands."""
        try:
            yield
        except KeyboardInterrupt:
            self._say_what_stands()
            raise

    def way_on(self, left: Sequence[TakenDown]) -> str:
        """What becomes of the rest."""
        if not any(each.waits for each in left):
            return "nothing is tried again by itself: look at these on their channels"
        if at_work := set(_at_work(self.workspace, self.ledger)):
            hanging = [each for each in daemons_of(self.workspace) if each.is_stale]
            if at_work <= {each.name for each in hanging}:
                return _past_the_hanging(hanging[0], self.given.order.kind)
            return "the daemon goes on trying; `promo status` shows how far it is"
        return "start the daemon (`promo run`): it goes on trying; `promo status` shows how far"

    @property
    def _left(self) -> float:
        return max(0.0, self._deadline - time.monotonic())

    def _wait(self, tell: Tell) -> None:
        while falling := self._falling():
            tell(len(falling))
            if not self._left:
                return
            try:
                self._go_on()
            except LedgerUnavailable:  # it may come back within the time
                time.sleep(min(LOOK, self._left))

    def _go_on(self) -> None:
        if who_runs(self.workspace, self.ledger):
            time.sleep(min(LOOK, self._left))
        else:
            self._end_here()

    def _falling(self) -> tuple[StandingWindow, ...]:
        """What is not down yet; all of it while the ledger cannot be asked."""
        from promo_scheduler.operations import still_falling

        try:
            return still_falling(self.ledger, self.given)
        except LedgerUnavailable:
            time.sleep(min(LOOK, self._left))
            return self.given.awaited

    def _end_here(self) -> None:
        import asyncio

        from promo_scheduler.engine.daemon import drain
        from promo_scheduler.engine.logs import configure

        configure("critical")  # the account says what failed
        try:
            asyncio.run(drain(self.workspace, timedelta(seconds=self._left)))
        except LedgerInUse:
            return  # a daemon has begun meanwhile: it does it
        except PartlyDone:
            pass  # outcomes that could not be recorded are looked at in the next round
        if self._falling():
            time.sleep(min(AGAIN, self._left))

    def _say_what_stands(self) -> None:
        from promo_scheduler.cli.printing import say

        order, left = self.given.order, len(self._falling())
        say(f"\n{order.kind} {order.id} stays in force")
        if left:
            of = len(self.given.awaited)
            say(f"{left} of {of} windows are not confirmed to be down: a daemon ends them")


def _past_the_hanging(daemon: Daemon, kind: OrderKind) -> str:
    """The way out where a process keeps the ledger to itself and does nothing."""
    from promo_scheduler.views.words import roughly

    ago = f": its last beat was {roughly(daemon.age)} ago" if daemon.age else ""
    _, _, process = daemon.name.rpartition(":")[0].rpartition(":")  # host:process:random
    return (
        f"the daemon {daemon.name} hangs{ago}; kill it (`kill -9 {process or 'PROCESS'}`), then "
        f"give this `promo {kind}` again, which ends the rest by itself, or start a daemon "
        "(`promo run`)"
    )


def _say_nothing(left: int) -> None:
    """Where nobody watches."""
    del left


@contextmanager
def _progress(given: Given) -> Iterator[Tell]:
    """A line on a terminal's stderr that says how far it is; nothing elsewhere."""
    from promo_scheduler.views.orders import progress_line
    from promo_scheduler.views.paper import live_on

    if not sys.stderr.isatty():
        yield _say_nothing
        return
    with live_on(sys.stderr) as show:
        yield lambda left: show(progress_line(given.order, left, len(given.awaited)))
