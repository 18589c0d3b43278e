"""The daemon is killed at random moments: nothing is lost, nothing comes twice, all of it ends.

The judge reads the shop's own log alone; the shop is a process of its own and is never killed.
"""

import random
import shutil
import time
from datetime import timedelta
from pathlib import Path

import pytest
from daemons import as_data
from shops import a_shop
from zygote import promo

from promo_scheduler.channels.sandbox.verdict import Tolerance, judge
from promo_scheduler.firing import EventState
from promo_scheduler.ledger import EventQuery, WindowQuery
from promo_scheduler.operations import open_ledger
from promo_scheduler.operations.staging import expected, staged
from promo_scheduler.record import instant_from
from promo_scheduler.source import load, shipped

BEFORE = instant_from("2026-11-01T00:00:00Z")
AT_MOST = 120  # restarts
KILLS, ROUNDS = 20, 5


def a_workspace(folder: Path, native: bool) -> Path:
    root = folder / "workspace"
    shutil.copytree(shipped("examples") / "double-11", root)
    channels = root / "config" / "channels.yaml"
    settings = f'url: "http://127.0.0.1:8322", native: "{str(native).lower()}"'
    text = channels.read_text(encoding="utf-8")
    channels.write_text(text.replace('url: "http://127.0.0.1:8322"', settings), encoding="utf-8")
    return root


def play_and_kill(processes, words, shop, kills, moments):
    """Run the simulation to its end, killed so many times at its work; how often it was killed."""
    killed = 0
    for _ in range(AT_MOST):
        child = processes.fork(promo, *words)
        if killed < kills and kill_at_work(child, shop.path, moments):
            killed += 1
            continue
        child.wait(120)
        assert "verified" in child.output(), child.output() + child.errors()
        return killed
    return pytest.fail("did not come to its end")


def kill_at_work(child, log: Path, moments: random.Random) -> bool:
    """Kill it a moment after the shop's log has grown by some lines; False where it ended first."""
    wanted = lines(log) + moments.randint(0, 12)
    deadline = time.monotonic() + 60
    while child.alive and time.monotonic() < deadline:
        if lines(log) >= wanted:
            time.sleep(moments.uniform(0, 0.06))  # a random moment, not a wait for a result
            return child.kill() == -9
        time.sleep(0.002)
    return False


def lines(log: Path) -> int:
    return log.read_bytes().count(b"\n") if log.exists() else 0


def verdict(root: Path, state: Path, shop, tolerance: Tolerance):
    workspace = staged(load(root), shop.url, state)
    ledger = open_ledger(workspace, simulated=True, create=False)
    windows = [standing.window for standing in ledger.windows(WindowQuery())]
    due = expected(windows, ledger.stamp().id)
    faults = judge(shop.effects(), due, tolerance)
    open_still = [e for e in ledger.events(EventQuery()) if e.state is not EventState.DONE]
    breaks = ledger.verify()
    ledger.close()
    return len(due), faults, open_still, breaks


def a_round(processes, folder: Path, native: bool, kills: int, tolerance: Tolerance) -> int:
    """One campaign from its start to its end, killed so many times at most; how often it was."""
    # Given a workspace, a shop of its own, and moments that differ from run to run but are told
    folder.mkdir()
    root, state = a_workspace(folder, native), folder / "state"
    seed = random.SystemRandom().randrange(10**6)
    shop = a_shop(processes, folder, BEFORE)
    # When the daemon is killed on its way
    words = ("-w", str(root), "simulate", "--state", str(state), "--shop", shop.url)
    killed = play_and_kill(processes, words, shop, kills, random.Random(seed))
    # Then every window was open once, over its own time, and all of it is on record
    count, faults, open_still, breaks = verdict(root, state, shop, tolerance)
    print(f"seed {seed}: killed {killed} times, {count} windows")
    assert count == len(as_data(processes, root, "preview")["windows"]) == 71
    assert faults == ()
    assert open_still == []
    assert breaks == []
    return killed


@pytest.mark.parametrize(
    ("native", "tolerance"),
    [
        (True, Tolerance()),
        (False, Tolerance(start=timedelta(seconds=60), end=timedelta(seconds=60))),
    ],
    ids=["native windows", "toggled at the instant"],
)
def test_twenty_kills_lose_nothing_and_repeat_nothing(processes, tmp_path, native, tolerance):
    killed = 0
    for number in range(ROUNDS):  # a fast machine may come to the end before the twentieth
        killed += a_round(processes, tmp_path / str(number), native, KILLS - killed, tolerance)
        if killed == KILLS:
            return
    pytest.fail(f"only {killed} kills in {ROUNDS} rounds")
