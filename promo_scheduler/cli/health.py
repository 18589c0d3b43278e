"""Asking every channel how it is: all at once, each with its own time limit."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path

from promo_scheduler.channel import Channel
from promo_scheduler.connector import Health
from promo_scheduler.errors import InvalidWorkspace, PromoError

SECONDS = 10.0  # an account that needs longer to answer is not healthy


def ask_all(channels: Iterable[Channel], root: Path) -> Mapping[str, Health]:
    """Each channel's health by its name. A channel that cannot be asked is not healthy."""
    return asyncio.run(_ask_all(tuple(channels), root))


async def _ask_all(channels: tuple[Channel, ...], root: Path) -> Mapping[str, Health]:
    answers = await asyncio.gather(*(_ask(channel, root) for channel in channels))
    return {channel.name: answer for channel, answer in zip(channels, answers, strict=True)}


async def _ask(channel: Channel, root: Path) -> Health:
    try:
        async with asyncio.timeout(SECONDS):
            return await _connected(channel, root)
    except TimeoutError:
        return Health(ok=False, detail=f"no answer within {SECONDS:.0f} seconds")
    except InvalidWorkspace as error:
        return Health(ok=False, detail="; ".join(map(str, error.problems)))
    except PromoError as error:
        return Health(ok=False, detail=f"{error.message}. {error.help}".rstrip(". "))
    except Exception as error:  # a connector is foreign code: its mistakes are its channel's alone
        return Health(ok=False, detail=f"the connector failed: {type(error).__name__}: {error}")


async def _connected(channel: Channel, root: Path) -> Health:
    from promo_scheduler.channels import connect
    from promo_scheduler.source import resolve

    connector = connect(channel, resolve(channel.settings, root))
    try:
        return await connector.health()
    finally:
        await connector.close()
