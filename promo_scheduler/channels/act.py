"""One firing done through a connector, as law 4 says: find, ensure, activate, read back, compare.

Whatever a connector raises leaves here as a ChannelError: what is not one already is mapped by
whether something had been sent by then, and is told by its type and line alone, never by its text,
which might quote a secret.
"""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import TypeVar

from promo_scheduler.channels.compare import SETTLED, differences, state_difference
from promo_scheduler.connector import (
    ChannelError,
    Connector,
    DiscountRequest,
    Invalid,
    Observed,
    ObservedState,
    OutcomeUnknown,
    Receipt,
    RemoteRef,
    Retryable,
)
from promo_scheduler.errors import PromoError
from promo_scheduler.firing import Firing
from promo_scheduler.plan import NO_ZONE, Action

A = TypeVar("A")
T = TypeVar("T")
# Raised by wrong code, not by a network: trying again cannot help.
_BUGS = (TypeError, AttributeError, NameError, NotImplementedError, AssertionError, PromoError)


async def act(connector: Connector, firing: Firing) -> Receipt:
    """Do the firing and prove it. Raises ChannelError, and nothing else but cancellation."""
    steps = _Steps(connector)
    request = request_of(firing)
    if firing.action is Action.DEACTIVATE:
        return await _end(steps, request)
    return await _begin(steps, request, firing.action)


def request_of(firing: Firing) -> DiscountRequest:
    """What the channel must hold for this firing's window."""
    window, key = firing.window, firing.window.key
    return DiscountRequest(
        natural_key=firing.natural_key,
        label=window.label or f"{key.campaign} · {key.phase} · {key.region}",
        region=key.region,
        zone="" if key.zone == NO_ZONE else key.zone,
        target=window.target,
        currency=window.currency,
        offer=window.offer,
        start=window.start,
        end=window.end,
        rank=window.rank,
        stack=window.stack,
        generation=firing.event.generation,
    )


async def _begin(steps: _Steps, request: DiscountRequest, action: Action) -> Receipt:
    refs = await steps.find(request.natural_key)
    removed = await _remove(steps, refs[1:], request)
    ref = await steps.ensure(replace(request, found=refs[0]) if refs else request)
    if action is Action.ACTIVATE:
        await steps.activate(ref.bound(request))
    observed = await steps.read(ref)
    try:
        steps.require(action, request, observed)
    except Invalid:  # not a state that may still come: something else stands there
        if _is_new(action, request):
            await steps.deactivate(ref.bound(request))
        raise
    return Receipt(ref.bound(None), observed, removed)


def _is_new(action: Action, request: DiscountRequest) -> bool:
    """Whether buyers never saw it right: then, read back wrong, it must not stay to be seen wrong.

    A change of what is live already stays as it is, and its failure is on record.
    """
    return action is Action.STAGE or request.generation == 1


async def _end(steps: _Steps, request: DiscountRequest) -> Receipt:
    """End every discount of this key; one that fails does not keep the others from being ended."""
    refs = await steps.find(request.natural_key)
    if not refs:
        return Receipt(observed=ObservedState(Observed.ABSENT))
    failures: list[ChannelError] = []
    observed = None
    try:
        observed = await _take_down(steps, refs[0], request)
    except ChannelError as error:
        failures.append(error)
    removed = await _remove(steps, refs[1:], request, failures)
    if failures:
        raise failures[0]
    return Receipt(refs[0].bound(None), observed, removed)


async def _take_down(steps: _Steps, ref: RemoteRef, request: DiscountRequest) -> ObservedState:
    await steps.deactivate(ref.bound(request))
    observed = await steps.read(ref)
    steps.require(Action.DEACTIVATE, request, observed)
    return observed


async def _remove(
    steps: _Steps,
    doubles: Sequence[RemoteRef],
    request: DiscountRequest,
    failures: list[ChannelError] | None = None,
) -> tuple[str, ...]:
    """End the doubles that are not ended yet, and name them. Collects failures where it may."""
    removed = []
    for ref in doubles:
        try:
            if (await steps.read(ref)).state not in SETTLED:
                await _take_down(steps, ref, request)
                removed.append(ref.id)
        except ChannelError as error:
            if failures is None:
                raise
            failures.append(error)
    return tuple(removed)


class _Steps:
    """A connector's calls, with every foreign exception mapped; it knows if one of them wrote."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._written = False

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

    async def _reads(self, call: Callable[[A], Awaitable[T]], about: A) -> T:
        try:
            return await call(about)
        except Retryable as error:
            raise self._unread(error) from None
        except Exception as error:  # whatever a connector raises is mapped
            raise self._mapped(call, error) from None

    async def _writes(self, call: Callable[[A], Awaitable[T]], about: A) -> T:
        try:
            answer = await call(about)
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

    def _mapped(self, call: Callable[[A], Awaitable[T]], error: Exception) -> ChannelError:
        if isinstance(error, ChannelError):
            return error
        told = f"{call.__name__} raised {where_raised(error)}"
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
