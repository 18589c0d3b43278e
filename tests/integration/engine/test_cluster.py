"""The cluster engine on a real PostgreSQL: jobs become hints, chores fall to one node, cuts heal."""

import asyncio
import sys
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import urlsplit

import psycopg
import pytest
from structlog.testing import capture_logs

from promo_scheduler.engine import cluster as engine
from promo_scheduler.engine.clocks import SystemClock
from promo_scheduler.engine.cluster import Cluster, ClusterEngine
from promo_scheduler.engine.engines import Chore, require_cluster
from promo_scheduler.engine.hints import ClusterWake
from promo_scheduler.engine.pgqueue import TwoLines, cron, enqueue
from promo_scheduler.engine.wake import TimerWake
from promo_scheduler.errors import EngineMissing, LedgerUnavailable, PromoError, WrongUsage
from promo_scheduler.plan import Action, Key, TriggerEvent, WindowKey

CLOCK = SystemClock()
SECOND = timedelta(seconds=1)
ZERO = timedelta(0)


def event(number, due_in=ZERO):
    key = Key(WindowKey("c", "p", "de", "-", "2026-11-11", number, "shop"), Action.ACTIVATE)
    return TriggerEvent(key, CLOCK.now() + due_in)


class Node:
    """One node's engine, and what it was told: (key, when)."""

    def __init__(self, url, chores=(), hand_over=None):
        self.wake = ClusterWake(CLOCK, TimerWake(CLOCK))
        self.told = []
        parts = Cluster(url, self.wake, hand_over or _nothing, chores)
        self.engine = ClusterEngine(parts)

    async def listen(self):
        while True:
            await self.wake.until(None, idle=True)
            self.told += [(key, CLOCK.now()) for key in self.wake.hints()]

    @property
    def keys(self):
        return [key for key, _ in self.told]


async def _nothing(_enqueue):
    return 0


@asynccontextmanager
async def running(url, chores=(), hand_over=None):
    node = Node(url, chores, hand_over)
    async with node.wake, node.engine:
        listening = asyncio.create_task(node.listen())
        try:
            yield node
        finally:
            listening.cancel()


def hand(url, *events):
    with psycopg.connect(url) as connection:
        enqueue(connection, events)


def rows(url, sql):
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


