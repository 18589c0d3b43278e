"""The judge of the shop's log is itself judged: it must catch what is planted behind the daemon."""

from dataclasses import replace
from datetime import timedelta

from campaigns import Wanted, a_workspace
from daemons import Daemon
from judging import Judge, expectations, late
from rounds import BUSY, RETRY, workspaces
from scenarios import Scenario, each
from shops import a_shop
from zygote import until

from promo_scheduler.channels.sandbox.verdict import judge

ON_TIME = late(RETRY + BUSY)
LENGTH = 6


def true_run(stage, meddle=None):
    """A run of a real daemon; somebody meddles with the shop as soon as all of it is live."""
    shop = a_shop(stage.processes, stage.folder)
    wanted = Wanted(windows=4, at_once=4, lengths=(LENGTH,), channels=("switched",))
    root = workspaces(stage, shop.url, wanted)[0]
    look = Judge(stage.processes, root)
    look.apply()
    daemon = Daemon(stage.processes, root).ready()
    until(lambda: len(shop.turns("went_live")) == 4, "all are live")
    if meddle:
        meddle(shop, daemon)
    look.at_rest()
    assert daemon.stop() == 0
    return look, shop


def edited(stage):
    """A true log has no fault; with one line taken out, doubled or moved it has that one."""
    look, shop = true_run(stage)
    assert look.account(shop, ON_TIME).faults == ()
    effects, expected = shop.effects(), look.expected()
    for what, (log, found) in planted(effects).items():
        kinds = [fault.kind for fault in judge(log, expected, ON_TIME)]
        assert kinds == found, what
    return f"a true log of {len(effects)} effects: every planted fault is caught"


def planted(effects):
    starts = [n for n, effect in enumerate(effects) if effect.kind == "went_live"]
    ends = [n for n, effect in enumerate(effects) if effect.kind == "ended"]
    start, end = effects[starts[0]], effects[ends[-1]]
    name = start.name
    moved = replace(end, at=end.at + timedelta(seconds=RETRY + BUSY + 1))
    early = replace(end, at=end.at - timedelta(seconds=LENGTH / 2))
    again = replace(start, at=start.at + timedelta(seconds=1), id="twin")
    return {
        "a loss": ([e for e in effects if e.name != name], ["lost"]),
        "a double": ([*effects, again], ["twice", "left open"]),
        "a late end": ([*effects[: ends[-1]], moved, *effects[ends[-1] + 1 :]], ["late"]),
        "an early end": ([*effects[: ends[-1]], early, *effects[ends[-1] + 1 :]], ["early"]),
        "no end": (effects[: ends[-1]] + effects[ends[-1] + 1 :], ["left open"]),
    }


def behind_its_back(stage):
    """Somebody ends one discount by hand, and makes another one a second time."""

    def meddle(shop, daemon):
        first, second, *_ = shop.ask("GET", "/discounts")["discounts"]
        shop.ask("POST", f"/discounts/{first['id']}/disable")
        asked = ("name", "label", "target", "currency", "offer", "native", "enabled")
        shop.ask("POST", "/discounts", {name: second[name] for name in asked})

    look, shop = true_run(stage, meddle)
    kinds = sorted(fault.kind for fault in look.faults(shop.effects(), ON_TIME))
    assert kinds[0] == "early", kinds
    assert "twice" in kinds, kinds
    return f"ended by hand and made twice behind its back: {kinds}"


def delayed(stage):
    """The shop refuses everything until well after the ends: the checker calls them late."""

    def meddle(shop, daemon):
        shop.misbehave(rate_500=1)
        last = max(effect.at for effect in shop.turns("went_live"))
        over = timedelta(seconds=LENGTH + RETRY + BUSY + 1)
        until(lambda: shop_now(shop) > last + over, "the ends are overdue")
        shop.misbehave()

    look, shop = true_run(stage, meddle)
    kinds = {fault.kind for fault in look.faults(shop.effects(), ON_TIME)}
    assert kinds == {"late"}
    return "ends held up by the shop: late"


def shop_now(shop):
    from promo_scheduler.record import instant_from

    return instant_from(shop.ask("GET", "/control/clock")["now"])


@each(
    Scenario("edited", edited), Scenario("meddled", behind_its_back), Scenario("delayed", delayed)
)
def test_the_checker_catches_what_is_planted(played, scenario):
    print(played(scenario))


def test_a_window_that_was_never_planned_is_lost_too(processes, tmp_path):
    # Given a plan by the files alone, and a shop on which nothing ever happened
    root = a_workspace(tmp_path / "workspace", "http://127.0.0.1:9", Wanted(windows=2))
    windows = Judge(processes, root).meant
    # Then every window of it is lost, with no ledger to ask
    found = judge([], expectations(windows, "0" * 32), ON_TIME)
    assert [fault.kind for fault in found] == ["lost"] * 4
