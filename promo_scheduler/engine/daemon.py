"""Assembling the daemon of a workspace: `promo run`, and the drain that `promo stop` does alone."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import structlog

from promo_scheduler.clock import Clock
from promo_scheduler.engine.accounts import Accounts, connector_for
from promo_scheduler.engine.books import Books
from promo_scheduler.engine.clocks import SystemClock
from promo_scheduler.engine.dispatcher import Means
from promo_scheduler.engine.engines import Chore, Enqueue, HandOver, do
from promo_scheduler.engine.following import Follower
from promo_scheduler.engine.lease import Lease
from promo_scheduler.engine.lock import exclusive, present
from promo_scheduler.engine.metrics import Exporter
from promo_scheduler.engine.observing import Observer, hold_older_copy
from promo_scheduler.engine.price_books import PriceBooks
from promo_scheduler.engine.pulse import About, head_on
from promo_scheduler.engine.pulsing import Pulsing
from promo_scheduler.engine.service import Parts, Service, nothing_claimed
from promo_scheduler.engine.slate import Slate
from promo_scheduler.engine.wake import TimerWake
from promo_scheduler.errors import PromoError
from promo_scheduler.firing import Backoff
from promo_scheduler.ledger import Ledger, Node
from promo_scheduler.operations import (
    actor,
    config_at_hand,
    installed_version,
    ledger_url,
    load_committed,
    lock_path,
    open_ledger,
    to_run,
)
from promo_scheduler.settings import EngineName
from promo_scheduler.source import load_config
from promo_scheduler.timing import tzdata_version
from promo_scheduler.workspace import Workspace

log = structlog.get_logger()


def owner_name() -> str:
    """A name for this process that no other one ever had."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


def means_for(workspace: Workspace, ledger: Ledger, clock: Clock, node: Node) -> Means:
    """A dispatcher's means for a workspace. Alone on a file, behind its lock, a daemon needs no
    lease.
    """
    settings = workspace.settings
    alone = ledger_url(workspace).startswith("sqlite")
    books = Books(ledger, node.name)
    connect = connector_for(workspace.root, clock)
    sold = PriceBooks(books, clock, workspace.catalog)
    return Means(
        books=books,
        accounts=Accounts(workspace.channels, connect, sold),
        clock=clock,
        lease=Lease(clock, None if alone else settings.lease),
        backoff=Backoff(settings.retry.shortest, settings.retry.longest),
        max_in_flight=settings.max_in_flight,
    )


async def run_daemon(root: Path, engine: EngineName = EngineName.EMBEDDED) -> None:
    """Run until SIGTERM or SIGINT. Raises LedgerError, and WorkspaceError where neither `config/`
    nor a copy of the applied one loads: nothing else there must keep what is live from being ended.
    """
    found = await asyncio.to_thread(workspace_at_start, root)
    if engine is EngineName.PGQUEUER:
        await _run_clustered(found)
    else:
        await _run_embedded(found, follow=True)


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


