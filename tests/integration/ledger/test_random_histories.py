"""Whatever is done in whatever order, the laws that the ledger keeps hold at every step."""

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from random import Random

import pytest

from promo_scheduler.audit import EMPTY
from promo_scheduler.errors import StalePlan, UnknownKey
from promo_scheduler.firing import OPEN_STATES, EventState, Settlement
from promo_scheduler.ledger import EventQuery
from promo_scheduler.order import OrderKind
from promo_scheduler.plan import Action, ChangeKind, Standing

MINUTE = timedelta(minutes=1)
STEPS = 70
ON_CHANNEL = (Standing.STAGED, Standing.LIVE, Standing.ENDING)
CLAIMABLE = (EventState.PENDING, EventState.UNCERTAIN)
WAITING = (*CLAIMABLE, EventState.HANDED)
NODES = ("host:1", "host:2")
START_ANSWERS = (
    *(EventState.DONE,) * 4,
    *(EventState.PENDING, EventState.UNCERTAIN, EventState.MISSED),
    *(EventState.FAILED, EventState.SKIPPED, EventState.HELD),
)
ENDING_ANSWERS = (EventState.DONE,) * 3 + (EventState.PENDING, EventState.UNCERTAIN)


class History:
    """A ledger to which things happen at random; the seed tells which."""

    def __init__(self, desk, seed, window, events_of):
        self.desk, self.random = desk, Random(seed)
        self.a_window, self.events_of = window, events_of
        self.flying, self.jobs = [], []
        self.head, self.serial, self.done = EMPTY, 0, set()
        self.alone = frozenset({"shop"} if seed % 2 else ())
        for name in NODES:
            desk.enter(name)

    def run(self):
        deeds = [self.plan, self.plan, self.claim, self.claim, self.settle, self.settle]
        deeds += [self.settle, self.wait, self.wait, self.lose, self.order, self.release]
        deeds += [self.retry, self.starve, self.hand_over, self.hand_over, self.work, self.work]
        deeds += [self.die, self.disown, self.rewind]
        for step in range(STEPS):
            self.random.choice(deeds)()
            self.check()
            if step % 10 == 0:
                self.check_chain()
        self.finish()

    # ── what happens ────────────────────────────────────────────────────────────────────────────
    def plan(self):
        stands = self.stands()
        name = f"c{self.random.randrange(5)}"
        key = self.a_window(name, target=f"lane-{name[-1] in '012'}").key
        old = stands.get(key)
        window = self.some_hours(name)
        kind, generation = self.some_change(old)
        goes = kind in (ChangeKind.WITHDRAW, ChangeKind.CANCEL)
        events = () if goes else self.events_of(window, generation, 5 * MINUTE)
        try:
            change = self.desk.change(kind, window, generation, saw=old and old.standing)
            self.desk.apply(change, events=events)
        except StalePlan:
            assert old is not None

    def some_hours(self, name):
        start = self.desk.now + self.random.randrange(-10, 60) * MINUTE
        end = start + self.random.randrange(1, 60) * MINUTE
        return self.a_window(name, target=f"lane-{name[-1] in '012'}", start=start, end=end)

    def some_change(self, old):
        if old is None:
            return ChangeKind.CREATE, 1
        ending = old.standing is Standing.ENDING
        if old.is_over or (ending and self.random.random() < 0.5):
            return ChangeKind.CREATE, old.generation + 1
        kind = self.random.choice([k for k in ChangeKind if k is not ChangeKind.CREATE])
        return kind, old.generation + self.random.randrange(2)

    def claim(self):
        self.take(limit=self.random.randrange(1, 5))

    def take(self, **more):
        owner = self.random.choice(NODES)
        firings = self.desk.claim(owner=owner, one_at_a_time=self.alone, **more)
        self.flying += [(owner, firing) for firing in firings]

    def hand_over(self):
        minutes, most = self.random.randrange(30), self.random.randrange(1, 9)
        jobs = self.desk.hand_over(horizon=minutes * MINUTE, most=most)
        self.jobs += [key for key, _ in jobs if self.random.random() < 0.8]  # some are lost

    def work(self):
        """Some jobs come, in any order, too early or too late; some of them come again."""
        self.random.shuffle(self.jobs)
        few = self.random.randrange(1, 5)
        keys, self.jobs = self.jobs[:few], self.jobs[few:]
        self.jobs += [key for key in keys if self.random.random() < 0.2]
        self.take(keys=tuple(keys), limit=self.random.randrange(1, 5))

    def settle(self):
        if not self.flying:
            return
        owner, firing = self.flying.pop(self.random.randrange(len(self.flying)))
        ending = firing.action is Action.DEACTIVATE
        state = self.random.choice(ENDING_ANSWERS if ending else START_ANSWERS)
        orders = [o.id for o in self.desk.ledger.orders(in_force=False)]
        if state is EventState.HELD and not orders:
            state = EventState.DONE
        settlement = Settlement(
            firing,
            state,
            reason=f"answered {state}",
            handed_at=self.desk.now if self.random.random() < 0.7 else None,
            retry_at=self.desk.now + MINUTE if state in CLAIMABLE else None,
            order_id=self.random.choice(orders) if state is EventState.HELD else None,
        )
        self.answer(settlement, owner)

    def answer(self, settlement, owner):
        """Sometimes the acknowledgement is lost, and it is given again: that is no other answer."""
        desk = self.desk
        (stood,) = desk.ledger.settle([settlement], desk.now, owner)
        if stood and self.random.random() < 0.5:
            head = desk.ledger.stamp().head
            assert desk.ledger.settle([settlement], desk.now, owner) == [True]
            assert desk.ledger.stamp().head == head

    def wait(self):
        self.desk.now += self.random.randrange(1, 15) * MINUTE

    def lose(self):
        """A daemon's end is known at once; its late answers still come in."""
        self.desk.ledger.release_owner(self.random.choice(NODES), self.desk.now)

    def die(self):
        """A node falls silent, another one looks, and the dead one comes back."""
        name = self.random.choice(NODES)
        self.desk.fall_silent(name)
        self.desk.ledger.release_dead(self.desk.now)
        assert not self.desk.ledger.beat(name, MINUTE)
        assert name not in self.owners()
        self.desk.enter(name)

    def disown(self):
        """A node has not heard of some of its claims; it will not answer those."""
        name = self.random.choice(NODES)
        forgotten = [f for f in self.flying if f[0] == name and self.random.random() < 0.5]
        self.flying = [f for f in self.flying if f not in forgotten]
        known = frozenset((f.event.key, f.fence) for owner, f in self.flying if owner == name)
        self.desk.ledger.disown(name, known, self.desk.now)
        assert self.owners()[name] <= len(known)

    def rewind(self):
        self.desk.ledger.rewind(self.desk.now, MINUTE / 2)

    def order(self):
        down = [w.window for w in self.stands().values() if w.touched and not w.is_over]
        kind = self.random.choice(list(OrderKind))
        self.desk.hold(*down[: self.random.randrange(3)], kind=kind, region="de")

    def release(self):
        orders = self.desk.ledger.orders()
        if not orders:
            return
        order = self.random.choice(orders)
        taken = [w for w in self.stands().values() if w.taken_by == order.id]
        back = [w for w in taken if self.random.random() < 0.7]
        changes = [self.desk.change(ChangeKind.CREATE, w.window, w.generation + 1) for w in back]
        events = [e for w in back for e in self.events_of(w.window, w.generation + 1, 5 * MINUTE)]
        self.desk.ledger.release(order.id, self.desk.application(*changes, events=events))

    def retry(self):
        records = self.desk.ledger.events(EventQuery())
        if records:
            key = self.random.choice(records).event.key
            with suppress(UnknownKey):
                self.desk.ledger.retry(key, self.desk.now, "ann")

    def starve(self):
        self.desk.ledger.hold_starved(self.desk.now, 5 * MINUTE)

    def owners(self):
        claimed = self.desk.events(states=frozenset({EventState.CLAIMED}))
        return Counter(record.owner for record in claimed)

    # ── what holds ──────────────────────────────────────────────────────────────────────────────
    def stands(self):
        return {w.window.key: w for w in self.desk.ledger.standing(self.desk.now - 9999 * MINUTE)}

    def check(self):
        records = self.desk.ledger.events(EventQuery())
        self.check_events(records)
        for standing in self.stands().values():
            mine = [r for r in records if r.window.key == standing.window.key]
            self.check_window(standing, mine)

    def check_chain(self):
        stamp = self.desk.ledger.stamp()
        assert stamp.serial >= self.serial and stamp.head.seq >= self.head.seq
        assert self.desk.ledger.verify(self.head) == []
        self.head, self.serial = stamp.head, stamp.serial
        self.check_told()

    def check_told(self):
        """Law 8: the last entry of an event tells its state; where there is none it is pending."""
        told = {}
        for entry in self.desk.ledger.audit():
            if entry.kind == "order.retry":
                uncertain = entry.detail["was"] == EventState.UNCERTAIN
                state = EventState.UNCERTAIN if uncertain else EventState.PENDING
            elif entry.kind.startswith("firing.") and entry.kind != "firing.late-answer":
                state = entry.detail["state"]
            else:
                continue
            told[entry.key, entry.detail["generation"]] = state
        for r in self.desk.ledger.events(EventQuery()):
            name = str(r.event.key), r.event.generation
            claimed = r.state is EventState.CLAIMED  # told by its answer
            handed = r.state is EventState.HANDED  # which is no change of what happens
            state = EventState.PENDING if handed else r.state
            assert claimed or told.get(name, EventState.PENDING) == state, r

    def check_events(self, records):
        names = [(r.event.key, r.event.generation) for r in records]
        assert len(names) == len(set(names))
        claimed = Counter(r.window.key for r in records if r.state is EventState.CLAIMED)
        assert max(claimed.values(), default=0) <= 1
        if self.alone:
            lanes = Counter(r.window.target for r in records if r.state is EventState.CLAIMED)
            assert max(lanes.values(), default=0) <= 1
        done = {n for n, r in zip(names, records, strict=True) if r.state is EventState.DONE}
        assert self.done <= done  # what is done stays done
        self.done = done
        holding = {r.order_id for r in records if r.state is EventState.HELD} - {None}
        assert holding <= {order.id for order in self.desk.ledger.orders()}

    def check_window(self, standing, records):
        endings = [r for r in records if r.event.key.action is Action.DEACTIVATE]
        starts = [r for r in records if r.event.key.action is not Action.DEACTIVATE]
        assert all(r.state not in (EventState.FAILED, EventState.MISSED) for r in endings)
        if standing.standing in ON_CHANNEL:  # law 3: somebody will end it
            mine = [r for r in endings if r.event.generation == standing.generation]
            assert [r.state for r in mine if r.state in OPEN_STATES], standing
        if standing.standing in (Standing.ENDED, Standing.CANCELLED):
            assert not [r for r in starts if r.state in WAITING], standing

    def finish(self):
        """Everybody answers, every order is taken back: then each event comes to its end."""
        desk = self.desk
        desk.ledger.release_owner("", desk.now)
        for order in desk.ledger.orders():
            desk.ledger.release(order.id, desk.application())
        desk.run(desk.now + 300 * MINUTE, limit=400)
        assert desk.ledger.next_due() is None
        for record in desk.ledger.events(EventQuery()):
            assert record.state not in OPEN_STATES, record
        self.check()
        self.check_chain()
        self.check_record()

    def check_record(self):
        """Law 1: every attempt of every event has left its entry."""
        entries = Counter(
            (e.key, e.detail["generation"], e.detail["attempt"])
            for e in self.desk.ledger.audit()
            if e.kind.startswith("firing.") and "due" in e.detail
        )
        for r in self.desk.ledger.events(EventQuery()):
            for attempt in range(1, r.attempt + 1):
                assert entries[str(r.event.key), r.event.generation, attempt] >= 1, r


@pytest.mark.parametrize("seed", range(4))
def test_the_laws_hold_through_any_history(desk, seed, window, events_of):
    History(desk, seed, window, events_of).run()
