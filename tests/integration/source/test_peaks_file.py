"""Learned peaks in config/regions.yaml: nothing but the peaks changes."""

import difflib
from pathlib import Path

import pytest

from promo_scheduler.clock import TimeOfDay
from promo_scheduler.errors import NotWritable
from promo_scheduler.region import DayType, Peak, Peaks
from promo_scheduler.source import load, shipped
from promo_scheduler.source.peaks_file import peaks_edit, write
from promo_scheduler.timing.best_windows import LearnedPeak
from promo_scheduler.timing.learning import Lesson, Profile

SHIPPED = (shipped("config") / "regions.yaml").read_text(encoding="utf-8")
XX = "  xx:\n    zones: [Europe/Berlin]\n    currency: EUR\n"


def peak(text):
    return Peak(*map(TimeOfDay.parse, text.split("-")))


class Shop:
    """A workspace that names some regions, and what is learned for them."""

    def __init__(self, room, regions):
        targets = ", ".join(f"{name}: {name}-store" for name in regions)
        room.write(
            "config/channels.yaml",
            f"channels:\n  shop:\n    connector: sandbox\n    regions: [{', '.join(regions)}]\n"
            f"    targets: {{ {targets} }}\n",
        )
        (room.root / "campaigns" / "sale.yaml").unlink(missing_ok=True)
        self.room, self.file = room, room.root / "config" / "regions.yaml"

    def regions(self):
        return load(self.room.root, revision=None).regions

    def lesson(self, region, **windows):
        home = self.regions()[region]
        profiles = []
        for kind in DayType:
            found = tuple(peak(text) for text in windows.get(kind.value, ()))
            learned = tuple(LearnedPeak(each, each.start, each.start, 0.3) for each in found)
            profiles.append(Profile(kind, 500, 90, 0, (0.0,) * 48, home.peaks.on(kind), learned))
        return Lesson(home, tuple(profiles))

    def learn(self, **lessons):
        """Learn and write; the lines that changed."""
        edit = peaks_edit(self.room.root, [self.lesson(r, **w) for r, w in lessons.items()])
        write(edit)
        lines = difflib.unified_diff(
            edit.before.split("\n"), edit.after.split("\n"), n=0, lineterm=""
        )
        return [line for line in lines if line[:3] not in ("---", "+++") and line[:2] != "@@"]


@pytest.fixture
def shop(room):
    def make(content, *regions):
        room.write("config/regions.yaml", content)
        return Shop(room, regions)

    return make


