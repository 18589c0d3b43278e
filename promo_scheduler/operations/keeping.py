"""Keeping the ledger: backups, what a restored one waits for, and what is long over.

A ledger that came from a copy knows nothing of what was done since, so it starts held; its channels
are read before anything is done, and a person releases it (law 9).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from promo_scheduler.audit import AuditEntry, Detail
from promo_scheduler.channel import Channel
from promo_scheduler.errors import (
    AuditBroken,
    LedgerAbsent,
    LedgerMismatch,
    LedgerUnavailable,
    StalePlan,
    WrongUsage,
)
from promo_scheduler.operations.archiving import write_archive
from promo_scheduler.operations.opening import (
    KEY_FILE,
    actor,
    audit_key,
    ledger_url,
    lock_path,
)
from promo_scheduler.order import Order
from promo_scheduler.plan import Window
from promo_scheduler.workspace import Workspace

if TYPE_CHECKING:
    from promo_scheduler.ledger import Copied, Cut, Ledger, Pruned


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A backup that was written. `unrecorded` says why the ledger has no entry of it, or is ""."""

    copied: Copied
    unrecorded: str


# ── copies ──────────────────────────────────────────────────────────────────────────────────────
def back_up(ledger: Ledger, file: Path, now: datetime, *, over: bool = False) -> BackedUp:
    """Write a copy of the ledger, which is held, while the daemon runs. `now` is a UTC instant.

    A ledger that cannot be written at present is copied all the same. Raises NotWritten, and
    LedgerUnavailable where it cannot be read.
    """
    copied = ledger.back_up(file, now, over=over)
    head = f"{copied.head.seq}:{copied.head.seal}"
    told: Detail = {"file": str(file), "head": head, "rows": copied.rows}
    try:
        ledger.note("ledger.backed-up", "", told, now, actor())
    except LedgerUnavailable as error:
        return BackedUp(copied, error.message)
    return BackedUp(copied, "")


def restore(workspace: Workspace, file: Path, now: datetime) -> Copied:
    """Fill the workspace's ledger, which must be empty or absent, from a file; then it is held.

    Raises WrongUsage, LedgerNotEmpty, LedgerMismatch (also without the audit key), AuditBroken.
    """
    from promo_scheduler.ledger import Access, Ledger

    if not file.is_file():
        raise WrongUsage(f"there is no file {file}", help="name a file that `promo backup` made")
    access = Access(_key_of_the_backup(workspace), actor(), workspace.root)
    return Ledger.restore(ledger_url(workspace), access, file, now)


def where_the_key_is(workspace: Workspace) -> str:
    """Where the audit's key is kept: for people, never the key."""
    return workspace.settings.audit_key or KEY_FILE


def _key_of_the_backup(workspace: Workspace) -> bytes:
    try:
        return audit_key(workspace, create=False)
    except LedgerAbsent:
        raise LedgerMismatch(
            f"the audit key is missing: there is no {KEY_FILE}",
            help="put the key of the backup's ledger there first; it is kept apart from backups",
        ) from None


def hold_restored(ledger: Ledger, now: datetime, why: str) -> Order | None:
    """Hold everything because the ledger was found to be a copy, and have its channels read first.

    Once: None while such a hold is in force and the channels are still to be read.
    """
    return ledger.hold_copied(f"({why})", now)


def to_observe(
    ledger: Ledger, channels: Mapping[str, Channel], now: datetime
) -> tuple[Window, ...]:
    """What is to be read on its channel before a restored ledger does anything: every window that
    is not over, and of which something may be on the channel by now.
    """
    return tuple(
        each.window
        for each in ledger.standing(since=now)
        if not each.is_over and (each.touched or _may_be_there(each.window, channels, now))
    )


def _may_be_there(window: Window, channels: Mapping[str, Channel], now: datetime) -> bool:
    channel = channels.get(window.key.channel)
    return channel is None or window.start - channel.stage_ahead <= now


# ── retention ───────────────────────────────────────────────────────────────────────────────────
def to_prune(ledger: Ledger, before: datetime, now: datetime) -> Cut:
    """What may be pruned. Raises WrongUsage for an instant to come, and AuditBroken where the
    audit does not verify: its entries are evidence then.
    """
    if before > now:
        day = f"{before:%Y-%m-%d}"
        raise WrongUsage(f"expected a date in the past, found {day}", help="name an earlier one")
    for found in ledger.verify():
        raise AuditBroken(
            f"nothing is pruned: at entry {found.seq}, {found.reason}",
            help="`promo audit verify` names every place",
        )
    return ledger.cut(before)


def prune(ledger: Ledger, found: Cut, archive: Path, now: datetime) -> Pruned:
    """Archive the audit's entries, then remove what is over. Raises NotWritten, StalePlan.

    The archive is whole on the disk before anything goes. It stays where the ledger then refuses:
    the answer of a commit may be lost, and the next prune takes it as it is. What goes, goes in
    pieces, each with its own signed anchor, so that nothing that is due waits for all of it.
    """
    from promo_scheduler.ledger import Pruned, PruneRequest

    if ledger.stamp().pruned != found.since:
        raise StalePlan("somebody else has pruned the ledger meanwhile", help="look again")
    name, digest = "", ""
    if found.entries:
        name, digest = archive.name, write_archive(archive, _to_go(ledger, found)).digest
    gone = Pruned(0, 0, 0, 0)
    archived = found.anchor.seq  # what was written since waits for the next prune
    while (piece := ledger.cut(found.before, archived)).entries or piece.windows:
        gone = gone.plus(ledger.prune(PruneRequest(piece, name, digest, now, actor())))
    return gone


def archive_for(workspace: Workspace, found: Cut) -> Path:
    """The file for what is pruned, beside the ledger, where nobody names one."""
    name = f"audit-{found.since.seq + 1}-{found.anchor.seq}.jsonl"
    return lock_path(workspace).with_name(name)


def _to_go(ledger: Ledger, found: Cut) -> Iterator[AuditEntry]:
    with closing(ledger.audit(found.since.seq)) as entries:
        yield from takewhile(lambda entry: entry.seq <= found.anchor.seq, entries)
