"""New zone data and calendars under a running daemon: noticed, and applied or left to a person."""

from __future__ import annotations

import asyncio
from datetime import date, datetime

import structlog

from promo_scheduler.engine.telling import Told
from promo_scheduler.errors import PromoError
from promo_scheduler.ledger import Ledger
from promo_scheduler.operations import Reresolution, apply_moves, has_new_zone_data, reresolve
from promo_scheduler.timing.zonedata import renew, versions
from promo_scheduler.workspace import Workspace

log = structlog.get_logger()
_MEND = "install the newer tzdata here too; `promo tz apply` goes back on purpose"
_WAY_OUT = "`promo tz diff` shows it, `promo tz apply` applies it"


class ZoneData:
    """What the daemon knows of the zone data that its ledger stands on."""

    def __init__(self, ledger: Ledger, told: Told, today: date) -> None:
        self._ledger = ledger
        self._told = told
        self._renewed = today
        self._checked: tuple[object, ...] = ()

    async def look(self, workspace: Workspace, now: datetime) -> None:
        """Take up what was installed since yesterday (UTC), and let what stands follow it.

        Whatever is wrong with that is told, and tried again at the next look.
        """
        if now.date() != self._renewed and await self._renew():
            self._renewed = now.date()
        try:
            if not await asyncio.to_thread(self.is_behind):
                await asyncio.to_thread(self._check, workspace, now)
        except (PromoError, OSError) as error:
            self._told.refuse("zone-data.refused", error)

    def is_behind(self) -> bool:
        """Whether what stands was resolved with newer zone data than are installed here: then
        another daemon has those, and this one neither plans nor moves anything back.
        """
        stands_on = self._ledger.stamp().tzdata
        if stands_on <= versions().tzdata:
            return False
        self._told.warn(
            "zone-data.behind", stands_on=stands_on, here=versions().tzdata, way_out=_MEND
        )
        return True

    async def _renew(self) -> bool:
        """Whether the zone data could be read; what needs another start of the daemon is told."""
        installed = await asyncio.to_thread(renew)
        if not installed.tzdata:
            self._told.warn("zone-data.unreadable", in_use=versions().tzdata)
            return False
        if installed != versions():
            in_use = versions().changed(installed)
            self._told.warn("zone-data.installed", changed=", ".join(in_use), way_out="restart")
        return True

    def _check(self, workspace: Workspace, now: datetime) -> None:
        """Once for what stands, the versions and the day."""
        stamp = self._ledger.stamp()
        checked = (stamp.serial, stamp.tzdata, versions().tzdata, now.date())
        if checked == self._checked:
            return
        if has_new_zone_data(self._ledger):
            found = reresolve(workspace, self._ledger, now)
            if not found.waits:
                apply_moves(found, self._ledger, now)
            self._report(found)
        self._checked = checked

    def _report(self, found: Reresolution) -> None:
        facts = {"from": str(found.before), "to": str(found.after), "moves": str(found.moves)}
        applied = "0" if found.waits else str(len(found.changes))
        self._told.warn("zone-data.changed", **facts, applied=applied)
        for left in found.left:
            self._told.warn("zone-data.left", key=str(left.key), reason=left.reason)
        if found.waits:
            windows = str(len(found.changes))
            self._told.warn("zone-data.waiting", windows=windows, way_out=_WAY_OUT)
