"""Overlapping windows on a shop whose prices are overwritten, killed at every step in turn.

A real SQLite ledger and the real shop over HTTP. A run's windows have a target of their own, and it
is judged by the shop's page and the shop's own log alone.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest

from promo_scheduler.catalog import Product
from promo_scheduler.channels.act import act
from promo_scheduler.channels.sandbox.catalogue import ShopSeed
from promo_scheduler.channels.sandbox.connector import SandboxConnector
from promo_scheduler.channels.sandbox.control import ShopControl
from promo_scheduler.channels.sandbox.faults import Faults
from promo_scheduler.channels.sandbox.running import start_shop
from promo_scheduler.channels.sandbox.shop import ShopOptions
from promo_scheduler.clock import Versions
from promo_scheduler.connector import ChannelError, OutcomeUnknown, Retryable
from promo_scheduler.engine.books import Books
from promo_scheduler.engine.price_books import PriceBooks
from promo_scheduler.firing import (
    Backoff,
    EventState,
    Fire,
    Firing,
    Miss,
    Settlement,
    after_failure,
    decide,
)
from promo_scheduler.ledger import Access, ClaimRequest, EventQuery, Ledger
from promo_scheduler.offer import Offer, PercentOff, Selection
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
from promo_scheduler.testing import a_channel

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
LIST = {"COAT": Decimal("189.00"), "BOOTS": Decimal("179.90")}
GOODS = (
    Product(
        "COAT", "Coat", "outerwear", frozenset({"winter", "last"}), prices={"EUR": LIST["COAT"]}
    ),
    Product("BOOTS", "Boots", "shoes", frozenset({"winter"}), prices={"EUR": LIST["BOOTS"]}),
)
TENTH = {"COAT": Decimal("170.10"), "BOOTS": Decimal("161.91")}
THIRD_OFF_COAT = Decimal("124.74")  # 34 % off


def winter(**changes):
    """10 % off both, from noon for four hours."""
    return windowed("launch", "10", tags={"winter"}, rank=(1, 0), **changes)


def last_call(**changes):
    """34 % off the coat, an hour later, until the same instant."""
    given = {"start": NOON + HOUR, **changes}
    return windowed("last-call", "34", skus={"COAT"}, rank=(1, 1), **given)


def windowed(phase, percent, *, tags=(), skus=(), rank=(1, 0), **changes):
    products = Selection(tags=frozenset(tags), skus=frozenset(skus))
    given = {"start": NOON, "end": NOON + 4 * HOUR, "target": "de", **changes}
    key = WindowKey("double-11", phase, given["target"], "-", "2026-11-10", 1, "store")
    offer = Offer(PercentOff(Decimal(percent)), products)
    return Window(key, "Europe/Berlin", start_wall=None, end_wall=None, currency="EUR",
                  offer=offer, rank=rank, **given)  # fmt: skip


# ── what may go wrong, and where ────────────────────────────────────────────────────────────────
class Killed(BaseException):
    """The process is gone."""


class Points:
    """Every place at which something can happen to a daemon, counted; the n-th goes wrong."""

    def __init__(self, at=0, fault="kill"):
        self.at, self.fault, self.count, self.names = at, fault, 0, []

    def reach(self, name, error=None):
        if self.fault == "lose" and error is None:
            return
        self.count += 1
        self.names.append(name)
        if self.count != self.at:
            return
        if self.fault == "kill":
            raise Killed(name)
        if error is not None:
            raise error


class DoomedLedger:
    """A ledger whose daemon may die just before a commit, or just after it."""

    def __init__(self, ledger, points):
        self._ledger, self._points = ledger, points

    def __getattr__(self, name):
        call = getattr(self._ledger, name)

        def doomed(*given):
            self._points.reach(f"before {name}")
            answer = call(*given)
            self._points.reach(f"after {name}")
            return answer

        return doomed


class DoomedConnector(SandboxConnector):
    """A connector whose daemon may die, or whose answers may be lost, around each call."""

    points = Points()

    async def prices(self, target, skus):
        self.points.reach("before GET", Retryable("refused"))
        found = await super().prices(target, skus)
        self.points.reach("after GET", Retryable("lost"))
        return found

    async def write_prices(self, target, prices):
        self.points.reach("before PUT", OutcomeUnknown("lost on the way"))
        await super().write_prices(target, prices)
        self.points.reach("after PUT", OutcomeUnknown("its answer was lost"))


# ── a daemon in miniature ───────────────────────────────────────────────────────────────────────
class Present:
    """The present instant of a town, as a Clock."""

    def __init__(self, town):
        self._town = town

    def now(self):
        return self._town.now

    def monotonic(self):
        return 0.0


class Town:
    """A ledger, a shop, the present instant, and one daemon after another."""

    def __init__(self, ledger, shop, control, catalog=GOODS):
        self.ledger, self.shop, self.control = ledger, shop, control
        self.now = NOON - DAY
        self.catalog = catalog
        self.daemons = 0
        self.settled = []
        self.read = 0

    async def plug(self, points):
        """A fresh daemon, to which this happens."""
        if self.daemons:
            await self.unplug()
            self.ledger.release_owner(self.owner, self.now)
        self.daemons += 1
        self.owner, self.points = f"daemon-{self.daemons}", points
        self.doomed = DoomedLedger(self.ledger, points)
        settings = {"url": self.shop.url, "mechanism": "price_overwrite", "timeout": "2"}
        self.connector = DoomedConnector(a_channel(), settings)
        self.connector.points = points
        self.books = Books(self.doomed, self.owner)
        self.price_books = PriceBooks(self.books, Present(self), self.catalog)

    async def unplug(self):
        await self.connector.close()
        self.books.close()

    def apply(self, *windows, generation=1, kind=ChangeKind.CREATE):
        changes = [Change(kind, w.key, w, w, None, generation, kind.value) for w in windows]
        events = [
            TriggerEvent(Key(w.key, action), max(at, self.now), generation)
            for w in windows
            for action, at in ((Action.ACTIVATE, w.start), (Action.DEACTIVATE, w.end))
        ]
        made = Versions("2026f", "0.109", "2.6.0", "3.2")
        self.ledger.apply(Application(tuple(changes), tuple(events), self.now, "ann", made))

    async def until(self, instant, first=None):
        """Do all that becomes due until then, retries of half an hour included."""
        self.now = max(self.now, instant)
        while True:
            keys = (first,) if first else None
            first = None
            if not await self.turn(keys) and keys is None:
                due = self.ledger.next_due()
                if due is None or due > instant + 30 * MINUTE:
                    return
                self.now = max(self.now, due)

    async def turn(self, keys):
        request = ClaimRequest(
            self.now, 10, self.owner, keys=keys, one_at_a_time=frozenset({"store"})
        )
        firings, orders = self.doomed.claim(request)
        for firing in firings:
            settlement = await self.fire(firing, orders)
            assert self.doomed.settle([settlement], self.now, self.owner) == [True]
            self.settled.append(settlement)
        return firings

    async def fire(self, firing, orders):
        match decide(firing, self.now, orders):
            case Miss(reason):
                return Settlement(firing, EventState.MISSED, reason)
            case Fire():
                try:
                    receipt = await act(self.connector, firing, self.price_books.of(firing))
                except ChannelError as error:
                    failed = after_failure(firing, error, self.now, Backoff(), Random(7))
                    return replace(failed, handed_at=self.now)
                done = Settlement(firing, EventState.DONE, receipt.note, self.now)
                return replace(done, receipt=receipt)

    async def survive(self, instant, first=None):
        """As `until`; where the daemon is killed, another one goes on."""
        try:
            await self.until(instant, first)
        except Killed:
            await self.plug(Points())
            await self.until(instant)

    # ── what the shop says ──────────────────────────────────────────────────────────────────────
    async def cost(self, sku="COAT", target="de"):
        prices = {(p.target, p.sku): p.price for p in await self.control.prices()}
        return prices[target, sku]

    async def course(self, sku="COAT", target="de"):
        """The prices that a product has had, by the shop's own log."""
        return (await self.courses(target))[sku]

    async def courses(self, target="de"):
        """The same for each product, by the part of the log that was not read yet."""
        effects = await self.control.effects(self.read)
        self.read = effects[-1].seq if effects else self.read
        found = {sku: [] for sku in LIST}
        for effect in effects:
            if effect.target == target:
                found[effect.sku].append(effect.after)
        return found

    def rows(self, window):
        """The baselines of a window's lane."""
        event = TriggerEvent(Key(window.key, Action.ACTIVATE), window.start)
        return self.ledger.priced_lane(Firing(event, window, "", 1, 1), self.now).baselines

    def told(self, prefix):
        return [
            (e.kind, e.detail["prices"]) for e in self.ledger.audit() if e.kind.startswith(prefix)
        ]


