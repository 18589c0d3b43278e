"""`promo plan`: what would change in the ledger, as a diff."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from promo_scheduler.cli.door import Door, Output, door_of
from promo_scheduler.cli.options import (
    AllowWithdraw,
    CampaignName,
    DetailedExitcode,
    EndNow,
    Format,
    RegionName,
    StartLate,
    Where,
)

if TYPE_CHECKING:
    from promo_scheduler.operations import Proposal
    from promo_scheduler.workspace import Workspace

CHANGES_PENDING = 3
SaveTo = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Save the plan for `promo apply FILE`."),
]


def plan(
    context: typer.Context,
    *,
    out: SaveTo = None,
    campaign: CampaignName = None,
    region: RegionName = None,
    allow_withdraw: AllowWithdraw = False,
    end_now: EndNow = False,
    start_late: StartLate = False,
    detailed_exitcode: DetailedExitcode = False,
    where: Where = None,
    output: Format = None,
) -> None:
    """Show what would change: + create, ~ amend, → move, − take out.

    Nothing is written but FILE. Exits with 1 where there is an error.
    """
    from promo_scheduler.cli.door import present, writing_ledger
    from promo_scheduler.cli.scoping import refuse_unknown
    from promo_scheduler.operations import propose
    from promo_scheduler.order import Scope

    door = door_of(context, where, output)
    workspace = door.workspace()
    scope = refuse_unknown(Scope(campaign=campaign, region=region), workspace)
    flags = flags_given(allow_withdraw, end_now, start_late)
    with writing_ledger(workspace) as ledger:
        proposal = propose(workspace, ledger, present(), scope)
    _print(door, proposal, workspace, flags)
    if out is not None:
        _save(proposal, out, flags)
    if proposal.errors:
        raise typer.Exit(1)
    if detailed_exitcode and (proposal.changes or proposal.set_aside):
        raise typer.Exit(CHANGES_PENDING)


def flags_given(allow_withdraw: bool, end_now: bool, start_late: bool) -> frozenset[str]:
    """The policies that were allowed by name."""
    given = {"withdraw": allow_withdraw, "end-now": end_now, "starts-late": start_late}
    return frozenset(policy for policy, is_given in given.items() if is_given)


def _print(door: Door, proposal: Proposal, workspace: Workspace, flags: frozenset[str]) -> None:
    if door.is_json:
        from promo_scheduler.cli.printing import show_json

        show_json(proposal_data(proposal))
    elif door.output is Output.GITHUB:
        from promo_scheduler.cli.printing import show_commands

        show_commands(finding.problem for finding in proposal.plan.findings)
    else:
        print_proposal(proposal, workspace, flags)


def proposal_data(proposal: Proposal) -> dict[str, object]:
    """`promo plan -o json`."""
    from promo_scheduler.views.as_data import changes_data, document, finding_data, scope_data

    return document(
        tzdata=proposal.plan.tzdata,
        calendars=dict(proposal.plan.versions.calendars),
        revision=proposal.plan.revision,
        digest=proposal.digest,
        ledger={"id": proposal.ledger_id, "serial": proposal.serial},
        config_changed=proposal.config_changed,
        scope=scope_data(proposal.scope),
        changes=changes_data(proposal.changes),
        set_aside=[str(key) for key in sorted(proposal.set_aside)],
        findings=[finding_data(finding) for finding in proposal.plan.findings],
    )


def print_proposal(proposal: Proposal, workspace: Workspace, flags: frozenset[str]) -> None:
    """The diff, the findings, what waits for which flag, and the closing line."""
    from rich.text import Text

    from promo_scheduler.cli.printing import show, show_findings
    from promo_scheduler.operations import FLAGS
    from promo_scheduler.views.changes import DiffView, change_diff, closing_line, needed_flags
    from promo_scheduler.views.moves import set_aside_line
    from promo_scheduler.views.preview import origin_line, untold

    view = DiffView(workspace.regions, FLAGS, flags)
    show(origin_line(proposal.plan, f"digest {proposal.digest}"))
    if proposal.changes:
        show(Text(), change_diff(proposal.changes, view))
    show_findings(untold(proposal.plan))
    if proposal.config_changed:
        show(Text("\nconfig/ has changed since the last apply.", style="yellow"))
    if proposal.set_aside:
        show(set_aside_line(proposal.set_aside))
    if proposal.changes or not proposal.set_aside:
        show(Text(), closing_line(proposal.changes))
    if needed := needed_flags(proposal.changes, view):
        show(needed)


def _save(proposal: Proposal, path: Path, flags: frozenset[str]) -> None:
    from promo_scheduler.cli.printing import say
    from promo_scheduler.cli.saving import save
    from promo_scheduler.operations import SavedPlan

    save(path, SavedPlan.of(proposal, flags).text)
    say(f"`promo apply {path}` applies exactly this")
