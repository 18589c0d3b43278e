"""Playing a workspace through: the real daemon, a real shop, and a clock that skips the idle hours.

Nothing is faked but the time. The shop moves its clock first and says so; the ledger remembers how
far it came; the daemon is the last to move. Killed at any moment, a simulation goes on from its
ledger and the shop's clock.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from promo_scheduler.channels.sandbox.control import ShopControl
from promo_scheduler.channels.sandbox.running import RunningShop, start_shop
from promo_scheduler.channels.sandbox.shop import ShopOptions
from promo_scheduler.channels.sandbox.verdict import Tolerance, judge
from promo_scheduler.engine.clocks import SimulatedClock
from promo_scheduler.engine.daemon import means_for, owner_name
from promo_scheduler.engine.lock import exclusive
from promo_scheduler.engine.service import Parts, Service, nothing_left
from promo_scheduler.engine.wake import SkippingWake
from promo_scheduler.errors import DemoFailed
from promo_scheduler.ledger import EventQuery, Ledger, Node, WindowQuery
from promo_scheduler.operations import apply, lock_path, open_ledger, preview, propose
from promo_scheduler.operations.reporting import WAITING
from promo_scheduler.operations.staging import expected, seed, shelves, staged
from promo_scheduler.operations.summing import summarize
from promo_scheduler.order import Scope
from promo_scheduler.plan import Plan
from promo_scheduler.views.running import Progress, Shelf, Summary
from promo_scheduler.workspace import Workspace

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)  # before it, nothing is past
LEAD = timedelta(minutes=1)  # how long before the first event the clock starts
# What a start or end may come late at a shop that is switched at the instant: the request's way.
ON_TIME = Tolerance(start=timedelta(seconds=2), end=timedelta(seconds=2))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to play: a workspace, where to keep its ledger, and how fast.

    `shop` is the URL of a shop that runs already; None starts one. `seconds` is about how long it
    is to take; 0 is as fast as it goes.
    """

    workspace: Workspace
    folder: Path
    shop: str | None = None
    seconds: float = 0.0


class Simulation:
    """One play: open it, look at it while `run` goes on, and ask for the account at the end."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._held = AsyncExitStack()

    async def __aenter__(self) -> Self:
        try:
            await self._open()
        except BaseException:
            await self._held.aclose()
            raise
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._held.aclose()

    async def _open(self) -> None:
        wanted = self._wanted
        played = staged(wanted.workspace, "", wanted.folder)
        instants = _instants_of(preview(played, LONG_AGO))
        start, self._pace = min(instants) - LEAD, wanted.seconds / len(instants)
        self.url = wanted.shop or (await self._own_shop(played, start)).url
        self.shop = ShopControl(self.url)
        self._held.push_async_callback(self.shop.close)
        await self.shop.move_to(start)
        self.clock = SimulatedClock(await self.shop.clock())
        self.workspace = staged(wanted.workspace, self.url, wanted.folder)
        lock = lock_path(self.workspace)
        self._node = Node(owner_name(), place=str(lock), engine="simulated")
        self._held.enter_context(exclusive(lock, self._node.name))
        self.ledger = open_ledger(self.workspace, simulated=True)
        self._held.callback(self.ledger.close)
        self._apply()

    async def _own_shop(self, played: Workspace, start: datetime) -> RunningShop:
        options = ShopOptions(seed=seed(played), starts_at=start)
        shop = await start_shop(options)
        self._held.push_async_callback(shop.aclose)
        return shop

    def _apply(self) -> None:
        now = self.clock.now()
        proposal = propose(self.workspace, self.ledger, now)
        apply(self.ledger, proposal, now, frozenset({"starts-late"}))

    async def run(self) -> None:
        """Fire everything until nothing is left."""
        means = means_for(self.workspace, self.ledger, self.clock, self._node)
        waiting = _waiting_in(self.ledger)
        wake = SkippingWake(self.clock, self._before_skip, waiting, self._pace)
        settings = self.workspace.settings
        service = Service(Parts(means, wake, settings, self._node, finished=nothing_left))
        try:
            await service.run()
        finally:
            await means.accounts.close()

    async def _before_skip(self, instant: datetime) -> None:
        await self.shop.move_to(instant)
        self.ledger.set_simulated_now(instant)

    async def look(self) -> tuple[Progress, tuple[Shelf, ...]]:
        """How far it is, and what a buyer sees now, a line a place."""
        counts = self.ledger.counts()
        waiting = sum(counts[state] for state in WAITING)
        total = sum(counts.values())
        progress = Progress(self.clock.now(), total - waiting, total)
        return progress, shelves(self.workspace, await self.shop.prices())

    async def account(self) -> Summary:
        """What became of it, by the ledger and by the shop's own log."""
        stood = self.ledger.windows(WindowQuery())
        windows = expected((s.window for s in stood), self.ledger.stamp().id)
        faults = judge(await self.shop.effects(), windows, ON_TIME)
        told = [(fault.name, f"{fault.kind}: {fault.detail}") for fault in faults]
        return summarize(self.ledger, len(windows), told)


def _instants_of(plan: Plan) -> set[datetime]:
    """When something is due, UTC: the clock stops at each."""
    if not plan.events:
        raise DemoFailed("nothing to play: the workspace plans no window")
    return {event.due_at for event in plan.events}


def _waiting_in(ledger: Ledger) -> Callable[[datetime], Awaitable[bool]]:
    async def waiting(now: datetime) -> bool:
        return bool(ledger.events(EventQuery(Scope(), WAITING, until=now, limit=1)))

    return waiting
