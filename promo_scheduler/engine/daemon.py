"""Assembling the daemon of a workspace: `promo run`, and the drain that `promo stop` does alone."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import structlog

from promo_scheduler.clock import Clock
from promo_scheduler.engine.accounts import Accounts, connector_for
from promo_scheduler.engine.books import Books
from promo_scheduler.engine.clocks import SystemClock
from promo_scheduler.engine.dispatcher import Means
from promo_scheduler.engine.lock import exclusive
from promo_scheduler.engine.service import Finished, Parts, Service, never, nothing_due
from promo_scheduler.engine.wake import TimerWake
from promo_scheduler.errors import InvalidWorkspace
from promo_scheduler.firing import Backoff
from promo_scheduler.ledger import Ledger
from promo_scheduler.operations import (
    Reconciled,
    actor,
    load_committed,
    open_ledger,
    reconcile_with,
)
from promo_scheduler.workspace import Workspace

LOCK_FILE = ".promo/daemon.lock"

log = structlog.get_logger()


def lock_path(workspace: Workspace) -> Path:
    """The file whose lock the workspace's daemon holds."""
    return workspace.root / LOCK_FILE


def owner_name() -> str:
    """A name for this process that no other one ever had."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


def means_for(workspace: Workspace, ledger: Ledger, clock: Clock, owner: str) -> Means:
    """A dispatcher's means for a workspace."""
    settings = workspace.settings
    return Means(
        books=Books(ledger, owner, settings.lease),
        accounts=Accounts(workspace.channels, connector_for(workspace.root, clock)),
        clock=clock,
        backoff=Backoff(settings.retry.shortest, settings.retry.longest),
        max_in_flight=settings.max_in_flight,
    )


async def run_daemon(root: Path) -> None:
    """Run until SIGTERM or SIGINT. Raises LedgerInUse, LedgerUnavailable, InvalidWorkspace."""
    workspace = load_committed(root)
    await _run(workspace, never, follow=True)


async def drain(workspace: Workspace) -> None:
    """Fire what is due now and return; for a moment when no daemon runs. Raises LedgerInUse."""
    await _run(workspace, nothing_due, follow=False)


async def _run(workspace: Workspace, finished: Finished, *, follow: bool) -> None:
    owner, clock = owner_name(), SystemClock()
    with ExitStack() as held:
        held.enter_context(exclusive(lock_path(workspace), owner))
        ledger = open_ledger(workspace)
        held.callback(ledger.close)
        means = means_for(workspace, ledger, clock, owner)
        parts = Parts(means, TimerWake(clock), workspace.settings, finished=finished)
        if follow:
            parts = replace(parts, reconcile=_follower(workspace, means))
            await _at_start(workspace, means)
        await _until_signalled(Service(parts), means.accounts)


async def _until_signalled(service: Service, accounts: Accounts) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, service.stop)
    try:
        await service.run()
    finally:
        await accounts.close()


async def _at_start(workspace: Workspace, means: Means) -> None:
    books, now = means.books, means.clock.now()
    ledger = books.ledger
    facts = {"revision": workspace.revision, "tzdata": ledger.stamp().tzdata}
    await books.call(ledger.note, "daemon.started", "", facts, now, actor())
    _report(await books.call(reconcile_with, workspace, ledger, now))


def _follower(workspace: Workspace, means: Means) -> Callable[[], Awaitable[None]]:
    """What looks for a new revision: it reads files off the event loop, and applies what it may."""
    seen = workspace

    async def reconcile() -> None:
        nonlocal seen
        found = await asyncio.to_thread(_load_quietly, workspace.root)
        if found is None or _same(found, seen):
            return
        ledger, now = means.books.ledger, means.clock.now()
        done = await asyncio.to_thread(reconcile_with, found, ledger, now)
        _report(done)
        if not done.config_changed and found.config_digest != seen.config_digest:
            await means.accounts.reconfigure(found.channels)
        if not done.config_changed:
            seen = found

    return reconcile


def _same(found: Workspace, seen: Workspace) -> bool:
    return (found.campaigns, found.config_digest) == (seen.campaigns, seen.config_digest)


def _load_quietly(root: Path) -> Workspace | None:
    """The committed workspace; None, and its problems in the log, where it does not load."""
    try:
        return load_committed(root)
    except InvalidWorkspace as error:
        for problem in error.problems:
            log.error("reconcile.refused", problem=str(problem))
        return None


def _report(done: Reconciled) -> None:
    for finding in done.findings:
        if finding.is_error:
            log.error("reconcile.finding", problem=str(finding.problem), campaign=finding.campaign)
    if done.config_changed:
        log.warning("reconcile.config-changed", way_out="look at `promo plan`, then `promo apply`")
    for change in done.waiting:
        log.warning("reconcile.waiting", change=change.policy, key=str(change.key))
    if done.applied:
        log.info("reconcile.applied", revision=done.revision, changes=len(done.applied))
