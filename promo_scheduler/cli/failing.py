"""How a command ends: its exit code, and what is said where it did not work out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

from promo_scheduler.cli.door import Door, Output
from promo_scheduler.errors import InvalidWorkspace, PromoError, UnusableOrders

if TYPE_CHECKING:
    from promo_scheduler.errors import Problem

INTERRUPTED = 130
TRACEBACK = "PROMO_TRACEBACK"


def guarded(command: Callable[[], object], door: Door) -> int:
    """Call the command; its exit code. No error leaves this function as a traceback."""
    _survive_encodings()
    stdout = sys.stdout
    code = _called(command, door)
    try:
        stdout.flush()
    except BrokenPipeError:
        return _stop_writing(stdout)
    # typer puts another stream there, and exits with 1, where the reader has gone before that
    return code if sys.stdout is stdout else _stop_writing(stdout)


def _called(command: Callable[[], object], door: Door) -> int:
    try:
        command()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        return INTERRUPTED
    except PromoError as error:
        if os.environ.get(TRACEBACK):
            raise
        _tell(error, door.output)
        return error.exit_code
    except Exception as error:  # whatever else it is, it is our bug, and is said to be one
        if os.environ.get(TRACEBACK):
            raise
        return _tell_bug(error)
    return 0


def _survive_encodings() -> None:
    """A stream that cannot write a character writes `?` instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="replace")


def _stop_writing(stdout: TextIO) -> int:
    """The reader of our output has gone (`promo … | head`): that is no failure."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stdout.fileno())
    return 0


def _tell(error: PromoError, output: Output) -> None:
    from promo_scheduler.cli.printing import say, show_commands
    from promo_scheduler.views.problems import problem_list, tally

    problems = problems_of(error)
    if output is Output.GITHUB:
        show_commands(problems)
        return
    say(problem_list(problems))
    if isinstance(error, InvalidWorkspace):
        say(f"\n{tally(problems)}. `promo explain CODE` says more about each.")


def problems_of(error: PromoError) -> tuple[Problem, ...]:
    """What an error complains of: every problem of a workspace or file, else itself as one."""
    from promo_scheduler.errors import Problem

    if isinstance(error, InvalidWorkspace | UnusableOrders):
        return error.problems
    return (Problem(error.code, error.message, help=error.help),)


def _tell_bug(error: Exception) -> int:
    sys.stderr.write(
        f"this is a bug in promo: {type(error).__name__}: {error}\n"
        f"help: {TRACEBACK}=1 shows where; please report it with that\n"
    )
    return 1
