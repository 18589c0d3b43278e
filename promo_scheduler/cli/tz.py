"""`promo tz`: what new zone data or calendars move, and applying it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from promo_scheduler.cli.door import Door, Output, door_of
from promo_scheduler.cli.options import DetailedExitcode, Format, Where, Yes
from promo_scheduler.cli.plan import CHANGES_PENDING

if TYPE_CHECKING:
    from datetime import datetime

    from promo_scheduler.ledger import Ledger
    from promo_scheduler.operations import Reresolution

tz_app = typer.Typer(
    help="Show what new zone data or calendars move, and apply it.", no_args_is_help=True
)


@tz_app.command()
def diff(
    context: typer.Context,
    *,
    detailed_exitcode: DetailedExitcode = False,
    where: Where = None,
    output: Format = None,
) -> None:
    """Resolve anew what stands, and show what moves: hours on the wall, instants, offsets.

    What stands is what was applied last; edits since then are `promo plan`. Nothing is written.
    """
    from promo_scheduler.cli.door import existing_ledger, ledger_now
    from promo_scheduler.cli.printing import show_commands, show_json
    from promo_scheduler.views.moves import move_problems

    door = door_of(context, where, output)
    with existing_ledger(door.standing_workspace()) as ledger:
        found = _found(door, ledger, ledger_now(ledger))
    if door.is_json:
        show_json(_data(found))
    elif door.output is Output.GITHUB:
        show_commands(move_problems(found.changes, found.left))
    else:
        _print(found)
    if detailed_exitcode and found.changes:
        raise typer.Exit(CHANGES_PENDING)


@tz_app.command()
def apply(
    context: typer.Context,
    *,
    yes: Yes = False,
    where: Where = None,
    output: Format = None,
) -> None:
    """Apply what `promo tz diff` shows, and nothing else. Twice is the same as once."""
    from promo_scheduler.cli.door import existing_ledger

    door = door_of(context, where, output)
    with existing_ledger(door.standing_workspace()) as ledger:
        _apply(door, ledger, yes=yes)


def _apply(door: Door, ledger: Ledger, *, yes: bool) -> None:
    from promo_scheduler.cli.apply import ask, same_again
    from promo_scheduler.cli.door import ledger_now
    from promo_scheduler.operations import apply_moves

    found = _found(door, ledger, ledger_now(ledger))
    if not door.is_json:
        _print(found)
    if found.changes and not yes:
        ask(found)
        found = same_again(found, _found(door, ledger, ledger_now(ledger)))
    _finish(door, found, apply_moves(found, ledger, ledger_now(ledger)))


def _found(door: Door, ledger: Ledger, now: datetime) -> Reresolution:
    """What zone data move, and what calendars do where nobody has edited since the last apply."""
    from promo_scheduler.errors import PromoError
    from promo_scheduler.operations import load_committed, propose, reresolve

    found = reresolve(door.standing_workspace(), ledger, now)
    if not (found.calendars and found.stood.revision):
        return found
    try:
        committed = load_committed(door.root())
    except PromoError:
        return found  # `promo plan`, to which the calendars are left then, says what is wrong
    if committed.revision != found.stood.revision:
        return found
    planned = propose(committed, ledger, now)
    return found if planned.config_changed else found.with_calendars(planned)


def _finish(door: Door, found: Reresolution, serial: int) -> None:
    from promo_scheduler.cli.printing import say, show_json

    if door.is_json:
        show_json({**_data(found), "applied": True, "serial": serial})
    else:
        say(f"The ledger stands on {found.after}, at serial {serial}.")


def _data(found: Reresolution) -> dict[str, object]:
    from dataclasses import asdict

    from promo_scheduler.views.as_data import changes_data, document

    return document(
        versions={"before": asdict(found.before), "after": asdict(found.at_hand)},
        revision=found.stood.revision,
        digest=found.digest,
        ledger={"id": found.stood.id, "serial": found.stood.serial},
        changes=changes_data(found.changes),
        by_calendar=[str(key) for key in sorted(found.by_calendar)],
        left=[{"key": str(left.key), "reason": left.reason} for left in found.left],
        waiting=[str(change.key) for change in found.changes if found.waits],
    )


def _print(found: Reresolution) -> None:
    from rich.text import Text

    from promo_scheduler.cli.printing import show
    from promo_scheduler.views.moves import left_line, move_grid, verdict, versions_line

    show(versions_line(found.before, found.at_hand))
    if found.changes:
        show(Text(), move_grid(found.changes, found.workspace.regions, found.by_calendar))
    for left in found.left:
        show(left_line(left))
    if found.calendars and not found.takes_calendars:
        words = f"{', '.join(found.calendars)}: `promo plan` shows what the calendars change"
        show(Text(f"\n{words}", style="yellow"))
    show(Text(), verdict(found.changes))
