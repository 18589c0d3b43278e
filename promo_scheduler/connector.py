"""The contract between the daemon and a channel: what a connector must, must not and may do.

A connector is chosen by name through the entry point group `promo_scheduler.connectors`. Its author
imports this module and `promo_scheduler.testing` only. Every value is frozen; every instant is
aware and UTC; ends are exclusive; money is Decimal.

When each call comes:
    check       offline, in `validate` and `plan`; must not touch the network or need secrets
    find        before every create, and after a lost answer
    ensure      to create or update; must be safe to repeat
    activate    at the start; a no-op where the window is native
    deactivate  at the end, or before it; "already gone" is success
    read        after every write; must tell what the channel really shows
    poll        only where `Capabilities.async_result`
    health      from `promo channels check` and the daemon

Where the channel's mechanism is `price_overwrite` there is no discount to find, ensure or end:
`prices` and `write_prices` are called in place of all these. See `PriceConnector`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from promo_scheduler.channel import Capabilities, Channel, Limits
from promo_scheduler.channel_errors import (
    AuthExpired,
    ChannelDown,
    ChannelError,
    Conflict,
    Forbidden,
    Invalid,
    NotEligible,
    NotFound,
    OutcomeUnknown,
    PartialFailure,
    Permanent,
    RateLimited,
    Retryable,
    WindowNotAllowed,
)
from promo_scheduler.errors import Place, Problem
from promo_scheduler.offer import AmountOff, FixedPrice, Money, Offer, PercentOff, Selection
from promo_scheduler.plan import Window

__all__ = [
    "AmountOff",
    "AuthExpired",
    "Capabilities",
    "Channel",
    "ChannelDown",
    "ChannelError",
    "Conflict",
    "Connector",
    "DiscountRequest",
    "FixedPrice",
    "Forbidden",
    "Health",
    "Invalid",
    "Limits",
    "Money",
    "NotEligible",
    "NotFound",
    "Observed",
    "ObservedState",
    "Offer",
    "OutcomeUnknown",
    "PartialFailure",
    "PercentOff",
    "Permanent",
    "Place",
    "PriceConnector",
    "Problem",
    "RateLimited",
    "Receipt",
    "RemoteRef",
    "Retryable",
    "Selection",
    "Window",
    "WindowNotAllowed",
]


# ── values ──────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class RemoteRef:
    """The discount as the channel names it. `id` is the channel's own; opaque to everybody else.

    `request` is what the daemon wants of it. It is bound before `activate` and `deactivate`, for
    channels that cannot end a thing by its name alone; it is no part of the reference's identity.
    """

    id: str
    natural_key: str
    request: DiscountRequest | None = field(default=None, compare=False, repr=False)

    def bound(self, request: DiscountRequest | None) -> RemoteRef:
        """The same reference with what is wanted of it; without it for None."""
        return RemoteRef(self.id, self.natural_key, request)


@dataclass(frozen=True, slots=True)
class DiscountRequest:
    """Everything that the discount must be. [start, end) are UTC instants.

    `natural_key` must be findable afterwards; `label` is for people. `zone` is empty unless the
    channel is to target zones. `rank` orders overlapping offers of ours (higher wins) where the
    channel can. `found` is what `find` has just returned for this key, to be changed; None: look
    first, then create.
    """

    natural_key: str
    label: str
    region: str
    zone: str
    target: str
    currency: str
    offer: Offer
    start: datetime
    end: datetime
    rank: tuple[int, int] = (0, 0)
    stack: bool = False
    generation: int = 1
    found: RemoteRef | None = None


class Observed(StrEnum):
    """What reading back can show."""

    ABSENT = "absent"
    SCHEDULED = "scheduled"
    ACTIVE = "active"
    ENDED = "ended"
    FAILED = "failed"
    PENDING = "pending"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ObservedState:
    """What the channel shows. Parts that it cannot tell are None, and are not compared.

    `raw` is the channel's answer for the record: by an allow-list, never with a secret.
    """

    state: Observed
    start: datetime | None = None
    end: datetime | None = None
    offer: Offer | None = None
    target: str | None = None
    raw: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was done and what reading back showed. `removed` names doubles that were taken away."""

    ref: RemoteRef | None = None
    observed: ObservedState | None = None
    removed: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """The account's state: authentication, quota left where known, their clock less ours."""

    ok: bool
    detail: str = ""
    quota_left: int | None = None
    clock_difference: timedelta | None = None


