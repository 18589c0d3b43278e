"""The sealed audit: appending entries, reading them, and finding where the chain is broken."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
from itertools import chain, takewhile
from typing import Any

import sqlalchemy as sa

from promo_scheduler import audit
from promo_scheduler.audit import AuditEntry, Break, Draft, Head
from promo_scheduler.ledger.encoding import Row, Values, instant, micros
from promo_scheduler.ledger.tables import AUDIT, STAMP, begins

_PAGE = 1000  # rows held in memory at a time
_IN_ORDER = sa.select(AUDIT).order_by(AUDIT.c.seq)
_ENDS = sa.select(*(STAMP.c[n] for n in ("head_seq", "head_seal", "pruned_seq", "pruned_seal")))
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


def breaks(
    connection: sa.Connection,
    secret: bytes,
    published: Head | None = None,
    archived: Iterable[AuditEntry] = (),
) -> list[Break]:
    """Every place where the chain does not hold; also where the stamp's head, its anchor or the
    published head is not what the chain says.

    It begins at the anchor, or with the first of the `archived` entries, which were pruned.
    """
    seq, seal, *pruned = connection.execute(_ENDS).one()
    anchor = Head(*pruned)
    before = takewhile(lambda entry: entry.seq <= anchor.seq, archived)
    first = next(before, None)
    since = anchor if first is None else Head(first.seq - 1, first.previous)
    walk = _Walk(since, published)
    passing = chain([] if first is None else [first], before, _read(connection, _IN_ORDER))
    found = list(audit.verify(secret, walk.through(passing), since))
    return [*found, *walk.complaints(Head(seq, seal), anchor)]


class _Walk:
    """Notes, while the entries pass, which was the last, what the last prune left as the anchor,
    and whether the published head was met.
    """

    def __init__(self, since: Head, published: Head | None) -> None:
        self._since = self._last = since
        self._anchor = audit.EMPTY
        self._published = published
        self._met = published in (None, audit.EMPTY, since)

    def through(self, passing: Iterable[AuditEntry]) -> Iterator[AuditEntry]:
        for entry in passing:
            self._last = Head(entry.seq, entry.seal)
            self._anchor = audit.anchor_named(entry) or self._anchor
            self._met = self._met or self._last == self._published
            yield entry

    def complaints(self, head: Head, anchor: Head) -> Iterator[Break]:
        """What does not agree with the stamp's `head` and `anchor`, or with what was published."""
        if self._last != head:
            yield Break(self._last.seq, f"the ledger's stamp names entry {head.seq} as last")
        if self._anchor != anchor:
            told = f"the last sealed entry about it names {self._anchor.seq}"
            yield Break(anchor.seq, f"the stamp says that entries to here were pruned, but {told}")
        if self._published is not None and not self._met:
            yield Break(self._published.seq, self._not_met(self._published))

    def _not_met(self, published: Head) -> str:
        if published.seq < self._since.seq:
            gone = f"entries up to {self._since.seq} were pruned"
            return f"the published head is not here, since {gone}: give their archive (--archive)"
        return "the published head is not in the chain"


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
