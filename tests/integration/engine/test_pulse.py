"""What a daemon says of itself: whole, readable without the ledger, and red when it should be."""

import asyncio
import contextlib
import errno
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from promo_scheduler.audit import Head
from promo_scheduler.channels.account import Down
from promo_scheduler.clock import Versions
from promo_scheduler.engine import pulse, slate
from promo_scheduler.engine.lock import exclusive, present
from promo_scheduler.engine.metrics import Counted, Exporter, Figures, exposition
from promo_scheduler.engine.pulse import About, Daemon, Late, Pulse, Wrong
from promo_scheduler.engine.pulsing import Lag, Pulsing, Vitals
from promo_scheduler.firing import EventState
from promo_scheduler.ledger import Access, Ledger
from promo_scheduler.plan import Application
from promo_scheduler.testing import TickingClock

NOW = datetime(2026, 11, 10, 23, tzinfo=UTC)
ABOUT = About("host:1:aa", "embedded", "1.0", NOW)


def beat(**said):
    return Pulse(ABOUT, beat_at=NOW, ticks=100.0, **said)


@pytest.fixture
def ledger(tmp_path):
    ledger = Ledger.open("sqlite:///ledger.db", Access(b"key", "ann", tmp_path))
    yield ledger
    ledger.close()


@pytest.fixture
def lock(tmp_path):
    return tmp_path / "ledger.db.lock"


# ── the slate ───────────────────────────────────────────────────────────────────────────────────
def test_a_beat_is_read_as_it_was_written(lock):
    said = beat(
        ledger=Wrong(NOW, "disk full"),
        wake=Wrong(NOW, "the timer does not ring"),
        late=Late(3, 12.5),
        in_flight=4,
        unsettled=7,
        channels_down={"storefront": Wrong(NOW, "503 — „später“")},
        ledger_id="abc",
        head=Head(41, "f" * 64),
    )
    with exclusive(lock, ABOUT.owner) as held:
        held.write(pulse.text_of(said))
        assert pulse.read(lock) == said
        assert lock.stat().st_size == slate.SIZE


def test_a_long_beat_and_then_a_short_one_leave_nothing_of_the_long_one(lock):
    down = {f"channel-{n}": Wrong(NOW, "closed " * 20) for n in range(20)}
    with exclusive(lock, ABOUT.owner) as held:
        held.write(pulse.text_of(beat(channels_down=down)))
        held.write(pulse.text_of(beat()))
        assert pulse.read(lock) == beat()


def test_more_channels_than_find_room_are_left_out_and_the_rest_is_said(lock):
    down = {f"channel-{n:03}": Wrong(NOW, "closed " * 40) for n in range(300)}
    with exclusive(lock, ABOUT.owner) as held:
        held.write(pulse.text_of(beat(channels_down=down, in_flight=5)))
        read = pulse.read(lock)
    assert read.in_flight == 5
    assert 20 < len(read.channels_down) < 300


@pytest.mark.parametrize(
    "torn",
    [lambda whole: whole[:200], lambda whole: whole.replace(b'"in_flight":5', b'"in_flight":6')],
    ids=["cut short", "half of another beat"],
)
def test_a_half_written_beat_is_none(lock, torn):
    with exclusive(lock, ABOUT.owner) as held:
        held.write(pulse.text_of(beat(in_flight=5)))
        lock.write_bytes(torn(lock.read_bytes()))
        assert pulse.read(lock) is None


def test_a_new_holder_has_not_beaten_yet_and_keeps_the_last_known_head(lock):
    with exclusive(lock, ABOUT.owner) as held:
        held.write(pulse.text_of(beat(ledger_id="abc", head=Head(41, "f" * 64))))
    assert pulse.last_head(lock) == ("abc", Head(41, "f" * 64))
    with exclusive(lock, "host:2:bb"):
        assert pulse.read(lock) is None
        assert pulse.last_head(lock) == ("abc", Head(41, "f" * 64))


def test_of_a_slate_that_is_not_there_nothing_is_known(tmp_path):
    assert pulse.read(tmp_path / "none") is None
    assert pulse.last_head(tmp_path / "none") == ("", Head())