class Connector(ABC):
    """One channel account. Made with the Channel; `settings` are already resolved, and stay inside.

    Settings that a connector does not know are an error of `check_settings`, not silently ignored.
    """

    capabilities: Capabilities = Capabilities()

    @classmethod
    def capabilities_for(cls, settings: Mapping[str, str]) -> Capabilities:
        """What it can do with these settings, where they matter. Offline; values are literal.

        A connector that overrides this sets `self.capabilities` to the same when it is made.
        """
        return cls.capabilities

    @classmethod
    def check_settings(cls, settings: Mapping[str, str]) -> list[Problem]:
        """Which settings are missing or unknown. Offline; values may still be references."""
        return []

    @abstractmethod
    def __init__(self, channel: Channel, settings: Mapping[str, str]) -> None:
        """Keep what is needed; connect nothing yet."""

    @classmethod
    def check(cls, window: Window) -> list[Problem]:
        """What this kind of channel cannot do of a window, beyond its capabilities. Offline."""
        return []

    @abstractmethod
    async def find(self, natural_key: str) -> tuple[RemoteRef, ...]:
        """Every discount with this natural key that is not gone, the oldest first."""

    @abstractmethod
    async def ensure(self, request: DiscountRequest) -> RemoteRef:
        """Create the discount or change it, so that the channel holds exactly this. Repeatable.

        Raises WindowNotAllowed, before anything is sent, where the window does not end after its
        start: channels were seen to take such a window silently.
        """

    async def activate(self, ref: RemoteRef) -> None:
        """Make it live now. The default does nothing: right where the window is native."""
        return

    @abstractmethod
    async def deactivate(self, ref: RemoteRef) -> None:
        """End it now, or take it back before its start. Already ended or gone is success."""

    @abstractmethod
    async def read(self, ref: RemoteRef) -> ObservedState:
        """What the channel shows now."""

    async def poll(self, ref: RemoteRef) -> ObservedState:
        """Where the channel answers later: what it says by now. The default reads."""
        return await self.read(ref)

    async def prices(self, target: str, skus: Collection[str]) -> Mapping[str, Money]:
        """Where prices are overwritten: what these SKUs cost now. See PriceConnector."""
        raise NotImplementedError

    async def write_prices(self, target: str, prices: Mapping[str, Money]) -> None:
        """Where prices are overwritten: let these SKUs cost this. See PriceConnector."""
        raise NotImplementedError

    @abstractmethod
    async def health(self) -> Health:
        """Whether the account answers and may do its work."""

    async def close(self) -> None:
        """Let go of connections. The default has none."""
        return


class PriceConnector(Connector):
    """A channel that knows no discounts: a product has one price in a target, and it is replaced.

    Set `Capabilities.mechanism` to `price_overwrite` and `batch_max` to the most SKUs of one call,
    and write `prices`, `write_prices` and `health`. The daemon does the rest: it keeps the price
    from before (once, in the ledger), computes what is to stand by the windows that are live,
    splits into batches, reads back after every write, and puts the price from before back after
    the last window, unless somebody else has changed it by then. On one target it does one thing
    after another.

    A connector of this kind must not compute, round, remember or restore a price, nor skip a write
    because the price seems right. It may be asked for the same again at any time.
    """

    capabilities = Capabilities(mechanism="price_overwrite", natural_key="target and SKU")

    @abstractmethod
    async def prices(self, target: str, skus: Collection[str]) -> Mapping[str, Money]:
        """What these SKUs cost now in a target: the very price that `write_prices` replaces.

        Must ask the channel each time, and leave out a SKU that has no price there. Must not answer
        with a price that was asked for and is not in force yet. Raises ChannelError.
        """

    @abstractmethod
    async def write_prices(self, target: str, prices: Mapping[str, Money]) -> None:
        """Let these SKUs cost exactly this in a target, from now on; others are not touched.

        Must be safe to repeat. Raises PartialFailure where some were refused, and OutcomeUnknown
        where the answer was lost: what stands is read then.
        """

    async def find(self, natural_key: str) -> tuple[RemoteRef, ...]:
        """Nothing: there are no discounts. The daemon does not call this."""
        return ()

    async def ensure(self, request: DiscountRequest) -> RemoteRef:
        """Refused: there are no discounts. The daemon does not call this."""
        raise Invalid("this channel holds prices, no discounts")

    async def deactivate(self, ref: RemoteRef) -> None:
        """Nothing to end. The daemon does not call this."""
        return

    async def read(self, ref: RemoteRef) -> ObservedState:
        """Absent: there are no discounts. The daemon does not call this."""
        return ObservedState(Observed.ABSENT)
