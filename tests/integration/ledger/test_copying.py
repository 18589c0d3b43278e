"""Backups and restores: whole or not there, held, and read before anything is done (law 9)."""

import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from promo_scheduler.channel import Channel
from promo_scheduler.errors import (
    AuditBroken,
    LedgerMismatch,
    LedgerNotEmpty,
    LedgerUnavailable,
    NotWritten,
)
from promo_scheduler.firing import EventState, HoldBack, decide
from promo_scheduler.ledger import EventQuery, Ledger, OrderRequest, Seen, WindowQuery
from promo_scheduler.operations.keeping import back_up, hold_restored, to_observe
from promo_scheduler.order import OrderKind, Scope
from promo_scheduler.plan import Action, Standing

HOUR = timedelta(hours=1)
SQLITE_ALONE = pytest.mark.parametrize("ledger_url", ["sqlite"], indirect=True)
OLD = Path(__file__).parents[2] / "cases" / "ledger-0001.db"


def a_story(desk, window):
    """One window over, one live, one staged, one to come; a hold in force and one released."""
    noon = window().start
    desk.create(window("eve", start=noon - 3 * HOUR, end=noon - 2 * HOUR))
    desk.create(window("live", start=noon - HOUR, end=noon + 9 * HOUR))
    desk.create(window("staged", start=noon + HOUR), stage_ahead=2 * HOUR)
    desk.create(window("to-come", start=noon + 24 * HOUR))
    desk.ledger.release(desk.hold(campaign="eve").id, desk.application())
    desk.hold(campaign="nothing")
    desk.run(noon)
    return desk


@pytest.fixture
def story(desk, window):
    return a_story(desk, window)


@pytest.fixture
def source(desk, window, tmp_path):
    """A story in a SQLite ledger of its own; `desk` is empty, and of either kind."""
    (tmp_path / "source").mkdir()
    made = a_story(type(desk)("sqlite:///source/ledger.db", tmp_path), window)
    made.now = desk.now = window().start
    yield made
    made.ledger.close()


@pytest.fixture
def file(tmp_path):
    """Where the backup goes: a folder of its own, so that what is left over is seen."""
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups" / "promo.db"


def names_in(folder):
    return [path.name for path in folder.iterdir()]


def opened(desk, url):
    return Ledger.open(url, replace(desk.access, create=False))


def content(ledger):
    """What a ledger says stands: windows, events and orders, without what a copy adds."""
    return (
        {
            (s.window.key, s.window.start, s.standing, s.touched)
            for s in ledger.windows(WindowQuery())
        },
        {
            (e.event, e.state, e.attempt, e.reason, e.settled_at)
            for e in ledger.events(EventQuery())
        },
        [o for o in ledger.orders(in_force=False) if not o.reason.startswith("restored")],
    )


def entries(ledger, until):
    return [entry for entry in ledger.audit() if entry.seq <= until]


def plain_copy(url_of_sqlite_desk, into):
    """What somebody copies by hand while nothing runs."""
    with (
        closing(sqlite3.connect(url_of_sqlite_desk.removeprefix("sqlite:///"))) as old,
        closing(sqlite3.connect(into)) as new,
    ):
        old.backup(new)


# ── backup ──────────────────────────────────────────────────────────────────────────────────────
def test_a_backup_is_a_ledger_with_all_that_stood_and_everything_held(story, file):
    before = story.ledger.stamp()

    copied = story.ledger.back_up(file, story.now)

    assert copied.head == before.head
    assert story.ledger.stamp() == before  # nothing was done to what was copied
    copy = opened(story, f"sqlite:///{file}")
    assert content(copy) == content(story.ledger)
    assert entries(copy, before.head.seq) == list(story.ledger.audit())
    assert copy.verify(before.head) == []
    assert copy.stamp().id == before.id
    assert copy.stamp().copied_at == story.now
    hold = copy.orders()[-1]
    assert (hold.kind, hold.scope) == (OrderKind.HOLD, Scope())
    assert hold.reason == "restored from a backup of 2026-11-10T12:00:00Z"
    added = list(copy.audit(since=before.head.seq))
    assert [entry.kind for entry in added] == ["ledger.copied", "order.hold"]
    assert added[0].detail["head"] == f"{before.head.seq}:{before.head.seal}"
    copy.close()


