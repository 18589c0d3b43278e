"""Kill rounds in real time: a dense campaign, daemons killed at random moments, and its account."""

import random
import shutil
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from campaigns import Wanted
from daemons import Crew
from judging import Judge, in_time, late
from shops import a_shop

LEASE = 5  # seconds that a dead node of a cluster keeps what it has claimed: the default
RETRY = 1  # seconds between two tries, in these workspaces
BUSY = 6  # seconds that a loaded machine may need besides
IN_A_ROUND, ROUNDS = 25, 12  # kills in a round at most, and rounds
LATENCY = 60  # milliseconds of each answer of the shop, so that kills find calls in flight


@dataclass(frozen=True)
class Setting:
    """How the daemons run. `late` is as many seconds as a start or end may come late while
    somebody is there.
    """

    name: str
    engine: str = "embedded"
    workers: int = 1
    postgresql: bool = False
    late: float = RETRY + BUSY
    lengths: tuple[int, ...] = (2, 4, 6)


SQLITE = Setting("SQLite, embedded")
POSTGRESQL = Setting("PostgreSQL, embedded", postgresql=True)
CLUSTER = Setting(
    "PostgreSQL, 3 workers",
    engine="cluster",
    workers=3,
    postgresql=True,
    late=LEASE + RETRY + BUSY,
    lengths=(13, 14, 16),  # longer than a dead worker keeps what it took
)


@dataclass(frozen=True)
class Round:
    """`kills` of them; a daemon lives as long as `alive` allows (seconds) after it is ready."""

    setting: Setting
    kills: int
    alive: tuple[float, float]

    @property
    def wanted(self):
        seconds = self.kills * (sum(self.alive) / 2 + 1.0)
        return Wanted(windows=3 * round(seconds), lengths=self.setting.lengths)

    def play(self, stage):
        """Play one round to its end; how often it was killed, and the account in words."""
        # Given a slow shop, a dense campaign, and as many daemons as the setting says
        setting, ledger = self.setting, stage.database() if self.setting.postgresql else ""
        shop = a_shop(stage.processes, stage.folder)
        shop.misbehave(latency_ms=LATENCY)
        roots = workspaces(stage, shop.url, self.wanted, ledger, setting.workers)
        judge = Judge(stage.processes, roots[0])
        judge.apply()
        crew = Crew(stage.processes, roots, engine=setting.engine)
        # When they are killed at random moments until enough are, or the windows are over
        seed = random.SystemRandom().randrange(10**6)
        self._kill(crew, random.Random(seed), max(window.end for window in judge.meant))
        judge.at_rest()
        # Then the shop's log shows every window once, over its own time
        absences = crew.absences if setting.workers == 1 else ()
        account = judge.account(shop, late(setting.late, absences))
        crew.stop()
        told = f"seed {seed}, {crew.kills} kills, {judge.half_done()} firings found half done"
        assert account.faults == (), f"{told}: {account.faults}"
        return crew.kills, f"{setting.name}: {told}, {account}"

    def _kill(self, crew, moments, over):
        while crew.kills < self.kills and datetime.now(UTC) < over:
            time.sleep(moments.uniform(*self.alive))  # a random moment, not a wait for a result
            crew.kill_one(moments)


def kills(setting, number, alive):
    """The scenario of as many rounds as so many kills take: a busy machine may come to a round's
    end before its last one.
    """

    def play(stage):
        killed, accounts = 0, []
        for round_ in range(ROUNDS):
            folder = stage.folder / f"round-{round_ + 1}"
            folder.mkdir()
            wanted = Round(setting, min(number - killed, IN_A_ROUND), alive)
            more, account = wanted.play(replace(stage, folder=folder))
            killed, accounts = killed + more, [*accounts, account]
            if killed >= number:
                return "\n".join(accounts)
        return pytest.fail(f"only {killed} kills in {ROUNDS} rounds")

    return play


def workspaces(stage, url, wanted, ledger="", number=1):
    """The same files in as many folders, one a machine, on one ledger."""
    wanted = replace(wanted, ledger=ledger or wanted.ledger)
    if number > 1 or ledger:  # machines that share a ledger share its audit's key
        key = 'audit_key: "${env:PROMO_AUDIT_KEY}"'
        wanted = replace(wanted, settings=f"{wanted.settings}\n{key}")
    folder = stage.folder
    first = in_time(stage.processes, folder / "machine-1", url, wanted)
    others = [folder / f"machine-{n}" for n in range(2, number + 1)]
    return [first, *(shutil.copytree(first, other) for other in others)]
