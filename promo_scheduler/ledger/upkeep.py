"""Upkeep: the calls of a ledger that keep it. Its audit, its copies, and what is long over."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from datetime import datetime
from pathlib import Path

from promo_scheduler.audit import AuditEntry, Break, Head
from promo_scheduler.ledger import chain, copying, pruning, recovering
from promo_scheduler.ledger.connecting import Database
from promo_scheduler.ledger.requests import Access, Copied, Cut, Pruned, PruneRequest, Seen
from promo_scheduler.ledger.transaction import THINKS, transaction
from promo_scheduler.order import Order


class Upkeep:
    """A ledger's audit, copies and retention. `Ledger` is the door to all of it."""

    def __init__(self, database: Database, access: Access) -> None:
        self._database = database
        self._access = access

    # ── the audit ───────────────────────────────────────────────────────────────────────────────
    def audit(self, since: int = 0, key: str = "") -> Generator[AuditEntry]:
        """The entries after number `since`, a page in memory at a time.

        With a key, only its own and those beneath it: an event's, a window's, a campaign's.
        """
        with self._database.reading() as connection:
            yield from chain.entries(connection, since, key)

    def verify(
        self, published: Head | None = None, archived: Iterable[AuditEntry] = ()
    ) -> list[Break]:
        """Every place where the audit was edited, cut or added to without the key.

        A cut at the end together with the stamp is found only against a published head. The
        `archived` entries, in order, are those that were pruned: the walk begins with them.
        """
        with self._database.reading() as connection:
            return chain.breaks(connection, self._access.secret, published, archived)

    # ── copies ──────────────────────────────────────────────────────────────────────────────────
    def back_up(self, file: Path, at: datetime, *, over: bool = False) -> Copied:
        """Write a copy of this moment to a SQLite file, while the ledger is used.

        The copy is a ledger that is held, with its channels to be read first. Raises NotWritten,
        also where the file is there already and is not to be written over; then it is as it was.
        """
        return copying.back_up(self._database, self._access, file, at, over=over)

    @staticmethod
    def restore(url: str, access: Access, file: Path, at: datetime) -> Copied:
        """Fill the ledger at a URL from a file that `back_up` wrote, or another SQLite ledger.

        It is held afterwards, with its channels to be read first. Raises LedgerNotEmpty,
        LedgerMismatch, and AuditBroken where the file's audit does not verify.
        """
        return copying.restore(url, access, file, at)

    def hold_copied(self, why: str, at: datetime) -> Order | None:
        """Hold everything, since this ledger is a copy, and have its channels read first.

        The hold's reason is "restored from a backup" and `why`. None where that was done already.
        """
        with transaction(self._database, self._access) as write:
            return recovering.hold_copied(write, why, at)

    def observed(
        self, seen: Sequence[Seen], at: datetime, actor: str, *, finished: bool = False
    ) -> None:
        """Put on record what channels show of windows; what is there counts as touched.

        So a stop takes it down, and its ending is certain. `finished`: all of them were read.
        """
        with transaction(self._database, self._access) as write:
            recovering.observed(write, seen, at, actor, finished=finished)

    # ── retention ───────────────────────────────────────────────────────────────────────────────
    def cut(self, before: datetime, up_to: int | None = None) -> Cut:
        """What may be pruned of all that lies before an instant. With `up_to`, of its entries none
        after that number, and no more than one transaction takes.
        """
        with self._database.reading() as connection:
            return pruning.cut_at(connection, before, up_to)

    def prune(self, request: PruneRequest) -> Pruned:
        """Remove windows that are over with their events, a piece of them, old released orders, and
        the audit's entries before the cut, which the caller has archived.

        One transaction with the sealed entry that names the new anchor of the chain. Raises
        StalePlan where somebody else pruned since the cut was computed.
        """
        with transaction(self._database, self._access, THINKS) as write:
            return pruning.prune(write, request)