def test_a_backup_is_one_file_that_only_its_owner_may_read(story, file):
    story.ledger.back_up(file, story.now)

    assert names_in(file.parent) == [file.name]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes()[18:20] == b"\x01\x01"  # no write-ahead log is needed to read it


def test_nothing_starts_from_a_backup_before_it_is_released(story, file, window):
    story.ledger.back_up(file, story.now)
    copy = opened(story, f"sqlite:///{file}")
    story.ledger.close()
    story.ledger, story.now = copy, window().start + HOUR
    firings, orders = [], copy.orders()
    for _ in range(5):
        firings += story.claim()
    decided = {f.window.key.campaign: decide(f, story.now, orders) for f in firings}
    assert isinstance(decided["staged"], HoldBack)
    assert copy.next_due() is not None  # while endings go on


def test_a_backup_made_while_others_write_is_of_one_moment(desk, window, file):
    """Each application brings a window with two events and one entry: a copy holds all or none."""
    finished, made = threading.Event(), []

    def write():
        other = Ledger.open(desk.url, desk.access)
        writer = type(desk).__new__(type(desk))
        writer.__dict__ = {**desk.__dict__, "ledger": other}
        for number in range(10_000):
            if finished.is_set():
                break
            made.append(writer.create(window(f"c{number}")))
        other.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        copied = desk.ledger.back_up(file, desk.now)
    finally:
        finished.set()
        thread.join(timeout=60)
    copy = opened(desk, f"sqlite:///{file}")
    events = {record.event.key.window for record in copy.events(EventQuery())}
    windows = {standing.window.key for standing in copy.windows(WindowQuery())}
    assert windows == events and len(windows) == copied.head.seq
    assert copy.verify() == []
    copy.close()


def test_a_file_that_is_there_is_left_unless_it_may_go(story, file):
    file.write_text("my letters")
    with pytest.raises(NotWritten, match="there already") as caught:
        story.ledger.back_up(file, story.now)
    assert "--force" in caught.value.help
    assert file.read_text() == "my letters"

    story.ledger.back_up(file, story.now, over=True)
    assert opened(story, f"sqlite:///{file}").verify() == []


@SQLITE_ALONE
def test_a_backup_never_goes_over_the_ledger_itself(source):
    file = Path(source.url.removeprefix("sqlite:///"))
    file = source.root / file
    with pytest.raises(NotWritten, match="the ledger itself"):
        source.ledger.back_up(file, source.now, over=True)
    (source.root / "a-link.db").symlink_to(file)
    with pytest.raises(NotWritten, match="the ledger itself"):
        source.ledger.back_up(source.root / "a-link.db", source.now, over=True)
    assert source.ledger.verify() == []


@SQLITE_ALONE
@pytest.mark.parametrize("name", ["absent/promo.db", ".", "/dev/null"])
def test_what_no_file_can_be_is_refused(source, file, name):
    with pytest.raises(NotWritten):
        source.ledger.back_up(file.parent / name, source.now, over=True)
    assert names_in(file.parent) == []


def break_a_page(connection):
    """A row that no ledger takes, in the table that is copied first."""
    connection.execute("DROP TABLE promo_baseline")
    connection.execute("CREATE TABLE promo_baseline (lane, sku, currency, baseline, written)")
    connection.execute("INSERT INTO promo_baseline VALUES ('a', 'b', NULL, NULL, NULL)")
    connection.commit()


@SQLITE_ALONE
def test_a_copy_that_fails_at_a_page_leaves_nothing_and_the_older_one_as_it_was(source, file):
    file.write_text("the older one")
    with source.raw() as connection:
        break_a_page(connection.connection)
    with pytest.raises(LedgerUnavailable, match="NOT NULL"):
        source.ledger.back_up(file, source.now, over=True)
    assert names_in(file.parent) == [file.name]
    assert file.read_text() == "the older one"


