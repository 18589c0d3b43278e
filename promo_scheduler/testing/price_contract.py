"""PriceConnectorContract: what every connector that overwrites prices must do, as tests."""

from __future__ import annotations

import traceback
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from decimal import Decimal
from typing import ClassVar

import pytest

from promo_scheduler.channels.act import act
from promo_scheduler.connector import (
    ChannelError,
    Connector,
    Money,
    Observed,
    OutcomeUnknown,
    Retryable,
)
from promo_scheduler.firing import Firing
from promo_scheduler.plan import Action, Window
from promo_scheduler.testing.builders import a_firing, a_window, an_offer
from promo_scheduler.testing.contract import NOWHERE
from promo_scheduler.testing.price_book import MemoryPriceBook
from promo_scheduler.testing.proxy import Mischief, Proxy

TARGET = "de"


@pytest.mark.asyncio
class PriceConnectorContract:
    """The two calls, their repeats and lost answers, also driven the way the daemon drives them.

    Let the server sell `skus` in the target `de`, in EUR, at 10.00 or more, and nothing else.
    """

    secret: ClassVar[str] = ""  # what the connector is made with, and must never tell
    skus: ClassVar[tuple[str, str]] = ("A-100", "A-200")

    def connector(self, url: str) -> Connector:
        """A connector to the channel at this url. Override it; give it a timeout under a second."""
        raise NotImplementedError

    def server(self) -> AbstractAsyncContextManager[str]:
        """The channel with its products, for one test; its url. Override it."""
        raise NotImplementedError

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Connector]:
        """A connector to a channel of its own."""
        async with self.server() as url:
            connector = self.connector(url)
            try:
                yield connector
            finally:
                await connector.close()

    # ── the calls ───────────────────────────────────────────────────────────────────────────────
    async def test_it_says_that_it_overwrites_prices(self) -> None:
        async with self.connected() as connector:
            assert connector.capabilities.mechanism == "price_overwrite"
            assert connector.capabilities.batch_max >= 1

    async def test_prices_are_told_with_their_currency_and_what_is_not_sold_is_left_out(
        self,
    ) -> None:
        async with self.connected() as connector:
            found = await connector.prices(TARGET, [self.skus[0], "no-such-sku"])
            assert set(found) == {self.skus[0]}
            assert found[self.skus[0]].currency == "EUR"
            assert isinstance(found[self.skus[0]].amount, Decimal)

    async def test_what_was_written_is_read_and_the_others_keep_their_price(self) -> None:
        async with self.connected() as connector:
            before = await connector.prices(TARGET, self.skus)
            wanted = Money(Decimal("7.31"), "EUR")
            await connector.write_prices(TARGET, {self.skus[0]: wanted})
            after = await connector.prices(TARGET, self.skus)
            assert after == {**before, self.skus[0]: wanted}

    async def test_writing_twice_is_writing_once(self) -> None:
        async with self.connected() as connector:
            wanted = dict.fromkeys(self.skus, Money(Decimal("7.31"), "EUR"))
            await connector.write_prices(TARGET, wanted)
            await connector.write_prices(TARGET, wanted)
            assert await connector.prices(TARGET, self.skus) == wanted

    async def test_a_price_of_a_product_that_is_not_sold_is_refused(self) -> None:
        async with self.connected() as connector:
            with pytest.raises(ChannelError) as caught:
                await connector.write_prices(TARGET, {"no-such-sku": Money(Decimal(1), "EUR")})
            self.assert_tells_no_secret(caught.value)

    # ── as the daemon does it ───────────────────────────────────────────────────────────────────
    async def test_a_start_reduces_and_an_ending_gives_back_each_repeated(self) -> None:
        async with self.connected() as connector:
            book, before = MemoryPriceBook(), await connector.prices(TARGET, self.skus)
            for _ in range(2):
                begun = await act(connector, a_firing(window=self.window()), book)
                assert begun.observed is not None
                assert begun.observed.state is Observed.ACTIVE
                assert await self.are_reduced(connector, before)
            for _ in range(2):
                ended = await act(connector, self.ending(), book)
                assert ended.observed is not None
                assert ended.observed.state is Observed.ENDED
                assert await connector.prices(TARGET, self.skus) == before
            assert book.baselines == {}

    @pytest.mark.parametrize("mischief", ["lose", "truncate", "hang"])
    async def test_after_a_lost_answer_the_baseline_comes_back_all_the_same(
        self, mischief: Mischief
    ) -> None:
        async with self.server() as url, Proxy(url).listening() as proxy:
            connector, book = self.connector(proxy.url), MemoryPriceBook()
            before = await connector.prices(TARGET, self.skus)
            for firing in (a_firing(window=self.window()), self.ending()):
                proxy.misbehave(mischief)
                with pytest.raises(OutcomeUnknown) as caught:
                    await act(connector, firing, book)
                self.assert_tells_no_secret(caught.value)
                proxy.forward()
                await act(connector, firing, book)
            assert await connector.prices(TARGET, self.skus) == before
            assert book.baselines == {}
            await connector.close()

    async def test_a_refused_connection_may_be_repeated(self) -> None:
        connector = self.connector(NOWHERE)
        with pytest.raises(Retryable):
            await act(connector, a_firing(window=self.window()), MemoryPriceBook())
        await connector.close()

    # ── settings and secrets ────────────────────────────────────────────────────────────────────
    async def test_an_unknown_setting_is_a_problem(self) -> None:
        async with self.connected() as connector:
            assert type(connector).check_settings({"no-such-setting": "1"})

    async def test_what_is_said_of_a_connector_holds_no_secret(self) -> None:
        async with self.connected() as connector:
            for text in (repr(connector), str(connector), str(await connector.health())):
                assert not self.secret or self.secret not in text

    # ── saying it shortly ───────────────────────────────────────────────────────────────────────
    def window(self) -> Window:
        """A quarter off the products."""
        return a_window(offer=an_offer("25", *self.skus), target=TARGET)

    def ending(self) -> Firing:
        return a_firing(Action.DEACTIVATE, self.window())

    async def are_reduced(self, connector: Connector, before: Mapping[str, Money]) -> bool:
        found = await connector.prices(TARGET, self.skus)
        return all(found[sku].amount < before[sku].amount for sku in self.skus)

    def assert_tells_no_secret(self, error: ChannelError) -> None:
        told = (str(error), repr(error), "".join(traceback.format_exception(error)))
        assert not [text for text in told if self.secret and self.secret in text]
