"""`promo schema`: JSON Schemas, so that an editor completes and checks the files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from promo_scheduler.cli.door import door_of
from promo_scheduler.cli.options import Where

Folder = Annotated[
    Path | None,
    typer.Argument(metavar="DIR", help="Where to. (default: campaigns/ of the workspace)"),
]


def schema(context: typer.Context, folder: Folder = None, where: Where = None) -> None:
    """Write JSON Schemas, for an editor to check the files by."""
    from promo_scheduler.cli.printing import say
    from promo_scheduler.source import write_schemas

    door = door_of(context, where, None)
    target = folder if folder is not None else door.root() / "campaigns"
    _refuse_file(target)
    write_schemas(target)
    say(f"wrote the schemas into {target}")


def _refuse_file(target: Path) -> None:
    from promo_scheduler.errors import WrongUsage

    if target.exists() and not target.is_dir():
        raise WrongUsage(f"expected a folder, found the file {target}", help="name another one")
