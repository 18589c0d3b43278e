"""The cluster engine on PgQueuer keeps the contract, with several daemons on one ledger."""

from contextlib import asynccontextmanager
from datetime import timedelta

import psycopg
import pytest
from engine_contract import CLOCK, SharedEngineContract

from promo_scheduler.engine import cluster
from promo_scheduler.engine.cluster import MOST, Cluster, ClusterEngine
from promo_scheduler.engine.hints import ClusterWake
from promo_scheduler.engine.wake import TimerWake
from promo_scheduler.firing import EventState
from promo_scheduler.ledger import HandOver

HORIZON = timedelta(minutes=5)


class TestCluster(SharedEngineContract):
    lease = timedelta(seconds=3)
    lead = timedelta(seconds=5)

    @pytest.fixture
    def ledger_url(self, postgresql_url, monkeypatch):
        monkeypatch.setattr(cluster, "HAND_OVER_EVERY", timedelta(seconds=1))
        return postgresql_url

    @asynccontextmanager
    async def engine(self, stage, means, chores):
        async def hand_over(enqueue):
            request = HandOver(CLOCK.now(), HORIZON, MOST)
            return await means.books.call(means.books.ledger.hand_over, request, enqueue)

        wake = ClusterWake(CLOCK, TimerWake(CLOCK))
        async with ClusterEngine(Cluster(stage.url, wake, hand_over, chores)):
            yield wake, ()

    async def until_handed(self, stage, *windows):
        await stage.reach(EventState.HANDED, *windows)

    def disturb(self, stage):
        with psycopg.connect(stage.url) as connection:
            connection.execute("DELETE FROM promo_pgqueuer WHERE id % 3 = 0")
            connection.execute(
                "INSERT INTO promo_pgqueuer (priority, status, entrypoint, payload, execute_after)"
                " SELECT 0, 'queued', entrypoint, payload, now() FROM promo_pgqueuer"
                " WHERE id % 3 = 1"
            )
            connection.execute("UPDATE promo_pgqueuer SET execute_after = now() WHERE id % 3 = 2")

    def cut(self, stage):
        with psycopg.connect(stage.url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = 'promo-engine'"
            )
