"""`promo prune`: let go of what is long over."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from promo_scheduler.cli.door import Door, door_of
from promo_scheduler.cli.options import Format, Where, Yes
from promo_scheduler.errors import WrongUsage

if TYPE_CHECKING:
    from promo_scheduler.ledger import Cut, Pruned

Before = Annotated[
    str | None,
    typer.Option("--before", metavar="DATE", help="What was over before that day began (UTC)."),
]
OlderThan = Annotated[
    str | None, typer.Option("--older-than", metavar="90d", help="What was over so long ago.")
]
Into = Annotated[
    Path | None,
    typer.Option(
        "--archive",
        metavar="FILE",
        help="Where the audit's entries go. (default: audit-FIRST-LAST.jsonl beside the ledger)",
    ),
]
SOONEST = timedelta(days=30)


def prune(
    context: typer.Context,
    *,
    before: Before = None,
    older_than: OlderThan = None,
    archive: Into = None,
    yes: Yes = False,
    where: Where = None,
    output: Format = None,
) -> None:
    """Remove what is long over; its audit goes into an archive.

    What is not over stays, whatever its age. The audit verifies as before, with its archives also
    from its first entry on: `promo audit verify --archive FILE`.
    """
    from promo_scheduler.cli.door import existing_ledger, ledger_now
    from promo_scheduler.operations.keeping import archive_for, to_prune
    from promo_scheduler.operations.keeping import prune as take_away

    door = door_of(context, where, output)
    workspace = door.standing_workspace()
    with existing_ledger(workspace) as ledger:
        now = ledger_now(ledger)
        asked = _day(before, older_than, now)
        _refuse_recent(asked, now, yes=yes)
        found = to_prune(ledger, asked, now)
        target = archive or archive_for(workspace, found)
        if not (found.entries or found.windows):
            _print_nothing(door, asked)
            return
        _confirm(found, target, yes=yes)
        pruned = take_away(ledger, found, target, now)
    _print(door, pruned, target)


def _day(before: str | None, older_than: str | None, now: datetime) -> datetime:
    """The instant before which things go. Raises WrongUsage unless exactly one way is given."""
    from datetime import UTC

    from promo_scheduler.timing import parse_duration

    if (before is None) == (older_than is None):
        raise WrongUsage("expected either --before or --older-than", help="--older-than 90d")
    try:
        if before is not None:
            return datetime.fromisoformat(f"{before}T00:00:00").replace(tzinfo=UTC)
        age = parse_duration(older_than or "")
        return now - timedelta(days=age.days) - age.elapsed
    except (ValueError, OverflowError) as error:
        wanted = "--before 2026-01-31, or --older-than 90d"
        raise WrongUsage(f"it cannot be told how old: {error}", help=wanted) from None


def _refuse_recent(before: datetime, now: datetime, *, yes: bool) -> None:
    """What is younger than a month may still be asked for: it goes only where it is meant."""
    from promo_scheduler.cli.printing import say

    if before <= now - SOONEST:
        return
    why = "late answers, open questions and comparisons still need what is younger than 30 days"
    if not yes:
        raise WrongUsage(f"expected to keep 30 days: {why}", help="say --yes if it is meant")
    say(f"note: {why}")


def _confirm(found: Cut, archive: Path, *, yes: bool) -> None:
    from promo_scheduler.cli.printing import is_terminal, say
    from promo_scheduler.views.words import count

    if yes:
        return
    if not is_terminal():
        raise WrongUsage(
            "nobody is here to be asked: this is not a terminal", help="say --yes if it is meant"
        )
    say(f"{count(found.windows, 'window')} with their events, and {found.entries:,} audit entries")
    say(f"The entries go to {archive}.")
    typer.confirm("Remove them from the ledger?", abort=True, err=True)


def _print_nothing(door: Door, before: datetime) -> None:
    from promo_scheduler.cli.printing import say, show_json
    from promo_scheduler.views.as_data import document

    if door.is_json:
        show_json(document(entries=0, windows=0, events=0, orders=0, archive=None))
    say(f"nothing was over before {before:%Y-%m-%d %H:%M} UTC")


def _print(door: Door, pruned: Pruned, archive: Path) -> None:
    from dataclasses import asdict

    from promo_scheduler.cli.printing import say, show_json
    from promo_scheduler.views.as_data import document
    from promo_scheduler.views.words import count

    kept = str(archive) if pruned.entries else None
    if door.is_json:
        show_json(document(**asdict(pruned), archive=kept))
    parts = (count(pruned.windows, "window"), count(pruned.events, "event"))
    say(f"removed {', '.join(parts)}, {count(pruned.orders, 'order')}")
    if kept:
        say(f"{pruned.entries:,} audit entries went to {kept}: keep it with your backups")
