"""`python -m promo_scheduler.channels.sandbox`: the shop by itself, until it is stopped."""

from __future__ import annotations

import argparse
import asyncio
import signal
from pathlib import Path

from promo_scheduler.channels.sandbox.running import start_shop
from promo_scheduler.channels.sandbox.shop import ShopOptions
from promo_scheduler.clock import require_utc
from promo_scheduler.record import instant_from


def _options() -> ShopOptions:
    parser = argparse.ArgumentParser(prog="sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8322, help="0 takes a free one")
    parser.add_argument("--log", type=Path, help="append the shop's effects to this file")
    parser.add_argument("--state", type=Path, help="keep the discounts in this file")
    parser.add_argument("--mode", choices=["native", "toggle"], default="native")
    parser.add_argument("--token", default="", help="ask for this bearer token")
    parser.add_argument("--now", type=instant_from, help="what its clock shows first, with offset")
    given = parser.parse_args()
    return ShopOptions(
        port=given.port,
        native=given.mode == "native",
        token=given.token,
        starts_at=require_utc(given.now) if given.now else None,
        log=given.log,
        state=given.state,
    )


async def _serve(options: ShopOptions) -> None:
    shop = await start_shop(options)
    print(f"sandbox shop at {shop.url}", flush=True)  # noqa: T201 (this is its output)
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()
    await shop.aclose()


if __name__ == "__main__":
    asyncio.run(_serve(_options()))
