"""Channel: one store or marketplace account, its targets and limits, and what it can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

NO_TARGET = "-"  # the account itself


@dataclass(frozen=True, slots=True)
class Limits:
    """How hard an account may be used: calls at one time, and calls a second (None: unlimited)."""

    concurrency: int = 8
    per_second: float | None = None


@dataclass(frozen=True, slots=True)
class Channel:
    """One account. `targets` maps a region to its place there (a market, a store view).

    `settings` holds references (`${env:…}`, `${file:…}`) unresolved; they are resolved only when
    a connection is made, and never leave the connector.
    """

    name: str
    connector: str
    regions: tuple[str, ...]
    targets: Mapping[str, str] = field(default_factory=dict)
    zones: Literal["anchor", "each"] = "anchor"
    settings: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    stage_ahead: timedelta = timedelta(hours=24)

    def target(self, region: str) -> str:
        """The region's place in this account; `-` where the account serves one region only."""
        return self.targets.get(region, NO_TARGET)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a kind of channel can do: data, shown by `promo channels`, used by `plan`."""

    mechanism: Literal["rule", "price_overwrite", "code_toggle"] = "rule"
    # schedule
    native_start: bool = False
    native_end: bool = False
    create_in_advance: bool = False
    start_must_be_future: bool = False
    min_lead: timedelta = timedelta(0)
    min_duration: timedelta = timedelta(0)
    max_duration: timedelta | None = None
    granularity: Literal["second", "day"] = "second"
    time_basis: Literal["utc", "store"] = "utc"
    early_end: bool = True
    mutable_when_running: bool = True
    # overlaps: the channel itself lets the higher priority win, adds them up, or does neither
    overlap: Literal["priority", "stacks", "none"] = "none"
    # identity
    natural_key: str = "name"
    unique_enforced: bool = False
    idempotency_key: bool = False
    # the rest
    dry_run: bool = False
    async_result: bool = False
    reads_back: bool = True  # False: nothing can be asked; `read` answers UNKNOWN
    batch_max: int = 1
    activation_lag: timedelta = timedelta(0)
    region_scope: Literal["store", "market", "zone"] = "store"
    selections: frozenset[str] = frozenset(
        {"all", "tags", "collections", "categories", "skus", "except"}
    )
    values: frozenset[str] = frozenset({"percent", "amount", "price"})

    @property
    def stages(self) -> bool:
        """Whether a discount is created ahead of its start, and the channel starts it by itself."""
        return self.create_in_advance and self.native_start
