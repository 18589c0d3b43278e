"""`promo apply`: write the plan into the ledger, after it was looked at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from promo_scheduler.cli.door import Door, door_of
from promo_scheduler.cli.options import (
    AllowWithdraw,
    CampaignName,
    EndNow,
    Format,
    RegionName,
    StartLate,
    Where,
    Yes,
)
from promo_scheduler.cli.plan import flags_given, print_proposal, proposal_data
from promo_scheduler.errors import PartlyDone, StalePlan, WrongUsage

if TYPE_CHECKING:
    from promo_scheduler.ledger import Ledger
    from promo_scheduler.operations import Proposal, Reresolution
    from promo_scheduler.order import Scope
    from promo_scheduler.plan import Change
    from promo_scheduler.workspace import Workspace

Shown = TypeVar("Shown", "Proposal", "Reresolution")
Saved = Annotated[
    Path | None, typer.Argument(metavar="FILE", help="A plan saved by `promo plan --out FILE`.")
]


def apply(
    context: typer.Context,
    *,
    file: Saved = None,
    campaign: CampaignName = None,
    region: RegionName = None,
    allow_withdraw: AllowWithdraw = False,
    end_now: EndNow = False,
    start_late: StartLate = False,
    yes: Yes = False,
    where: Where = None,
    output: Format = None,
) -> None:
    """Write what the workspace asks for into the ledger.

    Twice is the same as once. A saved plan is applied without asking, and refused where anything
    has moved since. A campaign with errors is left out in their region; the exit code is then 4.
    """
    from promo_scheduler.order import Scope

    door = door_of(context, where, output)
    scope = Scope(campaign=campaign, region=region)
    flags = flags_given(allow_withdraw, end_now, start_late)
    if file is None:
        _apply_present(door, scope, flags, yes)
        return
    if str(scope) != "all" or flags:
        raise WrongUsage(
            "a saved plan brings its own scope and flags", help="leave the other options out"
        )
    _apply_saved(door, file)


def _apply_present(door: Door, scope: Scope, flags: frozenset[str], yes: bool) -> None:
    from promo_scheduler.cli.door import present, writing_ledger
    from promo_scheduler.cli.scoping import refuse_unknown
    from promo_scheduler.operations import apply as write
    from promo_scheduler.operations import propose, refuse_unless_allowed

    workspace = door.workspace()
    refuse_unknown(scope, workspace)
    with writing_ledger(workspace) as ledger:
        moved = _catch_up(workspace, ledger, yes=yes)
        proposal = propose(workspace, ledger, present(), scope)
        if not door.is_json:
            print_proposal(proposal, workspace, flags)
        refuse_unless_allowed(proposal, flags)
        if proposal.changes and not yes:
            ask(proposal)
            proposal = same_again(proposal, propose(workspace, ledger, present(), scope))
        _finish(door, proposal, write(ledger, proposal, present(), flags), moved)


def _catch_up(workspace: Workspace, ledger: Ledger, *, yes: bool) -> tuple[Change, ...]:
    """Take up new zone data first, unless they are left to `promo tz apply`; what they change."""
    from promo_scheduler.cli.door import present
    from promo_scheduler.cli.printing import say
    from promo_scheduler.operations import apply_moves, to_catch_up
    from promo_scheduler.views.words import count

    found = to_catch_up(workspace, ledger, present())
    if found is None:
        return ()
    if found.changes:
        windows = count(len(found.changes), "window")
        say(f"New zone data come first: they change {windows}; see `promo tz diff`.")
        if not yes:
            ask(found)
    apply_moves(found, ledger, present())
    return found.changes


def ask(proposal: Proposal | Reresolution) -> None:
    """Ask whether its changes are to be applied. Raises WrongUsage where nobody is there."""
    from promo_scheduler.cli.printing import is_terminal
    from promo_scheduler.views.words import count

    if not is_terminal():
        raise WrongUsage(
            "nobody is here to be asked: this is not a terminal",
            help="say --yes; what a plan changes can also be reviewed: `promo apply FILE`",
        )
    typer.confirm(f"\nApply {count(len(proposal.changes), 'change')}?", abort=True, err=True)


def same_again(shown: Shown, now: Shown) -> Shown:
    """What would be done now. Raises StalePlan where it is not what was shown."""
    if now.digest != shown.digest:
        raise StalePlan(
            "while it was being looked at, the plan has changed", help="look at it again"
        )
    return now


def _apply_saved(door: Door, file: Path) -> None:
    from promo_scheduler.cli.door import present, writing_ledger
    from promo_scheduler.operations import SavedPlan, propose
    from promo_scheduler.operations import apply as write

    saved = SavedPlan.read(file)
    workspace = door.workspace()
    with writing_ledger(workspace) as ledger:
        proposal = propose(workspace, ledger, present(), saved.within)
        saved.refuse_if_stale(proposal)
        flags = frozenset(saved.flags)
        if not door.is_json:
            print_proposal(proposal, workspace, flags)
        _finish(door, proposal, write(ledger, proposal, present(), flags))


def _finish(door: Door, proposal: Proposal, serial: int, moved: tuple[Change, ...] = ()) -> None:
    from promo_scheduler.cli.printing import say, show_json

    if door.is_json:
        first = [str(change.key) for change in moved]
        data = {**proposal_data(proposal), "applied": True, "serial": serial}
        show_json({**data, "zone_data_moved": first})
    elif proposal.changes:
        say(f"Applied; the ledger is at serial {serial}.")
    if proposal.errors:
        raise left_out(proposal)


def left_out(proposal: Proposal) -> PartlyDone:
    """What is raised where errors kept campaigns out of what was applied."""
    whom = {" ".join(filter(None, (f.campaign, f.region))) for f in proposal.errors}
    return PartlyDone(
        f"left out because of errors: {', '.join(sorted(whom))}",
        help="the findings above say what is wrong; everything else stands as planned",
    )
