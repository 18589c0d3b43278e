"""Scenarios in real time: they mostly wait, so those that were selected are played side by side.

A scenario is a function of a Stage; it asserts, and returns what it measured in a line or two.
"""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import zygote

AT_ONE_TIME = 5


@dataclass(frozen=True)
class Stage:
    """What a scenario is played with: its processes, a folder, and a PostgreSQL, if it needs one."""

    processes: zygote.Processes
    folder: Path
    server: Any = None

    def database(self) -> str:
        """The URL of a new, empty database."""
        import psycopg

        name = f"promo_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(self.server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.server.get_uri(database=name)


@dataclass(frozen=True)
class Scenario:
    """`postgresql`: it needs the tests' server."""

    name: str
    play: Callable[[Stage], str]
    postgresql: bool = False


def selected(session):
    """The scenarios of the tests that are to run, in order."""
    specs = [getattr(item, "callspec", None) for item in session.items]
    found = [spec.params["scenario"] for spec in specs if spec and "scenario" in spec.params]
    return list(dict.fromkeys(found))


def each(*scenarios):
    """Parametrize a test with scenarios."""
    return pytest.mark.parametrize("scenario", scenarios, ids=lambda scenario: scenario.name)


class Playing:
    """Plays the selected scenarios; called with one, it waits for its account."""

    def __init__(self, scenarios, folder, server):
        self._folder, self._server = folder, server
        self._pool = ThreadPoolExecutor(AT_ONE_TIME, thread_name_prefix="scenario")
        self._futures = {each: self._pool.submit(self._play, each) for each in scenarios}

    def __call__(self, scenario):
        return self._futures[scenario].result()

    def _play(self, scenario):
        folder = self._folder / scenario.name.replace(" ", "-")
        folder.mkdir()
        with zygote.keeping() as processes:
            return scenario.play(Stage(processes, folder, self._server))

    def close(self):
        self._pool.shutdown(cancel_futures=True)
