"""Bursts: many windows at a few instants, and a fault that lasts over some of their instants."""

import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from campaigns import Wanted
from daemons import Daemon
from judging import Judge, late
from rounds import BUSY, LEASE, RETRY, workspaces
from shops import a_shop
from zygote import until

INSTANTS, APART = 3, 3  # the fault begins before the third start, and lasts over the first end
FAULT_AFTER = 5  # seconds after the first start


@dataclass(frozen=True)
class Plan:
    """`windows` in all, switched at each instant: twice as many events. The fault lasts `seconds`.

    `late`: as many seconds as an event may come late besides the fault.
    """

    seconds: int
    windows: int = 150
    workers: int = 1
    engine: str = "embedded"
    late: float = RETRY + BUSY
    ledger: str = ""
    settings: str = ""

    @property
    def wanted(self):
        return Wanted(
            windows=self.windows,
            begins_in=4,
            apart=APART,
            at_once=self.windows // INSTANTS,
            lengths=(self.seconds + 4,),
            channels=("switched",),
            settings=self.settings,
        )


class Burst:
    """A workspace whose windows stand in the ledger, and its daemons, which run."""

    def __init__(self, stage, plan):
        self.stage, self.plan = stage, plan
        self.shop = a_shop(stage.processes, stage.folder)
        self.roots = workspaces(stage, self.shop.url, plan.wanted, plan.ledger, plan.workers)
        self.judge = Judge(stage.processes, self.roots[0])
        self.judge.apply()
        self.daemons = [Daemon(stage.processes, r, engine=plan.engine) for r in self.roots]
        for daemon in self.daemons:
            daemon.ready()
        self.first = min(window.start for window in self.judge.meant)

    def play(self, what, fault):
        """Let the fault be, `with fault(self)`, for its time; everything fires once all the same.

        What is told: how long after the fault's end the last came of what was due by then.
        """
        begin = self.first + timedelta(seconds=FAULT_AFTER)
        until(lambda: datetime.now(UTC) >= begin, "the fault is to begin")
        with fault(self):
            began = datetime.now(UTC)
            time.sleep(self.plan.seconds)  # the fault's length, not a wait for a result
        ended = datetime.now(UTC)
        self.judge.at_rest()
        absences = [(began, ended)]
        account = self.judge.account(self.shop, late(self.plan.late, absences))
        turns = [len(self.shop.turns(kind)) for kind in ("went_live", "ended")]
        assert account.faults == (), account.faults
        assert (turns, account.missed) == ([self.plan.windows] * 2, 0)
        for daemon in self.daemons:
            assert daemon.stop() == 0, daemon.child.errors()[-3000:]
            assert "Traceback" not in daemon.child.errors()
        after = last_after(self.judge.expected(), self.shop, began, ended)
        return f"{what} for {self.plan.seconds} s: {sum(turns)} events once, {after}"


def last_after(expected, shop, began, ended):
    """How long after the fault's end the last came of what fell due in it (in words)."""
    due = {("went_live", w.name): w.start for w in expected}
    due |= {("ended", w.name): w.end for w in expected}
    hit = {which for which, at in due.items() if began < at < ended}
    came = [effect.at for effect in shop.effects() if (effect.kind, effect.name) in hit]
    seconds = (max(came, default=ended) - ended).total_seconds()
    return f"{len(hit)} of them due in it, the last came {seconds:.2f} s after its end"


@contextmanager
def stopped(burst):
    """One daemon is stopped, and goes on afterwards."""
    import signal

    burst.daemons[0].child.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        burst.daemons[0].child.signal(signal.SIGCONT)


CLUSTER = {"workers": 3, "engine": "cluster", "late": LEASE + RETRY + BUSY}