@SQLITE_ALONE
def test_killed_in_the_middle_a_backup_is_not_there_and_the_next_one_is_whole(source, file):
    for number in range(300):  # enough that the copy can be met under way
        source.ledger.note("daemon.noted", "", {"text": "x" * 20_000, "n": number}, source.now, "a")
    script = (
        "import sys; from datetime import UTC, datetime; from pathlib import Path\n"
        "from promo_scheduler.ledger import Access, Ledger\n"
        "access = Access(sys.argv[1].encode(), 'ann', Path(sys.argv[2]))\n"
        "ledger = Ledger.open('sqlite:///source/ledger.db', access)\n"
        "ledger.back_up(Path(sys.argv[3]), datetime.now(UTC))"
    )
    command = [sys.executable, "-c", script, source.access.secret.decode(), source.root, file]
    with subprocess.Popen([str(part) for part in command]) as child:
        deadline = time.monotonic() + 60
        while not names_in(file.parent) and child.poll() is None:
            assert time.monotonic() < deadline
        child.send_signal(signal.SIGKILL)
    assert not file.exists() or opened(source, f"sqlite:///{file}").verify() == []

    source.ledger.back_up(file, source.now, over=True)
    assert opened(source, f"sqlite:///{file}").verify() == []


def test_the_original_has_an_entry_of_its_backup(story, file):
    done = back_up(story.ledger, file, story.now)

    (entry,) = story.ledger.audit(since=done.copied.head.seq)
    assert entry.kind == "ledger.backed-up"
    assert entry.detail["head"] == f"{done.copied.head.seq}:{done.copied.head.seal}"
    assert (entry.detail["rows"], done.unrecorded) == (done.copied.rows, "")


def test_a_ledger_that_cannot_be_written_is_copied_all_the_same_and_it_says_so(story, file):
    """Somebody else writes and does not stop; the patience is cut short in the URL."""
    sqlite = story.url.startswith("sqlite")
    short = "?timeout=0.1" if sqlite else "&options=-c%20lock_timeout%3D100"
    impatient = Ledger.open(story.url + short, story.access)
    with story.raw() as other:
        other.exec_driver_sql("UPDATE promo_stamp SET serial = serial")
        done = back_up(impatient, file, story.now)
    impatient.close()
    assert "lock" in done.unrecorded
    copy = opened(story, f"sqlite:///{file}")
    assert content(copy) == content(story.ledger)
    copy.close()


# ── restore ─────────────────────────────────────────────────────────────────────────────────────
def restored(desk, file):
    """Restore into the desk's own, empty ledger, and open it anew."""
    desk.ledger.close()
    copied = Ledger.restore(desk.url, desk.access, file, desk.now)
    desk.ledger = opened(desk, desk.url)
    return copied


def test_a_backup_is_restored_into_an_empty_ledger_of_either_kind(desk, source, file):
    source.ledger.back_up(file, source.now)
    source.ledger.note("daemon.noted", "", {}, source.now, "ann")  # what the backup cannot know
    bytes_before = file.read_bytes()

    copied = restored(desk, file)

    assert content(desk.ledger) == content(source.ledger)
    assert desk.ledger.verify(copied.head) == []
    assert desk.ledger.stamp().id == source.ledger.stamp().id
    assert desk.ledger.stamp().copied_at == source.now
    assert [order.reason for order in desk.ledger.orders()][-1].startswith("restored from a backup")
    assert len(desk.ledger.orders()) == 2  # no second hold
    assert desk.kinds()[-1] == "ledger.restored"
    assert file.read_bytes() == bytes_before


def test_a_restored_ledger_goes_on_with_its_own_numbers(desk, source, file, window):
    source.ledger.back_up(file, source.now)
    restored(desk, file)

    order = desk.hold(campaign="anything")
    desk.create(window("new"))

    assert order.id == max(o.id for o in source.ledger.orders(in_force=False)) + 2
    assert desk.state(window("new"), Action.ACTIVATE) is EventState.PENDING
    assert desk.ledger.verify() == []


