"""Rows that line up, and what happens where there is no room."""

from rich.text import Text

from promo_scheduler.views.grid import Grid, Line, Row
from promo_scheduler.views.paper import written


def _row(*cells):
    return Row(tuple(map(Text, cells)))


def test_cells_line_up_by_what_they_take_on_the_screen():
    # Given a cell in a script whose characters take two columns each
    grid = Grid([_row("双11", "a"), _row("x", "b")], indent=0)

    assert written(grid).splitlines() == ["双11  a", "x     b"]


def test_a_heading_does_not_widen_the_columns():
    grid = Grid([Line(Text("a long heading")), _row("x", "y")], indent=1)

    assert written(grid).splitlines() == ["a long heading", " x  y"]


def test_columns_without_room_move_under_their_row_the_least_important_first():
    grid = Grid([_row("name", "what it is", "w" * 30)], indent=0, spill=(2, 1))

    assert written(grid, 80).splitlines() == ["name  what it is  " + "w" * 30]
    assert written(grid, 40).splitlines() == ["name  what it is", "    " + "w" * 30]


def test_columns_that_are_dropped_do_not_come_back():
    grid = Grid([_row("name", "w" * 60)], indent=0, spill=(1,), drop=frozenset({1}))

    assert written(grid, 20).splitlines() == ["name"]


def test_no_line_ends_in_spaces():
    grid = Grid([_row("a", ""), _row("longer", "b")])

    assert all(line == line.rstrip() for line in written(grid).splitlines())


def test_a_long_last_cell_wraps_under_itself():
    grid = Grid([_row("key", "one two three four five six seven eight nine")], indent=0)

    lines = written(grid, 40).splitlines()

    assert lines[0].startswith("key  one")
    assert all(line.startswith("     ") for line in lines[1:])
    assert len(lines) == 2
