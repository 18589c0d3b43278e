"""Baselines: stored once, under a claim that stands; and what counts as live on their lane."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from promo_scheduler.clock import Versions
from promo_scheduler.firing import EventState, Settlement
from promo_scheduler.ledger import Access, ClaimRequest, Ledger
from promo_scheduler.offer import Money, Offer, PercentOff, Selection
from promo_scheduler.plan import (
    Action,
    Application,
    Change,
    ChangeKind,
    Key,
    TriggerEvent,
    Window,
    WindowKey,
)
from promo_scheduler.pricing import Baseline, PriceEntry

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def a_window(phase, start=NOON, hours=4, target="de"):
    key = WindowKey("double-11", phase, "de", "-", "2026-11-10", 1, "store")
    offer = Offer(PercentOff(Decimal(25)), Selection(skus=frozenset({"COAT"})))
    end = start + hours * HOUR
    return Window(key, "Europe/Berlin", target, None, None, start, end, "EUR", offer)


def euros(*amounts):
    return Baseline(Money(Decimal("189.00"), "EUR"), tuple(map(Decimal, amounts)))


class Counter:
    """A ledger, and the daemon that claims from it."""

    def __init__(self, url, root):
        self.ledger, self.now, self.owner = (
            Ledger.open(url, Access(b"key", "daemon", root)),
            NOON,
            "a",
        )

    def apply(self, window, generation=1, kind=ChangeKind.CREATE):
        due = {Action.ACTIVATE: window.start, Action.DEACTIVATE: window.end}
        events = tuple(TriggerEvent(Key(window.key, a), at, generation) for a, at in due.items())
        change = Change(kind, window.key, window, window, None, generation, kind.value)
        made = Versions("2026f", "0.109", "2.6.0", "3.2")
        self.ledger.apply(Application((change,), events, self.now, "ann", made))
        return window

    def claim(self, now=NOON):
        self.now = now
        (firing,), _ = self.ledger.claim(ClaimRequest(now, 9, self.owner))
        return firing

    def settle(self, firing, state=EventState.DONE, **given):
        given = {"handed_at": self.now, **given}
        self.ledger.settle([Settlement(firing, state, **given)], self.now, self.owner)

    def record(self, firing, owner=None, **entry):
        return self.ledger.record_prices(firing, PriceEntry(**entry), self.now, owner or self.owner)

    def rows(self, firing):
        return self.ledger.priced_lane(firing, self.now).baselines

    def live(self, firing, now=None):
        lane = self.ledger.priced_lane(firing, now or self.now)
        return [window.key.phase for window in lane.live]

    def told(self):
        return [(e.kind, e.detail) for e in self.ledger.audit() if e.kind.startswith("baseline")]


@pytest.fixture
def counter(ledger_url, tmp_path):
    made = Counter(ledger_url, tmp_path)
    yield made
    made.ledger.close()


# ── rows ────────────────────────────────────────────────────────────────────────────────────────
def test_a_baseline_is_kept_read_and_told(counter):
    counter.apply(a_window("launch"))
    firing = counter.claim()
    assert counter.record(firing, kept={"COAT": euros("189.00", "141.75")})
    assert counter.rows(firing) == {"COAT": euros("189.00", "141.75")}
    told = {"target": "de", "prices": ["COAT 189.00 EUR"]}
    assert counter.told() == [("baseline.stored", told)]
    assert counter.ledger.verify() == []


def test_a_baseline_that_is_there_is_never_stored_again(counter):
    counter.apply(a_window("launch"))
    firing = counter.claim()
    counter.record(firing, kept={"COAT": euros("141.75")})
    another = replace(euros("99"), price=Money(Decimal("141.75"), "EUR"))
    assert counter.record(firing, kept={"COAT": another})
    assert counter.rows(firing) == {"COAT": euros("99")}
    assert len(counter.told()) == 1


def test_a_claim_that_was_lost_records_nothing(counter):
    counter.apply(a_window("launch"))
    lost = counter.claim()
    counter.ledger.release_owner("a", NOON)
    assert not counter.record(lost, kept={"COAT": euros("141.75")})
    again = counter.claim()
    assert not counter.record(lost, kept={"COAT": euros("141.75")})
    assert not counter.record(again, owner="b", kept={"COAT": euros("141.75")})
    assert counter.rows(again) == {}
    assert counter.told() == []
    assert counter.record(again, kept={"COAT": euros("141.75")})


def test_what_was_settled_records_nothing_more(counter):
    counter.apply(a_window("launch"))
    firing = counter.claim()
    counter.settle(firing)
    assert not counter.record(firing, kept={"COAT": euros("141.75")})


def test_baselines_that_are_done_with_go_and_are_told_by_what_became_of_them(counter):
    counter.apply(a_window("launch"))
    firing = counter.claim()
    counter.record(firing, kept=dict.fromkeys(["COAT", "BOOTS", "HAT"], euros("141.75")))
    counter.record(
        firing,
        kept={"HAT": euros("1")},
        returned=frozenset({"COAT"}),
        left={"BOOTS": "99.00 EUR", "HAT": "2.00 EUR"},
    )
    assert counter.rows(firing) == {"HAT": euros("1")}
    assert [(kind, detail["prices"]) for kind, detail in counter.told()[1:]] == [
        ("baseline.returned", ["COAT 189.00 EUR"]),
        ("baseline.left", ["BOOTS 99.00 EUR, not 189.00 EUR"]),
    ]


def test_targets_have_baselines_of_their_own(counter):
    counter.apply(a_window("launch"))
    firing = counter.claim()
    counter.record(firing, kept={"COAT": euros("141.75")})
    elsewhere = replace(firing, window=replace(firing.window, target="at"))
    assert counter.rows(elsewhere) == {}


# ── what is live ────────────────────────────────────────────────────────────────────────────────
def test_a_window_is_live_from_the_claim_of_its_start_until_its_ending_is_due(counter):
    other = counter.apply(a_window("other", start=NOON - HOUR, hours=9))
    seen = counter.claim()
    counter.apply(a_window("launch", hours=2))
    assert counter.live(seen) == []
    counter.settle(seen)
    launch = counter.claim()
    assert counter.live(seen) == ["launch"]
    assert counter.live(launch) == ["other"]
    counter.settle(launch)
    assert counter.live(seen) == ["launch"]
    assert counter.live(seen, launch.window.end) == []
    assert counter.live(launch, other.end - timedelta(microseconds=1)) == ["other"]


@pytest.mark.parametrize(
    ("state", "handed", "live"),
    [
        (EventState.UNCERTAIN, NOON, ["launch"]),
        (EventState.PENDING, NOON, ["launch"]),
        (EventState.PENDING, None, []),
        (EventState.FAILED, NOON, []),
        (EventState.MISSED, None, []),
    ],
)
def test_whether_a_start_counts_as_live_by_how_its_attempt_came_out(counter, state, handed, live):
    counter.apply(a_window("launch"))
    firing = counter.claim()
    again = NOON + HOUR if state in (EventState.PENDING, EventState.UNCERTAIN) else None
    counter.settle(firing, state, handed_at=handed, retry_at=again)
    counter.apply(a_window("other"))
    assert counter.live(counter.claim()) == live


def test_an_ending_under_way_counts_as_ended_also_after_the_clock_was_set_back(counter):
    counter.apply(a_window("launch", hours=2))
    counter.settle(counter.claim())
    counter.apply(a_window("other", start=NOON + timedelta(minutes=1)))
    other = counter.claim(NOON + HOUR)
    assert counter.live(other) == ["launch"]
    counter.settle(other)
    counter.claim(NOON + 2 * HOUR)
    assert counter.live(other, NOON) == []


def test_an_amended_live_window_stays_live_with_its_new_terms(counter):
    launch = counter.apply(a_window("launch"))
    counter.settle(counter.claim())
    half = replace(launch, offer=replace(launch.offer, value=PercentOff(Decimal(50))))
    counter.apply(half, generation=2, kind=ChangeKind.AMEND)
    other = replace(counter.claim(), window=a_window("other"))
    lane = counter.ledger.priced_lane(other, NOON)
    assert [window.offer.value for window in lane.live] == [PercentOff(Decimal(50))]


def test_windows_of_other_targets_are_not_live_here(counter):
    counter.apply(a_window("launch"))
    counter.settle(counter.claim())
    counter.apply(a_window("abroad", target="at"))
    assert counter.live(counter.claim()) == []
