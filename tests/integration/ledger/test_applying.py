"""Applying a plan: what stands afterwards, and when the plan is too old to be applied."""

from dataclasses import replace
from datetime import timedelta

import pytest

from promo_scheduler.clock import WallTime
from promo_scheduler.errors import NaiveDatetime, StalePlan
from promo_scheduler.firing import EventState
from promo_scheduler.plan import Action, ChangeKind, Standing, WallSpan
from promo_scheduler.when import ClockChange, Fold, Gap

HOUR = timedelta(hours=1)
STAGE, ACTIVATE, DEACTIVATE = Action.STAGE, Action.ACTIVATE, Action.DEACTIVATE


def test_a_created_window_stands_as_it_was_planned(desk, window):
    made = window(warnings=("short",), rank=(50, 2), decided_by="the peak in Berlin")
    desk.create(made, stage_ahead=HOUR)
    stands = desk.standing(made)
    assert (stands.window, stands.standing, stands.generation) == (made, Standing.PLANNED, 1)
    assert not stands.touched
    due = {r.event.key.action: r.event.due_at for r in desk.events()}
    assert due == {STAGE: made.start - HOUR, ACTIVATE: made.start, DEACTIVATE: made.end}


@pytest.mark.parametrize("end_wall", ["2026-11-11T24:00", "2026-11-12T00:00", None])
@pytest.mark.parametrize(
    ("end", "elapsed"), [("2026-11-11T24:00", 0), ("2026-11-13T09:30", 90), (None, 120)]
)
def test_the_walls_of_a_window_are_kept_to_resolve_it_again(desk, window, end_wall, end, elapsed):
    walls = [text and WallTime.parse(text) for text in ("2026-11-11T09:30", end, end_wall)]
    changes = ClockChange(Gap.SHIFT, Fold.LAST, Fold.FIRST)
    span = WallSpan(walls[0], walls[1], timedelta(minutes=elapsed), changes)
    made = window(start_wall=walls[0], end_wall=walls[2], span=span)
    desk.create(made)
    assert desk.standing(made).window == made


def test_an_application_raises_the_serial_once_and_stamps_what_it_was_made_of(desk, window):
    first, second = window("one"), window("two")
    serial = desk.apply(*(desk.change(ChangeKind.CREATE, w) for w in (first, second)))
    stamp = desk.ledger.stamp()
    assert (serial, stamp.serial) == (1, 1)
    assert (stamp.revision, stamp.tzdata, stamp.config_digest) == ("abc123", "2026f", "c0ffee")
    entries = list(desk.ledger.audit())
    assert [e.kind for e in entries] == ["plan.create", "plan.create", "plan.applied"]
    assert [e.key for e in entries] == [str(first.key), str(second.key), ""]
    assert entries[2].detail == {
        "serial": 1,
        "revision": "abc123",
        "tzdata": "2026f",
        "holidays": "0.109",
        "hijridate": "2.6.0",
        "astral": "3.2",
        "config_digest": "c0ffee",
        "changes": 2,
    }
    assert entries[2].actor == "ann"
    assert entries[0].actor == "ann" and entries[0].detail["start"].endswith("Z")


def test_an_application_without_changes_raises_no_serial_unless_it_comes_from_elsewhere(desk):
    assert desk.apply() == 1  # the first one says what the ledger was made of
    assert desk.apply() == 1
    other = replace(desk.application(), revision="def456")
    assert desk.ledger.apply(other) == 2
    assert desk.ledger.stamp().revision == "def456"
    entries = [(e.kind, e.detail["serial"], e.detail["revision"]) for e in desk.ledger.audit()]
    assert entries == [("plan.applied", 1, "abc123"), ("plan.applied", 2, "def456")]


def test_other_versions_are_stamped_and_on_record_also_where_they_move_nothing(desk, window):
    desk.create(window())
    stood = desk.ledger.stamp().versions
    assert "zone-data.applied" not in desk.kinds()  # before the first application nothing stood
    newer = replace(stood, tzdata="2026g", holidays="0.110")
    assert desk.ledger.apply(replace(desk.application(), versions=newer)) == 2
    assert desk.ledger.stamp().versions == newer
    *_, applied, changed = desk.ledger.audit()
    assert (applied.kind, changed.kind) == ("plan.applied", "zone-data.applied")
    assert changed.detail == {
        "from": "tzdata 2026f, holidays 0.109, hijridate 2.6.0, astral 3.2",
        "to": "tzdata 2026g, holidays 0.110, hijridate 2.6.0, astral 3.2",
        "changed": ["tzdata 2026f → 2026g", "holidays 0.109 → 0.110"],
        "moves": 0,
        "changes": 0,
    }
    assert desk.ledger.apply(replace(desk.application(), versions=newer)) == 2  # once


