"""Accounts: the configured channels, each connected at its first use.

A channel whose secret is missing, or that is no longer configured, fails its own firings and nobody
else's (law 11).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from promo_scheduler.channel import Channel
from promo_scheduler.channels import Account, connect
from promo_scheduler.clock import Clock
from promo_scheduler.connector import ChannelError, Receipt, Retryable
from promo_scheduler.errors import PromoError
from promo_scheduler.firing import Firing

Connect = Callable[[Channel], Account]


def connector_for(root: Path, clock: Clock) -> Connect:
    """How a workspace's channels are connected: references resolved now, and kept inside."""

    def connected(channel: Channel) -> Account:
        from promo_scheduler.source import resolve

        return Account(channel, connect(channel, resolve(channel.settings, root)), clock)

    return connected


class Accounts:
    """Every channel account of a workspace, by the channel's name."""

    def __init__(self, channels: Mapping[str, Channel], connect: Connect) -> None:
        self._channels = channels
        self._connect = connect
        self._open: dict[str, Account] = {}

    async def act(self, firing: Firing, on_handed: Callable[[], None]) -> Receipt:
        """Do what the event says on its channel. Raises ChannelError only."""
        return await self._account(firing.window.key.channel).act(firing, on_handed)

    def _account(self, name: str) -> Account:
        account = self._open.get(name)
        if account is None:
            account = self._open[name] = self._connected(name)
        return account

    def _connected(self, name: str) -> Account:
        channel = self._channels.get(name)
        if channel is None:
            raise Retryable(f"channel {name} is no longer configured")
        try:
            return self._connect(channel)
        except ChannelError:
            raise
        except PromoError as error:
            raise Retryable(f"channel {name} cannot be connected: {error.message}") from error

    async def reconfigure(self, channels: Mapping[str, Channel]) -> None:
        """Take over a changed configuration: what is open is closed, and connected anew."""
        self._channels = channels
        await self.close()

    async def close(self) -> None:
        """Let go of every connection."""
        accounts, self._open = self._open, {}
        for account in accounts.values():
            await account.close()
