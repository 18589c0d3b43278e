"""What hold, release, stop and resume share: scope, reason, and asking twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from promo_scheduler.cli.door import Door
from promo_scheduler.errors import PartlyDone, WrongUsage

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from promo_scheduler.ledger import Ledger
    from promo_scheduler.operations import Given
    from promo_scheduler.order import Order, Scope
    from promo_scheduler.workspace import Workspace

    Give = Callable[[Ledger, Scope, str, datetime], Given]
    TakeBack = Callable[[Workspace, Ledger, Scope, str, datetime], tuple[Order, ...]]


@dataclass(frozen=True, slots=True)
class Asked:
    """An order as the command line gives it."""

    scope: Scope
    everything: bool
    reason: str
    yes: bool

    def checked(self, workspace: Workspace, ledger: Ledger, now: datetime) -> Scope:
        """The scope. Raises WrongUsage where none is given, or it names what is not there."""
        from promo_scheduler.cli.scoping import refuse_no_scope, refuse_unknown

        scope = refuse_no_scope(self.scope, everything=self.everything)
        return refuse_unknown(scope, workspace, ledger.standing(since=now))


def confirm(asked: Asked, questions: tuple[str, str]) -> None:
    """Ask twice, unless --yes was said. Raises WrongUsage where nobody can be asked."""
    from promo_scheduler.cli.printing import is_terminal

    if asked.yes:
        return
    if not is_terminal():
        raise WrongUsage(
            "nobody is here to be asked: this is not a terminal", help="say --yes if it is meant"
        )
    for question in questions:
        typer.confirm(question, abort=True, err=True)


def give_order(door: Door, asked: Asked, questions: tuple[str, str], give: Give) -> None:
    """Hold or stop: in force at once, and what it takes down is ended also without a daemon."""
    from promo_scheduler.cli.door import existing_ledger, ledger_now

    workspace = door.standing_workspace()
    with existing_ledger(workspace) as ledger:
        now = ledger_now(ledger)
        scope = asked.checked(workspace, ledger, now)
        confirm(asked, questions)
        given = give(ledger, scope, asked.reason, now)
        print_given(door, given)
    if given.taken_down:
        end_without_daemon(workspace)


def print_given(door: Door, given: Given) -> None:
    """The order that was given, and what it takes down."""
    from promo_scheduler.cli.printing import say, show, show_json
    from promo_scheduler.views.as_data import document, order_data, standing_data
    from promo_scheduler.views.status import taken_down_matrix
    from promo_scheduler.views.words import count

    order, taken = given.order, given.taken_down
    if door.is_json:
        told = [standing_data(standing) for standing in taken]
        show_json(document(order=order_data(order), taken_down=told))
        return
    if taken:
        show(taken_down_matrix(taken))
    down = f"; {count(len(taken), 'window')} to be taken down" if taken else ""
    say(f"{order.kind} {order.id} is in force for {order.scope}{down}")


def end_without_daemon(workspace: Workspace) -> None:
    """Where no daemon runs, end here and now what was taken down.

    Raises PartlyDone where something could not be confirmed; a daemon goes on trying it.
    """
    import asyncio

    from promo_scheduler.cli.door import existing_ledger, ledger_now
    from promo_scheduler.engine.lock import holder
    from promo_scheduler.engine.logs import configure
    from promo_scheduler.operations import ending, lock_path

    with existing_ledger(workspace) as ledger:
        simulated, now = ledger.stamp().simulated, ledger_now(ledger)
    if simulated or holder(lock_path(workspace)):
        return
    from promo_scheduler.engine.daemon import drain

    configure("error")
    asyncio.run(drain(workspace))
    with existing_ledger(workspace) as ledger:
        left = ending(ledger, now)
    if left:
        raise PartlyDone(
            f"not confirmed to be ended: {', '.join(str(s.window.key) for s in left)}",
            help="start the daemon (`promo run`): it goes on trying; `promo status` shows it",
        )


def take_back(door: Door, asked: Asked, questions: tuple[str, str], take: TakeBack) -> None:
    """Release or resume: what comes back is what the workspace still asks for."""
    from promo_scheduler.cli.door import existing_ledger, ledger_now
    from promo_scheduler.cli.scoping import refuse_no_scope

    scope = refuse_no_scope(asked.scope, everything=asked.everything)
    workspace = door.workspace()
    confirm(asked, questions)
    with existing_ledger(workspace) as ledger:
        orders = take(workspace, ledger, scope, asked.reason, ledger_now(ledger))
        print_taken_back(door, orders)


def print_taken_back(door: Door, orders: tuple[Order, ...]) -> None:
    """The orders that are no longer in force."""
    from promo_scheduler.cli.printing import say, show_json
    from promo_scheduler.views.as_data import document, order_data

    if door.is_json:
        show_json(document(orders=[order_data(order) for order in orders]))
        return
    for order in orders:
        say(f"{order.kind} {order.id} for {order.scope} is no longer in force")
