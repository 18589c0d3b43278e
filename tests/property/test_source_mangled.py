"""Whatever a file holds, loading ends in a Workspace or in Problems with a code and a place."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promo_scheduler.errors import InvalidWorkspace
from promo_scheduler.source import load
from promo_scheduler.views.explanations import SOURCE_CODES

CAMPAIGN = """\
campaign: double-11
title: Double 11
regions: [de, us]
channels: [shop]
phases:
  teaser:
    when: { date: { from: 2026-11-01, to: 2026-11-05, each: day }, from: peak, for: 2h }
    offer: { percent: 10, products: { tag: winter } }
  launch: &launch
    when: { date: 2026-11-11, from: "00:00", until: "24:00", gap: snap }
    offer: { amount: { EUR: 5, USD: 6 }, products: { skus: [A-1], except: { sku: B } }, label: { en: X } }
  weekly:
    when: { date: { rrule: "FREQ=WEEKLY;BYDAY=FR", from: 2026-12-04, to: 2027-04-30 }, from: "20:00", until: "+1d 03:00" }
    offer: { price: { EUR: 5, USD: 6 }, products: all }
  everywhere:
    when: { clock: instant, from: "2026-12-12T00:00:00+08:00", until: "2026-12-13T00:00:00Z" }
    offer: { percent: 5, products: all }
overrides:
  de: { phases: { launch: { when: { for: 3h }, offer: { percent: 20 } } }, skip: [teaser] }
  us: { cancelled: "strike", channels: { shop: { skip: [weekly] } } }
priority: 50
late: { start_within: 2h }
"""
CONFIG = {
    "regions.yaml": 'regions:\n  de: { zones: [Europe/Berlin], currency: EUR, peaks: { weekday: "19:00-21:00" } }\n',
    "channels.yaml": "channels:\n  shop:\n    connector: sandbox\n    regions: [de, us]\n"
    '    targets: { de: a, us: b }\n    settings: { token: "${env:T}" }\n    limits: { rate: 4/s }\n',
    "settings.yaml": "lease: 30s\napply: { auto: [create], ask: [withdraw] }\n",
    "calendars.yaml": "dates:\n  mine:\n    is: { from: 4th thu of nov + 1d, to: easter }\n"
    "    by_country: [{ countries: [GB], is: hijri 10-1, source: me }]\n"
    "  lunar-new-year: { years: { 2027: 2027-02-06 }, disputed: { 2027-02-07: them } }\n",
    "catalog.csv": 'sku,title,tags,EUR\nA-1,"x, y",winter;sale,5\nB,z,,6\n',
}
SNIPPETS = [
    *(
        ": ",
        "- ",
        "{",
        "}",
        "[",
        "]",
        '"',
        "'",
        "&x ",
        "*x",
        "*launch",
        "!!int ",
        "! ",
        "---\n",
        "...\n",
    ),
    *(
        "\t",
        "\n",
        "\n  ",
        "  ",
        "#",
        " #",
        "|\n",
        ">\n",
        "? ",
        "%YAML 1.1\n",
        "<<: *launch\n",
        "\0",
        "\x1b",
    ),
    *(
        '"\\ud800"',
        '"\\e"',
        "\ufeff",
        "\u2028",
        "\x85",
        "\U0001f600",
        "~",
        "null",
        "NO",
        "1e999",
        "-",
        "20:30",
    ),
    *(
        "99999999999999999999",
        "0",
        "peak(0)",
        "P1D",
        "9999-12-31",
        "until",
        "for",
        "approval: x\n",
        "..",
        "/",
    ),
]


def _mangled(text: str) -> st.SearchStrategy[str]:
    spots = st.tuples(st.integers(0, len(text)), st.integers(0, 12))
    insert = st.tuples(spots, st.one_of(st.sampled_from(SNIPPETS), st.text(max_size=8)))
    return st.lists(insert, min_size=1, max_size=4).map(lambda edits: _edited(text, edits))


def _edited(text: str, edits: list[tuple[tuple[int, int], str]]) -> str:
    for (start, length), new in edits:
        text = text[:start] + new + text[start + length :]
    return text


@pytest.fixture(scope="module")
def workspace() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "campaigns").mkdir()
        (root / "config").mkdir()
        yield root


def _write(root: Path, changed: str, content: str) -> None:
    files = {"campaigns/sale.yaml": CAMPAIGN, **{f"config/{n}": t for n, t in CONFIG.items()}}
    for name, text in {**files, changed: content}.items():
        (root / name).write_bytes(text.encode("utf-8", "surrogatepass"))


def _check(root: Path) -> None:
    try:
        loaded = load(root, revision=None)
    except InvalidWorkspace as invalid:
        problems, refused = invalid.problems, True
    else:
        problems, refused = loaded.warnings, False
    assert refused == any(problem.severity == "error" for problem in problems)
    for problem in problems:
        assert problem.code in SOURCE_CODES
        assert problem.place is not None
        assert min(problem.place.line, problem.place.column) >= 1
        assert problem.message
        str(problem).encode()


def test_the_text_loads_before_it_is_mangled(workspace: Path) -> None:
    _write(workspace, "campaigns/sale.yaml", CAMPAIGN)
    (campaign,) = load(workspace, revision=None).campaigns
    assert len(campaign.phases) == 4


@settings(max_examples=150, deadline=None)
@given(content=_mangled(CAMPAIGN))
def test_a_mangled_campaign_gives_a_workspace_or_problems(workspace: Path, content: str) -> None:
    _write(workspace, "campaigns/sale.yaml", content)
    _check(workspace)


@pytest.mark.parametrize("name", CONFIG)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_mangled_config_file_gives_a_workspace_or_problems(
    workspace: Path, name: str, data: st.DataObject
) -> None:
    _write(workspace, f"config/{name}", data.draw(_mangled(CONFIG[name])))
    _check(workspace)


@settings(max_examples=40, deadline=None)
@given(content=st.binary(max_size=200))
def test_any_bytes_give_problems(workspace: Path, content: bytes) -> None:
    _write(workspace, "campaigns/sale.yaml", CAMPAIGN)
    (workspace / "campaigns/sale.yaml").write_bytes(content)
    _check(workspace)
