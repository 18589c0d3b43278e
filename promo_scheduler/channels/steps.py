"""A connector's calls as a firing makes them: whatever is raised leaves as a ChannelError.

What is not one already is mapped by whether something had been sent by then, and is told by its
type and line alone, never by its text, which might quote a secret.
"""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from pathlib import PurePath
from typing import ParamSpec, TypeVar

from promo_scheduler.channels.compare import differences, state_difference
from promo_scheduler.connector import (
    ChannelError,
    Connector,
    DiscountRequest,
    Invalid,
    Money,
    Observed,
    ObservedState,
    OutcomeUnknown,
    RemoteRef,
    Retryable,
)
from promo_scheduler.errors import LedgerError, PromoError
from promo_scheduler.plan import Action

A = ParamSpec("A")
T = TypeVar("T")
# Raised by wrong code, not by a network: trying again cannot help.
_BUGS = (TypeError, AttributeError, NameError, NotImplementedError, AssertionError, PromoError)


class Steps:
    """A connector's calls, with every foreign exception mapped; it knows if one of them wrote."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._written = False

    # ── discounts ───────────────────────────────────────────────────────────────────────────────
    async def find(self, natural_key: str) -> tuple[RemoteRef, ...]:
        return await self._reads(self._connector.find, natural_key)

    async def ensure(self, request: DiscountRequest) -> RemoteRef:
        return await self._writes(self._connector.ensure, request)

    async def activate(self, ref: RemoteRef) -> None:
        await self._writes(self._connector.activate, ref)

    async def deactivate(self, ref: RemoteRef) -> None:
        await self._writes(self._connector.deactivate, ref)

    async def read(self, ref: RemoteRef) -> ObservedState:
        later = self._connector.capabilities.async_result
        ask = self._connector.poll if later else self._connector.read
        return await self._reads(ask, ref)

    def require(self, action: Action, request: DiscountRequest, observed: ObservedState) -> None:
        """Raises where what was read is not what was asked for."""
        if observed.state is Observed.UNKNOWN and not self._connector.capabilities.reads_back:
            return
        if observed.state is Observed.FAILED and action is not Action.DEACTIVATE:
            raise Invalid("the channel reports that the discount failed")
        if wrong := state_difference(action, observed):
            raise Retryable(f"after {action}, {wrong}")
        if action is not Action.DEACTIVATE and (found := _compared(request, observed)):
            raise Invalid(f"the channel holds something else: {found}")

    # ── prices ──────────────────────────────────────────────────────────────────────────────────
    async def prices(self, target: str, skus: Collection[str]) -> dict[str, Money]:
        """What these SKUs cost; those without a price are left out."""
        found: dict[str, Money] = {}
        for some in self._batches(skus):
            told = await self._reads(self._connector.prices, target, some)
            found.update((sku, told[sku]) for sku in some if sku in told)
        return found

    async def write_prices(self, target: str, prices: Mapping[str, Money]) -> None:
        """Let these SKUs cost this."""
        for some in self._batches(prices):
            part = {sku: prices[sku] for sku in some}
            await self._writes(self._connector.write_prices, target, part)

    async def booked(self, call: Callable[A, Awaitable[T]], *args: A.args, **named: A.kwargs) -> T:
        """A call to the ledger in the middle of a firing. Out of reach, it is as a channel is."""
        try:
            return await call(*args, **named)
        except LedgerError as error:
            told = f"the ledger cannot be used: {error.message}"
            raise (OutcomeUnknown if self._written else Retryable)(told) from None

    def _batches(self, skus: Collection[str]) -> Iterator[list[str]]:
        named, most = list(skus), max(1, self._connector.capabilities.batch_max)
        for begin in range(0, len(named), most):
            yield named[begin : begin + most]

    # ── mapping ─────────────────────────────────────────────────────────────────────────────────
    async def _reads(self, call: Callable[A, Awaitable[T]], *args: A.args, **named: A.kwargs) -> T:
        try:
            return await call(*args, **named)
        except Retryable as error:
            raise self._unread(error) from None
        except Exception as error:  # whatever a connector raises is mapped
            raise self._mapped(call, error) from None

    async def _writes(self, call: Callable[A, Awaitable[T]], *args: A.args, **named: A.kwargs) -> T:
        try:
            answer = await call(*args, **named)
        except Exception as error:  # whatever a connector raises is mapped
            self._written = self._written or not isinstance(error, ChannelError)
            raise self._mapped(call, error) from None
        self._written = True
        return answer

    def _unread(self, error: Retryable) -> ChannelError:
        """A read that failed: after a write, nobody knows what that write came to."""
        if self._written:
            return OutcomeUnknown(f"written, but not read back: {error}")
        return error

    def _mapped(self, call: Callable[..., Awaitable[object]], error: Exception) -> ChannelError:
        if isinstance(error, ChannelError):
            return error
        name = getattr(call, "__name__", "the call")
        told = f"{name} raised {where_raised(error)}"
        if self._written:
            return OutcomeUnknown(told)
        return Invalid(told) if isinstance(error, _BUGS) else Retryable(told)


def _compared(request: DiscountRequest, observed: ObservedState) -> str:
    """The differences in words. A naive instant is told as one, and is a bug."""
    try:
        return "; ".join(map(str, differences(request, observed)))
    except PromoError as error:
        return error.message


def where_raised(error: BaseException) -> str:
    """The exception's type and the line it comes from: enough to find it, no word of its text."""
    frame = traceback.extract_tb(error.__traceback__)[-1:]
    place = f" at {PurePath(frame[0].filename).name}:{frame[0].lineno}" if frame else ""
    return f"{type(error).__name__}{place}"
