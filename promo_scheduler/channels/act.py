"""One firing done through a connector, as law 4 says: find, ensure, activate, read back, compare.

Where a channel's prices are overwritten, the firing takes its turn on the lane: `overwriting`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from promo_scheduler.channels.compare import SETTLED
from promo_scheduler.channels.overwriting import PriceBook, overwrite
from promo_scheduler.channels.steps import Steps, where_raised
from promo_scheduler.connector import (
    ChannelError,
    Connector,
    DiscountRequest,
    Invalid,
    Observed,
    ObservedState,
    Receipt,
    RemoteRef,
)
from promo_scheduler.firing import Firing
from promo_scheduler.plan import NO_ZONE, Action

__all__ = ["act", "request_of", "where_raised"]


async def act(connector: Connector, firing: Firing, book: PriceBook | None = None) -> Receipt:
    """Do the firing and prove it. Raises ChannelError, and nothing else but cancellation.

    `book` is the ledger's side of it, which only a channel with `price_overwrite` needs.
    """
    steps = Steps(connector)
    if connector.capabilities.mechanism == "price_overwrite":
        if book is None:
            raise Invalid("prices cannot be written over without the ledger's book of them")
        return await overwrite(steps, book, firing)
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


async def _begin(steps: Steps, request: DiscountRequest, action: Action) -> Receipt:
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


async def _end(steps: Steps, request: DiscountRequest) -> Receipt:
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


async def _take_down(steps: Steps, ref: RemoteRef, request: DiscountRequest) -> ObservedState:
    await steps.deactivate(ref.bound(request))
    observed = await steps.read(ref)
    steps.require(Action.DEACTIVATE, request, observed)
    return observed


async def _remove(
    steps: Steps,
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
