"""The embedded engine keeps the contract: a timer, alone on its ledger."""

from contextlib import asynccontextmanager

import pytest
from engine_contract import CLOCK, EngineContract

from promo_scheduler.engine.wake import TimerWake


class TestEmbedded(EngineContract):
    @pytest.fixture
    def ledger_url(self, tmp_path):
        return f"sqlite:///{tmp_path}/ledger.db"

    @asynccontextmanager
    async def engine(self, stage, means, chores):
        yield TimerWake(CLOCK), chores
