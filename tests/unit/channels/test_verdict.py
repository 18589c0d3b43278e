"""The judge of the shop's log catches every planted fault, and finds none in a clean one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from promo_scheduler.channels.sandbox.discount import Effect
from promo_scheduler.channels.sandbox.verdict import Expected, Tolerance, judge

START = datetime(2026, 11, 10, 23, tzinfo=UTC)
END = START + timedelta(hours=24)
WINDOW = Expected("promo-1", "shop/de", START, END)


def an_effect(kind, at, **more):
    return replace(Effect(at, kind, "1", "promo-1", "Double 11", "shop/de", "window"), **more)


CLEAN = (
    an_effect("created", START - timedelta(hours=24)),
    an_effect("went_live", START),
    an_effect("updated", START + timedelta(hours=1)),
    an_effect("ended", END),
)


def kinds(effects, tolerance=Tolerance()):
    return [fault.kind for fault in judge(effects, [WINDOW], tolerance)]


def test_a_clean_log_has_no_fault():
    assert kinds(CLEAN) == []


@pytest.mark.parametrize(
    ("effects", "found"),
    [
        ((), ["lost"]),
        (CLEAN[:1], ["lost"]),
        (CLEAN[:3], ["left open"]),
        ((*CLEAN[:2], *CLEAN[1:]), ["twice", "left open"]),
        ((*CLEAN, *CLEAN[1:]), ["twice"]),
        ((CLEAN[1], replace(CLEAN[3], at=END + timedelta(seconds=1))), ["late"]),
        ((CLEAN[1], replace(CLEAN[3], at=END - timedelta(seconds=1))), ["early"]),
        ((replace(CLEAN[1], at=START - timedelta(seconds=1)), CLEAN[3]), ["early"]),
        ((replace(CLEAN[1], at=START + timedelta(hours=1)), CLEAN[3]), ["late"]),
        ((replace(CLEAN[1], target="shop/us"), CLEAN[3]), ["elsewhere"]),
        ((*CLEAN, replace(CLEAN[1], name="promo-2")), ["stranger"]),
    ],
    ids=[
        "empty", "never live", "never ended", "two at once", "again after its end", "late end",
        "early end", "early start", "late start", "another market", "not ours",
    ],
)  # fmt: skip
def test_a_planted_fault_is_caught(effects, found):
    assert kinds(effects) == found


def test_a_toggled_start_may_be_late_by_as_much_as_is_allowed():
    late = (replace(CLEAN[1], at=START + timedelta(seconds=2)), CLEAN[3])
    assert kinds(late, Tolerance(start=timedelta(seconds=2))) == []
    assert kinds(late, Tolerance(start=timedelta(seconds=1))) == ["late"]


def test_the_time_in_which_nobody_was_there_does_not_count_as_late():
    # Given a window whose end came five seconds late, three of them while nobody was there
    late = (CLEAN[1], replace(CLEAN[3], at=END + timedelta(seconds=5)))
    before, after = END - timedelta(minutes=1), END + timedelta(minutes=1)
    away = ((before, END + timedelta(seconds=1)), (END + timedelta(seconds=3), after))
    # Then what is left of it is judged, and an early end stays an early one
    one, two = (Tolerance(end=timedelta(seconds=n), absences=away) for n in (1, 2))
    assert kinds(late, two) == []
    assert kinds(late, one) == ["late"]
    early = (CLEAN[1], replace(CLEAN[3], at=END - timedelta(seconds=1)))
    assert kinds(early, two) == ["early"]
