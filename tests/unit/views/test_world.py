"""The world timeline as a picture and as a page: read as XML and HTML, not as text."""

import itertools
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from promo_scheduler.campaign import Campaign
from promo_scheduler.clock import TimeOfDay, Versions
from promo_scheduler.errors import Problem
from promo_scheduler.plan import Finding, Plan
from promo_scheduler.region import City, Holidays, Peak, Peaks
from promo_scheduler.settings import Settings
from promo_scheduler.views.world.page import world_page
from promo_scheduler.views.world.scale import LEFT, Scale
from promo_scheduler.views.world.scene import MARK, World, scene_of
from promo_scheduler.views.world.svg import world_svg
from promo_scheduler.workspace import Workspace

VERSIONS = Versions("2026f")
NOW = datetime(2026, 11, 11, 6, tzinfo=UTC)
EVENING = Peaks(weekday=(Peak(TimeOfDay.parse("20:00"), TimeOfDay.parse("22:00")),))
BERLIN = City("Berlin", Decimal("52.52"), Decimal("13.405"))
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def make_world(regions):
    """A world of windows; the regions have Berlin's sun and an evening peak."""

    def make(*windows, findings=(), title="Double 11", now=NOW, viewer=""):
        plan = Plan(tuple(windows), (), tuple(findings), VERSIONS, None)
        placed = {n: replace(r, city=BERLIN, peaks=EVENING) for n, r in regions.items()}
        campaign = Campaign("double-11", title, "o@shop.example", (), None, ())
        workspace = Workspace(Path(), Settings(), placed, {}, (campaign,))
        return World(plan, workspace, now, viewer)

    return make


def drawn(world):
    return ET.fromstring(world_svg(world).encode())


def classed(root, name):
    return [e for e in root.iter() if name in e.get("class", "").split()]


def words(root):
    return ["".join(e.itertext()) for e in root.iter(f"{SVG}text")]


def stories(root):
    """What one reads where one points at a window."""
    return [g[0].text for g in root.iter(f"{SVG}g") if "lasts" in (g[0].text or "")]


# ── the picture ─────────────────────────────────────────────────────────────────────────────────
def test_it_is_an_image_with_a_title_and_a_description(make_world, make_window):
    root = drawn(make_world(make_window("us"), make_window("jp")))

    ids = {e.get("id"): e.text for e in root if e.get("id")}
    assert root.get("role") == "img"
    assert root.get("aria-labelledby").split() == ["promo-title", "promo-desc"]
    assert ids["promo-title"] == "World timeline: Double 11"
    assert "from east to west: Japan, United States" in ids["promo-desc"]


def test_every_window_tells_its_story_where_one_points_at_it(make_world, make_window):
    window = make_window(decided_by="peak weekday 20:00-22:00", warnings=("a gap",))

    (story,) = stories(drawn(make_world(window, viewer="Asia/Shanghai")))

    assert story.split("\n") == [
        "Double 11: launch, Germany",
        "Wed 11 Nov 2026 00:00–24:00 (Europe/Berlin, UTC+1)",
        "Tue 23:00 – Wed 23:00 UTC",
        "Wed 11 Nov 2026 07:00 – Thu 07:00 in Shanghai",
        "25 % off tag winter",
        "lasts 1 day",
        "decided by peak weekday 20:00-22:00",
        "on storefront",
        "! a gap",
    ]


def test_a_bar_lies_at_its_hours_on_the_axis(make_world, make_window):
    window = make_window("de", "2026-11-10T23:00", 24)
    scale = Scale.over([window])

    (bar,) = [r for r in classed(drawn(make_world(window)), "p0") if r.get("x")]

    assert float(bar.get("x")) == pytest.approx(scale.at(window.start), abs=0.1)
    assert float(bar.get("width")) == pytest.approx(scale.per_day, abs=0.1)


def test_where_the_calendar_is_not_known_the_picture_has_no_peaks(make_world, make_window):
    world = make_world(make_window("de", "2026-11-10T23:00", 24))
    unknown = replace(world.workspace.regions["de"], holidays=Holidays("XX"))
    regions = {**world.workspace.regions, "de": unknown}

    root = drawn(replace(world, workspace=replace(world.workspace, regions=regions)))

    assert stories(root)
    assert {each.tag for each in classed(root, "peak")} == {f"{SVG}rect"}  # the legend's


