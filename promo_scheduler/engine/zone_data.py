"""New zone data and calendars under a running daemon: noticed, and applied or left to a person."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

import structlog

from promo_scheduler.engine.telling import Told
from promo_scheduler.ledger import Ledger
from promo_scheduler.operations import Reresolution, apply_alone, is_outdated, reresolve
from promo_scheduler.plan import Change
from promo_scheduler.timing.zonedata import renew, versions

log = structlog.get_logger()
_WAY_OUT = "`promo tz diff` shows it, `promo tz apply` applies it"


class ZoneData:
    """What the daemon knows of the zone data and calendars that its ledger stands on."""

    def __init__(self, root: Path, ledger: Ledger, told: Told) -> None:
        self._root = root
        self._ledger = ledger
        self._told = told

    async def renew(self) -> None:
        """Take up what was installed while the daemon runs; tell of what needs another start."""
        installed = await asyncio.to_thread(renew)
        if installed != versions():
            in_use = versions().changed(installed)
            self._told.warn("zone-data.installed", changed=", ".join(in_use), way_out="restart")

    async def check(self, now: datetime) -> tuple[Change, ...]:
        """Resolve anew what stands, where the versions differ from the ledger's.

        Returns what a person was asked to apply. Raises what `reresolve` and the ledger raise.
        """
        return await asyncio.to_thread(self._check, now)

    def _check(self, now: datetime) -> tuple[Change, ...]:
        if not is_outdated(self._ledger):
            return ()
        found = reresolve(self._root, self._ledger, now)
        apply_alone(found, self._ledger, now)
        self._report(found)
        return found.changes if found.asks else ()

    def _report(self, found: Reresolution) -> None:
        facts = {"from": str(found.before), "to": str(found.after), "moves": found.moves}
        log.warning("zone-data.changed", **facts, applied=len(found.alone))
        if found.remark:
            self._told.warn("zone-data.remark", remark=found.remark)
        if found.waiting:
            windows = str(len(found.waiting))
            self._told.warn("zone-data.waiting", windows=windows, way_out=_WAY_OUT)
