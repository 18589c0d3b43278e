"""`promo backup`: a copy of the ledger, while everything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from promo_scheduler.cli.door import door_of
from promo_scheduler.cli.options import Format, Where

Into = Annotated[
    Path, typer.Argument(metavar="FILE", help="The SQLite file to write.", show_default=False)
]
Force = Annotated[bool, typer.Option("--force", help="Write over a file that is there already.")]


def backup(
    context: typer.Context,
    file: Into,
    *,
    force: Force = False,
    where: Where = None,
    output: Format = None,
) -> None:
    """Copy the ledger into a file while the daemon runs.

    The copy is one moment of a SQLite or PostgreSQL ledger, whole or not there. It is held: whoever
    restores it starts nothing before `promo release`. The audit's key is not in it.
    """
    from promo_scheduler.cli.door import existing_ledger, ledger_now
    from promo_scheduler.cli.printing import say, show_json
    from promo_scheduler.operations.keeping import back_up, where_the_key_is
    from promo_scheduler.views.as_data import document, head_data

    door = door_of(context, where, output)
    workspace = door.standing_workspace()
    with existing_ledger(workspace) as ledger:
        done = back_up(ledger, file, ledger_now(ledger), over=force)
    head, rows = done.copied.head, done.copied.rows
    if door.is_json:
        told = head_data(head)
        show_json(document(file=str(file), head=told, rows=rows, unrecorded=done.unrecorded))
    say(f"wrote {file}: {rows:,} rows, audit head {head.seq}:{head.seal[:12]}, held")
    if done.unrecorded:
        say(f"the ledger has no entry of this backup: {done.unrecorded}")
    say(f"the audit's key ({where_the_key_is(workspace)}) is not in it: back it up separately")
