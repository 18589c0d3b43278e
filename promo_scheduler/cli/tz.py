"""`promo tz`: what new zone data or calendars move, and applying it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from promo_scheduler.cli.door import Door, Output, door_of
from promo_scheduler.cli.options import (
    AllowWithdraw,
    DetailedExitcode,
    Format,
    StartLate,
    Where,
    Yes,
)
from promo_scheduler.cli.plan import CHANGES_PENDING, flags_given

if TYPE_CHECKING:
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
    from promo_scheduler.cli.printing import show_json
    from promo_scheduler.operations import reresolve

    door = door_of(context, where, output)
    with existing_ledger(door.standing_workspace()) as ledger:
        found = reresolve(door.root(), ledger, ledger_now(ledger))
    if door.is_json:
        show_json(_data(found))
    elif door.output is Output.GITHUB:
        from promo_scheduler.cli.printing import show_commands

        show_commands(finding.problem for finding in found.proposal.plan.findings)
    else:
        _print(found)
    if detailed_exitcode and found.changes:
        raise typer.Exit(CHANGES_PENDING)


@tz_app.command()
def apply(
    context: typer.Context,
    *,
    allow_withdraw: AllowWithdraw = False,
    start_late: StartLate = False,
    yes: Yes = False,
    where: Where = None,
    output: Format = None,
) -> None:
    """Apply what `promo tz diff` shows. Twice is the same as once."""
    from promo_scheduler.cli.door import existing_ledger

    door = door_of(context, where, output)
    # An end that lies in the past by now is an end that was promised.
    flags = flags_given(allow_withdraw, end_now=True, start_late=start_late)
    with existing_ledger(door.standing_workspace()) as ledger:
        _apply(door, ledger, flags, yes=yes)


def _apply(door: Door, ledger: Ledger, flags: frozenset[str], *, yes: bool) -> None:
    from promo_scheduler.cli.apply import ask, left_out, same_again
    from promo_scheduler.cli.door import ledger_now
    from promo_scheduler.operations import apply as write
    from promo_scheduler.operations import refuse_unless_allowed, reresolve

    found = reresolve(door.root(), ledger, ledger_now(ledger))
    proposal = found.proposal
    if not door.is_json:
        _print(found)
    refuse_unless_allowed(proposal, flags)
    if proposal.changes and not yes:
        ask(proposal)
        proposal = same_again(proposal, reresolve(door.root(), ledger, ledger_now(ledger)).proposal)
    _finish(door, found, write(ledger, proposal, ledger_now(ledger), flags))
    if proposal.errors:
        raise left_out(proposal)


def _finish(door: Door, found: Reresolution, serial: int) -> None:
    from promo_scheduler.cli.printing import say, show_json

    if door.is_json:
        show_json({**_data(found), "applied": True, "serial": serial})
    else:
        say(f"The ledger stands on {found.after}, at serial {serial}.")


def _data(found: Reresolution) -> dict[str, object]:
    from dataclasses import asdict

    from promo_scheduler.views.as_data import changes_data, document, finding_data

    proposal = found.proposal
    return document(
        versions={"before": asdict(found.before), "after": asdict(found.after)},
        revision=proposal.plan.revision,
        remark=found.remark,
        digest=proposal.digest,
        ledger={"id": proposal.ledger_id, "serial": proposal.serial},
        changes=changes_data(proposal.changes),
        waiting=[str(change.key) for change in found.waiting],
        findings=[finding_data(finding) for finding in proposal.plan.findings],
    )


def _print(found: Reresolution) -> None:
    from rich.text import Text

    from promo_scheduler.cli.printing import show, show_findings
    from promo_scheduler.views.moves import move_grid, verdict, versions_line
    from promo_scheduler.views.preview import untold

    show(versions_line(found.before, found.after))
    if found.remark:
        show(Text(found.remark, style="yellow"))
    if found.changes:
        regions = found.proposal.workspace.regions
        show(Text(), move_grid(found.changes, regions, found.waiting))
    show_findings(untold(found.proposal.plan))
    show(Text(), verdict(found.changes))
