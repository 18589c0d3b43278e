"""`promo init`: a workspace to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from promo_scheduler.errors import WrongUsage

Folder = Annotated[
    Path, typer.Argument(metavar="DIR", help="The folder; made where it is missing.")
]


def init(folder: Folder = Path()) -> None:
    """Make a workspace to start from.

    DIR gets a campaign, channels, settings and schemas for the editor; it must be empty.
    """
    from shutil import copytree

    from promo_scheduler.source import shipped, write_schemas

    target = folder.absolute()
    _refuse_if_used(target)
    copytree(shipped("examples") / "starter", target, dirs_exist_ok=True)
    write_schemas(target / "campaigns")
    _say_next(folder)


def _refuse_if_used(target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise WrongUsage(f"expected a folder, found the file {target}", help="name another one")
    inside = sorted(path.name for path in target.iterdir()) if target.exists() else []
    found = [name for name in inside if name != ".git"]
    if found:
        raise WrongUsage(
            f"expected an empty folder, found {found[0]} in {target}",
            help="name a folder that is empty or not there yet: `promo init DIR`",
        )


def _say_next(folder: Path) -> None:
    from rich.text import Text

    from promo_scheduler.cli.printing import show

    enter = "" if folder == Path() else f"cd {folder}\n  "
    show(
        Text.assemble(
            ("A workspace is in ", "bold"),
            (str(folder.absolute()), "bold"),
            "\n\n",
            f"  {enter}git init && git add . && git commit -m 'Promotions'\n",
            "  promo preview     what will happen, where and when\n",
            "  promo plan        what would change in the ledger\n",
            "  promo apply       write it into the ledger\n",
            "  promo run         the daemon that does it\n",
        )
    )
