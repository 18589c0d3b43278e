"""The sealed audit: appending entries, reading them, and finding where the chain is broken."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from promo_scheduler import audit
from promo_scheduler.audit import AuditEntry, Break, Draft, Head
from promo_scheduler.ledger.encoding import Row, Values, instant, micros
from promo_scheduler.ledger.tables import AUDIT, STAMP, begins

_PAGE = 1000  # rows held in memory at a time
_IN_ORDER = sa.select(AUDIT).order_by(AUDIT.c.seq)
_ADD = AUDIT.insert()
_MOVE_HEAD = STAMP.update().values(head_seq=sa.bindparam("seq"), head_seal=sa.bindparam("new_seal"))


def key_check(secret: bytes, ledger_id: str) -> str:
    """A mark by which a ledger knows its audit key again, without telling it."""
    return hmac.digest(secret, f"promo key check {ledger_id}".encode(), hashlib.sha256).hex()


def append(connection: sa.Connection, secret: bytes, head: Head, drafts: Iterable[Draft]) -> Head:
    """Seal the drafts after `head`, write them, and move the stamp's head. Returns the new head."""
    rows: list[Values] = []
    for draft in drafts:
        rows.append(row := _sealed(secret, head, draft))
        head = Head(row["seq"], row["seal"])
    if rows:
        connection.execute(_ADD, rows)
        connection.execute(_MOVE_HEAD, {"seq": head.seq, "new_seal": head.seal})
    return head


def entries(connection: sa.Connection, since: int, key: str) -> Iterator[AuditEntry]:
    """The entries after number `since`, in order; with a key, its own and those beneath it."""
    query = _IN_ORDER.where(AUDIT.c.seq > since)
    if key:
        beneath = begins(AUDIT.c.key, f"{key}/")
        query = query.where(sa.or_(AUDIT.c.key == key, beneath))
    return _read(connection, query)


def _read(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[AuditEntry]:
    with connection.execute(query.execution_options(yield_per=_PAGE)) as rows:
        yield from map(_entry, rows)


def breaks(connection: sa.Connection, secret: bytes, published: Head | None = None) -> list[Break]:
    """Every place where the chain does not hold; also where the stamp's head or the published one
    is not what the chain says.
    """
    stamped = connection.execute(sa.select(STAMP.c.head_seq, STAMP.c.head_seal)).one()
    walk = _Walk(published)
    found = list(audit.verify(secret, walk.through(_read(connection, _IN_ORDER))))
    if walk.last != Head(*stamped):
        found.append(Break(walk.last.seq, f"the ledger's stamp names entry {stamped[0]} as last"))
    if published is not None and not walk.met:
        found.append(Break(published.seq, "the published head is not in the chain"))
    return found


class _Walk:
    """Notes, while the entries pass, which was the last and whether the published one was met."""

    def __init__(self, published: Head | None) -> None:
        self.last = audit.EMPTY
        self._published = published
        self.met = published == audit.EMPTY

    def through(self, passing: Iterable[AuditEntry]) -> Iterator[AuditEntry]:
        for entry in passing:
            self.last = Head(entry.seq, entry.seal)
            self.met = self.met or self.last == self._published
            yield entry


def _sealed(secret: bytes, head: Head, draft: Draft) -> Values:
    """The row of the draft as the next entry after `head`; its detail is written out once."""
    seq, detail = head.seq + 1, audit.detail_text(draft.detail)
    return {
        "seq": seq,
        "at": micros(draft.at),
        "actor": draft.actor,
        "kind": draft.kind,
        "key": draft.key,
        "detail": detail,
        "previous": head.seal,
        "seal": audit.seal_of(secret, head.seal, audit.canonical(seq, draft, detail)),
    }


def _entry(row: Row) -> AuditEntry:
    """An entry from its row. What cannot be read any more becomes one whose seal cannot match."""
    try:
        at, detail = instant(row.at), json.loads(row.detail)
    except (ValueError, TypeError, OverflowError):
        at, detail = instant(0), {"unreadable": f"{row.at} {row.detail}"}
    return AuditEntry(row.seq, at, row.actor, row.kind, row.key, detail, row.previous, row.seal)
