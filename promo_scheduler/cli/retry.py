"""`promo retry`: try one event again now."""

from __future__ import annotations

from typing import Annotated

import typer

from promo_scheduler.cli.door import door_of
from promo_scheduler.cli.options import Format, Where

KeyText = Annotated[
    str, typer.Argument(metavar="KEY", help="The event, as `promo events` names it.")
]


def retry(context: typer.Context, key: KeyText, where: Where = None, output: Format = None) -> None:
    """Try an event again now, whatever became of it."""
    from promo_scheduler.cli.door import existing_ledger, ledger_now
    from promo_scheduler.cli.ordering import say_if_nobody_runs
    from promo_scheduler.cli.printing import say, show_json
    from promo_scheduler.operations import retry as again
    from promo_scheduler.plan import Key
    from promo_scheduler.views.as_data import document

    door = door_of(context, where, output)
    wanted = Key.parse(key)
    workspace = door.standing_workspace()
    with existing_ledger(workspace) as ledger:
        generation = again(ledger, wanted, ledger_now(ledger))
        if door.is_json:
            show_json(document(key=str(wanted), generation=generation))
        else:
            say(f"{wanted} is due now, as generation {generation}")
        say_if_nobody_runs(workspace, ledger)
