"""Daemons are killed at random moments in real time, on SQLite and PostgreSQL, alone and three.

Short: six kills a setting. Long (`pytest -m long tests/chaos`): 300 kills in all.
"""

import pytest
from rounds import CLUSTER, POSTGRESQL, SQLITE, kills
from scenarios import Scenario, each
from switched_on import has_cluster

SHORT, LONG = (0.1, 0.7), (0.3, 3.0)  # seconds that a daemon lives after it is ready


def every_setting(number, alive, suffix=""):
    settings = {"sqlite": SQLITE, "postgresql": POSTGRESQL}
    if has_cluster():
        settings["cluster"] = CLUSTER
    return [
        Scenario(f"kills-{name}{suffix}", kills(setting, number, alive), setting.postgresql)
        for name, setting in settings.items()
    ]


@each(*every_setting(6, SHORT))
def test_a_few_kills_lose_nothing_and_repeat_nothing(played, scenario):
    print(played(scenario))


@pytest.mark.long
@each(*every_setting(100, LONG, "-long"))
def test_a_hundred_kills_a_setting_lose_nothing_and_repeat_nothing(played, scenario):
    print(played(scenario))