def test_night_is_where_the_sun_is_down_and_the_peak_at_its_hours(make_world, make_window):
    # Given Berlin on 11 November 2026: sunset 16:18, sunrise 07:20, and a peak from 20:00 to 22:00
    window = make_window("de", "2026-11-10T23:00", 24)
    root, scale = drawn(make_world(window)), Scale.over([window])

    nights = spans(classed(root, "night")[0], scale)
    peaks = spans(classed(root, "peak")[0], scale)

    sunset = datetime(2026, 11, 11, 15, 18, tzinfo=UTC)
    sunrise = datetime(2026, 11, 11, 6, 20, tzinfo=UTC)
    assert any(abs(start - sunset) < timedelta(minutes=10) for start, _ in nights)
    assert any(abs(end - sunrise) < timedelta(minutes=10) for _, end in nights)
    assert any(
        abs(s - datetime(2026, 11, 11, 19, tzinfo=UTC)) < timedelta(minutes=3) for s, _ in peaks
    )
    assert all(abs(e - s - timedelta(hours=2)) < timedelta(minutes=5) for s, e in peaks)


def spans(path, scale):
    found = re.findall(r"M([\d.]+) [\d.]+H([\d.]+)", path.get("d"))
    return [tuple(instant_at(float(x), scale) for x in pair) for pair in found]


def instant_at(x, scale):
    return scale.start + (x - LEFT) / scale.width * (scale.end - scale.start)


def test_a_zone_that_is_not_the_anchor_has_its_own_sun(make_world, make_window):
    # Given Honolulu as a zone of the United States, whose city lies elsewhere
    hours = {"start": "2026-11-11T10:00", "hours": 24}
    honolulu = make_window("us", key_zone="x", zone_name="Pacific/Honolulu", **hours)
    root, scale = drawn(make_world(honolulu)), Scale.over([honolulu])

    nights = spans(classed(root, "night")[0], scale)

    sunset = datetime(2026, 11, 12, 3, 51, tzinfo=UTC)  # 17:51 there
    assert any(abs(start - sunset) < timedelta(minutes=10) for start, _ in nights)


def test_phases_are_told_apart_by_letter_and_pattern(make_world, make_window):
    windows = [make_window(phase=f"p{n}", rank=(0, n)) for n in range(3)]

    root = drawn(make_world(*windows))

    badges = ["".join(e.itertext()) for e in classed(root, "badge")]
    assert sorted(set(badges)) == ["A", "B", "C"]
    assert all(classed(root, f"p{n}") for n in range(3))
    tiles = {p.get("id"): [e.get("d") for e in p] for p in root.iter(f"{SVG}pattern")}
    assert len({str(d) for d in tiles.values()}) == len(tiles)


def test_what_overlaps_lies_in_rows_of_its_own(make_window):
    windows = [
        make_window(phase="launch", rank=(0, 0)),
        make_window("de", "2026-11-11T18:00", 5, phase="last-call", rank=(0, 1)),
        make_window("de", "2026-11-12T06:00", 2, phase="after", rank=(0, 2)),
    ]

    (lane,) = scene_of(windows).lanes

    rows = {bar.window.key.phase: bar.top for bar in lane.bars}
    assert rows["launch"] == rows["after"] < rows["last-call"]


@pytest.mark.parametrize("minutes", [1, 60])
def test_no_window_is_too_narrow_for_its_letter_and_none_covers_another(make_window, minutes):
    # Given sixty short windows over a quarter, one every day and a half
    start = datetime(2026, 1, 1, tzinfo=UTC)
    windows = [
        make_window("de", f"{start + n * timedelta(hours=36):%Y-%m-%dT%H:%M}", minutes / 60)
        for n in range(60)
    ]

    scene = scene_of(windows)

    bars = sorted(scene.lanes[0].bars, key=lambda bar: (bar.top, bar.left))
    assert min(bar.width for bar in bars) >= MARK
    assert all(
        one.left + one.width <= other.left + 0.001
        for one, other in itertools.pairwise(bars)
        if one.top == other.top
    )
    assert max(bar.left + bar.width for bar in bars) <= scene.scale.right


def test_the_clock_change_is_marked_with_what_it_does(make_world, make_window):
    root = drawn(make_world(make_window("de", "2026-10-24T22:00", 25)))

    titles = [t.text for t in root.iter(f"{SVG}title")]
    assert "The clocks in Europe/Berlin change: Sun 25 Oct 03:00, UTC+2 to UTC+1" in titles
    assert "−1 h" in words(root)


def test_local_midnights_carry_the_local_date(make_world, make_window):
    root = drawn(make_world(make_window("jp", "2026-11-10T15:00", 24)))

    scale = Scale.over([make_window("jp", "2026-11-10T15:00", 24)])
    (label,) = [e for e in classed(root, "sky") if e.text == "Wed 11 Nov"]
    midnight = scale.at(datetime(2026, 11, 10, 15, tzinfo=UTC))
    assert float(label.get("x")) == pytest.approx(midnight + 4, abs=0.1)


