"""Which offer applies when."""

from dataclasses import replace

import pytest

from promo_scheduler.catalog import Product
from promo_scheduler.planning import applies

DAY = "2026-11-11"


def stretches(world, **given):
    found = applies(world.plan(), world.workspace, world.abilities, **given)
    return [
        (
            a.window.key.phase,
            f"{a.start:%H:%M}",
            f"{a.end:%H:%M}",
            [w.key.phase for w in a.yields_to],
        )
        for a in found
    ]


@pytest.fixture
def utc(utc):
    return utc.can(overlap="priority")


def test_a_window_alone_applies_all_the_time(utc):
    world = utc.campaign("x", utc.phase("a", DAY, "10:00", "12:00"))

    assert stretches(world) == [("a", "10:00", "12:00", [])]


def test_a_later_phase_takes_the_hours_it_covers(utc):
    world = utc.campaign(
        "x", utc.phase("long", DAY, "08:00", "20:00"), utc.phase("flash", DAY, "10:00", "12:00")
    )

    assert stretches(world) == [
        ("long", "08:00", "10:00", []),
        ("long", "12:00", "20:00", []),
        ("flash", "10:00", "12:00", []),
    ]


def test_where_only_some_products_are_taken_the_window_yields_for_those(utc):
    world = utc.campaign(
        "x",
        utc.phase("long", DAY, "08:00", "20:00"),
        utc.phase("flash", DAY, "10:00", "12:00", skus=["A"]),
    )

    assert stretches(world) == [
        ("long", "08:00", "10:00", []),
        ("long", "10:00", "12:00", ["flash"]),
        ("long", "12:00", "20:00", []),
        ("flash", "10:00", "12:00", []),
    ]


def test_other_products_do_not_meet(utc):
    world = utc.campaign(
        "x",
        utc.phase("coats", DAY, "08:00", "20:00", categories=["coats"]),
        utc.phase("hats", DAY, "10:00", "12:00", categories=["hats"]),
    )

    assert stretches(world) == [("coats", "08:00", "20:00", []), ("hats", "10:00", "12:00", [])]


def test_the_catalogue_tells_which_products_are_taken(utc):
    world = utc.campaign(
        "x",
        utc.phase("winter", DAY, "08:00", "20:00", tags=["winter"]),
        utc.phase("flash", DAY, "10:00", "12:00", skus=["A", "B"]),
    )
    world = replace(world, catalog=(Product("A", tags=frozenset({"winter"})),))

    assert stretches(world) == [
        ("winter", "08:00", "10:00", []),
        ("winter", "12:00", "20:00", []),
        ("flash", "10:00", "12:00", []),
    ]


def test_neighbouring_winners_leave_no_seam(utc):
    world = utc.campaign(
        "x",
        utc.phase("long", DAY, "08:00", "20:00"),
        utc.phase("one", DAY, "10:00", "12:00", skus=["A"]),
        utc.phase("two", DAY, "12:00", "14:00", skus=["A"]),
    )

    assert stretches(world)[:4] == [
        ("long", "08:00", "10:00", []),
        ("long", "10:00", "12:00", ["one"]),
        ("long", "12:00", "14:00", ["two"]),
        ("long", "14:00", "20:00", []),
    ]


def test_what_stacks_does_not_yield_where_the_channel_stacks(utc):
    def world(overlap):
        return utc.can(overlap=overlap).campaign(
            "x",
            utc.phase("a", DAY, "08:00", "20:00"),
            utc.phase("b", DAY, "10:00", "12:00"),
            stack=True,
        )

    assert stretches(world("stacks")) == [("a", "08:00", "20:00", []), ("b", "10:00", "12:00", [])]
    assert len(stretches(world("priority"))) == 3


def test_a_tie_takes_nothing_from_either(utc):
    world = utc.campaign("x", utc.phase("a", DAY, "08:00", "20:00"))
    world = world.campaign("y", utc.phase("b", DAY, "10:00", "12:00"))

    assert stretches(world) == [("a", "08:00", "20:00", []), ("b", "10:00", "12:00", [])]