def test_a_postgresql_ledger_s_backup_becomes_a_sqlite_ledger_and_so_back(story, file, tmp_path):
    story.ledger.back_up(file, story.now)

    copied = Ledger.restore("sqlite:///elsewhere/ledger.db", story.access, file, story.now)

    other = opened(story, "sqlite:///elsewhere/ledger.db")
    assert content(other) == content(story.ledger)
    assert other.verify(copied.head) == []
    other.close()


def test_a_plain_copy_of_a_ledger_is_held_when_it_is_restored(desk, source, file):
    plain_copy(str(source.root / "source/ledger.db"), file)

    restored(desk, file)

    assert content(desk.ledger) == content(source.ledger)
    hold = desk.ledger.orders()[-1]
    assert hold.reason == "restored from a backup of 2026-11-10T11:00:00Z"  # its last entry
    assert desk.ledger.stamp().copied_at == desk.now
    assert desk.kinds()[-3:] == ["ledger.restored", "ledger.copied", "order.hold"]


def test_a_file_of_the_first_schema_is_restored_and_stays_as_it_is(desk, file):
    shutil.copy(OLD, file)
    bytes_before = file.read_bytes()

    copied = restored(desk, file)

    assert copied.head.seq == 20
    assert desk.ledger.verify(copied.head) == []
    assert file.read_bytes() == bytes_before


def test_a_ledger_that_is_not_empty_is_never_restored_over(desk, source, file):
    source.ledger.back_up(file, source.now)
    desk.ledger.note("daemon.started", "", {}, desk.now, "ann")
    before = desk.ledger.stamp()
    with pytest.raises(LedgerNotEmpty, match="1 audit entries") as caught:
        Ledger.restore(desk.url, desk.access, file, desk.now)
    assert caught.value.help
    assert desk.ledger.stamp() == before


def forge(source, file):
    source.ledger.back_up(file, source.now)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("DROP TRIGGER promo_audit_no_update")
        connection.execute("UPDATE promo_audit SET actor = 'eve' WHERE seq = 3")
        connection.commit()


def of_another_key(source, file):
    Ledger.open(f"sqlite:///{file}", replace(source.access, secret=b"other")).close()


def simulated(source, file):
    Ledger.open(f"sqlite:///{file}", replace(source.access, simulated=True)).close()


def newer(source, file):
    source.ledger.back_up(file, source.now)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE promo_revision SET version_num = '9999'")
        connection.commit()


def no_ledger(source, file):
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE letters (text)")


def a_letter(source, file):
    file.write_text("this is a letter, not a database\n" * 200)


def a_bad_row(source, file):
    source.ledger.back_up(file, source.now)
    with closing(sqlite3.connect(file)) as connection:
        break_a_page(connection)


@pytest.mark.parametrize(
    "case",
    [
        (forge, AuditBroken, "at entry 3"),
        (of_another_key, LedgerMismatch, "another audit key"),
        (simulated, LedgerMismatch, "is simulated"),
        (newer, LedgerMismatch, "schema 9999"),
        (no_ledger, LedgerMismatch, "holds no ledger"),
        (a_letter, LedgerUnavailable, "not a database"),
        (a_bad_row, LedgerUnavailable, "(?i)not.null"),
    ],
)
def test_what_cannot_be_restored_is_told_and_leaves_the_ledger_empty(desk, source, file, case):
    spoil, error, words = case
    spoil(source, file)
    with pytest.raises(error, match=words) as caught:
        Ledger.restore(desk.url, desk.access, file, desk.now)
    assert caught.value.help
    assert str(file) in caught.value.message or spoil is a_bad_row
    assert (desk.ledger.stamp().head.seq, desk.ledger.windows(WindowQuery())) == (0, [])

    # And a whole one can be restored right after
    file.unlink()
    source.ledger.back_up(file, source.now)
    restored(desk, file)
    assert content(desk.ledger) == content(source.ledger)