@pytest.mark.parametrize("line", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_in_a_copy_of_the_shipped_file_only_the_peaks_lines_change(shop, line):
    own = shop(SHIPPED.replace("\n", line), "gb", "br", "de")

    changed = own.learn(
        gb={"weekday": ["12:00-14:00"]},
        br={"weekday": ["20:30-23:00", "11:00-13:30"], "weekend": ["23:00-01:00"]},
    )

    end = line[:-1]
    assert changed == [
        f'-      weekday: ["20:00-22:30", "12:00-14:00"]{end}',
        f'-      weekend: "19:00-22:30"{end}',
        f'+      weekday: ["20:30-23:00", "11:00-13:30"]{end}',
        f'+      weekend: "23:00-01:00"{end}',
        f'-    peaks: {{ weekday: "19:30-21:30", weekend: "18:00-21:00", holiday: "18:00-21:00" }}{end}',
        f'+    peaks: {{ weekday: "12:00-14:00", weekend: "18:00-21:00", holiday: "18:00-21:00" }}{end}',
    ]
    assert own.regions()["gb"].peaks.weekday == (peak("12:00-14:00"),)


def test_the_second_time_nothing_changes(shop):
    own = shop(SHIPPED, "gb", "de")
    lesson = {"gb": {"weekday": ["12:00-14:00"]}, "de": {"weekend": ["10:00-13:00"]}}

    assert own.learn(**lesson)
    assert own.learn(**lesson) == []


def test_a_region_of_the_shipped_catalogue_is_added_whole_and_said_to_be_from_there(shop):
    own = shop(f"# ours\nregions:\n{XX}\n# the end\n", "au", "xx")
    before = own.regions()["au"]

    changed = own.learn(au={"weekday": ["12:00-14:00"]})

    assert all(line.startswith("+") for line in changed)
    assert "From the shipped catalogue" in changed[0]
    assert own.file.read_text().startswith(f"# ours\nregions:\n{XX}  # From the shipped")
    assert own.file.read_text().endswith("tags: [oceania]\n\n# the end\n")
    after = own.regions()["au"]
    assert (after.zones, after.anchor, after.city) == (before.zones, before.anchor, before.city)
    assert after.peaks == Peaks((peak("12:00-14:00"),), before.peaks.weekend, before.peaks.holiday)


@pytest.mark.parametrize("content", ["", "# only a comment", "regions: {}\n"])
def test_a_file_without_regions_gets_its_first_one(shop, content):
    own = shop(content, "gb")

    own.learn(gb={"weekday": ["12:00-14:00"]})

    assert own.regions()["gb"].peaks.weekday == (peak("12:00-14:00"),)
    assert own.file.read_text().startswith(content[:1])


def test_a_file_that_is_not_there_is_made(shop):
    own = shop("", "gb")
    own.file.unlink()

    own.learn(gb={"weekday": ["12:00-14:00"]})

    assert own.regions()["gb"].peaks.weekday == (peak("12:00-14:00"),)


@pytest.mark.parametrize(
    ("content", "changed"),
    [
        (XX, ['+    peaks: { weekday: "12:00-14:00" }']),
        (
            "  xx: { zones: [Europe/Berlin], currency: EUR }\n",
            [
                "-  xx: { zones: [Europe/Berlin], currency: EUR }",
                '+  xx: { zones: [Europe/Berlin], currency: EUR, peaks: { weekday: "12:00-14:00" } }',
            ],
        ),
        (
            XX + "    peaks:\n      weekday:\n      - 19:00-21:00\n      # tail\n    tags: [a]\n",
            ["-      - 19:00-21:00", '+      - "12:00-14:00"', '+      weekend: "19:00-21:00"'],
        ),
        (
            XX + "    peaks: # ours\n      weekend: '10:00-12:00' # Sunday\n      # tail\n",
            ['+      weekday: "12:00-14:00"'],
        ),
        (
            XX + "    peaks: { weekday: 19:00-21:00, weekend: 10:00-12:00 } # ours\n",
            [
                "-    peaks: { weekday: 19:00-21:00, weekend: 10:00-12:00 } # ours",
                '+    peaks: { weekday: "12:00-14:00", weekend: 10:00-12:00 } # ours',
            ],
        ),
    ],
    ids=["no peaks", "on one line", "a list of lines", "another day type", "not quoted"],
)
def test_peaks_are_put_in_the_way_that_the_entry_is_written(shop, content, changed):
    own = shop(f"\N{ZERO WIDTH NO-BREAK SPACE}# São Paulo 😀\nregions:\n{content}", "xx")

    assert own.learn(xx={"weekday": ["12:00-14:00"]}) == changed
    assert own.regions()["xx"].peaks.weekday == (peak("12:00-14:00"),)


COMMENTED = (
    XX
    + "    peaks:\n      weekday:\n        - 19:00-21:00   # supper\n        # from the shop floor\n"
    "        - '12:00-14:00'   # lunch\n      weekend: '10:00-12:00'\n"
)


@pytest.mark.parametrize(
    ("learned", "changed"),
    [
        (
            ["20:00-22:00", "12:00-14:00"],
            ["-        - 19:00-21:00   # supper", '+        - "20:00-22:00"   # supper'],
        ),
        (
            ["19:00-21:00"],
            ["-        - '12:00-14:00'   # lunch", "+        # lunch"],
        ),
        (
            ["19:00-21:00", "12:00-14:00", "08:00-09:00"],
            ['+        - "08:00-09:00"'],
        ),
    ],
    ids=["another", "fewer", "more"],
)
@pytest.mark.parametrize("line", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_comments_among_the_lines_of_a_list_stay(shop, learned, changed, line):
    own = shop(f"regions:\n{COMMENTED}".replace("\n", line), "xx")

    assert own.learn(xx={"weekday": learned}) == [each + line[:-1] for each in changed]
    assert own.regions()["xx"].peaks.weekday == tuple(map(peak, learned))


def test_a_line_that_is_taken_out_leaves_no_empty_one(shop):
    own = shop(f"regions:\n{COMMENTED.replace('   # lunch', '')}", "xx")

    changed = own.learn(xx={"weekday": ["19:00-21:00"]})

    assert changed == ["-        - '12:00-14:00'"]


def test_a_comment_within_a_list_on_several_lines_is_not_lost_but_refused(shop):
    text = f'regions:\n{XX}    peaks:\n      weekday: ["19:00-21:00",  # supper\n        "12:00-14:00"]\n'
    own = shop(text, "xx")

    with pytest.raises(NotWritable, match="a comment stands within a list of peaks"):
        own.learn(xx={"weekday": ["20:00-22:00"]})
    assert own.file.read_text() == text


@pytest.mark.parametrize("content", [None, "", "# ours\n", "regions: {}\n", "other: [\n"])
def test_where_nothing_changes_the_text_stays_as_it_is(shop, content):
    own = shop("", "gb")
    lessons = [own.lesson("gb")]
    if content is None:
        own.file.unlink()
    else:
        own.file.write_text(content)

    edit = peaks_edit(own.room.root, lessons)

    assert (edit.before, edit.after, edit.copied) == (content or "", content or "", ())


def test_peaks_that_two_regions_share_by_an_alias_are_refused_and_nothing_is_written(shop):
    text = (
        f"regions:\n{XX}    peaks: &usual {{ weekday: '19:00-21:00' }}\n"
        f"{XX.replace('xx', 'yy')}    peaks: *usual\n"
    )
    own = shop(text, "xx", "yy")

    with pytest.raises(NotWritable, match="nothing was written") as caught:
        own.learn(yy={"weekday": ["12:00-14:00"]})

    assert caught.value.help == "put these in by hand: yy: weekday 12:00-14:00, weekend 19:00-21:00"
    assert own.file.read_text() == text


def test_the_file_keeps_its_permissions_and_nothing_lies_beside_it(shop):
    own = shop(SHIPPED, "gb")
    own.file.chmod(0o640)
    beside = set(own.file.parent.iterdir())

    own.learn(gb={"weekday": ["12:00-14:00"]})

    assert own.file.stat().st_mode & 0o777 == 0o640
    assert set(own.file.parent.iterdir()) == beside


def test_a_file_that_cannot_be_replaced_is_left_as_it_is(shop, tmp_path: Path):
    own = shop(SHIPPED, "gb")
    edit = peaks_edit(own.room.root, [own.lesson("gb", weekday=["12:00-14:00"])])
    own.file.unlink()
    own.file.mkdir()  # a folder cannot be replaced by a file, whoever runs this

    with pytest.raises(NotWritable, match="cannot be written"):
        write(edit)
    assert [path.name for path in own.file.parent.glob(".*")] == []
