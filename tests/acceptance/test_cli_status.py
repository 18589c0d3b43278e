"""`promo status`: the daemon's health by its own word, with and without a ledger, and `--check`."""

import sqlite3
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest

from promo_scheduler.engine import pulse
from promo_scheduler.engine.clocks import SystemClock
from promo_scheduler.engine.lock import exclusive
from promo_scheduler.engine.pulse import About, Late, Pulse, Wrong

OWNER = "host:1:aa"


@pytest.fixture
def applied(workspace, promo):
    assert promo("-w", workspace, "apply", "--yes").code == 0
    return workspace


@contextmanager
def a_daemon(workspace, ago=0.0, **said):
    """One that holds the lock, and whose last beat was some seconds ago."""
    clock = SystemClock()
    with exclusive(workspace / ".promo" / "ledger.db.lock", OWNER) as held:
        about = About(OWNER, "embedded", "1.0", clock.now() - timedelta(hours=1))
        beat_at = clock.now() - timedelta(seconds=ago)
        held.write(pulse.text_of(Pulse(about, beat_at, clock.monotonic() - ago, **said)))
        yield


def wrong(reason, **since):
    return Wrong(datetime.now(UTC) - timedelta(**since), reason)


def test_without_a_daemon_nothing_is_wrong_by_itself(applied, promo):
    result = promo("-w", applied, "status", "--check")
    assert result.code == 0
    assert "no daemon runs here" in result.out
    data = promo("-w", applied, "status", "-o", "json").json
    assert (data["healthy"], data["daemon"], data["pulse"], data["nodes"]) == (True, None, [], [])
    assert data["totals"] == {"live": 0, "overdue": 0, "failing": 0, "held": 0}
    assert data["counts"]["pending"] > 0


def test_a_daemon_that_is_well_is_named_with_its_beat(applied, promo):
    with a_daemon(applied, ago=2.0, in_flight=3):
        result = promo("-w", applied, "status", "--check")
        data = promo("-w", applied, "status", "-o", "json").json
    assert result.code == 0
    assert f"daemon {OWNER}, beat 2 seconds ago" in result.out
    assert (data["healthy"], data["daemon"]) == (True, OWNER)
    (said,) = data["pulse"]
    assert (said["in_flight"], said["ledger"], said["wake"]) == (3, "ok", "ok")
    assert 2 <= said["age_seconds"] < 60


SICK = {
    "hangs": ({"ago": 47.0}, "the daemon hangs: its last beat was 47 seconds ago"),
    "no ledger": (
        {"ledger": wrong("the disk is full", minutes=2)},
        "the ledger is out of reach since",
    ),
    "no timer": (
        {"wake": wrong("the timer does not ring", seconds=9)},
        "the timer stalled since",
    ),
    "late": ({"late": Late(3, 8.0)}, "3 events are overdue, the longest by 8 seconds"),
}


@pytest.mark.parametrize(("said", "told"), SICK.values(), ids=SICK)
def test_what_is_wrong_is_told_and_fails_the_check(applied, promo, said, told):
    with a_daemon(applied, **said):
        result = promo("-w", applied, "status", "--check")
        assert (result.code, told in result.out) == (1, True), result.out
        assert promo("-w", applied, "status").code == 0
        data = promo("-w", applied, "status", "-o", "json").json
    assert data["healthy"] is False
    assert data["pulse"][0]["healthy"] is False


def test_a_channel_that_is_down_is_told_and_is_no_fault_of_the_daemon(applied, promo):
    with a_daemon(applied, channels_down={"storefront": wrong("503 for\tyou", minutes=5)}):
        result = promo("-w", applied, "status", "--check")
    assert result.code == 0
    assert "channel storefront is down since" in result.out
    assert "5 minutes ago: 503 for you" in result.out


def test_without_a_ledger_the_daemons_word_is_shown_beside_the_error(applied, promo):
    # Given a daemon that cannot reach its ledger, and neither can anybody else
    database = applied / ".promo" / "ledger.db"
    with a_daemon(applied, ledger=wrong("it is damaged", minutes=2), unsettled=4, in_flight=1):
        database.write_bytes(b"this is no database" * 500)
        result = promo("-w", applied, "status")
        as_json = promo("-w", applied, "status", "-o", "json")
    # Then what it says is printed, and the error
    assert (result.code, as_json.code) == (1, 1)
    assert "the ledger is out of reach since" in result.out
    assert "4 events claimed and not recorded yet, 1 in flight" in result.out
    assert "E201" in result.err
    assert as_json.json["problem"]["code"] == "E201"
    assert as_json.json["healthy"] is False
    assert as_json.json["pulse"][0]["ledger"]["reason"] == "it is damaged"


@pytest.fixture
def make_due(applied):
    """Let everything planned be due since an hour, so many times over."""

    def make(state="pending"):
        with sqlite3.connect(applied / ".promo" / "ledger.db") as ledger:
            hour_ago = int((datetime.now(UTC) - timedelta(hours=1)).timestamp() * 1_000_000)
            ledger.execute("UPDATE promo_event SET due_at = ?, state = ?", (hour_ago, state))
        ledger.close()

    return make


def test_what_is_overdue_fails_the_check_without_any_daemon(applied, promo, make_due):
    make_due()
    result = promo("-w", applied, "status", "--check")
    assert result.code == 1
    assert "overdue" in result.out


def test_what_failed_of_late_fails_the_check(applied, promo, make_due):
    make_due("failed")
    result = promo("-w", applied, "status", "--check")
    assert result.code == 1
    assert " failing\n" in result.out


def test_a_long_list_is_cut_and_counted(applied, promo, write_campaign, make_due, day):
    days = [date.fromisoformat(day) + timedelta(days=n) for n in range(10)]
    write_campaign((f"date: {day}", f"date: [{', '.join(map(str, days))}]"))
    assert promo("-w", applied, "apply", "--yes").code == 0
    make_due("held")
    result = promo("-w", applied, "status")
    data = promo("-w", applied, "status", "-o", "json").json
    total = data["totals"]["held"]
    assert total > 50
    assert f"Held: the first 50 of {total}" in result.out
    assert len(data["held"]) == 50