@pytest.fixture
async def town(tmp_path):
    access = Access(b"the audit key of these tests", "daemon", tmp_path)
    ledger = Ledger.open("sqlite:///ledger.db", access)
    targets = {"de": "EUR", **{f"de-{n}": "EUR" for n in range(150)}}
    shop = await start_shop(ShopOptions(seed=ShopSeed(GOODS, targets)))
    control = ShopControl(shop.url)
    town = Town(ledger, shop, control)
    await town.plug(Points())
    yield town
    await town.unplug()
    await control.close()
    await shop.aclose()
    ledger.close()


# ── nothing goes wrong ──────────────────────────────────────────────────────────────────────────
async def test_nested_windows_show_the_right_price_at_each_moment(town):
    outer, inner = winter(), last_call(end=NOON + 2 * HOUR)
    town.apply(outer, inner)
    seen = []
    for hours in (-1, 0, 1, 2, 4):
        await town.until(NOON + hours * HOUR)
        seen.append((await town.cost("COAT"), await town.cost("BOOTS")))
    assert seen == [
        (LIST["COAT"], LIST["BOOTS"]),
        (TENTH["COAT"], TENTH["BOOTS"]),
        (THIRD_OFF_COAT, TENTH["BOOTS"]),
        (TENTH["COAT"], TENTH["BOOTS"]),
        (LIST["COAT"], LIST["BOOTS"]),
    ]
    assert town.rows(outer) == {}


