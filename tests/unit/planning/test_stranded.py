"""What is on a channel that the configuration does not serve any more."""

from dataclasses import replace

import pytest

from promo_scheduler.plan import Standing, StandingWindow
from promo_scheduler.planning import stranded


def said(world, *standing):
    found = stranded(standing, world.workspace)
    return [(f.problem.code, f.problem.severity, f.campaign, f.region) for f in found]


@pytest.fixture
def gone(utc):
    """The shop's channel was removed, and another one serves the region."""
    return replace(utc, channels=()).channel("other")


@pytest.mark.parametrize("state", [Standing.STAGED, Standing.LIVE, Standing.ENDING])
def test_what_is_on_a_channel_that_was_removed_is_an_error_with_its_way_out(utc, gone, state):
    stands = utc.standing(state)
    (finding,) = stranded([stands], gone.workspace)

    assert said(gone, stands) == [("E120", "error", "sale", "gb")]
    assert finding.problem.message == (
        "on shop, a channel that is not there any more, this is not ended: "
        "sale/p/gb/-/2026-11-11/1/shop"
    )
    assert "put the channel back" in finding.problem.help
    assert "--allow-withdraw" in finding.problem.help


def test_what_is_on_a_channel_that_no_longer_serves_its_region_is_an_error(utc):
    moved = replace(utc.region("de", "Europe/Berlin"), channels=()).channel(regions=["de"])
    (finding,) = stranded([utc.standing(Standing.LIVE)], moved.workspace)

    assert "on shop, a channel that does not serve gb any more" in finding.problem.message
    assert "put gb back on the channel" in finding.problem.help


@pytest.mark.parametrize("state", [Standing.STAGED, Standing.LIVE, Standing.ENDING])
def test_what_is_on_a_place_that_the_region_has_no_more_is_an_error_with_its_way_out(utc, state):
    moved = replace(utc, channels=()).channel(targets={"gb": "gb2-store"})
    (finding,) = stranded([utc.standing(state)], moved.workspace)

    assert (finding.problem.code, finding.campaign, finding.region) == ("E120", "sale", "gb")
    assert finding.problem.message == (
        "on shop, whose place of gb was gb-store and is gb2-store now, this is not ended: "
        "sale/p/gb/-/2026-11-11/1/shop"
    )
    assert finding.problem.help.startswith("put gb-store back as the target of gb, ")
    assert finding.problem.help.endswith("then change it")


def test_a_target_changes_freely_while_nothing_is_there(utc):
    moved = replace(utc, channels=()).channel(targets={"gb": "gb2-store"})

    for state in (Standing.PLANNED, Standing.ENDED, Standing.CANCELLED, Standing.MISSED):
        assert said(moved, utc.standing(state)) == []


def test_nothing_is_said_of_what_is_served_not_yet_begun_or_over(utc, gone):
    assert said(utc, utc.standing(Standing.LIVE)) == []
    assert said(gone, utc.standing(Standing.PLANNED)) == []
    for state in (Standing.ENDED, Standing.CANCELLED, Standing.MISSED):
        assert said(gone, utc.standing(state, touched=True)) == []


def test_many_windows_are_said_once_and_counted(utc, gone):
    stands = utc.standing(Standing.LIVE)
    keys = [stands.window.key._replace(slot=slot) for slot in range(1, 6)]
    live = [
        StandingWindow(replace(stands.window, key=key), Standing.LIVE, 1, touched=True)
        for key in keys
    ]
    (finding,) = stranded(live, gone.workspace)

    assert finding.problem.message.endswith("2026-11-11/3/shop and 2 more")
