"""The diff of a plan."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from promo_scheduler.offer import Offer, PercentOff, Selection
from promo_scheduler.plan import Change, ChangeKind, Standing
from promo_scheduler.views.changes import DiffView, change_diff, closing_line, needed_flags
from promo_scheduler.views.paper import written

FLAGS = {"withdraw": "--allow-withdraw", "end-now": "--end-now", "starts-late": "--start-late"}


@pytest.fixture
def view(regions):
    return DiffView(regions, FLAGS)


def _change(kind, before, after, standing=None, policy=None):
    key = (after or before).key
    return Change(kind, key, before, after, standing, 1, policy or kind.value)


def test_a_new_window_shows_local_and_utc_hours_side_by_side(make_window, view):
    text = written(change_diff([_change(ChangeKind.CREATE, None, make_window())], view))

    assert text.splitlines() == [
        "de Germany · Europe/Berlin UTC+1",
        (
            "  + launch  Wed 11 Nov 00:00–24:00  Tue 23:00 – Wed 23:00 UTC  25 % off"
            "  tag winter  storefront"
        ),
    ]


def test_a_moved_window_shows_before_and_after_on_both_clocks(make_window, view):
    before = make_window()
    after = replace(before, start=before.start + timedelta(minutes=30))

    text = written(change_diff([_change(ChangeKind.MOVE, before, after)], view))

    assert "→ launch" in text
    assert "starts Wed 11 Nov 00:00 → 00:30  ·  Tue 10 Nov 23:00 → 23:30 UTC" in text
    assert "ends" not in text


def test_an_amended_window_shows_what_differs_and_that_it_is_live(make_window, view):
    before = make_window()
    better = Offer(PercentOff(Decimal(30)), Selection(everything=True))
    change = _change(
        ChangeKind.AMEND, before, replace(before, offer=better), Standing.LIVE, "amend-live"
    )

    text = written(change_diff([change], view))

    assert "~ launch" in text
    assert "offer 25 % off tag winter → 30 % off everything" in text
    assert "is live now" in text


@pytest.mark.parametrize(
    ("policy", "flag"), [("withdraw", "--allow-withdraw"), ("starts-late", "--start-late")]
)
def test_a_change_that_needs_a_flag_names_it_until_it_is_given(make_window, view, policy, flag):
    change = _change(ChangeKind.WITHDRAW, make_window(), None, Standing.LIVE, policy)
    allowed = replace(view, given=frozenset({policy}))

    assert f"needs {flag}" in written(change_diff([change], view))
    assert f"{flag} is needed for 1 change" in written(needed_flags([change], view))
    assert flag not in written(change_diff([change], allowed))
    assert not needed_flags([change], allowed)


def test_a_live_window_ends_and_a_staged_one_is_taken_back(make_window, view):
    live = _change(ChangeKind.WITHDRAW, make_window(), None, Standing.LIVE)
    staged = _change(ChangeKind.WITHDRAW, make_window("us"), None, Standing.STAGED)
    planned = _change(ChangeKind.CANCEL, make_window("jp"), None, Standing.PLANNED)

    text = written(change_diff([live, staged, planned], view))

    assert "ends now" in text
    assert "is taken back" in text
    assert "is taken out" in text


def test_the_same_change_on_several_channels_is_one_row(make_window, view):
    changes = [
        _change(ChangeKind.CREATE, None, make_window(channel=name)) for name in ("shop", "outlet")
    ]

    text = written(change_diff(changes, view))

    assert text.count("+ launch") == 1
    assert "outlet, shop" in text


def test_two_campaigns_are_named_and_one_is_not(make_window, view):
    one = _change(ChangeKind.CREATE, None, make_window())
    other = _change(ChangeKind.CREATE, None, make_window(campaign="outlet"))

    assert "double-11/launch" not in written(change_diff([one], view))
    assert "outlet/launch" in written(change_diff([one, other], view))


def test_the_closing_line_counts_what_there_is(make_window):
    create = _change(ChangeKind.CREATE, None, make_window())
    move = _change(ChangeKind.MOVE, make_window(), make_window())

    assert written(closing_line([create, create, move])) == "Plan: 2 to create, 1 to move."
    assert written(closing_line([])).startswith("No changes")


def test_it_fits_into_80_columns(make_window, view):
    before = make_window(phase="last-call", decided_by="peak 19:30-21:30 on a weekday")
    after = replace(before, end=before.end + timedelta(hours=30), warnings=("w" * 60,))
    changes = [
        _change(ChangeKind.MOVE, before, after, Standing.LIVE, "move-live-end"),
        _change(ChangeKind.WITHDRAW, make_window("us"), None, Standing.LIVE),
    ]

    assert max(map(len, written(change_diff(changes, view), 80).splitlines())) <= 80
