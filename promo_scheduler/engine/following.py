"""Following the workspace: a new revision is planned, and applied as far as the settings allow.

Files are read off the event loop. Whatever is wrong with a revision is told once, not each time.
"""

from __future__ import annotations

import asyncio
from collections import Counter

import structlog

from promo_scheduler.engine.dispatcher import Means
from promo_scheduler.errors import InvalidWorkspace, PromoError
from promo_scheduler.operations import Reconciled, load_committed, reconcile_with
from promo_scheduler.source import fingerprint
from promo_scheduler.workspace import Workspace

log = structlog.get_logger()


class Follower:
    """What the daemon knows of its workspace: the revision it has planned, and what it has told."""

    def __init__(self, workspace: Workspace, means: Means) -> None:
        self._workspace = workspace
        self._means = means
        self._mark = ""
        self._told: set[str] = set()

    async def look(self) -> None:
        """Reconcile, where the committed files are not those that were taken over last."""
        try:
            mark = await asyncio.to_thread(fingerprint, self._workspace.root)
            if mark == self._mark:
                return
            found = await asyncio.to_thread(load_committed, self._workspace.root)
        except PromoError as error:
            self._refuse(error)
            return
        if await self._reconcile(found):
            self._mark = mark

    async def _reconcile(self, found: Workspace) -> bool:
        """Whether the revision was taken over: not while its changed `config/` waits."""
        ledger, now = self._means.books.ledger, self._means.clock.now()
        try:
            done = await asyncio.to_thread(reconcile_with, found, ledger, now)
        except PromoError as error:
            self._tell("reconcile.failed", error=error.message)
            return False
        self._report(done)
        if done.config_changed:
            return False
        if found.config_digest != self._workspace.config_digest:
            await self._means.accounts.reconfigure(found.channels)
        self._workspace = found
        return True

    def _refuse(self, error: PromoError) -> None:
        problems = error.problems if isinstance(error, InvalidWorkspace) else (error.message,)
        for problem in problems:
            self._tell("reconcile.refused", problem=str(problem))

    def _report(self, done: Reconciled) -> None:
        for finding in done.findings:
            if finding.is_error:
                self._tell("reconcile.finding", problem=str(finding.problem))
        if done.config_changed:
            self._tell("reconcile.config-changed", way_out="look at `promo plan`, `promo apply` it")
        waiting = Counter((change.policy, change.key.campaign) for change in done.waiting)
        for (policy, campaign), windows in waiting.items():
            facts = {"change": policy, "campaign": campaign, "windows": str(windows)}
            self._tell("reconcile.waiting", **facts, way_out="`promo plan`, then `promo apply`")
        if done.applied:
            log.info("reconcile.applied", revision=done.revision, changes=len(done.applied))

    def _tell(self, event: str, **facts: str) -> None:
        told = f"{event} {sorted(facts.items())}"
        if told not in self._told:
            self._told.add(told)
            log.warning(event, **facts)
