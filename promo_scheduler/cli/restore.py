"""`promo restore`: a backup into an empty ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from promo_scheduler.cli.door import door_of
from promo_scheduler.cli.options import Format, Where

From = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", help="What `promo backup` wrote, or a ledger's file.", show_default=False
    ),
]
NEXT = """\
It is held, and knows nothing of what was done since the backup. Next:
  promo run                             reads every channel first, then ends what is due
  promo status                          what is there
  promo release --all --reason "…"      lets starts be fired again"""


def restore(context: typer.Context, file: From, where: Where = None, output: Format = None) -> None:
    """Put a backup into the workspace's ledger, SQLite or PostgreSQL.

    The ledger must be empty or absent, and no daemon run on it. The backup's audit is verified
    first, with the workspace's audit key. Afterwards everything is held.
    """
    from promo_scheduler.cli.door import present
    from promo_scheduler.cli.printing import say, show_json
    from promo_scheduler.engine.lock import exclusive
    from promo_scheduler.operations import actor, lock_path
    from promo_scheduler.operations.keeping import restore as put_back
    from promo_scheduler.views.as_data import document, head_data

    door = door_of(context, where, output)
    workspace = door.standing_workspace()
    with exclusive(lock_path(workspace), f"promo restore by {actor()}"):
        copied = put_back(workspace, file, present())
    if door.is_json:
        show_json(document(file=str(file), head=head_data(copied.head), rows=copied.rows))
    head = copied.head
    say(f"restored {copied.rows:,} rows from {file}, audit head {head.seq}:{head.seal[:12]}")
    say(NEXT)