async def test_the_higher_priority_decides_whichever_starts_first(town):
    strong = windowed("strong", "34", skus={"COAT"}, rank=(9, 0), end=NOON + 2 * HOUR)
    weak = windowed("weak", "10", tags={"winter"}, rank=(1, 5), start=NOON + HOUR)
    town.apply(strong, weak)
    seen = []
    for hours in (0, 1, 2, 4):
        await town.until(NOON + hours * HOUR)
        seen.append(await town.cost())
    assert seen == [THIRD_OFF_COAT, THIRD_OFF_COAT, TENTH["COAT"], LIST["COAT"]]


async def test_the_baseline_is_on_record_before_the_price_is_written_and_after_it_came_back(town):
    town.apply(winter())
    for hours in (0, 4):
        await town.until(NOON + hours * HOUR)
    told = ["BOOTS 179.90 EUR", "COAT 189.00 EUR"]
    assert town.told("baseline.") == [("baseline.stored", told), ("baseline.returned", told)]
    kinds = [e.kind for e in town.ledger.audit() if e.kind.startswith(("baseline", "firing"))]
    assert kinds == ["baseline.stored", "firing.done", "baseline.returned", "firing.done"]
    assert town.ledger.verify() == []


# ── everything goes wrong, in turn ──────────────────────────────────────────────────────────────
async def passage(town, number, windows, first, points, *, late=False):
    """Two windows over their whole time, on the target of this run and in its own month."""
    target, shift = f"de-{number}", number * DAY
    mine = [
        replace(
            w,
            key=w.key._replace(region=target),
            target=target,
            start=w.start + shift,
            end=w.end + shift,
        )
        for w in windows
    ]
    town.now = min(w.start for w in mine) - HOUR
    town.apply(*mine)
    await town.plug(points)
    end = mine[0].end
    try:
        for instant in sorted({w.start for w in mine}):
            await town.until(instant)
        await town.until(end, Key(mine[first].key, Action.DEACTIVATE))
    except Killed:
        if late:
            town.now = max(town.now, end + HOUR)
        await town.plug(Points())
        for instant in sorted({w.start for w in mine} | {end}):
            if instant + 31 * MINUTE > town.now or instant == end:
                await town.until(instant)
    return target, mine[0]


