"""The sandbox shop as a process of its own that is never killed, its log, and a hand behind it."""

import asyncio
import json
import signal
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from zygote import Child, until

from promo_scheduler.channels.sandbox.effect_log import effect_from

TURNS = ("went_live", "ended")


def keep_shop(folder: str, starts_at: datetime | None):
    """The job: a shop that writes its URL down and listens until it is stopped."""
    asyncio.run(_serve(Path(folder), starts_at))


async def _serve(folder, starts_at):
    from promo_scheduler.channels.sandbox.running import start_shop
    from promo_scheduler.channels.sandbox.shop import ShopOptions

    shop = await start_shop(ShopOptions(log=folder / "shop.jsonl", starts_at=starts_at))
    (folder / "shop.part").write_text(shop.url)
    (folder / "shop.part").rename(folder / "shop.url")
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    await stopped.wait()
    await shop.aclose()


@dataclass(frozen=True)
class RunningShop:
    """A shop that listens: what it logged, and what anybody may do to it."""

    url: str
    path: Path
    child: Child

    def lines(self):
        return self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []

    def effects(self):
        """Its own log of effects, from the file."""
        return [effect_from(json.loads(line)) for line in self.lines()]

    def turns(self, kind):
        return [effect for effect in self.effects() if effect.kind == kind]

    def misbehave(self, **faults):
        """Faults on demand; none ends them."""
        self.ask("POST", "/control/faults", faults)

    def ask(self, method, path, data=None):
        """A call to its HTTP, as anybody could make it."""
        body = None if data is None else json.dumps(data).encode()
        request = urllib.request.Request(self.url + path, body, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())

    def stop(self):
        self.child.signal(signal.SIGTERM)
        self.child.wait()


def a_shop(processes, folder: Path, starts_at: datetime | None = None) -> RunningShop:
    """Start one; its log is `shop.jsonl` in the folder."""
    child = processes.fork(keep_shop, str(folder), starts_at)
    address = folder / "shop.url"
    until(lambda: address.exists() or not child.alive, "the shop listens")
    return RunningShop(address.read_text(), folder / "shop.jsonl", child)
