"""PostgreSQL is killed in the midst of a burst and started again: the daemon goes on by itself."""

import time
from datetime import UTC, datetime

import pytest
from bursts import Burst, Plan
from campaigns import Wanted
from judging import late
from postgres import own_server
from scenarios import Scenario, each
from zygote import until

EACH = 100  # windows on each channel
LATE = 60  # seconds: here it counts that all comes, once


def killed_in_a_burst(windows, down, patience):
    """`windows` begin at one instant; when a tenth is live, PostgreSQL dies for `down` seconds."""

    def play(stage):
        with own_server() as server:
            plan = OneInstant(down, windows=windows, late=patience, ledger=server.url)
            burst = Burst(stage, plan)
            shop = burst.shop
            until(lambda: len(shop.lines()) > windows / 10, "the burst is under way", patience)
            # When it is killed, and comes back
            server.kill()
            began = datetime.now(UTC)
            time.sleep(down)  # the fault's length, not a wait for a result
            server.start()
            back, seen = datetime.now(UTC), len(shop.lines())
            until(lambda: len(shop.lines()) > seen or over(shop, windows), "it goes on", patience)
            seconds = (datetime.now(UTC) - back).total_seconds()
            # Then all of it comes once, by the shop's log
            burst.judge.at_rest(3 * patience)
            account = burst.judge.account(shop, late(LATE, [(began, back)]))
            assert (account.faults, account.missed) == ((), 0), account.faults
            assert "Traceback" not in burst.daemons[0].child.errors()
            assert burst.daemons[0].stop() == 0
            return f"PostgreSQL killed: it went on {seconds:.2f} s after its return; {account}"

    return play


class OneInstant(Plan):
    """All at one instant, a hundred on each channel, for long enough."""

    @property
    def wanted(self):
        return Wanted(
            windows=EACH,
            at_once=EACH,
            begins_in=4,
            lengths=(round(self.late) + self.seconds,),
            channels=tuple(f"switched-{n}" for n in range(self.windows // EACH)),
        )


def over(shop, windows):
    return len(shop.turns("went_live")) == windows


SHORT = killed_in_a_burst(windows=500, down=1, patience=8)
LONG = killed_in_a_burst(windows=5000, down=3, patience=90)


@each(Scenario("postgresql-killed", SHORT, postgresql=True))
def test_postgresql_killed_in_a_burst_of_a_thousand_events(played, scenario):
    print(played(scenario))


@pytest.mark.long
@each(Scenario("postgresql-killed-long", LONG, postgresql=True))
def test_postgresql_killed_in_a_burst_of_ten_thousand_events(played, scenario):
    print(played(scenario))