FULL_DISK = """
import os, sys
from pathlib import Path
from promo_scheduler.engine.lock import exclusive
path, size = Path(sys.argv[1]), int(sys.argv[2])
with exclusive(path, "host:1:aa") as held:
    filler = path.with_name("filler")
    with open(filler, "wb") as file:
        try:
            while file.write(b"x" * 4096):
                file.flush()
        except OSError as error:
            print(error.errno, flush=True)
        try:
            file.close()
        except OSError:
            pass
    held.write('{"said": "while the disk was full"}')
    print(held.failures, flush=True)
"""


@pytest.fixture
def small_disk(tmp_path):
    """A disk of a megabyte, where this user may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "promo", folder], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("no small disk can be mounted here")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_does_not_stop_the_pulse(small_disk):
    path = small_disk / "daemon.lock"
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, path, "0"], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(errno.ENOSPC), "0"]
    assert slate.read(path) == '{"said": "while the disk was full"}'


def test_a_beat_that_cannot_be_written_is_counted_and_no_more(lock):
    lock.write_bytes(b"")
    held = slate.Slate(os.open(lock, os.O_RDONLY))
    held.write("anything")
    assert held.failures == 1
    held.close()
    held.write("after the end")  # to nobody's file
    assert held.failures == 1


# ── how old, how well ───────────────────────────────────────────────────────────────────────────
def test_a_beat_grows_old_by_monotonic_time_whatever_the_clock_does():
    clock = TickingClock(NOW)
    clock.tick(timedelta(seconds=3))
    said = Pulse(ABOUT, beat_at=NOW, ticks=0.0)
    clock.set(NOW + timedelta(days=1))
    assert said.age(clock) == timedelta(seconds=3)
    clock.set(NOW - timedelta(days=1))
    assert said.age(clock) == timedelta(seconds=3)


def test_ticks_from_before_the_machines_start_tell_nothing():
    assert Pulse(ABOUT, NOW, ticks=9e9).age(TickingClock(NOW)) == timedelta(0)


@pytest.mark.parametrize(
    ("said", "age", "well"),
    [
        (beat(), 1, True),
        (beat(channels_down={"a": Wrong(NOW, "503")}), 1, True),
        (beat(), 5.5, False),
        (beat(ledger=Wrong(NOW, "locked")), 1, False),
        (beat(wake=Wrong(NOW, "")), 1, False),
        (beat(late=Late(1, 6.0)), 1, False),
    ],
    ids=["all well", "a channel is down", "it hangs", "no ledger", "no timer", "late"],
)
def test_health_by_the_beat(said, age, well):
    assert Daemon("x", said, timedelta(seconds=age)).is_well is well


def test_a_daemon_that_only_just_began_is_well():
    assert Daemon("x", None, None).is_well


# ── the writer ──────────────────────────────────────────────────────────────────────────────────
async def said_after(pulsing, path, vitals, condition):
    """The first beat for which a condition holds."""
    beating = asyncio.create_task(pulsing[0].beat_forever(lambda: vitals, pulsing[1]))
    try:
        async with asyncio.timeout(20):
            while not ((said := pulse.read(path)) and condition(said)):
                await asyncio.sleep(0.02)
        return said
    finally:
        beating.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await beating


async def test_a_beat_tells_what_the_service_and_the_ledger_know(ledger, lock):
    ledger.note("test", "", {}, NOW, "ann")
    stamp = ledger.stamp()
    vitals = Vitals(in_flight=2, unsettled=5, down={"a": Down(NOW, "closed")}, lag=Lag(0.1, 2))
    with exclusive(lock, ABOUT.owner) as held:
        pulsing = Pulsing(ABOUT, TickingClock(NOW), held)
        said = await said_after((pulsing, ledger), lock, vitals, lambda s: s.head.seq)
    assert (said.in_flight, said.unsettled) == (2, 5)
    assert (said.ledger_id, said.head) == (stamp.id, stamp.head)
    assert said.channels_down == {"a": Wrong(NOW, "closed")}
    assert said.is_well


async def test_what_keeps_the_ledger_from_being_used_is_told_since_it_began(ledger, lock):
    clock = TickingClock(NOW)
    with exclusive(lock, ABOUT.owner) as held:
        pulsing = Pulsing(ABOUT, clock, held)
        await pulsing.beat(Vitals(trouble={"settling": "disk full"}))
        clock.tick(timedelta(seconds=9))
        await pulsing.beat(Vitals(trouble={"claiming": "locked", "settling": "disk full"}))
        assert pulse.read(lock).ledger == Wrong(NOW, "disk full")
        await pulsing.beat(Vitals())
        assert pulse.read(lock).ledger is None


async def test_a_timer_that_stalled_is_told(lock):
    with exclusive(lock, ABOUT.owner) as held:
        await Pulsing(ABOUT, TickingClock(NOW), held).beat(Vitals(stalled_since=NOW))
        assert pulse.read(lock).wake.since == NOW


async def test_a_ledger_that_is_gone_is_told_without_a_claim(ledger, lock, tmp_path):
    ledger.close()  # its connections; the next look makes new ones
    (tmp_path / "ledger.db").write_bytes(b"this is no database" * 500)
    with exclusive(lock, ABOUT.owner) as held:
        pulsing = Pulsing(ABOUT, TickingClock(NOW), held)
        said = await said_after((pulsing, ledger), lock, Vitals(), lambda s: s.ledger)
    assert "cannot be used" in said.ledger.reason


class SilentLedger:
    """A database on the other side of a network that swallows everything."""

    def stamp(self):
        self.asked.wait()

    def __init__(self, asked):
        self.asked = asked


async def test_a_ledger_that_does_not_answer_is_told(lock):
    import threading

    release = threading.Event()
    clock = TickingClock(NOW)
    with exclusive(lock, ABOUT.owner) as held:
        pulsing = Pulsing(ABOUT, clock, held)
        beating = asyncio.create_task(pulsing.beat_forever(Vitals, SilentLedger(release)))
        async with asyncio.timeout(20):
            while pulse.read(lock) is None:
                await asyncio.sleep(0.02)
            assert pulse.read(lock).ledger is None
            clock.tick(timedelta(seconds=4))
            while pulse.read(lock).ledger is None:
                await asyncio.sleep(0.02)
        assert "does not answer" in pulse.read(lock).ledger.reason
        beating.cancel()
        release.set()


async def test_what_is_overdue_is_counted_with_the_worst_lag(ledger, lock, planned):
    clock = TickingClock(NOW + timedelta(seconds=90))
    ledger.apply(planned(NOW, 3))
    with exclusive(lock, ABOUT.owner) as held:
        pulsing = Pulsing(ABOUT, clock, held)
        said = await said_after((pulsing, ledger), lock, Vitals(), lambda s: s.late.count)
    assert said.late == Late(3, 90.0)
    assert not said.is_well


@pytest.fixture
def planned():
    """A plan of so many starts at one instant."""
    from decimal import Decimal

    from promo_scheduler.offer import Offer, PercentOff, Selection
    from promo_scheduler.plan import (
        Action,
        Change,
        ChangeKind,
        Key,
        TriggerEvent,
        Window,
        WindowKey,
    )

    offer = Offer(PercentOff(Decimal(25)), Selection(everything=True))

    def plan(start, count):
        keys = [WindowKey("c", "p", "de", "-", "2026-11-11", n + 1, "shop") for n in range(count)]
        end = start + timedelta(hours=1)
        windows = [
            Window(key, "Europe/Berlin", "de", None, None, start, end, "EUR", offer) for key in keys
        ]
        changes = tuple(
            Change(ChangeKind.CREATE, w.key, None, w, None, 1, "create") for w in windows
        )
        events = tuple(TriggerEvent(Key(key, Action.ACTIVATE), start) for key in keys)
        return Application(changes, events, start, "ann", Versions("2026f"))

    return plan


def test_every_living_node_is_read(lock):
    clock = TickingClock(NOW)
    with present(lock, "host:1:aa") as first, present(lock, "host:2:bb"):
        first.write(pulse.text_of(Pulse(ABOUT, NOW, ticks=0.0)))
        one, two = pulse.daemons(lock, clock)
    assert (one.name, one.age, two.name, two.pulse) == (
        "host:1:aa",
        timedelta(0),
        "host:2:bb",
        None,
    )


# ── metrics ─────────────────────────────────────────────────────────────────────────────────────
SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (\S+)')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\\n]|\\["\\n])*)"')


def parsed(text):
    """Prometheus' text format, read strictly: samples by name and labels."""
    assert text.endswith("\n")
    samples, typed = {}, set()
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            name, kind = line.removeprefix("# TYPE ").split(" ")
            assert kind == "gauge"
            assert name not in typed
            typed.add(name)
        elif line.startswith("# HELP "):
            assert len(line.split(" ", 3)) == 4
        else:
            name, labels, value = SAMPLE.fullmatch(line).groups()
            assert name in typed
            key = (name, *(value for _name, value in LABEL.findall(labels or "")))
            assert key not in samples
            samples[key] = float(value)
    return samples


