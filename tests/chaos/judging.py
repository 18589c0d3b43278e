"""The judgement of a run: the shop's own log against what `promo preview` said before it began."""

import json
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from campaigns import a_workspace
from daemons import as_data, command
from zygote import until

from promo_scheduler.channels.sandbox.verdict import Expected, Tolerance, judge
from promo_scheduler.plan import WindowKey, natural_key
from promo_scheduler.record import instant_from

OPEN = ("pending", "handed", "claimed", "uncertain", "awaiting_approval", "held")


def in_time(processes, root, url, wanted):
    """Write a workspace whose first window begins when it can stand in the ledger by then, however
    busy the machine is.
    """
    a_workspace(root, url, wanted)
    began = time.monotonic()
    command(processes, root, "preview")
    needed = round(5 * (time.monotonic() - began))
    return a_workspace(root, url, replace(wanted, begins_in=wanted.begins_in + needed))


@dataclass(frozen=True)
class Meant:
    """A window as it was planned before anything ran."""

    key: WindowKey
    target: str
    start: datetime
    end: datetime


def meant(processes, root):
    """Every window that the files mean, by `promo preview` and not by any ledger."""
    found = as_data(processes, root, "preview")
    return [
        Meant(
            WindowKey.parse(one["key"]),
            one["target"],
            instant_from(one["start"]),
            instant_from(one["end"]),
        )
        for one in found["windows"]
    ]


@dataclass(frozen=True)
class Account:
    """What became of a run: the faults, and how late the latest start and end came (seconds)."""

    windows: int
    faults: tuple
    missed: int  # on record as missed or failed, and never live
    start_lag: float
    end_lag: float

    def __str__(self):
        worst = f"worst start {self.start_lag:.2f} s, worst end {self.end_lag:.2f} s"
        return (
            f"{self.windows} windows, {len(self.faults)} faults, {self.missed} on record as "
            f"missed; {worst}"
        )


class Judge:
    """Knows what was meant; judges by the shop's log, and looks whether the ledger has it all."""

    def __init__(self, processes, root):
        self._ask = (processes, root)
        self.meant = meant(processes, root)
        assert self.meant, "nothing is planned"

    def apply(self):
        """Let it stand in the ledger before anything is due."""
        command(*self._ask, "apply", "--yes")
        first = min(window.start for window in self.meant)
        assert datetime.now(UTC) < first, "this machine was too slow: let it begin later"

    def events(self):
        """Every event of the ledger."""
        return self._found("--limit", "100000")

    def half_done(self):
        """How many firings died half done and were taken over as uncertain, by the audit."""
        lines = command(*self._ask, "audit", "export", "-o", "jsonl").splitlines()
        kinds = [json.loads(line)["kind"] for line in lines if line]
        return kinds.count("firing.uncertain")

    def _found(self, *words):
        found = as_data(*self._ask, "events", *words)
        return found["events"]

    def at_rest(self, seconds=120.0):
        """Wait until every window is over and every event of the ledger is at rest."""
        over = max(window.end for window in self.meant)
        until(lambda: datetime.now(UTC) >= over, "the last window is over", seconds)
        until(
            lambda: not self._open(), lambda: f"all at rest, but {self._open()[:5]}", seconds, 0.3
        )

    def _open(self):
        states = [word for state in OPEN for word in ("--state", state)]
        return self._found(*states)

    def account(self, shop, tolerance):
        """Judge the log; what never went live must be on record as missed or failed, and for want
        of time. The audit must verify, and no event may be open.
        """
        assert "verified" in command(*self._ask, "audit", "verify")
        events = self.events()
        assert len({event["key"] for event in events}) == len(events)
        assert len(events) >= 2 * len(self.meant)  # each has a start and an end at least
        assert [e for e in events if e["state"] in OPEN] == []
        effects, expected = shop.effects(), self.expected()
        faults = self.faults(effects, tolerance)
        missed = self._missed(events, tolerance)
        kept = [f for f in faults if not (f.kind == "lost" and f.name in missed)]
        lost = sum(f.kind == "lost" for f in faults)
        return Account(len(expected), tuple(kept), lost, *_worst(effects, expected))

    def faults(self, effects, tolerance):
        """A shop that keeps its windows itself ends them at their instants, whoever is dead."""
        exact = replace(tolerance, end=timedelta(0), absences=())
        names = {name: self.expected(timed=name) for name in (True, False)}
        kept = {window.name for window in names[True]}
        timed = [effect for effect in effects if effect.name in kept]
        switched = [effect for effect in effects if effect.name not in kept]
        late_ends = [fault for fault in judge(timed, names[True], exact) if fault.kind == "late"]
        return (
            *judge(timed, names[True], tolerance),
            *(fault for fault in late_ends if "its end" in fault.detail),
            *judge(switched, names[False], tolerance),
        )

    def expected(self, timed=None):
        """What the shop's log should show; of the channel that keeps windows itself, or not."""
        chosen = [w for w in self.meant if timed is None or (w.key.channel == "timed") is timed]
        return expectations(chosen, self._ledger_id())

    def _missed(self, events, tolerance):
        """The names of the windows on record as not begun that nobody had the time to begin."""
        recorded = {
            e["key"].rpartition("/")[0] for e in events if e["state"] in ("missed", "failed")
        }
        return {
            natural_key(self._ledger_id(), window.key)
            for window in self.meant
            if str(window.key) in recorded
            and tolerance.attended(window.start, window.end) <= tolerance.start
        }

    def _ledger_id(self):
        from promo_scheduler.operations import open_ledger
        from promo_scheduler.source import load

        if not hasattr(self, "_id"):
            ledger = open_ledger(load(self._ask[1]), create=False)
            self._id = ledger.stamp().id
            ledger.close()
        return self._id


def expectations(windows, ledger_id):
    return [Expected(natural_key(ledger_id, w.key), w.target, w.start, w.end) for w in windows]


def _worst(effects, expected):
    starts = {window.name: window.start for window in expected}
    ends = {window.name: window.end for window in expected}
    lags = {"went_live": [0.0], "ended": [0.0]}
    for effect in effects:
        due = (starts if effect.kind == "went_live" else ends).get(effect.name)
        if effect.kind in lags and due is not None:
            lags[effect.kind].append((effect.at - due).total_seconds())
    return max(lags["went_live"]), max(lags["ended"])


def late(seconds, absences=()):
    """As late as this many seconds, and longer by what was an absence (which may overlap)."""
    longest = timedelta(seconds=seconds)
    return Tolerance(longest, longest, tuple(_apart(absences)))


def _apart(absences):
    """The same times, joined where they overlap."""
    joined = []
    for first, last in sorted(absences):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined
