"""Retention: what is over goes, what is not stays, and the audit still tells every tampering."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from promo_scheduler.audit import Draft, Head, seal
from promo_scheduler.errors import AuditBroken, LedgerUnavailable, NotWritten, StalePlan, WrongUsage
from promo_scheduler.firing import EventState
from promo_scheduler.ledger import EventQuery, WindowQuery
from promo_scheduler.ledger.transaction import transaction
from promo_scheduler.operations.archiving import archived, line_of
from promo_scheduler.operations.keeping import prune, to_prune
from promo_scheduler.order import OrderKind
from promo_scheduler.plan import Action

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SQLITE_ALONE = pytest.mark.parametrize("ledger_url", ["sqlite"], indirect=True)


@pytest.fixture
def story(desk, window):
    """On the 10th: a window over, one whose start was missed, one live for a year, one to come, an
    order released. On the 15th a note, a second released order and one in force. Then it is 2027.
    """
    noon = window().start
    desk.create(window("over"))
    desk.create(window("missed", start=noon + HOUR, end=noon + 3 * HOUR))
    desk.create(window("long", end=noon + 365 * DAY))
    desk.create(window("to-come", start=noon + 200 * DAY))
    desk.ledger.release(desk.hold(campaign="nothing").id, desk.application())
    desk.at(noon)
    for firing in desk.claim():
        assert desk.done(firing)
    desk.at(noon + HOUR)
    assert desk.settle(desk.claim_one(), EventState.MISSED, reason="too late")
    desk.run(noon + 4 * HOUR)
    desk.at(noon + 5 * DAY)
    desk.ledger.note("daemon.noted", "", {}, desk.now, "ann")
    desk.ledger.release(desk.hold(campaign="later").id, desk.application())
    desk.hold(campaign="still")
    return desk.at(noon + 90 * DAY)


@pytest.fixture
def cut_day(window):
    return window().start + 2 * DAY


def pruned_until(desk, before, archive):
    return prune(desk.ledger, to_prune(desk.ledger, before, desk.now), archive, desk.now)


def campaigns(desk):
    return {standing.window.key.campaign for standing in desk.ledger.windows(WindowQuery())}


# ── what goes, and what stays ───────────────────────────────────────────────────────────────────
def test_what_is_over_goes_with_its_events_and_its_entries(story, cut_day, tmp_path):
    told = [line_of(entry) for entry in story.ledger.audit()]
    last = next(e.seq for e in story.ledger.audit() if e.at >= cut_day) - 1

    pruned = pruned_until(story, cut_day, tmp_path / "a.jsonl")

    assert campaigns(story) == {"long", "to-come"}
    assert {e.window.key.campaign for e in story.ledger.events(EventQuery())} == {"long", "to-come"}
    assert (pruned.entries, pruned.windows, pruned.events, pruned.orders) == (last, 2, 4, 1)
    assert [order.id for order in story.ledger.orders(in_force=False)] == [2, 3]
    kept = [line_of(entry) for entry in story.ledger.audit()]
    assert kept[:-1] == told[last:]
    assert (tmp_path / "a.jsonl").read_text().splitlines(keepends=True) == told[:last]


def test_the_last_entry_signs_what_went(story, cut_day, tmp_path):
    anchor = to_prune(story.ledger, cut_day, story.now).anchor
    pruned_until(story, cut_day, tmp_path / "a.jsonl")

    *_, entry = story.ledger.audit()
    assert entry.kind == "audit.pruned"
    assert (entry.detail["seq"], entry.detail["seal"]) == (anchor.seq, anchor.seal)
    assert (entry.detail["windows"], entry.detail["events"]) == (2, 4)
    assert (entry.detail["archive"], len(entry.detail["sha256"])) == ("a.jsonl", 64)
    assert story.ledger.stamp().pruned == anchor
    assert story.ledger.verify() == []


def test_nothing_goes_that_is_not_over_however_old(desk, window, tmp_path):
    noon = window().start
    desk.create(window("never-ended"))
    desk.create(window("ending-open", start=noon - 2 * HOUR, end=noon - HOUR))
    desk.at(noon - 2 * HOUR)
    assert desk.settle(desk.claim_one(), EventState.MISSED, reason="too late")  # its end is open
    desk.at(noon + 400 * DAY)

    pruned = pruned_until(desk, noon + 300 * DAY, tmp_path / "a.jsonl")

    assert (pruned.windows, pruned.events) == (0, 0)
    assert campaigns(desk) == {"never-ended", "ending-open"}
    # And they are ended as ever
    desk.run(desk.now)
    assert desk.state(window("never-ended"), Action.DEACTIVATE) is EventState.DONE
    assert desk.ledger.verify() == []


def test_a_ledger_goes_on_after_a_prune(story, cut_day, window, tmp_path):
    pruned_until(story, cut_day, tmp_path / "a.jsonl")
    new = story.create(window("new", start=story.now + HOUR))
    story.run(story.now + 4 * HOUR)
    assert story.state(new, Action.DEACTIVATE) is EventState.DONE
    assert story.ledger.verify() == []


def test_an_order_s_number_is_never_given_again(desk, window, tmp_path):
    desk.ledger.release(desk.hold(campaign="a", kind=OrderKind.STOP).id, desk.application())
    desk.ledger.release(desk.hold(campaign="b").id, desk.application())
    desk.at(desk.now + 90 * DAY)
    pruned_until(desk, desk.now - DAY, tmp_path / "a.jsonl")
    assert desk.hold(campaign="c").id == 3


def test_a_clock_that_was_set_back_keeps_what_follows_a_later_entry(desk, tmp_path):
    """Entries go as a prefix: none goes that follows one which stays."""
    start = desk.now
    for days in (0, 10, 1, 12):
        desk.ledger.note("daemon.noted", "", {"day": days}, start + days * DAY, "ann")
    desk.at(start + 90 * DAY)
    assert pruned_until(desk, start + 5 * DAY, tmp_path / "a.jsonl").entries == 1
    assert [e.detail.get("day") for e in desk.ledger.audit()] == [10, 1, 12, None]


def test_everything_may_go_that_was_ever_told(desk, tmp_path):
    for _ in range(3):
        desk.ledger.note("daemon.noted", "", {}, desk.now, "ann")
    desk.at(desk.now + 90 * DAY)
    assert pruned_until(desk, desk.now, tmp_path / "a.jsonl").entries == 3
    assert [(e.seq, e.kind) for e in desk.ledger.audit()] == [(4, "audit.pruned")]
    assert desk.ledger.verify() == []


def test_windows_alone_may_go_where_no_entry_is_old_enough(story, cut_day, tmp_path):
    pruned_until(story, cut_day - DAY, tmp_path / "a.jsonl")
    story.create(replace_start(story))
    before = story.ledger.stamp().pruned

    with transaction(story.ledger._database, story.access) as write:
        write.connection.exec_driver_sql("UPDATE promo_window SET standing = 'cancelled'")
        write.connection.exec_driver_sql("UPDATE promo_event SET state = 'cancelled'")
    pruned = pruned_until(story, story.now - DAY * 86, tmp_path / "b.jsonl")

    assert (pruned.entries, pruned.windows) == (0, 1)
    assert not (tmp_path / "b.jsonl").exists()
    assert story.ledger.stamp().pruned == before
    assert story.ledger.verify() == []


def replace_start(story):
    """A window of the 13th, which is planned only now."""
    made = next(s.window for s in story.ledger.windows(WindowQuery()))
    key = made.key._replace(campaign="of-the-13th")
    end = story.now - 88 * DAY
    return replace(made, key=key, start=end - HOUR, end=end)


def test_what_is_much_goes_in_pieces_each_with_its_own_signed_anchor(desk, tmp_path):
    with transaction(desk.ledger._database, desk.access) as write:
        for number in range(12_001):
            write.note(desk.now, "daemon.noted", "", {"n": number})
    desk.at(desk.now + 90 * DAY)
    assert pruned_until(desk, desk.now - DAY, tmp_path / "a.jsonl").entries == 12_001
    left = [(entry.seq, entry.kind, entry.detail["seq"]) for entry in desk.ledger.audit()]
    anchors = enumerate((5000, 10_000, 12_001), start=12_002)
    assert left == [(seq, "audit.pruned", anchor) for seq, anchor in anchors]
    assert desk.ledger.verify(archived=archived([tmp_path / "a.jsonl"])) == []


def test_what_is_written_after_the_archive_stays(desk, tmp_path):
    # Given a cut, and then an entry of a machine whose clock is behind
    desk.ledger.note("daemon.noted", "", {"n": 1}, desk.now, "ann")
    long_ago = desk.now
    desk.at(desk.now + 90 * DAY)
    found = to_prune(desk.ledger, desk.now - DAY, desk.now)
    desk.ledger.note("daemon.noted", "", {"n": 2}, long_ago, "bob")
    # When it is made, then the entry that no archive holds is not taken away
    assert prune(desk.ledger, found, tmp_path / "a.jsonl", desk.now).entries == 1
    assert next(entry.actor for entry in desk.ledger.audit()) == "bob"
    assert desk.ledger.verify(archived=archived([tmp_path / "a.jsonl"])) == []


def test_a_day_to_come_is_refused(story, tmp_path):
    with pytest.raises(WrongUsage, match="in the past"):
        to_prune(story.ledger, story.now + DAY, story.now)


# ── the chain afterwards ────────────────────────────────────────────────────────────────────────
@pytest.fixture
def kept(story, cut_day, tmp_path):
    """A story that was pruned; what went is in `a.jsonl`."""
    pruned_until(story, cut_day, tmp_path / "a.jsonl")
    return story


N = "(SELECT pruned_seq FROM promo_stamp)"
MOVE = (
    "UPDATE promo_stamp SET pruned_seq = pruned_seq + 1, pruned_seal ="
    f" (SELECT seal FROM promo_audit WHERE seq = {N} + 1)"
)
END_THERE = (
    f"UPDATE promo_stamp SET head_seq = {N} + 2, head_seal ="
    f" (SELECT seal FROM promo_audit WHERE seq = {N} + 2)"
)
ADD = (
    "INSERT INTO promo_audit SELECT head_seq + 1, 0, 'eve', 'daemon.noted', '', '{}',"
    " head_seal, 'f00' FROM promo_stamp"
)
BACK = "UPDATE promo_stamp SET pruned_seq = 0, pruned_seal = '" + "0" * 64 + "'"


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param([f"UPDATE promo_audit SET actor = 'eve' WHERE seq = {N} + 1"], id="edit"),
        pytest.param(
            ["UPDATE promo_audit SET detail = '{}' WHERE kind = 'audit.pruned'"], id="sign"
        ),
        pytest.param([f"DELETE FROM promo_audit WHERE seq = {N} + 1"], id="the first that stays"),
        pytest.param([f"DELETE FROM promo_audit WHERE seq = {N} + 2"], id="one in the middle"),
        pytest.param([f"DELETE FROM promo_audit WHERE seq > {N} + 2"], id="cut"),
        pytest.param(["DELETE FROM promo_audit"], id="all"),
        pytest.param([MOVE, f"DELETE FROM promo_audit WHERE seq <= {N}"], id="the anchor moved"),
        pytest.param([MOVE], id="the anchor moved alone"),
        pytest.param([BACK], id="the anchor taken away"),
        pytest.param(["UPDATE promo_stamp SET pruned_seal = 'x'"], id="the anchor's seal"),
        pytest.param(
            [
                f"DELETE FROM promo_audit WHERE seq > {N} + 2",
                END_THERE,
            ],
            id="cut with the stamp: what signs the anchor is gone",
        ),
        pytest.param(
            [
                ADD,
            ],
            id="insertion at the end",
        ),
    ],
)
def test_tampering_after_a_prune_is_found(kept, statements):
    assert kept.ledger.verify() == []
    with kept.tampering() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    assert kept.ledger.verify() != []


def put_back(desk, entries):
    with desk.tampering() as connection:
        for entry in entries:
            at = int(entry.at.timestamp() * 1_000_000)
            connection.execute(
                sa.text(
                    "INSERT INTO promo_audit VALUES (:seq, :at, :who, :kind, :key, :d, :p, :s)"
                ),
                {
                    "seq": entry.seq,
                    "at": at,
                    "who": entry.actor,
                    "kind": entry.kind,
                    "key": entry.key,
                    "d": json.dumps(entry.detail, sort_keys=True, separators=(",", ":")),
                    "p": entry.previous,
                    "s": entry.seal,
                },
            )


@pytest.mark.parametrize("which", [slice(0, 1), slice(-1, None), slice(None)])
def test_a_pruned_entry_that_is_put_back_is_found(kept, tmp_path, which):
    """It is genuine, and still it was to go: the ledger would tell of what nobody can check."""
    put_back(kept, list(archived([tmp_path / "a.jsonl"]))[which])
    assert kept.ledger.verify() != []


def test_a_prune_forged_without_the_key_is_found(kept):
    """Somebody moves the anchor, deletes, and appends an entry that names it, sealed otherwise."""
    first = next(kept.ledger.audit())
    head = kept.ledger.stamp().head
    detail = {"seq": first.seq, "seal": first.seal}
    forged = seal(b"eve", head, Draft(kept.now, "ann", "audit.pruned", "", detail))
    put_back(kept, [forged])
    with kept.raw() as connection:
        connection.exec_driver_sql(MOVE)
        connection.exec_driver_sql(f"UPDATE promo_stamp SET head_seq = {forged.seq}")
        connection.exec_driver_sql(f"UPDATE promo_stamp SET head_seal = '{forged.seal}'")
        connection.exec_driver_sql(f"DELETE FROM promo_audit WHERE seq <= {N}")
    (found,) = kept.ledger.verify()
    assert (found.seq, found.reason) == (forged.seq, "its content does not match its seal")


def test_the_database_lets_nothing_go_beyond_the_anchor(kept):
    for statement in (f"DELETE FROM promo_audit WHERE seq = {N} + 1", "DELETE FROM promo_audit"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), kept.raw() as connection:
            connection.exec_driver_sql(statement)
    assert kept.ledger.verify() == []


def test_a_head_published_before_what_went_asks_for_the_archive(story, cut_day, tmp_path):
    entries = list(story.ledger.audit())
    early, late = (Head(e.seq, e.seal) for e in (entries[1], entries[-1]))
    pruned_until(story, cut_day, tmp_path / "a.jsonl")
    anchor = story.ledger.stamp().pruned

    (found,) = story.ledger.verify(early)
    assert found.seq == early.seq
    assert "pruned" in found.reason and "--archive" in found.reason
    assert story.ledger.verify(late) == []
    assert story.ledger.verify(anchor) == []
    assert story.ledger.verify(early, archived([tmp_path / "a.jsonl"])) == []
    wrong = replace(early, seal="f" * 64)
    (found,) = story.ledger.verify(wrong, archived([tmp_path / "a.jsonl"]))
    assert found.reason == "the published head is not in the chain"


@pytest.fixture
def twice(kept, tmp_path):
    """Pruned again: the entry that signed the first time went as well."""
    kept.at(kept.now + 90 * DAY)
    pruned_until(kept, kept.now - 10 * DAY, tmp_path / "b.jsonl")
    assert [entry.kind for entry in kept.ledger.audit()] == ["audit.pruned"]
    return kept


def test_archives_and_ledger_are_one_chain_from_the_first_entry_on(twice, tmp_path):
    a, b = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    assert twice.ledger.verify() == []
    assert next(archived([b, a])).previous == "0" * 64
    for files in ([a, b], [b, a], [b]):
        assert twice.ledger.verify(archived=archived(files)) == []


def test_a_gap_between_archives_is_found(twice, tmp_path):
    (found, *_) = twice.ledger.verify(archived=archived([tmp_path / "a.jsonl"]))
    assert "expected entry" in found.reason


@pytest.mark.parametrize("old", ['"actor": "ann"', '"seq": 3'])
def test_an_edited_archive_is_found(twice, tmp_path, old):
    a, b = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    assert old in a.read_text()
    a.write_text(a.read_text().replace(old, '"actor": "eve"' if "actor" in old else '"seq": 4', 1))
    assert twice.ledger.verify(archived=archived([a, b])) != []


@pytest.mark.parametrize("line", ["no json", "[]", "{}", '{"at": "2026-11-10", "seq": 1}', "3"])
def test_a_line_that_is_no_entry_is_told_by_its_place(tmp_path, line):
    file = tmp_path / "a.jsonl"
    file.write_text(line + "\n")
    with pytest.raises(AuditBroken, match=r"a\.jsonl:1 is no entry"):
        list(archived([file]))


def test_an_archive_that_is_not_there_is_told(tmp_path):
    with pytest.raises(WrongUsage, match="cannot be read"):
        list(archived([tmp_path / "absent.jsonl"]))


# ── cut short ───────────────────────────────────────────────────────────────────────────────────
def test_a_prune_that_fails_takes_nothing_and_the_next_one_goes_on(story, cut_day, tmp_path):
    """Given a database that refuses in the middle, after entries and windows were deleted."""
    archive = tmp_path / "a.jsonl"
    refuse(story)
    before = (story.ledger.stamp(), list(story.ledger.audit()), campaigns(story))
    with pytest.raises(LedgerUnavailable, match="not now"):
        pruned_until(story, cut_day, archive)
    assert (story.ledger.stamp(), list(story.ledger.audit()), campaigns(story)) == before
    assert story.ledger.verify() == []
    assert archive.exists()  # whole; the answer of a commit might have been lost

    allow(story)
    pruned_until(story, cut_day, archive)
    assert story.ledger.verify(archived=archived([archive])) == []


def refuse(desk):
    with desk.raw() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(
                "CREATE TRIGGER refuse BEFORE INSERT ON promo_audit"
                " WHEN NEW.kind = 'audit.pruned' BEGIN SELECT RAISE(ABORT, 'not now'); END"
            )
            return
        connection.exec_driver_sql(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'not now'; END $$"
        )
        connection.exec_driver_sql(
            "CREATE TRIGGER refuse BEFORE INSERT ON promo_audit FOR EACH ROW"
            " WHEN (NEW.kind = 'audit.pruned') EXECUTE FUNCTION refuse()"
        )


def allow(desk):
    with desk.raw() as connection:
        table = "" if connection.dialect.name == "sqlite" else " ON promo_audit"
        connection.exec_driver_sql(f"DROP TRIGGER refuse{table}")


@SQLITE_ALONE
def test_another_file_in_the_archive_s_place_is_left_and_nothing_goes(story, cut_day, tmp_path):
    archive = tmp_path / "a.jsonl"
    archive.write_text("my letters\n")
    with pytest.raises(NotWritten, match="there already"):
        pruned_until(story, cut_day, archive)
    assert archive.read_text() == "my letters\n"
    assert story.ledger.stamp().pruned == Head()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".promo-")] == []


@SQLITE_ALONE
def test_an_archive_that_cannot_be_written_keeps_everything(story, cut_day, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(NotWritten, match="cannot be written"):
        pruned_until(story, cut_day, tmp_path / "file" / "a.jsonl")
    assert story.ledger.stamp().pruned == Head()


def test_a_broken_audit_is_evidence_and_nothing_of_it_goes(story, cut_day, tmp_path):
    with story.tampering() as connection:
        connection.exec_driver_sql("UPDATE promo_audit SET actor = 'eve' WHERE seq = 3")
    with pytest.raises(AuditBroken, match="at entry 3"):
        pruned_until(story, cut_day, tmp_path / "a.jsonl")
    assert len(list(story.ledger.audit())) == story.ledger.stamp().head.seq


def test_of_two_who_prune_at_once_the_second_looks_again(story, cut_day, tmp_path):
    found = to_prune(story.ledger, cut_day, story.now)
    pruned_until(story, cut_day + DAY, tmp_path / "a.jsonl")
    with pytest.raises(StalePlan):
        prune(story.ledger, replace(found, before=cut_day), tmp_path / "b.jsonl", story.now)
    assert story.ledger.verify() == []