def test_the_metrics_say_what_is_known_in_prometheus_format():
    said = beat(late=Late(2, 7.25), unsettled=3, head=Head(41, "f"))
    figures = Figures(said, {"shop": True, 'bad "na\\me"\n': False}, 0.0125, 3.5)
    counted = Counted({EventState.PENDING: 1_000_000}, {"host:1:aa": 4.5})
    assert parsed(exposition(figures, counted)) == {
        ("promo_build_info", "1.0", "embedded"): 1,
        ("promo_up",): 1,
        ("promo_start_time_seconds",): NOW.timestamp(),
        ("promo_beat_time_seconds",): NOW.timestamp(),
        ("promo_ledger_ok",): 1,
        ("promo_wake_ok",): 1,
        ("promo_overdue",): 2,
        ("promo_overdue_seconds",): 7.25,
        ("promo_in_flight",): 0,
        ("promo_unsettled",): 3,
        ("promo_lag_seconds", "last"): 0.0125,
        ("promo_lag_seconds", "worst"): 3.5,
        ("promo_audit_head_seq",): 41,
        ("promo_events", "pending"): 1_000_000,
        ("promo_node_lease_seconds", "host:1:aa"): 4.5,
        ("promo_channel_up", "shop"): 1,
        ("promo_channel_up", 'bad \\"na\\\\me\\"\\n'): 0,
    }


