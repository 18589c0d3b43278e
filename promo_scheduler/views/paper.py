"""Where a renderable meets a stream: a terminal with colours, or plain text."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

from rich.console import Console, RenderableType
from rich.live import Live

PLAIN_WIDTH = 200  # a file has no edge: wide enough that tables keep their rows on one line


class _Paper(Console):
    """A console that leaves it to its caller what to do when nobody reads any more."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError(errno.EPIPE, "nobody reads any more")


def paper(stream: IO[str] | None = None) -> Console:
    """A console on a stream (default: stdout): plain where it is no terminal, or for NO_COLOR.

    What is no terminal has no edge either, unless COLUMNS gives it one: lines stay whole.
    """
    file = stream or sys.stdout
    endless = not _is_terminal(file) and "COLUMNS" not in os.environ
    return _Paper(
        file=file,
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        width=PLAIN_WIDTH if endless else None,
        soft_wrap=endless,
        markup=False,
        highlight=False,
        emoji=False,
    )


def _is_terminal(file: IO[str]) -> bool:
    return Console(file=file).is_terminal


def written(renderable: RenderableType, width: int = PLAIN_WIDTH) -> str:
    """A renderable as plain text."""
    console = Console(color_system=None, width=width, markup=False, highlight=False, emoji=False)
    with console.capture() as captured:
        console.print(renderable)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


@contextmanager
def live_on(stream: IO[str]) -> Iterator[Callable[[RenderableType], None]]:
    """A place on a terminal where each thing shown replaces the one before."""
    with Live(console=paper(stream), auto_refresh=False) as live:
        yield lambda renderable: live.update(renderable, refresh=True)