async def verdict(town, run, target, window):
    """What is wrong, by the shop's page and log, and by what the ledger still holds."""
    cost = {p.sku: p.price for p in await town.control.prices() if p.target == target}
    wrong = [f"{run}: {sku} costs {cost[sku]}" for sku in LIST if cost[sku] != LIST[sku]]
    if town.rows(window):
        wrong.append(f"{run}: baselines are left: {town.rows(window)}")
    return wrong


STEPS = {"kill": 50, "lose": 15}
COURSE = {
    "COAT": [TENTH["COAT"], THIRD_OFF_COAT, LIST["COAT"]],
    "BOOTS": [TENTH["BOOTS"], LIST["BOOTS"]],
}


@pytest.mark.parametrize("first", [0, 1], ids=["the outer ends first", "the inner ends first"])
@pytest.mark.parametrize("fault", ["kill", "lose"])
async def test_two_windows_that_end_together_come_back_to_the_baseline_whatever_step_fails(
    town, first, fault
):
    windows, wrong, names = (winter(), last_call()), [], []
    for number in range(150):
        points = Points(number, fault)
        target, window = await passage(town, number, windows, first, points)
        if points.count < number:
            break
        run = f"{fault} at {number} ({points.names[number - 1] if number else 'nowhere'})"
        names.append(run)
        wrong += await verdict(town, run, target, window)
        if (courses := await town.courses(target)) != COURSE:
            wrong.append(f"{run}: {courses}")
    assert wrong == []
    assert len(names) > STEPS[fault], "the steps were not reached"
    assert town.ledger.verify() == []


async def test_a_daemon_that_stays_dead_past_the_end_leaves_no_price_of_ours(town):
    windows, wrong = (winter(), last_call()), []
    allowed = {*LIST.values(), *TENTH.values(), THIRD_OFF_COAT}
    for number in range(150):
        points = Points(number, "kill")
        target, window = await passage(town, number, windows, 0, points, late=True)
        if points.count < number:
            break
        run = f"dead since {number} ({points.names[number - 1] if number else 'nowhere'})"
        wrong += await verdict(town, run, target, window)
        courses = await town.courses(target)
        wrong += [price for course in courses.values() for price in course if price not in allowed]
    assert wrong == []
    open_events = town.ledger.events(EventQuery(states=frozenset({EventState.UNCERTAIN})))
    assert open_events == []


@pytest.mark.parametrize("seed", range(3))
async def test_a_shop_that_loses_answers_and_refuses_comes_back_to_the_baseline(town, seed):
    town.apply(winter(), last_call())
    await town.control.faults(Faults(rate_429=0.1, rate_500=0.05, lost_answers=0.2, seed=seed))
    for hours in (0, 1, 4):
        await town.survive(NOON + hours * HOUR)
    await town.control.faults(Faults())
    assert (await town.cost("COAT"), await town.cost("BOOTS")) == tuple(LIST.values())
    assert await town.course("COAT") == COURSE["COAT"]


# ── somebody else's price ───────────────────────────────────────────────────────────────────────
async def test_a_price_made_by_hand_is_left_at_the_end_and_told(town):
    town.apply(winter())
    await town.until(NOON)
    await town.control.set_price("de", "COAT", "99.99")
    await town.until(NOON + 4 * HOUR)
    assert await town.cost("COAT") == Decimal("99.99")
    assert await town.cost("BOOTS") == LIST["BOOTS"]
    assert town.settled[-1].reason == "left as somebody else has set it: COAT at 99.99 EUR"
    assert ("baseline.left", ["COAT 99.99 EUR, not 189.00 EUR"]) in town.told("baseline.")
    assert town.rows(winter()) == {}


