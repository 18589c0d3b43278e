"""The laws of planning: overlaps, selections, and diffs that settle."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import combinations
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from promo_scheduler.catalog import Product
from promo_scheduler.channel import Capabilities, Channel
from promo_scheduler.clock import Versions
from promo_scheduler.offer import Offer, PercentOff, Selection
from promo_scheduler.plan import (
    Action,
    ChangeKind,
    Plan,
    Standing,
    StandingWindow,
    Window,
    WindowKey,
)
from promo_scheduler.planning import DiffRequest, applies, diff
from promo_scheduler.planning.overlaps import overlaps, products_of
from promo_scheduler.planning.selections import Products
from promo_scheduler.settings import Settings
from promo_scheduler.workspace import Workspace

NOON = datetime(2026, 11, 11, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SHOP = Channel("shop", "sandbox", ("de", "us"))
WORKSPACE = Workspace(Path(), Settings(), {}, {"shop": SHOP}, ())
NATIVE = {"shop": Capabilities(native_start=True, create_in_advance=True, overlap="priority")}

names = st.frozensets(st.sampled_from("ABC"), max_size=2)
skus = st.frozensets(st.sampled_from(["p", "q", "r"]), max_size=2)


def selection(excluded):
    return st.builds(
        Selection,
        everything=st.booleans(),
        tags=names,
        collections=names,
        categories=names,
        skus=skus,
        excluded=excluded,
    )


selections = selection(st.none() | selection(st.none() | selection(st.none())))
products = st.builds(
    Product,
    sku=st.sampled_from(["p", "q", "r", "s"]),
    category=st.sampled_from("ABC"),
    tags=names,
    collections=names,
)


@settings(max_examples=200, deadline=None)
@given(selections, selections, products)
def test_a_product_in_both_selections_is_never_ruled_out(one, other, product):
    shared = one.includes(product) and other.includes(product)
    for catalog in ((), (product,)):
        known = Products(catalog, [one, other])
        assert known.may_share(one, other) or not shared


@settings(max_examples=200, deadline=None)
@given(selections, selections, products)
def test_what_a_selection_covers_it_includes(wide, narrow, product):
    for catalog in ((), (product,)):
        if Products(catalog, [wide, narrow]).covers(wide, narrow):
            assert wide.includes(product) or not narrow.includes(product)


@st.composite
def windows(draw, most=8):
    """Windows of one day in one or two places, each under its own key."""
    found = []
    for number in range(draw(st.integers(0, most))):
        start = draw(st.integers(0, 12))
        region = draw(st.sampled_from(["de", "us"]))
        found.append(
            Window(
                key=WindowKey(f"c{number % 3}", f"p{number}", region, "-", "2026-11-11", 1, "shop"),
                zone_name="UTC",
                target=region,
                start_wall=None,
                end_wall=None,
                start=NOON + start * HOUR,
                end=NOON + (start + draw(st.integers(1, 6))) * HOUR,
                currency="EUR",
                offer=Offer(PercentOff(Decimal(draw(st.integers(1, 3)))), draw(selections)),
                rank=(draw(st.integers(0, 2)), number),
            )
        )
    return found


@given(windows())
def test_the_sweep_finds_every_pair_that_overlaps(found):
    known = products_of(found, WORKSPACE)
    swept = {frozenset((o.one.key, o.other.key)) for o in overlaps(found, known)}
    compared = {
        frozenset((a.key, b.key))
        for a, b in combinations(found, 2)
        if a.target == b.target
        and a.start < b.end
        and b.start < a.end
        and known.may_share(a.offer.products, b.offer.products)
    }
    assert swept == compared


@given(windows())
def test_at_every_hour_a_window_applies_or_somebody_takes_all_of_it(found):
    plan = Plan(tuple(found), (), (), Versions(), None)
    stretches = applies(plan, WORKSPACE, NATIVE)
    known = products_of(found, WORKSPACE)
    winners = {}
    for overlap in overlaps(found, known):
        if overlap.winner:
            winners.setdefault(overlap.loser.key, []).append(overlap.winner)
    for window in found:
        hours = int((window.end - window.start) / HOUR)
        for at in (window.start + n * HOUR for n in range(hours)):
            over = [w for w in winners.get(window.key, []) if w.start <= at < w.end]
            taken = any(known.covers(w.offer.products, window.offer.products) for w in over)
            here = [s for s in stretches if s.window is window and s.start <= at < s.end]
            assert [s.yields_to for s in here] == ([] if taken else [tuple(over)])


def request(plan, standing, now):
    return DiffRequest(
        Plan(tuple(plan), (), (), Versions(), None), tuple(standing), WORKSPACE, NATIVE, now
    )


def applied(standing, changes, now):
    """What stands after the changes, as a ledger would hold it."""
    after = {stands.window.key: stands for stands in standing}
    for change in changes:
        before = after.get(change.key)
        match change.kind:
            case ChangeKind.CREATE:
                after[change.key] = StandingWindow(
                    change.after, Standing.PLANNED, change.generation
                )
            case ChangeKind.MOVE | ChangeKind.AMEND:
                after[change.key] = replace(
                    before, window=change.after, generation=change.generation
                )
            case ChangeKind.CANCEL:
                after[change.key] = replace(before, standing=Standing.CANCELLED)
            case ChangeKind.WITHDRAW:
                after[change.key] = replace(before, standing=Standing.ENDING)
    return tuple(after.values())


@st.composite
def situations(draw):
    """What stands, another plan over the same keys, and an instant."""
    planned, now = draw(windows(5)), NOON + draw(st.integers(-2, 18)) * HOUR
    standing = []
    for window in draw(windows(5)):
        state = draw(st.sampled_from(list(Standing)))
        if state is Standing.LIVE and window.start > now:
            state = Standing.STAGED  # what is live has begun
        touched = state not in (Standing.PLANNED, Standing.CANCELLED)
        taken_by = draw(st.sampled_from([None, None, 1]))
        standing.append(StandingWindow(window, state, draw(st.integers(1, 3)), touched, taken_by))
    return planned, standing, now


@settings(max_examples=150, deadline=None)
@given(situations())
def test_applying_a_plan_twice_is_applying_it_once(situation):
    planned, standing, now = situation
    first = diff(request(planned, standing, now))
    again = diff(request(planned, applied(standing, first.changes, now), now))

    assert again.changes == ()
    assert again.events == ()


@settings(max_examples=150, deadline=None)
@given(situations())
def test_a_generation_never_goes_back_and_begun_windows_are_never_started_at_another_time(
    situation,
):
    planned, standing, now = situation
    stands = {s.window.key: s for s in standing}
    found = diff(request(planned, standing, now))
    for change in found.changes:
        before = stands.get(change.key)
        assert change.generation >= (before.generation if before else 1)
        if before and before.standing is Standing.LIVE and change.after:
            assert change.after.start == before.window.start
            assert change.generation == before.generation + 1


@settings(max_examples=150, deadline=None)
@given(situations())
def test_whatever_starts_has_an_end_after_it(situation):
    planned, standing, now = situation
    due = {
        (e.key.window, e.key.action): e.due_at for e in diff(request(planned, standing, now)).events
    }
    for (window, action), at in due.items():
        if action is Action.ACTIVATE:
            assert at < due[window, Action.DEACTIVATE]
            assert due.get((window, Action.STAGE), at) <= at
            assert due[window, Action.DEACTIVATE] > now