@SQLITE_ALONE
def test_no_ledger_appears_where_the_file_is_refused(source, file):
    forge(source, file)
    with pytest.raises(AuditBroken):
        Ledger.restore("sqlite:///absent/ledger.db", source.access, file, source.now)
    assert not (source.root / "absent").exists()


# ── afterwards ──────────────────────────────────────────────────────────────────────────────────
def test_a_copy_that_was_put_back_by_hand_is_held_once(story):
    order = hold_restored(story.ledger, story.now, "its head 7 lies behind the 9 last known")

    assert order.reason == ("restored from a backup (its head 7 lies behind the 9 last known)")
    assert story.ledger.stamp().copied_at == story.now
    head = story.ledger.stamp().head
    assert hold_restored(story.ledger, story.now + HOUR, "again") is None
    assert story.ledger.stamp().head == head

    # When it was observed, and another copy is put back, then its channels are read again
    story.ledger.observed((), story.now, "daemon-1", finished=True)
    assert hold_restored(story.ledger, story.now + HOUR, "again") is None  # it is held already
    assert story.ledger.stamp().copied_at == story.now + HOUR

    # And once somebody released it, it is held anew
    story.ledger.release(order.id, story.application())
    assert hold_restored(story.ledger, story.now + HOUR, "again").id > order.id


@SQLITE_ALONE
def test_another_hold_over_everything_does_not_count(story):
    request = OrderRequest(OrderKind.HOLD, Scope(), "stock count")
    story.ledger.give(request, lambda _: False, story.now, "ann")
    assert hold_restored(story.ledger, story.now, "behind") is not None


def test_every_window_that_may_be_on_its_channel_by_now_is_to_be_observed(story):
    # Given a channel that creates in advance, and one that nobody knows any more
    ahead = {"shop": Channel("shop", "sandbox", ("de",), stage_ahead=HOUR)}
    found = to_observe(story.ledger, ahead, story.now)
    unknown = to_observe(story.ledger, {}, story.now)
    # Then what begins far ahead is left out where that is certain
    assert [window.key.campaign for window in found] == ["live", "staged"]
    assert [window.key.campaign for window in unknown] == ["live", "staged", "to-come"]


def test_what_its_channel_shows_counts_as_touched_and_is_on_record(story, window):
    noon = window().start
    to_come = window("to-come", start=noon + 24 * HOUR)
    live = window("live", start=noon - HOUR, end=noon + 9 * HOUR)
    hold_restored(story.ledger, story.now, "behind")
    before = story.ledger.stamp().head.seq
    assert not story.standing(to_come).touched

    story.ledger.observed(
        [
            Seen(to_come.key, "scheduled", present=True, refs=("r-1", "r-2")),
            Seen(live.key, "absent", present=False),
        ],
        story.now,
        "daemon-1",
    )
    story.ledger.observed((), story.now, "daemon-1", finished=True)

    assert story.standing(to_come).touched
    told = list(story.ledger.audit(since=before))
    assert [(e.kind, e.key, e.detail.get("state")) for e in told] == [
        ("restore.observed", str(to_come.key), "scheduled"),
        ("restore.observed", str(live.key), "absent"),
        ("restore.finished", "", None),
    ]
    assert told[0].detail["refs"] == ["r-1", "r-2"] and told[0].actor == "daemon-1"
    assert story.ledger.stamp().copied_at is None
    # Then a stop takes it down
    request = OrderRequest(OrderKind.STOP, Scope(campaign="to-come"), "found there")
    _, down = story.ledger.give(
        request, lambda s: s.touched and s.window == to_come, story.now, "a"
    )
    assert [standing.window.key for standing in down] == [to_come.key]
    assert story.standing(to_come).standing is Standing.ENDING


@SQLITE_ALONE
def test_to_finish_observing_twice_says_it_once(story):
    hold_restored(story.ledger, story.now, "behind")
    for _ in range(2):
        story.ledger.observed((), story.now, "daemon-1", finished=True)
    assert story.kinds().count("restore.finished") == 1
