"""Accounts: the configured channels, each connected at its first use.

A channel whose secret is missing, or that is no longer configured, fails its own firings and nobody
else's (law 11). One that goes down, or comes back, is told once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import structlog

from promo_scheduler.catalog import Catalog
from promo_scheduler.channel import Channel
from promo_scheduler.channels import Account, connect, price_overwriting
from promo_scheduler.channels.account import Down, Look
from promo_scheduler.clock import Clock
from promo_scheduler.connector import ChannelError, Receipt, Retryable
from promo_scheduler.engine.price_books import PriceBooks
from promo_scheduler.errors import PromoError
from promo_scheduler.firing import Firing
from promo_scheduler.plan import Window

Connect = Callable[[Channel], Account]

log = structlog.get_logger()


def connector_for(root: Path, clock: Clock) -> Connect:
    """How a workspace's channels are connected: references resolved now, and kept inside."""

    def connected(channel: Channel) -> Account:
        from promo_scheduler.source import resolve

        return Account(channel, connect(channel, resolve(channel.settings, root)), clock)

    return connected


class Accounts:
    """Every channel account of a workspace, by the channel's name; `channels` are those configured.

    On those `one_at_a_time` prices are overwritten: a target there does one thing after another,
    with the ledger's `price_books`.
    """

    def __init__(
        self,
        channels: Mapping[str, Channel],
        connect: Connect,
        price_books: PriceBooks | None = None,
    ) -> None:
        self._price_books = price_books
        self.one_at_a_time = price_overwriting(channels)
        self.channels = channels
        self._connect = connect
        self._open: dict[str, Account] = {}
        self._told: dict[str, Down] = {}

    @property
    def rooms(self) -> Mapping[str, int]:
        """How many firings each channel takes now; those that take any number are left out."""
        rooms = {name: account.room for name, account in self._open.items()}
        return {name: room for name, room in rooms.items() if room is not None}

    @property
    def down(self) -> Mapping[str, Down]:
        """The channels that are down."""
        found = {name: account.down for name, account in self._open.items()}
        return {name: down for name, down in found.items() if down is not None}

    async def act(self, firing: Firing, before_call: Callable[[], None]) -> Receipt:
        """Do what the event says on its channel. Raises ChannelError only."""
        name = firing.window.key.channel
        account = self._account(name)
        books = self._price_books if name in self.one_at_a_time else None
        try:
            return await account.act(firing, before_call, books.of(firing) if books else None)
        finally:
            self._tell(account)

    async def observe(self, window: Window, natural_key: str) -> Look:
        """What the channel holds of a window. Raises ChannelError only."""
        if window.key.channel not in self.channels:
            return Look("its channel is no longer configured", present=False)
        account = self._account(window.key.channel)
        try:
            return await account.observe(natural_key)
        finally:
            self._tell(account)

    def _tell(self, account: Account) -> None:
        name, down = account.channel.name, account.down
        if down == self._told.get(name):
            return
        if down is not None:
            self._told[name] = down
            log.error("channel.down", channel=name, reason=down.reason)
        else:
            since = self._told.pop(name).since
            log.warning("channel.up", channel=name, was_down_since=since.isoformat())

    def _account(self, name: str) -> Account:
        account = self._open.get(name)
        if account is None:
            account = self._open[name] = self._connected(name)
        return account

    def _connected(self, name: str) -> Account:
        channel = self.channels.get(name)
        if channel is None:
            raise Retryable(f"channel {name} is no longer configured")
        try:
            return self._connect(channel)
        except ChannelError:
            raise
        except PromoError as error:
            raise Retryable(f"channel {name} cannot be connected: {error.message}") from error

    def sell(self, catalog: Catalog) -> None:
        """Take over an edited catalogue."""
        if self._price_books is not None:
            self._price_books.reconfigure(catalog)

    async def reconfigure(self, channels: Mapping[str, Channel]) -> None:
        """Take over a changed configuration: what is open is closed, and connected anew."""
        self.one_at_a_time = price_overwriting(channels)
        self.channels = channels
        await self.close()

    async def close(self) -> None:
        """Let go of every connection."""
        accounts, self._open = self._open, {}
        self._told = {}
        for account in accounts.values():
            await account.close()