async def drain(workspace: Workspace, within: timedelta) -> None:
    """End what is to be ended now and return, after `within` at the latest; for when no daemon
    runs. What is in flight then is uncertain: the next daemon reads it. Raises LedgerInUse.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(within.total_seconds()):
            await _run_embedded(workspace, follow=False)


async def _run_embedded(found: Workspace, *, follow: bool) -> None:
    lock = lock_path(found)
    node = Node(
        owner_name(), place=f"{socket.gethostname()}:{lock}", engine=EngineName.EMBEDDED.value
    )
    with exclusive(lock, node.name) as slate, _opened(found, node) as (workspace, means):
        parts = Parts(means, TimerWake(means.clock), workspace.settings, node)
        if not follow:  # Ctrl-C belongs to the command that drains
            parts = replace(parts, endings_only=True, finished=nothing_claimed)
            await _until_finished(Service(parts), means.accounts)
            return
        hold_older_copy(means, head_on(slate))
        follower = await _first_look(found, workspace, means)
        pulse = _pulse(node, workspace, slate)
        parts = replace(parts, chores=_chores(follower, workspace, means), pulse=pulse)
        await _until_signalled(Service(parts), means.accounts)


async def _run_clustered(found: Workspace) -> None:
    """One of many nodes: the queue deals out what is due, and the chores to one node at a time."""
    from promo_scheduler.engine.cluster import Cluster, ClusterEngine
    from promo_scheduler.engine.engines import require_cluster
    from promo_scheduler.engine.hints import ClusterWake

    url = ledger_url(found)
    require_cluster(url)
    node = Node(owner_name(), place="", engine=EngineName.PGQUEUER.value)
    lock = lock_path(found)
    with present(lock, node.name) as slate, _opened(found, node) as (workspace, means):
        wake = ClusterWake(means.clock, TimerWake(means.clock))
        follower = await _first_look(found, workspace, means)
        adopting = Chore("adopt", workspace.settings.reconcile_every, follower.adopt)
        pulse = _pulse(node, workspace, slate)
        chores = _chores(follower, workspace, means)
        engine = ClusterEngine(Cluster(url, wake, _handing(means), chores))
        parts = Parts(means, wake, workspace.settings, node, pulse=pulse, engine=engine)
        parts = replace(parts, chores=(adopting,))
        await _until_signalled(Service(parts), means.accounts)


def _pulse(node: Node, workspace: Workspace, slate: Slate) -> Pulsing:
    clock, settings = SystemClock(), workspace.settings
    about = About(node.name, node.engine, installed_version(), clock.now())
    path = workspace.root / settings.metrics if settings.metrics else None
    return Pulsing(about, clock, slate, Exporter(path, clock) if path else None)


@contextmanager
def _opened(found: Workspace, node: Node) -> Iterator[tuple[Workspace, Means]]:
    """The workspace as it is to be run, and the means over its ledger."""
    ledger = open_ledger(found)
    try:
        workspace = to_run(found, ledger)
        yield workspace, means_for(workspace, ledger, SystemClock(), node)
    finally:
        ledger.close()


def _chores(follower: Follower, workspace: Workspace, means: Means) -> tuple[Chore, ...]:
    reconciling = Chore("reconcile", workspace.settings.reconcile_every, follower.look)
    return reconciling, Observer(means).chore


def _handing(means: Means) -> HandOver:
    """How the cluster engine hands over: what is due soon, in a transaction of the ledger."""
    from promo_scheduler.engine.cluster import HORIZON, MOST
    from promo_scheduler.ledger import HandOver as Request

    async def hand_over(enqueue: Enqueue) -> int:
        books = means.books
        request = Request(means.clock.now(), HORIZON, MOST)
        return await books.call(books.ledger.hand_over, request, enqueue)

    return hand_over


async def _first_look(found: Workspace, workspace: Workspace, means: Means) -> Follower:
    """What must come before anything is fired: new zone data, and a revision that is new here.

    After a crash there is neither, and what is due does not wait for a plan.
    """
    follower, books = Follower(workspace, means), means.books
    await _note_start(found, means)
    applied = (await books.call(books.ledger.stamp)).revision
    is_known = found.revision is not None and found.revision == applied
    look = follower.look_at_zone_data if is_known else follower.look
    await do(Chore("first-look", timedelta(0), look))
    return follower


async def _until_signalled(service: Service, accounts: Accounts) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, service.stop)
    await _until_finished(service, accounts)


async def _until_finished(service: Service, accounts: Accounts) -> None:
    try:
        await service.run()
    finally:
        await accounts.close()


async def _note_start(workspace: Workspace, means: Means) -> None:
    books, now = means.books, means.clock.now()
    facts = {"revision": workspace.revision, "tzdata": tzdata_version()}
    await books.call(books.ledger.note, "daemon.started", "", facts, now, actor())
