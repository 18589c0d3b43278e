"""A shop that loses a fifth of its answers after their effect, and refuses more: the same zeros."""

import random
from dataclasses import replace

import pytest
from campaigns import Wanted
from daemons import Daemon
from judging import Judge, late
from rounds import workspaces
from scenarios import Scenario, each
from shops import a_shop

BAD = {"lost_answers": 0.2, "rate_429": 0.1, "rate_500": 0.05}
LATE = 15  # seconds: half of the tries fail, and a second lies between two
MANY = Wanted(windows=150, at_once=5, lengths=(20, 22))
# Each 429 keeps the whole account waiting, so a shop like that takes only so many calls.
SLOW = Wanted(windows=30, at_once=1, apart=2, lengths=(40,))


def lost_answers(wanted, retry_after=0):
    def play(stage):
        # Given windows on a shop that keeps them and on one that is switched, both misbehaving
        shop = a_shop(stage.processes, stage.folder)
        root = workspaces(stage, shop.url, wanted)[0]
        judge = Judge(stage.processes, root)
        judge.apply()
        seed = random.SystemRandom().randrange(10**6)
        shop.misbehave(**BAD, retry_after=retry_after, seed=seed)
        # When the daemon has come to its end with it
        daemon = Daemon(stage.processes, root).ready()
        judge.at_rest()
        shop.misbehave()
        # Then each window was live once over its own time
        tries = daemon.said("firing.settled")
        failed = len(tries) - len({entry["key"] for entry in tries})
        account = judge.account(shop, late(LATE * (1 + retry_after)))
        assert (account.faults, account.missed) == ((), 0), f"seed {seed}: {account.faults}"
        assert failed > wanted.windows / 2, "the shop did not misbehave"
        assert daemon.stop() == 0
        return f"lost answers: seed {seed}, {failed} tries failed, {account}"

    return play


@each(Scenario("lost-answers", lost_answers(replace(MANY, windows=15))))
def test_lost_answers_and_refusals_lose_nothing_and_repeat_nothing(played, scenario):
    print(played(scenario))


@pytest.mark.long
@each(
    Scenario("lost-answers-long", lost_answers(MANY)),
    Scenario("lost-answers-slow", lost_answers(SLOW, retry_after=1)),
)
def test_many_lost_answers_lose_nothing_and_repeat_nothing(played, scenario):
    print(played(scenario))
