"""AuditEntry and the seal that chains it: an edit or a cut made without the key is found.

seal(n) = HMAC-SHA256(key, seal(n-1) + "\n" + canonical JSON of entry n without its seals). The key
is kept outside the database; the last seal (the head) is published outside it too.

Old entries may be pruned: the stamp then names the last of them as the anchor at which the chain
begins, and a sealed entry `PRUNED` further up names the same, so that nobody moves it without the
key.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from json.encoder import encode_basestring as _quoted

from promo_scheduler.clock import Versions

GENESIS = "0" * 64
PRUNED = "audit.pruned"
Detail = Mapping[str, "str | int | bool | list[str] | None"]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that happened. `at` is a UTC instant; `detail` never holds a secret."""

    seq: int
    at: datetime
    actor: str
    kind: str
    key: str
    detail: Detail
    previous: str
    seal: str


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry's number and seal: publish it, and a truncation can be found."""

    seq: int = 0
    seal: str = GENESIS


EMPTY = Head()


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a ledger says of itself. `serial` counts applies and orders; firings do not raise it.

    `versions` are those that what stands was resolved with; all empty before the first apply.
    `simulated_now` is the simulated clock's last instant, where the ledger is a simulated one.
    `pruned` is the last audit entry that is gone, EMPTY where none is. `copied_at` (UTC) is given
    where the ledger came from a copy and its channels were not all read since (law 9).
    """

    id: str
    serial: int
    revision: str | None
    versions: Versions
    config_digest: str
    simulated: bool
    simulated_now: datetime | None
    head: Head
    pruned: Head
    copied_at: datetime | None

    @property
    def tzdata(self) -> str:
        """The IANA version of the zone data."""
        return self.versions.tzdata

    def is_resolved_with(self, tzdata: str) -> bool:
        """Whether what stands was resolved with this zone data; before the first apply nothing
        stands.
        """
        return self.tzdata in ("", tzdata)

    def is_applied(self, config_digest: str) -> bool:
        """Whether this configuration may count: it was applied last, or none was applied yet."""
        return self.config_digest in ("", config_digest)


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain does not hold, and how."""

    seq: int
    reason: str


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry that is not in the chain yet."""

    at: datetime
    actor: str
    kind: str
    key: str
    detail: Detail


@lru_cache(maxsize=4096)  # the entries of one batch share their instants
def instant_text(at: datetime) -> str:
    """A UTC instant as the audit writes it: ISO 8601 with microseconds, ending in `Z`."""
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def storable(text: str) -> str:
    """The text without what no database takes: halves of characters, and NUL. A channel's answer
    may hold either.
    """
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "replace").decode().replace("\0", "�")


def detail_text(detail: Detail) -> str:
    """An entry's detail as JSON: sorted keys, no spaces."""
    return storable(_encode(detail))


def canonical(seq: int, draft: Draft, detail: str | None = None) -> bytes:
    """The bytes that are sealed: one JSON object, sorted keys, no spaces, UTF-8.

    `detail` is the draft's detail as `detail_text` writes it, where that is at hand.
    """
    fields = (
        f'"actor":{_quoted(draft.actor)}',
        f'"at":"{instant_text(draft.at)}"',
        f'"detail":{detail_text(draft.detail) if detail is None else detail}',
        f'"key":{_quoted(draft.key)}',
        f'"kind":{_quoted(draft.kind)}',
        f'"seq":{seq}',
    )
    return f"{{{','.join(fields)}}}".encode()


def seal_of(secret: bytes, previous: str, content: bytes) -> str:
    """The seal over the previous seal and an entry's canonical bytes, in hex."""
    return hmac.digest(secret, previous.encode() + b"\n" + content, hashlib.sha256).hex()


def seal(secret: bytes, head: Head, draft: Draft) -> AuditEntry:
    """The draft as the next entry after `head`."""
    seq = head.seq + 1
    sealed = seal_of(secret, head.seal, canonical(seq, draft))
    return AuditEntry(
        seq, draft.at, draft.actor, draft.kind, draft.key, draft.detail, head.seal, sealed
    )


def verify(secret: bytes, entries: Iterable[AuditEntry], since: Head = EMPTY) -> Iterator[Break]:
    """Every place where the chain that follows `since` is broken; nothing where it holds."""
    head = since
    for entry in entries:
        if entry.seq != head.seq + 1:
            yield Break(entry.seq, f"expected entry {head.seq + 1}, found {entry.seq}")
        elif entry.previous != head.seal:
            yield Break(entry.seq, "does not follow the entry before it")
        draft = Draft(entry.at, entry.actor, entry.kind, entry.key, entry.detail)
        if seal_of(secret, entry.previous, canonical(entry.seq, draft)) != entry.seal:
            yield Break(entry.seq, "its content does not match its seal")
        head = Head(entry.seq, entry.seal)


def anchor_named(entry: AuditEntry) -> Head | None:
    """The last entry that is gone, where this entry says that entries were pruned."""
    if entry.kind != PRUNED:
        return None
    seq, seal_then = entry.detail.get("seq"), entry.detail.get("seal")
    return Head(seq if isinstance(seq, int) else -1, str(seal_then))