async def test_a_price_made_by_hand_is_left_when_an_inner_window_ends(town):
    town.apply(winter(), last_call(end=NOON + 2 * HOUR))
    await town.until(NOON + HOUR)
    await town.control.set_price("de", "COAT", "99.99")
    await town.until(NOON + 2 * HOUR)
    assert await town.cost("COAT") == Decimal("99.99")
    assert town.told("price.") == [("price.left", ["COAT 99.99 EUR"])]
    await town.until(NOON + 4 * HOUR)
    assert await town.cost("COAT") == Decimal("99.99")


async def test_a_discount_that_somebody_took_off_by_hand_is_not_put_back_by_another_ending(town):
    town.apply(winter(), last_call(end=NOON + 2 * HOUR))
    await town.until(NOON + HOUR)
    await town.control.set_price("de", "COAT", "189.00")
    await town.until(NOON + 2 * HOUR)
    assert await town.cost("COAT") == LIST["COAT"]


async def test_a_start_writes_over_a_price_made_by_hand_says_so_and_keeps_the_baseline(town):
    town.apply(winter(), last_call())
    await town.until(NOON)
    await town.control.set_price("de", "COAT", "99.99")
    await town.until(NOON + HOUR)
    assert await town.cost("COAT") == THIRD_OFF_COAT
    assert "written over what somebody else had set: COAT at 99.99 EUR" in town.settled[-1].reason
    assert town.told("price.") == [("price.replaced", ["COAT 99.99 EUR"])]
    await town.until(NOON + 4 * HOUR)
    assert await town.cost("COAT") == LIST["COAT"]


async def test_the_start_of_a_loser_leaves_a_price_made_by_hand(town):
    strong = windowed("strong", "34", skus={"COAT"}, rank=(9, 0))
    town.apply(strong, winter(start=NOON + HOUR))
    await town.until(NOON)
    await town.control.set_price("de", "COAT", "99.99")
    await town.until(NOON + HOUR)
    assert (await town.cost("COAT"), await town.cost("BOOTS")) == (Decimal("99.99"), TENTH["BOOTS"])


# ── edits, and a shop that does not do as it is told ────────────────────────────────────────────
async def test_what_an_amended_live_window_means_no_more_goes_back_at_once(town):
    town.apply(winter())
    await town.until(NOON)
    narrower = windowed("launch", "10", skus={"BOOTS"})
    town.apply(narrower, generation=2, kind=ChangeKind.AMEND)
    await town.until(NOON + MINUTE)
    assert (await town.cost("COAT"), await town.cost("BOOTS")) == (LIST["COAT"], TENTH["BOOTS"])
    await town.until(NOON + 4 * HOUR)
    assert await town.cost("BOOTS") == LIST["BOOTS"]


async def test_an_edited_catalogue_leaves_no_price_of_ours_behind(town):
    town.apply(winter())
    await town.until(NOON)
    town.price_books.reconfigure(())
    await town.until(NOON + 4 * HOUR)
    assert (await town.cost("COAT"), await town.cost("BOOTS")) == tuple(LIST.values())


async def test_a_shop_that_ignores_what_is_written_fails_the_start_and_keeps_its_price(town):
    town.apply(winter(late=replace(winter().late, min_remaining=HOUR)))
    await town.control.faults(Faults(ignore_field="prices"))
    await town.until(NOON)
    assert town.settled[0].state is EventState.PENDING
    assert "price of COAT: expected 170.10 EUR, found 189.00 EUR" in town.settled[0].reason
    await town.control.faults(Faults())
    await town.until(NOON + 4 * HOUR)
    assert await town.cost() == LIST["COAT"]
