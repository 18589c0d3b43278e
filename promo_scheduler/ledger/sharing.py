"""Sharing: the calls by which several daemons share a ledger, and take over from a dead one."""

from __future__ import annotations

from datetime import datetime, timedelta

from promo_scheduler.ledger import nodes, releasing
from promo_scheduler.ledger.requests import Node, NodeState
from promo_scheduler.ledger.transaction import transaction
from promo_scheduler.ledger.upkeep import Upkeep
from promo_scheduler.plan import Key


class Sharing(Upkeep):
    """Who is alive, and what becomes of the claims of those who are not. See `Ledger`."""

    def enter(self, node: Node, lease: timedelta) -> None:
        """Register a daemon that shares the ledger with others. Its claims are its own until its
        lease runs out, by the database's clock.
        """
        with self._database.writing() as connection:
            nodes.enter(connection, node, lease)

    def beat(self, name: str, lease: timedelta) -> bool:
        """Renew a node's lease from now on; False where it was declared dead. Waits for no write
        but the one that declares it so.
        """
        with self._database.writing() as connection:
            return nodes.beat(connection, name, lease)

    def leave(self, name: str) -> None:
        """Take a node out that has settled all it claimed."""
        with self._database.writing() as connection:
            nodes.leave(connection, name)

    def nodes(self) -> tuple[NodeState, ...]:
        """The nodes, oldest first."""
        with self._database.reading() as connection:
            return nodes.nodes(connection)

    def release_dead(self, now: datetime) -> int:
        """Free the claims of nodes whose lease ran out, or that have no row; each such node is on
        record as `node.lost`. Returns how many claims became uncertain.

        On SQLite, where a daemon has no row but a file lock, those without one are left alone.
        """
        with self._database.reading() as connection:
            if not nodes.has_dead(connection):
                return 0
        with transaction(self._database, self._access) as write:
            return nodes.release_dead(write, now)

    def release_place(self, place: str, now: datetime) -> int:
        """As `release_dead` for every node of a place, whose file lock proves that it is dead. To
        be called before the own node enters there.
        """
        with transaction(self._database, self._access) as write:
            return nodes.release_place(write, place, now)

    def release_owner(self, owner: str, now: datetime) -> int:
        """Free the claims of a dead owner, or of all whose name begins so: they are uncertain."""
        with transaction(self._database, self._access) as write:
            return releasing.release_owner(write, owner, now)

    def disown(self, owner: str, known: frozenset[tuple[Key, int]], now: datetime) -> int:
        """Free the claims of an owner that it does not know of, by key and fence: the answer to the
        commit that gave them was lost. Returns how many.
        """
        with transaction(self._database, self._access) as write:
            return releasing.disown(write, owner, known, now)