async def test_the_file_is_written_whole_and_for_everybody(ledger, lock, tmp_path, planned):
    clock, file = TickingClock(NOW), tmp_path / "promo.prom"
    ledger.apply(planned(NOW + timedelta(days=1), 2))
    exporter = Exporter(file, clock)
    exporter.look(ledger)
    exporter.export(Figures(beat(ledger=Wrong(NOW, "disk full"))))
    found = parsed(file.read_text())
    assert found[("promo_events", "pending")] == 2
    assert found[("promo_events", "done")] == 0
    assert found[("promo_ledger_ok",)] == 0
    assert file.stat().st_mode & 0o777 == 0o644
    assert sorted(tmp_path.glob(".promo*")) == []


async def test_the_service_of_a_daemon_keeps_its_metrics_up_to_date(ledger, lock, tmp_path):
    file = tmp_path / "promo.prom"
    vitals = Vitals(channels=frozenset({"a", "b"}), down={"b": Down(NOW, "closed")})
    with exclusive(lock, ABOUT.owner) as held:
        clock = TickingClock(NOW)
        pulsing = Pulsing(ABOUT, clock, held, Exporter(file, clock))
        await said_after((pulsing, ledger), lock, vitals, lambda _said: file.exists())
    found = parsed(file.read_text())
    assert (found[("promo_channel_up", "a")], found[("promo_channel_up", "b")]) == (1, 0)


def test_a_file_that_cannot_be_written_is_told_once_and_stops_nothing(tmp_path, capsys):
    from structlog.testing import capture_logs

    clock = TickingClock(NOW)
    exporter = Exporter(tmp_path / "no-folder" / "promo.prom", clock)
    with capture_logs() as told:
        for _ in range(3):
            exporter.export(Figures(beat()))
            clock.tick(timedelta(seconds=6))
    assert [line["event"] for line in told] == ["metrics.not-written"]


def test_all_events_are_counted_at_most_each_fifteen_seconds(ledger, tmp_path, planned):
    clock, file = TickingClock(NOW), tmp_path / "promo.prom"
    exporter = Exporter(file, clock)

    def pending():
        exporter.look(ledger)
        exporter.export(Figures(beat()))
        return parsed(file.read_text())[("promo_events", "pending")]

    assert pending() == 0
    ledger.apply(planned(NOW + timedelta(days=1), 2))
    clock.tick(timedelta(seconds=14))
    assert pending() == 0
    clock.tick(timedelta(seconds=6))
    assert pending() == 2
