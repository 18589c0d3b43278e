"""Files that are no campaign: each gives a Problem with its place, and never a traceback."""

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from promo_scheduler.errors import InvalidWorkspace
from promo_scheduler.source import load


def test_an_empty_campaign_file_is_refused(room):
    room.campaign("")
    problem = room.problem()
    assert (problem.code, str(problem.place)) == ("E024", "campaigns/sale.yaml:1:1")
    assert problem.help


@pytest.mark.parametrize("text", ["# nothing yet\n", "---\n", "\n\n", "~\n"])
def test_a_campaign_file_without_content_is_refused(room, text):
    room.campaign(text)
    assert room.problem().code == "E024"


def test_an_empty_settings_file_means_the_defaults(room):
    room.write("config/settings.yaml", "# all defaults\n")
    assert room.load().settings.max_in_flight == 1000


def test_a_binary_file_is_refused_at_its_first_zero_byte(room):
    room.campaign(b"campaign: sale\nti\x00tle: x\n")
    problem = room.problem()
    assert (problem.code, str(problem.place)) == ("E022", "campaigns/sale.yaml:2:3")


def test_a_file_in_another_encoding_is_refused_at_its_first_wrong_byte(room):
    room.campaign("campaign: sale\ntitle: Größe\n".encode("latin-1"))
    problem = room.problem()
    assert (problem.code, str(problem.place)) == ("E022", "campaigns/sale.yaml:2:10")


def test_a_byte_order_mark_is_no_part_of_the_text(room):
    path = room.root / "campaigns/sale.yaml"
    room.campaign(b"\xef\xbb\xbf" + path.read_bytes())
    assert room.load().campaigns[0].name == "sale"


def test_an_escape_character_is_refused_where_it_stands(room):
    room.campaign("campaign: sale\ntitle: \x1b[31m\n")
    problem = room.problem()
    assert (problem.code, str(problem.place)) == ("E022", "campaigns/sale.yaml:2:8")


def test_every_tab_in_the_indentation_is_named(room):
    room.campaign("campaign: sale\nphases:\n\tlaunch:\n  \t  when: x\n")
    assert [(p.code, p.place.line, p.place.column) for p in room.problems()] == [
        ("E023", 3, 1),
        ("E023", 4, 3),
    ]


def test_a_tab_after_a_colon_is_refused_as_a_tab(room):
    room.campaign("campaign:\tsale\n")
    assert room.problem().code == "E023"


def test_a_file_of_10_mb_is_refused_before_it_is_read(room):
    room.campaign(b"a: [1, 2, 3]\n" * 800_000)
    # The only problem: read as YAML, it would have a repeated key on nearly every line
    assert room.problem().code == "E021"


def test_an_alias_bomb_is_refused_before_it_is_written_out(room):
    bomb = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    bomb += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    room.campaign("\n".join(bomb))
    assert room.problem().code == "E026"  # written out, it would not end


def test_an_alias_inside_itself_is_refused(room):
    room.campaign("campaign: &a [*a]\n")
    assert room.problem().code == "E026"


@pytest.mark.parametrize(
    "text",
    [
        "campaign: " + "[" * 5_000,
        "\n".join(["a0: &a0 x", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 300))]),
    ],
    ids=["written", "by aliases"],
)
def test_a_file_nested_too_deep_is_refused(room, text):
    room.campaign(text)
    assert room.problem().code == "E026"


def test_an_alias_within_bounds_is_written_out(room):
    room.campaign(
        "campaign: sale\nregions: [de]\nphases:\n"
        '  one: { when: &w { date: 2026-11-11, from: "10:00", for: 2h }, '
        "offer: &o { percent: 5, products: all } }\n"
        '  two: { when: { date: 2026-11-12, from: "10:00", for: 2h }, offer: *o }\n'
    )
    one, two = room.load().campaigns[0].phases
    assert one.offer == two.offer


def test_a_second_document_is_refused_where_it_begins(room):
    room.campaign("campaign: sale\n---\ncampaign: other\n")
    problem = room.problem()
    assert (problem.code, problem.place.line) == ("E027", 2)


@pytest.mark.parametrize(
    ("text", "line"),
    [("a: [1, 2\nb: 3\n", 2), ("campaign: a: b\n", 1), ("a: *nowhere\n", 1), ("a: 'x\n", 2)],
)
def test_what_is_not_yaml_is_refused_where_reading_stopped(room, text, line):
    room.campaign(text)
    problem = room.problem()
    assert (problem.code, problem.place.line) == ("E025", line)


@pytest.mark.parametrize("text", ["!!python/object:os.system x", "!secret x", "!!binary x"])
def test_a_tag_is_refused(room, text):
    room.campaign(f"campaign: {text}\nregions: [de]\n")
    assert "E029" in {problem.code for problem in room.problems()}


@pytest.mark.parametrize("text", ["- a\n- b\n", "just text\n"])
def test_a_file_that_is_no_mapping_is_refused(room, text):
    room.campaign(text)
    assert room.problem().code == "E011"


def test_a_duplicate_key_names_the_line_of_the_first(room):
    room.campaign((room.root / "campaigns/sale.yaml").read_text() + "campaign: other\n")
    problem = room.problem()
    assert (problem.code, str(problem.place)) == ("E017", "campaigns/sale.yaml:7:1")
    assert "line 1" in problem.message
    assert problem.place.source == "campaign: other"


def test_an_escape_that_is_no_character_is_refused(room):
    room.campaign('campaign: "\\UFFFFFFFF"\n')
    assert room.problem().code == "E025"