def test_a_move_says_where_from_and_counts_in_the_entry_on_new_zone_data(desk, window, moved):
    made = desk.create(window())
    later = moved(made, HOUR)
    change = replace(desk.change(ChangeKind.MOVE, later), before=made)
    newer = replace(desk.ledger.stamp().versions, tzdata="2026g")
    desk.ledger.apply(replace(desk.application(change), versions=newer))
    entries = {entry.kind: entry for entry in desk.ledger.audit()}
    move, changed = entries["plan.move"], entries["zone-data.applied"]
    assert move.detail["from_start"] == "2026-11-10T12:00:00.000000Z"
    assert move.detail["start"] == "2026-11-10T13:00:00.000000Z"
    assert (changed.detail["moves"], changed.detail["changes"]) == (1, 1)


def test_a_plan_made_at_another_serial_is_stale_and_writes_nothing(desk, window):
    desk.create(window("one"))
    with pytest.raises(StalePlan, match="serial 0"):
        desk.apply(desk.change(ChangeKind.CREATE, window("two")), expected=0)
    assert len(desk.ledger.standing(desk.now)) == 1
    assert desk.kinds() == ["plan.create", "plan.applied"]


def test_firings_do_not_make_a_plan_stale(desk, window, events_of):
    made = desk.create(window("one"))
    desk.at(made.start).done(desk.claim_one())
    later = window("two")
    change = desk.change(ChangeKind.CREATE, later)
    assert desk.apply(change, events=events_of(later), expected=1) == 2


def test_a_naive_instant_is_refused_at_the_border(desk, window):
    naive = replace(window(), start=window().start.replace(tzinfo=None))
    with pytest.raises(NaiveDatetime):
        desk.apply(desk.change(ChangeKind.CREATE, naive))
    with pytest.raises(NaiveDatetime):
        desk.at(naive.start).claim()


@pytest.mark.parametrize("kind", [ChangeKind.MOVE, ChangeKind.AMEND])
def test_an_untouched_window_is_changed_in_place(desk, window, moved, events_of, kind):
    made = desk.create(window(), stage_ahead=HOUR)
    after = replace(moved(made, HOUR), label="later")
    desk.apply(desk.change(kind, after), events=events_of(after))
    stands = desk.standing(made)
    assert (stands.window, stands.generation) == (after, 1)
    assert desk.record(made, ACTIVATE).event.due_at == after.start
    assert desk.record(made, DEACTIVATE).event.due_at == after.end
    assert desk.state(made, STAGE) is EventState.CANCELLED  # it is no longer planned
    assert desk.kinds()[-3:] == [f"plan.{kind}", "firing.cancelled", "plan.applied"]
    assert desk.told(f"{made.key}/stage") == [("firing.cancelled", "cancelled", 2)]


def test_a_stage_that_had_failed_is_tried_again_with_the_amended_content(desk, window, events_of):
    made = desk.create(window(), stage_ahead=HOUR)
    firing = desk.at(made.start - HOUR).claim_one()
    desk.settle(firing, EventState.FAILED, reason="the channel refuses the label")
    after = replace(made, label="short")
    desk.apply(desk.change(ChangeKind.AMEND, after), events=events_of(after, 1, HOUR))
    assert desk.state(made, STAGE) is EventState.PENDING
    assert desk.claim_one().window.label == "short"
    assert desk.told(f"{made.key}/stage")[-1] == ("firing.freed", "pending", 2)


@pytest.mark.parametrize("how", ["claimed", "uncertain", "staged"])
def test_a_change_in_place_of_what_is_on_the_channel_by_now_is_stale(
    desk, window, moved, events_of, how
):
    """The plan counted on an untouched window; the daemon was quicker."""
    made = desk.create(window(), stage_ahead=HOUR)
    firing = desk.at(made.start - HOUR).claim_one()
    if how == "staged":
        desk.done(firing)
    if how == "uncertain":
        desk.settle(firing, EventState.UNCERTAIN, retry_at=desk.now + HOUR)
    after = moved(made, HOUR)
    with pytest.raises(StalePlan, match="on the channel"):
        desk.apply(desk.change(ChangeKind.MOVE, after), events=events_of(after, 1, HOUR))
    assert desk.standing(made).window == made


