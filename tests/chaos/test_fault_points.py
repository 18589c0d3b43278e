"""One campaign, killed at every commit and every HTTP call in turn, before and after each.

Short: every tenth point, on SQLite. Long (`pytest -m long tests/chaos`): all, and on PostgreSQL.
"""

import shutil
import uuid
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from campaigns import CHANNEL
from fault_points import Play, play
from shops import a_shop

from promo_scheduler.channels.sandbox.verdict import Tolerance, judge
from promo_scheduler.firing import EventState
from promo_scheduler.ledger import EventQuery, WindowQuery
from promo_scheduler.operations.staging import expected, staged
from promo_scheduler.source import load

DAY = datetime(2027, 3, 10, tzinfo=UTC)
BEFORE = DAY - timedelta(days=9)
LATE = Tolerance(timedelta(seconds=60), timedelta(seconds=60))  # the clock runs during a restart
CAMPAIGN = """\
campaign: spring
title: Spring
owner: ann@shop.example
regions: [de, us]
phases:
  sale:
    when: { date: 2027-03-10, from: "10:00", until: "18:00" }
    offer: { percent: 10, products: all }
"""


@pytest.fixture
def workspace(tmp_path):
    """Two windows on a shop that keeps them itself, two on one that is switched."""
    root = tmp_path / "workspace"
    (root / "campaigns").mkdir(parents=True)
    (root / "config").mkdir()
    (root / "config" / "settings.yaml").write_text("{}\n")
    entries = [
        CHANNEL.format(
            name=name, regions="de, us", targets="de: de, us: us", url="http://shop", native=native
        )
        for name, native in (("timed", "true"), ("switched", "false"))
    ]
    (root / "config" / "channels.yaml").write_text("channels:\n" + "".join(entries))
    (root / "campaigns" / "spring.yaml").write_text(CAMPAIGN)
    return root


class Runs:
    """Runs of one workspace, each with a shop, a ledger and a folder of its own."""

    def __init__(self, processes, workspace, folder, databases):
        self._processes, self._root, self._folder = processes, workspace, folder
        self._databases = databases

    def points(self):
        """The points of a run that does not die, in order."""
        counted = self._folder / "points.txt"
        assert self._run(0, lambda wanted: self._play(wanted, 0, str(counted))) == 0
        return counted.read_text().splitlines()

    def die_at(self, number):
        """A run that dies at this point, and another that goes on to the end, and the account;
        whether it came to this point.
        """
        died = []

        def die_and_go_on(wanted):
            died.append(self._play(wanted, number, "") == -9)
            return self._play(wanted, 0, "")

        assert self._run(number, die_and_go_on) == 0
        return died == [True]

    def _play(self, wanted, fatal, counted):
        child = self._processes.fork(play, wanted, fatal, counted)
        code = child.wait(120)
        assert code in (0, -9), child.errors()
        return code

    def _run(self, number, playing):
        folder = self._folder / f"run-{number}"
        folder.mkdir()
        shop = a_shop(self._processes, folder, BEFORE)
        with self._databases() as ledger:
            wanted = Play(str(self._root), str(folder), shop.url, ledger)
            code = playing(wanted)
            self._examine(wanted, shop, number)
        shop.stop()
        shutil.rmtree(folder)
        return code

    def _examine(self, wanted, shop, number):
        """Every window live once over its own time, nothing open, the audit whole."""
        from promo_scheduler.ledger import Access, Ledger
        from promo_scheduler.operations.opening import audit_key

        played = staged(load(self._root), shop.url, shop.path.parent)
        access = Access(audit_key(played), "chaos", played.root, simulated=True, create=False)
        ledger = Ledger.open(wanted.ledger or played.settings.ledger, access)
        windows = [one.window for one in ledger.windows(WindowQuery())]
        due = expected(windows, ledger.stamp().id)
        not_done = [e for e in ledger.events(EventQuery()) if e.state is not EventState.DONE]
        breaks = ledger.verify()
        ledger.close()
        told = f"killed at point {number}"
        assert len(due) == 4, told
        assert judge(shop.effects(), due, LATE) == (), told
        assert not_done == [], told
        assert breaks == [], told
        held = Counter(one["name"] for one in shop.ask("GET", "/discounts")["discounts"])
        assert set(held.values()) == {1}, told  # a second one of a name would be a double


@contextmanager
def in_a_file():
    """The simulation's own ledger."""
    yield ""


def new_databases(server):
    """A new, empty database for each run."""
    import psycopg

    @contextmanager
    def database():
        name = f"promo_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
            yield server.get_uri(database=name)
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    return database


def die_at_each(runs, every, what):
    """Kill at every so many-th point in turn, until one comes to its end before its point."""
    points, number, killed = runs.points(), 1, 0
    while runs.die_at(number):
        number, killed = number + every, killed + 1
    kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(Counter(points).items()))
    print(f"{what}: {len(points)} points ({kinds}), killed at {killed} of them: no fault")
    assert killed >= 0.8 * len(points) / every


def test_killed_at_every_tenth_point_nothing_is_lost_or_doubled(processes, workspace, tmp_path):
    die_at_each(Runs(processes, workspace, tmp_path, in_a_file), 10, "SQLite")


@pytest.mark.long
@pytest.mark.parametrize("database", ["SQLite", "PostgreSQL"])
def test_killed_at_every_point_nothing_is_lost_or_doubled(
    request, processes, workspace, tmp_path, database
):
    databases = in_a_file
    if database == "PostgreSQL":
        databases = new_databases(request.getfixturevalue("postgresql"))
    die_at_each(Runs(processes, workspace, tmp_path, databases), 1, database)
