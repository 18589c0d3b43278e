"""Assembling the daemon of a workspace: `promo run`, and the drain that `promo stop` does alone."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import structlog

from promo_scheduler.channels.act import where_raised
from promo_scheduler.clock import Clock
from promo_scheduler.engine.accounts import Accounts, connector_for
from promo_scheduler.engine.books import Books
from promo_scheduler.engine.clocks import SystemClock
from promo_scheduler.engine.dispatcher import Means
from promo_scheduler.engine.following import Follower
from promo_scheduler.engine.lock import exclusive
from promo_scheduler.engine.service import Parts, Service, nothing_claimed
from promo_scheduler.engine.wake import TimerWake
from promo_scheduler.errors import PromoError
from promo_scheduler.firing import Backoff
from promo_scheduler.ledger import Ledger
from promo_scheduler.operations import (
    actor,
    config_at_hand,
    ledger_url,
    load_committed,
    lock_path,
    open_ledger,
    to_run,
)
from promo_scheduler.source import load_config
from promo_scheduler.timing import tzdata_version
from promo_scheduler.workspace import Workspace

log = structlog.get_logger()


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
    """Run until SIGTERM or SIGINT. Raises LedgerError, and WorkspaceError where neither `config/`
    nor a copy of the applied one loads: nothing else there must keep what is live from being ended.
    """
    await _run(await asyncio.to_thread(workspace_at_start, root), follow=True)


def workspace_at_start(root: Path) -> Workspace:
    """The committed workspace; else `config/` alone, else that as it was applied.

    What is wrong with the campaigns is told by the first look at them.
    """
    try:
        return load_committed(root)
    except (PromoError, OSError) as error:
        log.warning("workspace.refused", error=str(error))
    try:
        return load_config(root)
    except (PromoError, OSError):
        kept = config_at_hand(root)
    log.warning("config.refused", way_out="the one that was applied is used: mend config/")
    return kept


async def drain(workspace: Workspace) -> None:
    """End what is to be ended now and return; for when no daemon runs. Raises LedgerInUse."""
    await _run(workspace, follow=False)


async def _run(found: Workspace, *, follow: bool) -> None:
    owner, clock = owner_name(), SystemClock()
    with ExitStack() as held:
        held.enter_context(exclusive(lock_path(found), owner))
        ledger = open_ledger(found)
        held.callback(ledger.close)
        workspace = to_run(found, ledger)
        means = means_for(workspace, ledger, clock, owner)
        alone = ledger_url(found).startswith("sqlite")  # else daemons elsewhere may be alive
        parts = Parts(means, TimerWake(clock), workspace.settings, alone=alone)
        if not follow:
            parts = replace(parts, endings_only=True, finished=nothing_claimed)
        else:
            follower = Follower(workspace, means)
            parts = replace(parts, reconcile=follower.look)
            await _note_start(found, means)
            await _look_first(follower)
        await _until_signalled(Service(parts), means.accounts)


async def _look_first(follower: Follower) -> None:
    """A first look that fails is no reason not to end what is live; the next one comes soon."""
    try:
        await follower.look()
    except PromoError as error:
        log.error("engine.chore-failed", chore="look", error=error.message)
    except Exception as error:  # a bug in a chore must not end the firing of what is due
        log.error("engine.chore-bug", chore="look", error=where_raised(error))


async def _until_signalled(service: Service, accounts: Accounts) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, service.stop)
    try:
        await service.run()
    finally:
        await accounts.close()


async def _note_start(workspace: Workspace, means: Means) -> None:
    books, now = means.books, means.clock.now()
    facts = {"revision": workspace.revision, "tzdata": tzdata_version()}
    await books.call(books.ledger.note, "daemon.started", "", facts, now, actor())