def test_a_new_generation_takes_the_place_of_what_is_open_of_the_old_one(
    desk, window, moved, events_of
):
    made = desk.create(window(), stage_ahead=HOUR)
    desk.at(made.start - HOUR).done(desk.claim_one())
    after = moved(made, HOUR)
    desk.apply(desk.change(ChangeKind.MOVE, after, 2), events=events_of(after, 2, HOUR))
    assert desk.state(made, STAGE, 1) is EventState.DONE
    assert desk.state(made, ACTIVATE, 1) is EventState.SUPERSEDED
    assert desk.state(made, DEACTIVATE, 1) is EventState.SUPERSEDED
    for action in (ACTIVATE, DEACTIVATE):
        assert desk.told(f"{made.key}/{action}") == [("firing.superseded", "superseded", 2)]
    stands = desk.standing(made)
    assert (stands.standing, stands.generation, stands.touched) == (Standing.STAGED, 2, True)
    desk.run(after.end)
    assert desk.standing(made).standing is Standing.ENDED
    assert desk.state(made, DEACTIVATE, 2) is EventState.DONE


def test_what_is_claimed_is_left_to_be_settled_when_a_new_generation_comes(desk, window, events_of):
    made = desk.create(window())
    firing = desk.at(made.start).claim_one()
    desk.apply(desk.change(ChangeKind.AMEND, made, 2), events=events_of(made, 2))
    assert desk.state(made, ACTIVATE, 1) is EventState.CLAIMED
    assert desk.claim() == []  # one event of a window at a time
    assert desk.done(firing)
    assert desk.standing(made).standing is Standing.LIVE
    assert desk.claim_one().event.generation == 2


@pytest.mark.parametrize("state", [EventState.PENDING, EventState.UNCERTAIN])
def test_a_try_that_fails_after_its_generation_has_passed_is_not_repeated(
    desk, window, events_of, state
):
    made = desk.create(window())
    firing = desk.at(made.start).claim_one()
    desk.apply(desk.change(ChangeKind.AMEND, made, 2), events=events_of(made, 2))
    desk.settle(firing, state, reason="503", retry_at=desk.now)
    assert desk.state(made, ACTIVATE, 1) is EventState.SUPERSEDED
    assert desk.standing(made).touched is (state is EventState.UNCERTAIN)


def test_an_older_ending_that_fails_is_superseded_by_the_newer_generation_s(
    desk, window, moved, events_of
):
    made = desk.create(window())
    desk.at(made.start).done(desk.claim_one())
    ending = desk.at(made.end).claim_one()
    longer = replace(made, end=made.end + HOUR)
    desk.apply(desk.change(ChangeKind.MOVE, longer, 2), events=events_of(longer, 2))
    desk.settle(ending, EventState.PENDING, reason="503", retry_at=desk.now)
    assert desk.state(made, DEACTIVATE, 1) is EventState.SUPERSEDED
    assert desk.state(made, DEACTIVATE, 2) is EventState.PENDING


def test_a_change_to_an_older_generation_is_stale(desk, window, events_of):
    made = desk.create(window())
    desk.apply(desk.change(ChangeKind.AMEND, made, 3), events=events_of(made, 3))
    for kind, generation in ((ChangeKind.AMEND, 2), (ChangeKind.CREATE, 3)):
        with pytest.raises(StalePlan, match="generation 3"):
            desk.apply(desk.change(kind, made, generation), events=events_of(made, generation))


@pytest.mark.parametrize("kind", [k for k in ChangeKind if k is not ChangeKind.CREATE])
def test_a_change_of_what_is_not_there_is_stale(desk, window, kind):
    with pytest.raises(StalePlan, match="not in the ledger"):
        desk.apply(desk.change(kind, window()))


def test_one_stale_change_keeps_the_others_from_being_written(desk, window, events_of):
    good = window("one")
    create = desk.change(ChangeKind.CREATE, good)
    with pytest.raises(StalePlan):
        desk.apply(create, desk.change(ChangeKind.CANCEL, window("two")), events=events_of(good))
    assert desk.ledger.standing(desk.now) == () and desk.kinds() == []


def test_cancelling_what_was_never_touched_leaves_nothing_to_do(desk, window):
    made = desk.create(window(), stage_ahead=HOUR)
    desk.apply(desk.change(ChangeKind.CANCEL, made))
    assert desk.standing(made).standing is Standing.CANCELLED
    assert {r.state for r in desk.events()} == {EventState.CANCELLED}
    assert desk.ledger.next_due() is None
    assert desk.kinds()[-5:] == ["plan.cancel", *["firing.cancelled"] * 3, "plan.applied"]
    for action in (STAGE, ACTIVATE, DEACTIVATE):
        assert desk.told(f"{made.key}/{action}") == [("firing.cancelled", "cancelled", 2)]


