"""The examples of calendars are played through: each window on time in a real shop on loopback."""

import shutil
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize(
    ("name", "windows"),
    [
        ("lunar-new-year", 102),
        pytest.param("ramadan", 273, marks=pytest.mark.long),
        pytest.param("season", 284, marks=pytest.mark.long),
    ],
)
def test_every_window_begins_and_ends_on_time(promo, tmp_path, name, windows):
    root = tmp_path / name
    shutil.copytree(EXAMPLES / name, root)

    played = promo("-w", root, "simulate", "-o", "json")

    assert (played.code, played.json["faults"]) == (0, [])
    assert (played.json["windows"], played.json["on_time"]) == (windows, windows)
    assert played.json["events"] == played.json["done"] == 3 * windows
    assert played.json["audit"]["verified"]