@pytest.mark.parametrize(("now", "count"), [("2026-11-11T06:00", 2), ("2026-12-24T06:00", 0)])
def test_the_present_is_drawn_where_it_lies_in_the_range(make_world, make_window, now, count):
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)

    root = drawn(make_world(make_window(), now=at))

    assert len(classed(root, "now")) == count  # the line, and its sign in the legend


def test_a_title_may_hold_anything(make_world, make_window):
    title = '<script>alert(1)</script> & "it\'s" \x1b[31m ]]>'

    world = make_world(make_window(), title=title)

    assert "<script" not in world_svg(world) + world_page(world)
    assert any('<script>alert(1)</script> & "it\'s"' in text for text in words(drawn(world)))


def test_what_an_error_stops_is_drawn_as_stopped(make_world, make_window):
    stopped = Finding(Problem("E118", "too long"), "double-11", "de")

    root = drawn(make_world(make_window("de"), make_window("jp"), findings=[stopped]))

    assert ["stopped by an error" in story for story in stories(root)] == [False, True]


def test_the_same_plan_gives_the_same_bytes(make_world, make_window):
    windows = [make_window(region) for region in ("us", "de", "jp")]

    assert world_svg(make_world(*windows)) == world_svg(make_world(*windows))
    assert world_page(make_world(*windows)) == world_page(make_world(*windows))


def test_nothing_planned_is_a_picture_too(make_world):
    assert "Nothing is planned." in words(drawn(make_world()))
    assert "Nothing is planned." in world_page(make_world())


# ── the scale ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("hours", "words"),
    [(20, "Wed 11 Nov"), (24 * 14, "Wed 11"), (24 * 60, ""), (24 * 365, "")],
)
def test_dates_are_as_long_as_there_is_room(make_window, hours, words):
    scale = Scale.over([make_window(hours=hours)])

    assert scale.date_words(datetime(2026, 11, 11, tzinfo=UTC).date()) == words


def test_a_long_range_names_mondays(make_window):
    scale = Scale.over([make_window(hours=24 * 60)])

    assert {at.weekday() for at in scale.days()} == {0}
    assert scale.date_words(datetime(2026, 11, 16, tzinfo=UTC).date()) == "16 Nov"


# ── the page ────────────────────────────────────────────────────────────────────────────────────
class Page(HTMLParser):
    """The cells of the tables, and every tag with its attributes."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.cells, self._open = [], [], False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in ("td", "th"):
            self.cells.append("")
        self._open = tag in ("td", "th")

    def handle_data(self, data):
        if self._open and self.cells:
            self.cells[-1] += data

    def handle_endtag(self, tag):
        self._open = False


def test_the_page_has_all_that_the_picture_shows_in_tables(make_world, make_window):
    window = make_window(decided_by="peak weekday 20:00-22:00", warnings=("a gap",))

    page = Page(world_page(make_world(window, viewer="Asia/Shanghai")))

    expected = (
        "A launch",
        "Wed 11 Nov 00:00–24:00",
        "Tue 23:00 – Wed 23:00 UTC",
        "Wed 11 Nov 07:00 – Thu 07:00 Shanghai",
        "1 day",
        "25 % off tag winter",
        "storefront",
        "peak weekday 20:00-22:00",
        "a gap",
    )
    start = page.cells.index("A launch")
    assert tuple(page.cells[start : start + len(expected)]) == expected
    assert "weekday 20:00-22:00; weekend 20:00-22:00; holiday 20:00-22:00" in page.cells


def test_tables_have_captions_and_heads_with_a_scope(make_world, make_window):
    page = Page(world_page(make_world(make_window())))

    names = [tag for tag, _ in page.tags]
    assert names.count("caption") == names.count("table") == 2
    assert all("scope" in attributes for tag, attributes in page.tags if tag == "th")


def test_the_page_fetches_nothing_and_runs_nothing(make_world, make_window):
    page = Page(world_page(make_world(make_window())))

    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "link", "img", "iframe", "object"})
    assert not any(name in ("src", "href") for _, given in page.tags for name in given)
    assert "url(http" not in world_page(make_world(make_window()))


def test_findings_stand_on_the_page_the_errors_first(make_world, make_window):
    findings = [
        Finding(Problem("W114", "left out", "warn", help="choose another date"), "double-11", "de"),
        Finding(Problem("W115", "the anchor decides", "info"), "double-11", "us"),
        Finding(Problem("E118", "too long"), "double-11", "jp"),
    ]

    text = world_page(make_world(make_window(), findings=findings))

    assert "<strong>error E118</strong> too long (jp)." in text
    assert "left out (de). Choose another date." in text
    assert text.index("E118") < text.index("W114") < text.index("<summary>1 note</summary>")
