"""Daemons as processes: started, killed and started again, with the times when nobody was there."""

import json
import signal
import time
from datetime import UTC, datetime
from functools import partial

from zygote import Child, promo, until

RUN = {"embedded": ("run",), "cluster": ("run", "--engine", "pgqueuer")}


class Daemon:
    """One `promo run`."""

    def __init__(self, processes, root, *, engine="embedded"):
        words = ("-w", str(root), *RUN[engine])
        self.child: Child = processes.fork(promo, *words)

    def ready(self):
        """Wait until it says that it started."""
        until(lambda: self.said("engine.started") or not self.child.alive, self.child.errors)
        assert self.child.alive, self.child.errors()
        return self

    def said(self, event):
        return [entry for entry in self.child.log(event) if entry["event"] == event]

    def saw(self, event, seconds=60.0):
        told = f"the log tells {event}"
        return until(lambda: self.said(event), lambda: f"{told}: {self.child.errors()}", seconds)

    def kill(self):
        assert self.child.kill() == -signal.SIGKILL, self.child.errors()

    def stop(self):
        self.child.signal(signal.SIGTERM)
        return self.child.wait(90)


def command(processes, root, *words, code=0):
    """Call `promo`; what it printed."""
    child = processes.fork(promo, "-w", str(root), *words)
    assert child.wait() == code, child.errors() + child.output()
    return child.output()


def as_data(processes, root, *words):
    return json.loads(command(processes, root, *words, "-o", "json"))


class Crew:
    """Some daemons on one ledger, killed one at a time and replaced at once.

    `absences` are the times in which one of them was dead or not ready yet: the work that it had
    taken waits then, whoever else is there.
    """

    def __init__(self, processes, roots, *, engine="embedded"):
        self._started = partial(Daemon, processes, engine=engine)
        self._roots, self.absences, self.kills = list(roots), [], 0
        self.daemons = [self._started(root) for root in self._roots]
        for daemon in self.daemons:
            daemon.ready()

    def kill_one(self, moments):
        """Kill one at random and start another in its place; it may be killed before it is ready."""
        index = moments.randrange(len(self.daemons))
        self.daemons[index].kill()
        gone = datetime.now(UTC)
        self.kills += 1
        self.daemons[index] = self._started(self._roots[index])
        if moments.random() < 0.25:  # it dies while it starts
            time.sleep(moments.uniform(0, 0.3))
            self.daemons[index].kill()
            self.kills += 1
            self.daemons[index] = self._started(self._roots[index])
        self.daemons[index].ready()
        self.absences.append((gone, datetime.now(UTC)))

    def stop(self):
        for daemon in self.daemons:
            assert daemon.stop() == 0, daemon.child.errors()
