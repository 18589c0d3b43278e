"""Following the workspace: a new revision is planned, and applied as far as the settings allow.

So is each new day: a date by its name may mean the next one then. Before that, what stands is
resolved anew where zone data or calendars have changed. Files are read off the event loop. Whatever
is wrong with a revision is told once, not each time.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import date

import structlog

from promo_scheduler.engine.dispatcher import Means
from promo_scheduler.engine.telling import Told
from promo_scheduler.engine.zone_data import ZoneData
from promo_scheduler.errors import PromoError
from promo_scheduler.operations import Reconciled, load_committed, reconcile_with
from promo_scheduler.plan import Change
from promo_scheduler.source import fingerprint
from promo_scheduler.workspace import Workspace

log = structlog.get_logger()


class Follower:
    """What the daemon knows of its workspace: the revision and the day (UTC) that it has planned,
    and what it has told.
    """

    def __init__(self, workspace: Workspace, means: Means) -> None:
        self._workspace = workspace
        self._means = means
        self._seen: tuple[str, date] | None = None
        self._told = Told()
        self._zone_data = ZoneData(workspace.root, means.books.ledger, self._told)

    async def look(self) -> None:
        """Reconcile, where the committed files or the day are not those that were planned last."""
        try:
            mark = await asyncio.to_thread(fingerprint, self._workspace.root)
            seen = (mark, self._means.clock.now().date())
            if seen == self._seen:
                return
            waiting = await self._resolve_anew()
            if waiting is None:
                return
            found = await asyncio.to_thread(load_committed, self._workspace.root)
        except PromoError as error:
            self._told.refuse("reconcile.refused", error)
            return
        if await self._reconcile(found, waiting):
            self._seen = seen

    async def _resolve_anew(self) -> tuple[Change, ...] | None:
        """What waits for a person; None where that cannot be told from what was edited, and a
        person is to be asked. Else the revision that comes next is planned with the new data.
        """
        if self._seen is not None:
            await self._zone_data.renew()
        try:
            return await self._zone_data.check(self._means.clock.now())
        except PromoError as error:
            self._told.refuse("zone-data.refused", error)
            return () if self._workspace.settings.new_zone_data == "auto" else None

    async def _reconcile(self, found: Workspace, waiting: tuple[Change, ...]) -> bool:
        """Whether the revision was taken over: not while its changed `config/` waits."""
        ledger, now = self._means.books.ledger, self._means.clock.now()
        try:
            done = await asyncio.to_thread(reconcile_with, found, ledger, now, waiting)
        except PromoError as error:
            self._told.warn("reconcile.failed", error=error.message)
            return False
        self._report(done)
        if done.config_changed:
            return False
        if found.config_digest != self._workspace.config_digest:
            await self._means.accounts.reconfigure(found.channels)
        self._workspace = found
        return True

    def _report(self, done: Reconciled) -> None:
        for finding in done.findings:
            if finding.is_error:
                self._told.warn("reconcile.finding", problem=str(finding.problem))
        if done.config_changed:
            way_out = "look at `promo plan`, `promo apply` it"
            self._told.warn("reconcile.config-changed", way_out=way_out)
        waiting = Counter((change.policy, change.key.campaign) for change in done.waiting)
        for (policy, campaign), windows in waiting.items():
            facts = {"change": policy, "campaign": campaign, "windows": str(windows)}
            way_out = "`promo plan`, then `promo apply`"
            self._told.warn("reconcile.waiting", **facts, way_out=way_out)
        if done.applied:
            log.info("reconcile.applied", revision=done.revision, changes=len(done.applied))