@pytest.mark.parametrize("kind", [ChangeKind.WITHDRAW, ChangeKind.CANCEL])
def test_taking_out_what_is_on_the_channel_brings_its_end_forward(desk, window, kind):
    """Law 6; a cancellation that comes too late is a withdrawal."""
    made = desk.create(window(), stage_ahead=HOUR)
    desk.at(made.start - HOUR).done(desk.claim_one())
    desk.apply(desk.change(kind, made))
    assert desk.standing(made).standing is Standing.ENDING
    assert desk.state(made, ACTIVATE) is EventState.CANCELLED
    ending = desk.claim_one()
    assert (ending.action, ending.event.due_at) == (DEACTIVATE, desk.now)
    desk.done(ending)
    assert desk.standing(made).standing is Standing.ENDED
    assert desk.told(f"{made.key}/activate") == [("firing.cancelled", "cancelled", 2)]
    assert "plan.withdraw" in desk.kinds()


def test_a_withdrawn_ending_in_backoff_is_tried_at_once(desk, window):
    made = desk.create(window())
    desk.at(made.start).done(desk.claim_one())
    later = desk.at(made.end).now + HOUR
    desk.settle(desk.claim_one(), EventState.PENDING, reason="503", retry_at=later)
    desk.apply(desk.change(ChangeKind.WITHDRAW, made))
    ending = desk.claim_one()
    assert (ending.action, ending.event.due_at) == (DEACTIVATE, made.end)  # as late as it is


def test_a_window_taken_out_while_it_is_being_started_is_not_begun_again(desk, window):
    """The answer is lost, the window withdrawn: only the ending goes on."""
    made = desk.create(window())
    start = desk.at(made.start).claim_one()
    desk.apply(desk.change(ChangeKind.CANCEL, made))
    assert desk.standing(made).standing is Standing.ENDING and desk.claim() == []
    desk.settle(start, EventState.UNCERTAIN, reason="no answer", retry_at=desk.now)
    assert desk.state(made, ACTIVATE) is EventState.CANCELLED
    desk.done(desk.claim_one())
    assert desk.standing(made).standing is Standing.ENDED
    assert desk.ledger.next_due() is None


def test_a_start_that_is_done_in_spite_of_a_withdrawal_does_not_make_it_live(desk, window):
    made = desk.create(window())
    start = desk.at(made.start).claim_one()
    desk.apply(desk.change(ChangeKind.WITHDRAW, made))
    desk.done(start)
    assert desk.standing(made).standing is Standing.ENDING
    assert desk.claim_one().action is DEACTIVATE


def test_what_ended_by_itself_meanwhile_is_not_taken_out_again(desk, window):
    made = desk.create(window())
    desk.run(made.end)
    desk.apply(desk.change(ChangeKind.WITHDRAW, made))
    assert desk.standing(made).standing is Standing.ENDED and desk.ledger.next_due() is None


def test_a_window_that_comes_back_begins_anew_as_a_later_generation(desk, window, events_of):
    made = desk.create(window())
    desk.at(made.start).done(desk.claim_one())
    desk.apply(desk.change(ChangeKind.WITHDRAW, made))
    desk.done(desk.claim_one())
    back = replace(made, label="again")
    desk.apply(desk.change(ChangeKind.CREATE, back, 2), events=events_of(back, 2))
    stands = desk.standing(made)
    assert (stands.standing, stands.generation) == (Standing.PLANNED, 2)
    assert (stands.window.label, stands.touched) == ("again", False)
    firing = desk.claim_one()
    assert (firing.event.generation, firing.window) == (2, back)


def test_a_window_that_comes_back_before_its_end_was_confirmed_counts_as_touched(
    desk, window, events_of
):
    made = desk.create(window())
    desk.at(made.start).done(desk.claim_one())
    desk.apply(desk.change(ChangeKind.WITHDRAW, made))
    back = desk.change(ChangeKind.CREATE, made, 2, saw=Standing.ENDING)
    desk.apply(back, events=events_of(made, 2))
    assert desk.standing(made).touched
    assert desk.state(made, DEACTIVATE, 1) is EventState.SUPERSEDED
    assert [f.action for f in desk.claim()] == [ACTIVATE]


def test_the_natural_key_is_the_same_for_every_generation(desk, window, events_of):
    made = desk.create(window())
    first = desk.at(made.start).claim_one()
    desk.done(first)
    desk.apply(desk.change(ChangeKind.AMEND, made, 2), events=events_of(made, 2))
    second = desk.claim_one()
    assert first.natural_key == second.natural_key
    assert first.natural_key.startswith(f"promo-{desk.ledger.stamp().id[:8]}-")


def test_standing_shows_what_is_over_only_as_far_back_as_asked(desk, window):
    made = desk.create(window())
    desk.run(made.end)
    assert [w.standing for w in desk.ledger.standing(made.end)] == [Standing.ENDED]
    assert desk.ledger.standing(made.end + timedelta(seconds=1)) == ()
    other = desk.create(window("other"))
    assert [w.window for w in desk.ledger.standing(made.end + 9 * HOUR)] == [other]