def test_two_half_characters_are_put_together_and_one_alone_is_replaced(room):
    text = (room.root / "campaigns/sale.yaml").read_text()
    room.campaign(text + 'title: "\\ud83d\\ude00"\n')
    assert room.load().campaigns[0].title == "\N{GRINNING FACE}"
    room.campaign(text + '"\\ud83d": x\n')
    problem = room.problem()
    assert (problem.code, problem.path) == ("E010", "\N{REPLACEMENT CHARACTER}")


def test_a_key_that_is_no_name_is_refused(room):
    room.campaign("? [a, b]\n: c\n")
    assert "E029" in {problem.code for problem in room.problems()}


# ── files that are no files ─────────────────────────────────────────────────────────────────────
def test_a_link_out_of_the_workspace_is_refused(room, tmp_path):
    outside = tmp_path / "outside.yaml"
    (room.root / "campaigns/sale.yaml").rename(outside)
    (room.root / "campaigns/sale.yaml").symlink_to(outside)
    assert room.problem().code == "E028"


def test_a_linked_folder_out_of_the_workspace_is_refused(room, tmp_path):
    (room.root / "campaigns").rename(tmp_path / "elsewhere")
    (room.root / "campaigns").symlink_to(tmp_path / "elsewhere")
    assert room.problem().code == "E028"


def test_a_link_inside_the_workspace_is_read(room):
    (room.root / "campaigns/sale.yaml").rename(room.root / "kept.yaml")
    (room.root / "campaigns/sale.yaml").symlink_to("../kept.yaml")
    assert room.load().campaigns[0].name == "sale"


@pytest.mark.parametrize("target", ["nowhere.yaml", "sale.yaml"], ids=["dangling", "circular"])
def test_a_link_to_nowhere_is_refused(room, target):
    (room.root / "campaigns/sale.yaml").unlink()
    (room.root / "campaigns/sale.yaml").symlink_to(target)
    assert room.problem().code == "E020"


def test_a_folder_in_place_of_a_file_is_refused(room):
    (room.root / "campaigns/x.yaml").mkdir()
    problem = room.problem()
    assert (problem.code, problem.place.file) == ("E020", "campaigns/x.yaml")
    assert "folder" in problem.message


def test_a_named_pipe_is_refused_and_not_waited_for(room):
    os.mkfifo(room.root / "campaigns/x.yaml")
    problem = room.problem()
    assert (problem.code, problem.place.file) == ("E020", "campaigns/x.yaml")


@pytest.fixture
def as_nobody():
    """Root may read every file: for the length of a block, be somebody who may not."""

    @contextmanager
    def being_nobody():
        mine = os.geteuid()
        if mine == 0:
            os.seteuid(65534)
        try:
            yield
        finally:
            os.seteuid(mine)

    return being_nobody


def test_an_unreadable_file_is_refused(room, as_nobody):
    # Given a workspace that anybody may read, but for one file
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "workspace"
        shutil.copytree(room.root, root)
        Path(folder).chmod(0o755)
        load(root, revision=None)  # what is imported at the first use is imported by now
        (root / "campaigns/sale.yaml").chmod(0)
        # When somebody reads it, then that file is named
        with as_nobody(), pytest.raises(InvalidWorkspace) as refused:
            load(root, revision=None)
    (problem,) = refused.value.problems
    assert (problem.code, problem.place.file) == ("E020", "campaigns/sale.yaml")


@pytest.mark.parametrize(
    "name", ["settings.yaml", "channels.yaml", "regions.yaml", "calendars.yaml", "catalog.csv"]
)
def test_a_config_file_that_is_a_folder_is_refused_and_not_taken_as_absent(room, name):
    (room.root / "config" / name).unlink(missing_ok=True)
    (room.root / "config" / name).mkdir()
    assert "E020" in {problem.code for problem in room.problems()}


def test_a_config_that_is_a_file_is_refused_and_not_taken_as_absent(room):
    for path in (room.root / "config").iterdir():
        path.unlink()
    (room.root / "config").rmdir()
    room.write("config", "x")
    assert {problem.code for problem in room.problems()} == {"E020"}


def test_campaigns_that_is_a_file_is_refused(room):
    (room.root / "campaigns/sale.yaml").unlink()
    (room.root / "campaigns").rmdir()
    room.write("campaigns", "x")
    assert room.problem().code == "E020"


# ── files that nobody reads ─────────────────────────────────────────────────────────────────────
def test_a_yml_file_is_not_read_and_a_warning_says_so(room):
    room.write("campaigns/other.yml", "campaign: other\n")
    loaded = room.load()
    assert [campaign.name for campaign in loaded.campaigns] == ["sale"]
    (warning,) = loaded.warnings
    assert (warning.code, warning.severity) == ("W011", "warn")


def test_a_misspelt_config_file_gives_a_warning_with_the_right_name(room):
    room.write("config/region.yaml", "regions: {}\n")
    (warning,) = room.load().warnings
    assert (warning.code, warning.help) == ("W011", "did you mean regions.yaml?")


def test_rule_sets_are_refused_as_not_built_yet(room):
    room.write("config/rules/de.yaml", "x: 1\n")
    problem = room.problem()
    assert (problem.code, problem.place.file) == ("E070", "config/rules/de.yaml")


def test_hidden_files_and_schemas_are_left_alone(room):
    room.write("campaigns/.sale.yaml", "{{{")
    room.write("campaigns/campaign.schema.json", "{}")
    assert room.load().warnings == ()
