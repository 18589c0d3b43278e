"""Several processes and threads at one ledger: nobody gets what another one has."""

import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from promo_scheduler.firing import EventState, Settlement
from promo_scheduler.ledger import ClaimRequest
from promo_scheduler.plan import ChangeKind

HOUR = timedelta(hours=1)
COUNT = 120

WORKER = """
import sys
from datetime import datetime
from pathlib import Path
from promo_scheduler.firing import EventState, Settlement
from promo_scheduler.ledger import Access, ClaimRequest, Ledger

url, owner, now = sys.argv[1], sys.argv[2], datetime.fromisoformat(sys.argv[3])
secret = b"the audit key of these tests"
ledger = Ledger.open(url, Access(secret, owner, Path("."), create=False))
for _ in range(400):
    firings, _ = ledger.claim(ClaimRequest(now, 7, owner))
    if not firings and ledger.next_due() is None:
        break
    done = [Settlement(firing, EventState.DONE, handed_at=now) for firing in firings]
    assert all(ledger.settle(done, now, owner))
    for firing in firings:
        print(firing.event.key, firing.attempt)
ledger.close()
"""


@pytest.fixture
def herd(desk, window, events_of):
    """Windows whose every event is due: each is staged, started and ended, in that order."""
    made = [window(f"c{n}") for n in range(COUNT)]
    changes = [desk.change(ChangeKind.CREATE, w) for w in made]
    desk.apply(*changes, events=[e for w in made for e in events_of(w, 1, HOUR)])
    desk.at(made[0].end + HOUR)
    return made


def test_processes_that_claim_at_once_never_share_an_event(desk, herd):
    command = [sys.executable, "-c", WORKER, desk.url]
    workers = [
        subprocess.Popen(
            [*command, f"daemon-{n}", desk.now.isoformat()],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for n in range(3)
    ]
    answers = [worker.communicate(timeout=60) for worker in workers]
    assert [error for _, error in answers] == ["", "", ""]
    lines = [line for out, _ in answers for line in out.splitlines()]
    assert len(lines) == len(set(lines)) == 3 * COUNT
    assert all(line.endswith(" 1") for line in lines)  # each at its first attempt
    assert desk.ledger.counts()[EventState.DONE] == 3 * COUNT
    assert desk.ledger.verify() == []
    for made in herd[:5]:
        actions = [e.key.rpartition("/")[2] for e in desk.ledger.audit(key=str(made.key))]
        assert actions[1:] == ["stage", "activate", "deactivate"]


def test_threads_that_claim_at_once_never_share_an_event_or_a_window(desk, herd):
    def work(number):
        owner, seen = f"thread-{number}", []
        for _ in range(60):
            firings, _ = desk.ledger.claim(ClaimRequest(desk.now, 5, owner))
            seen.extend((f.event.key, f.fence) for f in firings)
            in_flight = desk.events(states=frozenset({EventState.CLAIMED}))
            assert max(Counter(r.window.key for r in in_flight).values(), default=0) <= 1
            done = [Settlement(f, EventState.DONE) for f in firings]
            assert all(desk.ledger.settle(done, desk.now, owner))
        return seen

    with ThreadPoolExecutor(4) as pool:
        seen = [claim for claims in pool.map(work, range(4)) for claim in claims]
    assert len(seen) == len(set(seen)) == 3 * COUNT
    assert desk.ledger.verify() == []


def test_plans_and_notes_written_while_events_are_fired_keep_one_chain(desk, herd, window):
    def plan(number):
        for n in range(10):
            desk.create(window(f"late-{number}-{n}"))
            desk.ledger.note("daemon.noted", "", {"n": n}, desk.now, f"thread-{number}")

    def fire(number):
        owner = f"thread-{number}"
        for _ in range(20):
            firings, _ = desk.ledger.claim(ClaimRequest(desk.now, 5, owner))
            desk.ledger.settle([Settlement(f, EventState.DONE) for f in firings], desk.now, owner)

    with ThreadPoolExecutor(4) as pool:
        for task in [pool.submit(work, n) for n, work in enumerate((plan, plan, fire, fire))]:
            task.result()
    entries = list(desk.ledger.audit())
    assert [e.seq for e in entries] == list(range(1, len(entries) + 1))
    assert desk.ledger.verify() == [] and desk.ledger.stamp().serial == 21
