"""`promo channels`: the accounts, what they can do, and whether they answer."""

from __future__ import annotations

import typer

from promo_scheduler.cli.door import Door, door_of
from promo_scheduler.cli.options import ChannelName, Format, Where

channels_app = typer.Typer(help="List the channels and what they can do; `check` asks them.")


@channels_app.callback(invoke_without_command=True)
def channels(context: typer.Context, where: Where = None, output: Format = None) -> None:
    """List the channels of the workspace: their regions and targets, and what they can do."""
    door = door_of(context, where, output)
    if context.invoked_subcommand is None:
        _list(door)


def _list(door: Door) -> None:
    from promo_scheduler.channels import names
    from promo_scheduler.cli.printing import show, show_json
    from promo_scheduler.operations import capabilities
    from promo_scheduler.views.accounts import account_data, account_list
    from promo_scheduler.views.as_data import document

    workspace = door.workspace()
    able = capabilities(workspace)
    if door.is_json:
        told = [account_data(c, able[c.name]) for c in workspace.channels.values()]
        show_json(document(channels=told, connectors=list(names())))
    else:
        show(account_list(tuple(workspace.channels.values()), able, names()))


@channels_app.command()
def check(
    context: typer.Context,
    channel: ChannelName = None,
    where: Where = None,
    output: Format = None,
) -> None:
    """Ask every channel how it is, with the real credentials. Exits with 1 where one fails."""
    from promo_scheduler.cli.health import ask_all
    from promo_scheduler.cli.printing import show, show_json
    from promo_scheduler.cli.scoping import refuse_unknown
    from promo_scheduler.order import Scope
    from promo_scheduler.views.accounts import health_data, health_grid
    from promo_scheduler.views.as_data import document

    door = door_of(context, where, output)
    workspace = door.workspace()
    refuse_unknown(Scope(channel=channel), workspace)
    asked = [c for c in workspace.channels.values() if channel in (None, c.name)]
    answers = ask_all(asked, workspace.root)
    if door.is_json:
        show_json(document(channels=[health_data(n, answers[n]) for n in answers]))
    else:
        show(health_grid(answers))
    if not all(answer.ok for answer in answers.values()):
        raise typer.Exit(1)