async def until(condition, seconds=25):
    """Wait for what the queue does in its own time."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


# ── jobs ────────────────────────────────────────────────────────────────────────────────────────
async def test_what_was_handed_over_is_told_once_and_not_before_it_is_due(postgresql_url):
    async with running(postgresql_url) as node:
        events = [event(number, timedelta(milliseconds=150 * number)) for number in range(1, 9)]
        hand(postgresql_url, *events)
        await until(lambda: len(node.told) >= len(events))
        due = {each.key: each.due_at for each in events}
        assert sorted(node.keys) == sorted(due)
        assert all(at >= due[key] for key, at in node.told)


async def test_what_is_rolled_back_was_never_handed_over(postgresql_url):
    async with running(postgresql_url) as node:
        with psycopg.connect(postgresql_url) as connection:
            enqueue(connection, [event(1)])
            connection.rollback()
        hand(postgresql_url, event(2))
        await until(lambda: node.told)
        await until(lambda: rows(postgresql_url, "SELECT id FROM promo_pgqueuer") == [])
        assert node.keys == [event(2).key]


async def test_the_same_twice_is_one_job_and_a_moved_event_has_one_of_its_own(postgresql_url):
    async with running(postgresql_url):
        later = event(1, timedelta(minutes=4))
        hand(postgresql_url, later, later)
        hand(postgresql_url, later)
        assert rows(postgresql_url, "SELECT count(*) FROM promo_pgqueuer") == [(1,)]
        hand(postgresql_url, TriggerEvent(later.key, later.due_at - SECOND))
        assert rows(postgresql_url, "SELECT count(*) FROM promo_pgqueuer") == [(2,)]


async def test_each_job_goes_to_one_node(postgresql_url):
    async with running(postgresql_url) as one, running(postgresql_url) as two:
        hand(postgresql_url, *(event(number, SECOND) for number in range(1, 301)))
        await until(lambda: len(one.told) + len(two.told) >= 300)
        assert len({*one.keys, *two.keys}) == len(one.keys) + len(two.keys) == 300


async def test_a_job_that_a_dead_node_had_picked_comes_to_another(postgresql_url):
    async with running(postgresql_url) as node:
        # Given a job that was picked by a node that gave no sign of life for longer than it may
        hand(postgresql_url, event(1, timedelta(minutes=1)))
        rows(
            postgresql_url,
            "UPDATE promo_pgqueuer SET status = 'picked', queue_manager_id = gen_random_uuid(),"
            " execute_after = now() - interval '5 s', heartbeat = now() - interval '5 s',"
            " payload = overlay(payload placing '2020' from 1 for 4)",
        )
        # Then this one is told
        await until(lambda: node.told)
        assert node.keys == [event(1).key]


async def test_an_unreadable_job_is_told_of_and_harms_no_other(postgresql_url):
    with capture_logs() as logs:
        async with running(postgresql_url) as node:
            hand(postgresql_url, event(1, timedelta(minutes=4)))
            rows(
                postgresql_url,
                "UPDATE promo_pgqueuer SET payload = 'nonsense', execute_after = now()",
            )
            hand(postgresql_url, event(2))
            await until(lambda: node.told and _saw(logs, "engine.job-unreadable"))
            assert node.keys == [event(2).key]


def _saw(logs, name):
    return [entry for entry in logs if entry["event"] == name]


# ── handing over and chores ─────────────────────────────────────────────────────────────────────
async def test_handing_over_goes_on_until_fewer_come(postgresql_url, monkeypatch):
    monkeypatch.setattr(engine, "HAND_OVER_EVERY", SECOND)
    waiting = [2500]

    async def hand_over(enqueue):
        events = [event(number, SECOND) for number in range(min(waiting[0], engine.MOST))]
        waiting[0] -= len(events)
        with psycopg.connect(postgresql_url) as connection:
            enqueue(connection, events)
        return len(events)

    async with running(postgresql_url, hand_over=hand_over) as node:
        await until(lambda: node.told)
        assert waiting == [0]


class Work:
    """A chore that notes how often it was done, and by how many at the same moment."""

    def __init__(self, takes=0.15):
        self.done, self.at_once, self.most, self.takes = 0, 0, 0, takes

    async def __call__(self):
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            await asyncio.sleep(self.takes)
        finally:
            self.at_once -= 1
        self.done += 1


async def test_a_chore_is_done_on_one_node_at_a_time(postgresql_url):
    work = Work()
    chores = (Chore("count", SECOND, work),)
    async with running(postgresql_url, chores), running(postgresql_url, chores):
        await until(lambda: work.done >= 3)
    assert work.most == 1


async def test_a_chore_of_a_dead_node_is_taken_over(postgresql_url):
    work = Work()
    chores = (Chore("count", SECOND, work),)
    # Given a node that died at the chore, longer ago than PgQueuer waits
    async with running(postgresql_url, chores):
        await until(lambda: work.done)
    rows(
        postgresql_url,
        "UPDATE promo_pgqueuer_schedules SET status = 'picked',"
        " heartbeat = now() - interval '31 s', next_run = now() + interval '1 day'",
    )
    # When another one runs, then it does the chore
    before = work.done
    async with running(postgresql_url, chores):
        await until(lambda: work.done > before)


async def test_a_chore_of_a_living_node_is_left_to_it(postgresql_url):
    # Given a node that is at a chore which takes long
    begun, free, mine, ticks = asyncio.Event(), asyncio.Event(), Work(), Work()

    async def long():
        begun.set()
        await free.wait()

    async with running(postgresql_url, (Chore("count", SECOND, long),)):
        await asyncio.wait_for(begun.wait(), 25)
        # When another runs meanwhile, then it does its own chore, and not that one
        both = (Chore("count", SECOND, mine), Chore("tick", SECOND, ticks))
        async with running(postgresql_url, both):
            await until(lambda: ticks.done >= 3)
            assert mine.done == 0
            free.set()
            await until(lambda: mine.done)


async def test_a_chore_that_fails_is_told_of_and_done_again(postgresql_url):
    failures = iter([PromoError("no disk"), ValueError("a bug")])
    done = []

    async def work():
        for failure in failures:
            raise failure
        done.append(1)

    with capture_logs() as logs:
        async with running(postgresql_url, (Chore("frail", SECOND, work),)):
            await until(lambda: done)
    assert [entry["error"] for entry in _saw(logs, "engine.chore-failed")] == ["no disk"]
    assert "ValueError" in _saw(logs, "engine.chore-bug")[0]["error"]


async def test_the_queues_own_lines_are_deleted_in_time(postgresql_url):
    ticking = (Chore("tick", SECOND, Work(takes=0)),)
    async with running(postgresql_url, ticking) as node:
        hand(postgresql_url, event(1), event(2))
        await until(lambda: len(node.told) == 2)
        await until(lambda: not rows(postgresql_url, "SELECT id FROM promo_pgqueuer"))
        assert rows(postgresql_url, "SELECT id FROM promo_pgqueuer_log")
        rows(
            postgresql_url,
            "UPDATE promo_pgqueuer_schedules SET next_run = now() WHERE entrypoint ~ 'tidy'",
        )
        await until(lambda: not rows(postgresql_url, "SELECT id FROM promo_pgqueuer_log"))
        assert rows(postgresql_url, "SELECT id FROM promo_pgqueuer_statistics") == []


@pytest.mark.parametrize(
    ("every", "expression"),
    [
        (timedelta(seconds=0.2), "* * * * * */1"),
        (timedelta(seconds=5), "* * * * * */5"),
        (timedelta(seconds=90), "*/1 * * * *"),
        (timedelta(minutes=10), "*/10 * * * *"),
        (timedelta(hours=6), "0 */6 * * *"),
        (timedelta(days=3), "0 0 * * *"),
    ],
)
def test_a_period_becomes_a_cron_expression_that_comes_at_least_as_often(every, expression):
    assert cron(every) == expression


# ── what breaks ─────────────────────────────────────────────────────────────────────────────────
def _database(url):
    return urlsplit(url).path.strip("/")


CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


async def test_what_a_node_says_to_itself_waits_until_it_listens(postgresql_url):
    asked = [psycopg.AsyncConnection.connect(postgresql_url, autocommit=True) for _ in range(2)]
    async with await asked[0] as asking, await asked[1] as listening:
        lines, heard = TwoLines(asking, listening), []
        async with lines:
            said = asyncio.create_task(lines.notify("ear", "hello"))
            await asyncio.sleep(0.1)  # it might have been said, and lost
            await lines.add_listener("ear", heard.append)
            await said
            await until(lambda: heard == ["hello"])


async def test_a_cut_connection_is_made_again_and_told_of_once(postgresql_url):
    with capture_logs() as logs:
        async with running(postgresql_url) as node:
            for number in (1, 2):
                rows(postgresql_url, CUT)
                hand(postgresql_url, event(number))
                await until(lambda: len(node.told) == number)  # noqa: B023 - awaited at once
    assert len(_saw(logs, "engine.queue-lost")) == len(_saw(logs, "engine.queue-back")) == 2
    assert not any("exc_info" in entry for entry in logs)


async def test_while_the_server_refuses_it_goes_on_trying(postgresql_url, postgresql):
    name = _database(postgresql_url)
    with capture_logs() as logs:
        async with running(postgresql_url) as node:
            rows(postgresql.get_uri(), f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            rows(postgresql.get_uri(), CUT.replace("current_database()", f"'{name}'"))
            await until(lambda: len(_saw(logs, "engine.queue-away")) >= 2)
            rows(postgresql.get_uri(), f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
            hand(postgresql_url, event(1))
            await until(lambda: node.told)
    assert len(_saw(logs, "engine.queue-lost")) == 1


async def test_a_queue_that_was_thrown_away_is_made_again(postgresql_url):
    with capture_logs() as logs:
        async with running(postgresql_url) as node:
            rows(postgresql_url, "DROP TABLE promo_pgqueuer, promo_pgqueuer_log CASCADE")
            with pytest.raises(LedgerUnavailable, match="queue"):
                hand(postgresql_url, event(1))
            await until(lambda: _saw(logs, "engine.queue-back"))
            hand(postgresql_url, event(1))
            await until(lambda: node.told)


async def test_it_stops_at_once_also_while_it_reconnects(postgresql_url, monkeypatch):
    monkeypatch.setattr(engine, "STOPS_WITHIN", 3600)
    async with asyncio.timeout(25):
        for number in range(3):
            with capture_logs() as logs:
                async with running(postgresql_url):
                    await asyncio.sleep(0.05 * number)
                    rows(postgresql_url, CUT)
                    await until(lambda: _saw(logs, "engine.queue-lost"))
                    await asyncio.sleep(0.25 + 0.03 * number)  # into the middle of opening


async def test_two_nodes_that_start_together_make_one_queue(postgresql_url):
    async with running(postgresql_url) as one, running(postgresql_url) as two:
        hand(postgresql_url, event(1))
        await until(lambda: one.told or two.told)


async def test_it_stops_while_the_database_is_away(postgresql_url, postgresql):
    name = _database(postgresql_url)
    with capture_logs() as logs:
        async with running(postgresql_url):
            rows(postgresql.get_uri(), f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            rows(postgresql.get_uri(), CUT.replace("current_database()", f"'{name}'"))
            await until(lambda: _saw(logs, "engine.queue-lost"))
    rows(postgresql.get_uri(), f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


@pytest.mark.parametrize(
    "url",
    ["postgresql+psycopg://ann:s3cret@127.0.0.1:9/promo", "postgresql://ann:s3cret@h:port:x/promo"],
)
async def test_a_server_out_of_reach_is_refused_without_the_password(url):
    with pytest.raises(LedgerUnavailable) as refused:
        async with running(url):
            pass
    assert "queue" in refused.value.message
    assert "s3cret" not in refused.value.message + refused.value.help


async def test_a_user_that_may_not_create_tables_is_refused_with_the_way_out(postgresql_url):
    role = f"r_{_database(postgresql_url)}"
    rows(postgresql_url, f"CREATE ROLE {role} LOGIN")
    try:
        with pytest.raises(LedgerUnavailable, match="permission denied") as refused:
            async with running(postgresql_url.replace("postgres:@", f"{role}:@")):
                pass
        assert "create tables" in refused.value.help
    finally:
        rows(postgresql_url, f"DROP ROLE {role}")


# ── what is refused at once ─────────────────────────────────────────────────────────────────────
def test_sqlite_and_a_simulated_ledger_are_refused():
    with pytest.raises(WrongUsage, match="SQLite"):
        require_cluster("sqlite:///ledger.db")
    with pytest.raises(WrongUsage, match="simulated"):
        require_cluster("postgresql://host/promo", simulated=True)
    require_cluster("postgresql://host/promo")


def test_without_the_extra_the_way_out_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "pgqueuer", None)
    with pytest.raises(EngineMissing, match="pgqueuer") as refused:
        require_cluster("postgresql://host/promo")
    assert refused.value.help == "pip install 'promo-scheduler[cluster]'"
