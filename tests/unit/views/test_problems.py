"""Problems as a person and as GitHub reads them."""

from promo_scheduler.errors import Place, Problem
from promo_scheduler.plan import Finding
from promo_scheduler.views.paper import written
from promo_scheduler.views.problems import (
    finding_list,
    ordered,
    problem_text,
    tally,
    workflow_command,
)

ZONE = Problem(
    "E012",
    'unknown time zone "America/Vancuver"',
    place=Place("campaigns/bf.yaml", 12, 11, "    zone: America/Vancuver"),
    path="regions.0.zone",
    help="did you mean America/Vancouver?",
)


def test_a_problem_shows_place_code_path_source_caret_and_way_out():
    assert written(problem_text(ZONE)).splitlines() == [
        'campaigns/bf.yaml:12:11 error[E012] regions.0.zone: unknown time zone "America/Vancuver"',
        "    12 |     zone: America/Vancuver",
        "       |           ^",
        "help: did you mean America/Vancouver?",
    ]


def test_the_caret_stays_under_its_column_in_a_very_long_line():
    source = "x" * 500 + "HERE" + "y" * 500
    problem = Problem("E010", "no", place=Place("c.yaml", 1, 501, source))

    _, shown, caret = written(problem_text(problem), 400).splitlines()

    assert shown[caret.index("^") :].startswith("HERE")


def test_a_source_line_with_tabs_and_escapes_is_shown_harmless():
    problem = Problem("E010", "no", place=Place("c.yaml", 1, 2, "\ta\x1b[31m"))

    assert "\x1b" not in written(problem_text(problem))


def test_errors_come_before_warnings_and_then_by_place():
    warning = Problem("W101", "w", "warn", Place("a.yaml", 1, 1))
    late = Problem("E011", "l", place=Place("b.yaml", 9, 1))
    early = Problem("E011", "e", place=Place("b.yaml", 2, 1))

    assert ordered([warning, late, early]) == [early, late, warning]
    assert tally([warning, late, early]) == "2 errors, 1 warning"


def test_a_workflow_command_escapes_what_github_would_misread():
    problem = Problem("E012", "100 %\nof it", place=Place("a,b:c.yaml", 3, 4))

    assert workflow_command(problem) == (
        "::error file=a%2Cb%3Ac.yaml,line=3,col=4,title=E012::100 %25%0Aof it"
    )


def test_warnings_and_notes_have_their_own_commands():
    assert workflow_command(Problem("W1", "m", "warn")).startswith("::warning title=W1::")
    assert workflow_command(Problem("I1", "m", "info")).startswith("::notice title=I1::")


def test_one_finding_in_many_regions_is_told_once():
    problem = Problem("W116", "no channel serves it", "warn")
    findings = [Finding(problem, "double-11", region) for region in ("de", "us", "jp")]

    text = written(finding_list(findings))

    assert text.count("W116") == 1
    assert "double-11 de, us, jp" in text
