"""The only durable truth: what stands, what is due, who holds what, and the sealed audit.

SQLite by default, PostgreSQL by URL; one code path. Every write is one transaction with its audit
entries, and there is one writer at a time on either database, in this process or another. The
calls block; nothing here starts a thread or a loop.

`Ledger` is loaded when it is first named, because its libraries are slow to import; the requests
are plain values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from promo_scheduler.ledger.requests import (
    Access,
    ClaimRequest,
    Copied,
    Cut,
    EventQuery,
    HandOver,
    Node,
    NodeState,
    OrderRequest,
    Pruned,
    PruneRequest,
    Seen,
    WindowQuery,
)

if TYPE_CHECKING:
    from promo_scheduler.ledger.store import Ledger

__all__ = [
    "Access",
    "ClaimRequest",
    "Copied",
    "Cut",
    "EventQuery",
    "HandOver",
    "Ledger",
    "Node",
    "NodeState",
    "OrderRequest",
    "PruneRequest",
    "Pruned",
    "Seen",
    "WindowQuery",
]


def __getattr__(name: str) -> object:
    """Load `Ledger` on first use."""
    if name != "Ledger":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from promo_scheduler.ledger.store import Ledger

    return Ledger
