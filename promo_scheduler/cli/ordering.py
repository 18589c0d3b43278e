"""What hold, release, stop and resume share: scope, reason, asking twice, and the account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from promo_scheduler.cli.door import Door
from promo_scheduler.errors import LedgerUnavailable, PartlyDone, WrongUsage

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from promo_scheduler.cli.confirming import Wait
    from promo_scheduler.ledger import Ledger
    from promo_scheduler.operations import Given, TakenBack
    from promo_scheduler.order import OrderKind, Scope
    from promo_scheduler.views.orders import TakenDown
    from promo_scheduler.workspace import Workspace

    Give = Callable[[Ledger, Scope, str, datetime], Given]
    TakeBack = Callable[[Workspace, Ledger, Scope, str, datetime], TakenBack]


@dataclass(frozen=True, slots=True)
class Asked:
    """An order as the command line gives it, or asks to take back."""

    kind: OrderKind
    scope: Scope
    everything: bool
    reason: str
    yes: bool

    def checked(self, workspace: Workspace, ledger: Ledger, now: datetime) -> Scope:
        """The scope. Raises WrongUsage where none is given, or it names what is not there."""
        from promo_scheduler.cli.scoping import refuse_no_scope, refuse_unknown
        from promo_scheduler.operations import why_given

        why_given(self.reason)
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


# ── hold and stop ───────────────────────────────────────────────────────────────────────────────
def give_order(door: Door, asked: Asked, give: Give, timeout: float) -> None:
    """Hold or stop: in force at once; then wait until what it takes down was read back as down.

    Raises PartlyDone where something of it could not be confirmed within `timeout` seconds.
    """
    from promo_scheduler.cli.confirming import Wait
    from promo_scheduler.cli.door import existing_ledger, ledger_now
    from promo_scheduler.cli.printing import say

    workspace = door.standing_workspace()
    with existing_ledger(workspace) as ledger:
        now = ledger_now(ledger)
        scope = asked.checked(workspace, ledger, now)
        confirm(asked, _before_giving(asked, ledger, now))
        given = give(ledger, scope, asked.reason, ledger_now(ledger))
        wait = Wait(workspace, ledger, given, timeout)
        with wait.interruptible():
            say(_in_force(given))
            wait.until_down()
        try:
            _print_account(door, wait)
        except LedgerUnavailable as error:
            raise _not_known(wait, error) from error


def _before_giving(asked: Asked, ledger: Ledger, now: datetime) -> tuple[str, str]:
    """The two questions; the first says how much goes down."""
    from promo_scheduler.operations import in_reach
    from promo_scheduler.order import OrderKind
    from promo_scheduler.views.words import count

    windows = count(len(in_reach(ledger, asked.kind, asked.scope, now)), "window")
    if asked.kind is OrderKind.STOP:
        first = f"Stop {asked.scope}? {windows} live or staged there will end."
        return first, "They end now, for every buyer. Sure?"
    first = f"Hold {asked.scope}? {windows} staged there will be taken back."
    return first, "Nothing there will start until it is released. Sure?"


def _in_force(given: Given) -> str:
    from promo_scheduler.views.words import count

    order = given.order
    told = f"{order.kind} {order.id} is in force for {order.scope}"
    if given.taken_down:
        told += f": {count(len(given.taken_down), 'window')} to be taken down"
    if given.falling:
        told += f"; {count(len(given.falling), 'window')} on the way down already"
    return told if given.awaited else f"{told}; nothing there has to be taken down"


def _print_account(door: Door, wait: Wait) -> None:
    """What was confirmed, region by channel, and what was not. Raises PartlyDone for the latter."""
    from promo_scheduler.cli.door import ledger_now
    from promo_scheduler.cli.printing import say, show, show_json
    from promo_scheduler.operations import account_of
    from promo_scheduler.views.orders import given_data, not_confirmed, taken_down_matrix
    from promo_scheduler.views.words import count

    taken = account_of(wait.ledger, wait.given)
    left = [each for each in taken if not each.confirmed]
    if door.is_json:
        show_json(given_data(wait.given.order, taken))
    elif taken:
        show(taken_down_matrix(wait.given.order.kind, taken))
        if left:
            show(not_confirmed(left, ledger_now(wait.ledger)))
    if left and not wait.is_simulated:
        raise _partly(wait, left, len(taken))
    if taken and not left:
        say(f"{count(len(taken), 'window')} down, as read back from the channels")


def _partly(wait: Wait, left: list[TakenDown], of: int) -> PartlyDone:
    order = wait.given.order
    return PartlyDone(
        f"{order.kind} {order.id} is in force, but {len(left)} of {of} windows are not confirmed "
        "to be down",
        help=wait.way_on(left),
    )


def _not_known(wait: Wait, error: LedgerUnavailable) -> PartlyDone:
    """The ledger is out of reach: the order is on record there, but not how far it is."""
    from promo_scheduler.views.words import count

    order, awaited = wait.given.order, wait.given.awaited
    named = ", ".join(str(stands.window.key) for stands in awaited)
    return PartlyDone(
        f"{order.kind} {order.id} is in force, but {error.message}: "
        f"{count(len(awaited), 'window')} not confirmed to be down: {named}",
        help=f"{error.help}; then `promo status` shows how far it is",
    )


# ── release and resume ──────────────────────────────────────────────────────────────────────────
def take_back(door: Door, asked: Asked, questions: tuple[str, str], take: TakeBack) -> None:
    """Release or resume: what comes back is what the workspace still asks for."""
    from promo_scheduler.cli.door import existing_ledger, ledger_now
    from promo_scheduler.cli.scoping import refuse_no_scope
    from promo_scheduler.operations import in_force, why_given

    why_given(asked.reason)
    scope = refuse_no_scope(asked.scope, everything=asked.everything)
    workspace = door.workspace()
    with existing_ledger(workspace) as ledger:
        in_force(ledger, asked.kind, scope)
        confirm(asked, questions)
        taken = take(workspace, ledger, scope, asked.reason, ledger_now(ledger))
        print_taken_back(door, taken)
        if taken.back:
            say_if_nobody_runs(workspace, ledger)


def print_taken_back(door: Door, taken: TakenBack) -> None:
    """The orders that are no longer in force, what comes back, and what stays down."""
    from promo_scheduler.cli.printing import say, show, show_json
    from promo_scheduler.views.as_data import document, order_data
    from promo_scheduler.views.orders import stays_down, stays_down_data
    from promo_scheduler.views.words import count

    if door.is_json:
        told = [order_data(order) for order in taken.orders]
        back = [str(window.key) for window in taken.back]
        down = stays_down_data(taken.stays_down)
        show_json(document(orders=told, back=back, stays_down=down))
        return
    if taken.stays_down:
        show(stays_down(taken.stays_down))
    for order in taken.orders:
        say(f"{order.kind} {order.id} for {order.scope} is no longer in force")
    if taken.back:
        say(f"{count(len(taken.back), 'window')} brought back, as the workspace asks for it now")


def say_if_nobody_runs(workspace: Workspace, ledger: Ledger) -> None:
    """What was ordered is due now: say it where no daemon does it."""
    from promo_scheduler.cli.confirming import who_runs
    from promo_scheduler.cli.printing import say

    if who_runs(workspace, ledger) is None and not ledger.stamp().simulated:
        say("no daemon runs: start one (`promo run`), it does what is due")
