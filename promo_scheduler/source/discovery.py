"""Where the workspace is: the nearest folder upwards that holds config/settings.yaml."""

from __future__ import annotations

from pathlib import Path

from promo_scheduler.errors import WorkspaceNotFound

MARKER = Path("config", "settings.yaml")


def find_workspace(start: Path) -> Path:
    """The workspace that `start` lies in, as an absolute path.

    Raises WorkspaceNotFound where neither `start` nor a folder above it is one.
    """
    here = start.absolute()
    for folder in (here, *here.parents):
        if (folder / MARKER).is_file():
            return folder
    raise WorkspaceNotFound(
        f"no {MARKER.as_posix()} in {here} or above it",
        help="`promo init` makes a workspace here; `promo -w DIR` names another one",
    )
