"""Settings: how a workspace wants its daemon to behave (`config/settings.yaml`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Literal

# Every kind of change that a plan can hold; each may be applied by the daemon alone or asked for.
POLICIES = (
    "create",
    "move",
    "amend",
    "cancel",
    "starts-late",
    "amend-live",
    "move-live-end",
    "end-now",
    "withdraw",
)


class EngineName(StrEnum):
    """What wakes a daemon: its own timer, or the queue that many of them share."""

    EMBEDDED = "embedded"
    PGQUEUER = "pgqueuer"


@dataclass(frozen=True, slots=True)
class ApplyPolicy:
    """Which changes the daemon applies by itself; whatever is not in `auto` waits for a person."""

    auto: frozenset[str] = frozenset({"create", "move", "amend", "cancel"})


@dataclass(frozen=True, slots=True)
class Retry:
    """The backoff after a failed attempt: from `shortest`, doubled each time up to `longest`."""

    shortest: timedelta = timedelta(seconds=1)
    longest: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Settings:
    """`ledger` is a database URL; relative SQLite paths are taken from the workspace.

    `audit_key` is a reference (`${env:…}`, `${file:…}`) or empty: a key file in `.promo/`.
    `new_zone_data`: whether what new zone data or calendars move is applied by the daemon alone.
    `lease`: how long a daemon that fell silent keeps what it has claimed, where several share a
    ledger. `ending_patience`: how long a start waits for an overdue ending before it is held (law
    5). `metrics` is a file, relative to the workspace, or empty: none is written.
    """

    ledger: str = "sqlite:///.promo/ledger.db"
    audit_key: str = ""
    apply: ApplyPolicy = field(default_factory=ApplyPolicy)
    new_zone_data: Literal["auto", "ask"] = "auto"
    retry: Retry = field(default_factory=Retry)
    reconcile_every: timedelta = timedelta(seconds=30)
    lease: timedelta = timedelta(seconds=5)
    ending_patience: timedelta = timedelta(minutes=15)
    max_in_flight: int = 1000
    max_occurrences: int = 1000
    metrics: str = ""
