"""`promo peaks`: learn the hours of most sales from orders."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from promo_scheduler.cli.door import Door, door_of
from promo_scheduler.cli.options import Format, Where

if TYPE_CHECKING:
    from promo_scheduler.operations.learning import Learned
    from promo_scheduler.source.peaks_file import PeaksEdit
    from promo_scheduler.timing.learning import Wish
    from promo_scheduler.workspace import Workspace

peaks_app = typer.Typer(
    help="Learn each region's hours of most sales from your orders.", no_args_is_help=True
)
THEN = "`promo plan` shows what it moves, and nothing moves before `promo apply`."

OrdersFile = Annotated[
    Path,
    typer.Argument(
        metavar="ORDERS.csv",
        help="Columns placed_at_utc, and region or country; others are not looked at.",
        show_default=False,
    ),
]
OfRegions = Annotated[
    list[str] | None,
    typer.Option("--region", metavar="NAME", help="Only this region; may be given again."),
]
Length = Annotated[
    str | None,
    typer.Option(
        "--window",
        metavar="2h",
        help="How long a peak is. (default: as the region's first one, else 2h)",
    ),
]
Number = Annotated[
    int | None,
    typer.Option(
        "--peaks", metavar="N", min=1, help="How many a day. (default: as many as are configured)"
    ),
]
Write = Annotated[bool, typer.Option("--write", help="Write them into config/regions.yaml.")]
Svg = Annotated[Path | None, typer.Option("--svg", metavar="FILE", help="Draw them there too.")]


@peaks_app.callback()
def peaks() -> None:
    """Learn each region's hours of most sales from your orders."""


@peaks_app.command("learn")
def learn(
    context: typer.Context,
    orders: OrdersFile,
    *,
    region: OfRegions = None,
    window: Length = None,
    number: Number = None,
    write: Write = False,
    svg: Svg = None,
    where: Where = None,
    output: Format = None,
) -> None:
    """Find the best hours of each region by type of day, and how sure that is.

    Under 200 orders for a type of day the configured hours are kept. The same file gives the same
    answer: resamples are seeded with the orders themselves.
    """
    from promo_scheduler.cli.saving import save
    from promo_scheduler.operations.learning import learn_peaks, peaks_edit_of
    from promo_scheduler.views.profile_svg import profiles_svg

    door = door_of(context, where, output)
    workspace = door.workspace()
    wish = _wish(workspace, region or [], window, number)
    with _progress() as watch:
        learned = learn_peaks(workspace, orders, wish, watch)
    edit = peaks_edit_of(workspace, learned)
    if svg is not None:
        save(svg, profiles_svg(learned.lessons))
    if write:
        _write(edit)
    _print(door, learned, edit, written=write)


def _wish(
    workspace: Workspace, regions: Sequence[str], window: str | None, number: int | None
) -> Wish:
    from promo_scheduler.cli.scoping import refuse_unknown
    from promo_scheduler.errors import WrongUsage
    from promo_scheduler.order import Scope
    from promo_scheduler.timing import parse_duration
    from promo_scheduler.timing.learning import LONGEST, SHORTEST, Wish

    for name in regions:
        refuse_unknown(Scope(region=name), workspace)
    try:
        asked = parse_duration(window) if window else None
    except ValueError as error:
        raise WrongUsage(f"--window: {error}", help="for example --window 2h") from None
    length = asked.elapsed if asked else None
    if asked and (asked.days or not SHORTEST <= asked.elapsed <= LONGEST):
        raise WrongUsage(
            f"--window: expected 30 minutes to 12 hours, found {window}", help="try --window 2h"
        )
    if length and (number or 1) * length > LONGEST:
        raise WrongUsage(
            f"{number} peaks of {window} are more than 12 hours of a day together",
            help="ask for fewer or shorter ones",
        )
    return Wish(length, number, frozenset(regions))


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """Where a terminal is there to show it on, how far reading and learning have come."""
    if not sys.stderr.isatty():
        yield lambda _stage, _done, _whole: None
        return
    from rich.progress import Progress

    from promo_scheduler.views.paper import paper

    with Progress(console=paper(sys.stderr), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def watch(stage: str, done: int, whole: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=whole)
            bars.update(tasks[stage], completed=done)

        yield watch


def _write(edit: PeaksEdit) -> None:
    from promo_scheduler.source.peaks_file import write

    if edit.after != edit.before:
        write(edit)


def _print(door: Door, learned: Learned, edit: PeaksEdit, *, written: bool) -> None:
    from promo_scheduler.cli.printing import say, show, show_json
    from promo_scheduler.views.problems import problem_text
    from promo_scheduler.views.profile import Profiles, places_notes

    if door.is_json:
        show_json(_data(learned, edit, written=written))
        return
    orders = learned.orders
    if orders.bad:
        say(*map(problem_text, orders.bad))  # a line each, with nothing between
        say(f"{orders.bad_rows:,} of {orders.rows:,} rows were left out.\n")
    show(Profiles(learned.lessons))
    for note in places_notes(orders.column, orders.unknown, learned.shared):
        show(note)
    show("", *_outcome(learned, edit, written=written))


def _outcome(learned: Learned, edit: PeaksEdit, *, written: bool) -> Iterator[str]:
    """What was, or would be, written, and what comes next."""
    from promo_scheduler.views.profile import listed

    if edit.after == edit.before:
        yield "config/regions.yaml needs no change."
        return
    yield "Written to config/regions.yaml:" if written else "To be written to config/regions.yaml:"
    for lesson in learned.lessons:
        if lesson.changed:
            name = lesson.region.name
            added = " (a new entry, copied from the shipped catalogue)" * (name in edit.copied)
            peaks = (f"{kind} {listed(lesson.peaks.on(kind))}" for kind in lesson.changed)
            yield f"  {name}{added}: {'; '.join(peaks)}"
    yield THEN if written else f"With --write it is written; then {THEN}"


def _data(learned: Learned, edit: PeaksEdit, *, written: bool) -> dict[str, Any]:
    from promo_scheduler.views.as_data import document, problem_data
    from promo_scheduler.views.profile import lesson_data

    orders = learned.orders
    return document(
        rows=orders.rows,
        bad_rows=orders.bad_rows,
        unknown=dict(orders.unknown),
        shared={country: list(names) for country, names in learned.shared.items()},
        regions=[lesson_data(lesson) for lesson in learned.lessons],
        changed=edit.after != edit.before,
        written=written and edit.after != edit.before,
        copied=list(edit.copied),
        problems=[problem_data(problem) for problem in orders.bad],
    )
