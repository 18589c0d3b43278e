"""Following the workspace: a new revision is planned, and applied as far as the settings allow.

So is each new day: a date by its name may mean the next one then. Before that, what stands follows
new zone data, whatever has become of the files. Files are read off the event loop. Whatever is
wrong with a revision is told once, not each time.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import date

import structlog

from promo_scheduler.clock import Versions
from promo_scheduler.engine.dispatcher import Means
from promo_scheduler.engine.telling import Told
from promo_scheduler.engine.zone_data import ZoneData
from promo_scheduler.errors import PromoError
from promo_scheduler.operations import Reconciled, load_committed, reconcile_with
from promo_scheduler.source import fingerprint
from promo_scheduler.workspace import Workspace

log = structlog.get_logger()
_Seen = tuple[str, date, Versions]


class Follower:
    """What the daemon knows of its workspace: what it has planned (the revision, the day in UTC,
    the versions that the ledger stood on afterwards), and what it has told.
    """

    def __init__(self, workspace: Workspace, means: Means) -> None:
        self._workspace = workspace
        self._means = means
        self._seen: _Seen | None = None
        self._told = Told()
        ledger, today = means.books.ledger, means.clock.now().date()
        self._zone_data = ZoneData(ledger, self._told, today)

    async def look_at_zone_data(self) -> None:
        """Let what stands follow new zone data: before anything is fired by the old ones."""
        await self._zone_data.look(self._workspace, self._means.clock.now())

    async def look(self) -> None:
        """Reconcile, where the committed files, the day or what the ledger stands on are not those
        that were planned last. A workspace that cannot be read is told.
        """
        await self.look_at_zone_data()
        if await asyncio.to_thread(self._zone_data.is_behind):
            return
        try:
            seen = await asyncio.to_thread(self._mark)
            if seen == self._seen:
                return
            found = await asyncio.to_thread(load_committed, self._workspace.root)
        except (PromoError, OSError) as error:
            self._told.refuse("reconcile.refused", error)
            return
        if await self._reconcile(found):
            stamp = await asyncio.to_thread(self._means.books.ledger.stamp)
            self._seen = (*seen[:2], stamp.versions)

    async def adopt(self) -> None:
        """Take over a configuration that somebody applied, or another node found applied."""
        applied = (await asyncio.to_thread(self._means.books.ledger.stamp)).config_digest
        if applied in ("", self._workspace.config_digest):
            return
        try:
            found = await asyncio.to_thread(load_committed, self._workspace.root)
        except (PromoError, OSError) as error:
            self._told.refuse("adopt.refused", error)
            return
        if found.config_digest == applied:
            await self._take_over(found)
        else:
            self._told.warn(
                "adopt.waits", way_out="update this node's workspace: config/ is behind"
            )

    async def _take_over(self, found: Workspace) -> None:
        if found.config_digest != self._workspace.config_digest:
            await self._means.accounts.reconfigure(found.channels)
        self._means.accounts.sell(found.catalog)
        self._workspace = found

    def _mark(self) -> _Seen:
        mark = fingerprint(self._workspace.root)
        return mark, self._means.clock.now().date(), self._means.books.ledger.stamp().versions

    async def _reconcile(self, found: Workspace) -> bool:
        """Whether the revision was planned for good: not while its changed `config/` waits."""
        ledger, now = self._means.books.ledger, self._means.clock.now()
        try:
            done = await asyncio.to_thread(reconcile_with, found, ledger, now)
        except PromoError as error:
            self._told.warn("reconcile.failed", error=error.message)
            return False
        self._report(done)
        if done.config_changed:
            return False
        if done.calendars_wait:
            return True
        await self._take_over(found)
        return True

    def _report(self, done: Reconciled) -> None:
        for finding in done.findings:
            if finding.is_error:
                self._told.warn("reconcile.finding", problem=str(finding.problem))
        way_out = "look at `promo plan`, `promo apply` it"
        if done.config_changed:
            self._told.warn("reconcile.config-changed", way_out=way_out)
        if done.new_calendars:
            facts = {"changed": ", ".join(done.new_calendars)}
            facts |= {"way_out": way_out} if done.calendars_wait else {}
            self._told.warn("reconcile.calendars-changed", **facts)
        waiting = Counter((change.policy, change.key.campaign) for change in done.waiting)
        for (policy, campaign), windows in waiting.items():
            facts = {"change": policy, "campaign": campaign, "windows": str(windows)}
            way_out = "`promo plan`, then `promo apply`"
            self._told.warn("reconcile.waiting", **facts, way_out=way_out)
        if done.applied:
            log.info("reconcile.applied", revision=done.revision, changes=len(done.applied))
