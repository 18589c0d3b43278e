"""ConnectorContract: what every connector must do, as tests. Subclass it, with two overrides."""

from __future__ import annotations

import traceback
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import timedelta, timezone
from typing import ClassVar

import pytest

from promo_scheduler.channels.act import act
from promo_scheduler.channels.compare import SETTLED, differences
from promo_scheduler.connector import (
    ChannelError,
    Connector,
    DiscountRequest,
    Observed,
    RemoteRef,
    WindowNotAllowed,
)
from promo_scheduler.plan import Action
from promo_scheduler.testing.builders import AHEAD, a_firing, a_request, a_window, an_offer

NOWHERE = "http://127.0.0.1:9/"  # the discard port: nobody answers there


@pytest.mark.asyncio
class ConnectorContract:
    """The calls, their repeats and their order, also driven the way the daemon drives them.

    A channel that cannot be asked (`Capabilities.reads_back` False) must say UNKNOWN throughout.
    Where the channel opens a target only when told to, let the server have `de`, selling in EUR.
    """

    secret: ClassVar[str] = ""  # what the connector is made with, and must never tell

    def connector(self, url: str) -> Connector:
        """A connector to the channel at this url. Override it; give it a timeout under a second."""
        raise NotImplementedError

    def server(self) -> AbstractAsyncContextManager[str]:
        """The channel, empty, for one test; its url. Override it where there is one to start."""
        return _no_server()

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Connector]:
        """A connector to a channel of its own."""
        async with self.server() as url:
            connector = self.connector(url)
            try:
                yield connector
            finally:
                await connector.close()

    # ── identity ────────────────────────────────────────────────────────────────────────────────
    async def test_nothing_is_found_on_an_empty_channel(self) -> None:
        async with self.connected() as connector:
            if connector.capabilities.reads_back:
                assert await connector.find(a_request().natural_key) == ()

    async def test_what_was_ensured_is_found_by_its_natural_key(self) -> None:
        async with self.connected() as connector:
            ref = await connector.ensure(a_request())
            assert ref.natural_key == a_request().natural_key
            assert await connector.find(a_request().natural_key) == (ref,)

    async def test_another_natural_key_finds_something_else(self) -> None:
        async with self.connected() as connector:
            ref = await connector.ensure(a_request())
            other = await connector.ensure(a_request(natural_key="promo-other-1"))
            assert other != ref
            assert await connector.find("promo-other-1") == (other,)

    # ── repeats ─────────────────────────────────────────────────────────────────────────────────
    async def test_ensuring_twice_leaves_one(self) -> None:
        async with self.connected() as connector:
            first = await connector.ensure(a_request())
            assert await connector.ensure(a_request()) == first
            assert await connector.ensure(a_request(found=first)) == first
            assert await connector.find(first.natural_key) == (first,)

    async def test_what_was_found_but_is_gone_is_made_again(self) -> None:
        async with self.connected() as connector:
            gone = RemoteRef("987654321", a_request().natural_key)
            ref = await connector.ensure(a_request(found=gone))
            await self.assert_holds(connector, ref, a_request())

    async def test_activating_twice_is_activating_once(self) -> None:
        async with self.connected() as connector:
            ref = (await connector.ensure(a_request())).bound(a_request())
            await connector.activate(ref)
            await connector.activate(ref)
            await self.assert_state(connector, ref, {Observed.ACTIVE})

    async def test_ending_twice_is_ending_once(self) -> None:
        async with self.connected() as connector:
            ref = (await connector.ensure(a_request())).bound(a_request())
            await connector.activate(ref)
            await connector.deactivate(ref)
            await connector.deactivate(ref)
            await self.assert_state(connector, ref, SETTLED)

    async def test_ending_before_the_beginning_takes_it_back(self) -> None:
        async with self.connected() as connector:
            request = a_request(start=AHEAD[0], end=AHEAD[1])
            ref = (await connector.ensure(request)).bound(request)
            await connector.deactivate(ref)
            await self.assert_state(connector, ref, SETTLED)

    async def test_ending_what_is_gone_is_success(self) -> None:
        async with self.connected() as connector:
            gone = RemoteRef("987654321", "promo-gone-1").bound(a_request())
            await connector.deactivate(gone)
            await self.assert_state(connector, gone, SETTLED)

    async def test_what_was_ended_can_be_brought_back(self) -> None:
        async with self.connected() as connector:
            ref = (await connector.ensure(a_request())).bound(a_request())
            await connector.deactivate(ref)
            again = a_request(generation=2, found=ref)
            ref = (await connector.ensure(again)).bound(again)
            await connector.activate(ref)
            await self.assert_state(connector, ref, {Observed.ACTIVE})

    # ── windows and values ──────────────────────────────────────────────────────────────────────
    async def test_a_window_that_does_not_end_after_its_start_is_refused(self) -> None:
        async with self.connected() as connector:
            request = a_request()
            for end in (request.start, request.start - timedelta(seconds=1)):
                with pytest.raises(WindowNotAllowed):
                    await connector.ensure(replace(request, end=end))
                assert connector.check(a_window(end=end)), "check must refuse it offline, too"

    async def test_a_good_window_passes_the_offline_check(self) -> None:
        async with self.connected() as connector:
            assert connector.check(a_window()) == []

    async def test_offsets_make_no_difference(self) -> None:
        async with self.connected() as connector:
            tokyo, request = timezone(timedelta(hours=9)), a_request()
            moved = replace(
                request, start=request.start.astimezone(tokyo), end=request.end.astimezone(tokyo)
            )
            ref = await connector.ensure(moved)
            await self.assert_holds(connector, ref, request)

    async def test_reading_back_shows_what_the_channel_holds_and_not_what_was_asked(self) -> None:
        async with self.connected() as connector:
            asked, held = a_request(), a_request(offer=an_offer("10"))
            ref = await connector.ensure(held)
            await self.assert_holds(connector, ref, held)
            if (observed := await connector.read(ref)).offer is not None:
                assert [d.field for d in differences(asked, observed)] == ["value"]

    async def test_a_change_is_taken_over(self) -> None:
        async with self.connected() as connector:
            ref = await connector.ensure(a_request())
            changed = a_request(offer=an_offer("40"), end=a_request().end - timedelta(hours=1))
            await self.assert_holds(connector, await connector.ensure(changed), changed)
            assert await connector.find(ref.natural_key) == (ref,)

    # ── as the daemon does it ───────────────────────────────────────────────────────────────────
    async def test_a_whole_activation_and_a_whole_ending_each_repeated(self) -> None:
        async with self.connected() as connector:
            begun = [await act(connector, a_firing()) for _ in range(2)]
            assert begun[0] == begun[1]
            assert begun[0].removed == ()
            for _ in range(2):
                ended = await act(connector, a_firing(Action.DEACTIVATE))
                assert ended.observed is not None
                assert ended.observed.state in self.or_unknown(connector, SETTLED)

    async def test_staging_in_advance_shows_scheduled(self) -> None:
        async with self.connected() as connector:
            if connector.capabilities.stages:
                ahead = a_window(start=AHEAD[0], end=AHEAD[1])
                receipt = await act(connector, a_firing(Action.STAGE, ahead))
                assert receipt.observed is not None
                assert receipt.observed.state is Observed.SCHEDULED

    # ── settings and secrets ────────────────────────────────────────────────────────────────────
    async def test_an_unknown_setting_is_a_problem(self) -> None:
        async with self.connected() as connector:
            assert type(connector).check_settings({"no-such-setting": "1"})

    async def test_what_is_said_of_a_connector_holds_no_secret(self) -> None:
        async with self.connected() as connector:
            self.assert_secret_kept(repr(connector), str(connector))
            self.assert_secret_kept(str(await connector.health()))

    # ── saying it shortly ───────────────────────────────────────────────────────────────────────
    def or_unknown(
        self, connector: Connector, wanted: frozenset[Observed] | set[Observed]
    ) -> frozenset[Observed]:
        """The wanted states, or UNKNOWN where nothing can be asked."""
        reads_back = connector.capabilities.reads_back
        return frozenset(wanted) if reads_back else frozenset({Observed.UNKNOWN})

    async def assert_state(
        self, connector: Connector, ref: RemoteRef, wanted: frozenset[Observed] | set[Observed]
    ) -> None:
        assert (await connector.read(ref)).state in self.or_unknown(connector, wanted)

    async def assert_holds(
        self, connector: Connector, ref: RemoteRef, request: DiscountRequest
    ) -> None:
        observed = await connector.read(ref)
        assert observed.state is not Observed.ABSENT
        assert differences(request, observed) == ()

    def assert_secret_kept(self, *texts: str) -> None:
        if self.secret:
            assert not [text for text in texts if self.secret in text]

    def assert_tells_no_secret(self, error: ChannelError) -> None:
        self.assert_secret_kept(str(error), repr(error), "".join(traceback.format_exception(error)))


@asynccontextmanager
async def _no_server() -> AsyncIterator[str]:
    yield NOWHERE
