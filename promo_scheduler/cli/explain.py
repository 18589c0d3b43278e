"""`promo explain`: what a code means, or the story of one event or window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from promo_scheduler.cli.door import Door, door_of
from promo_scheduler.cli.options import Format, Where

if TYPE_CHECKING:
    from promo_scheduler.audit import AuditEntry
    from promo_scheduler.firing import EventRecord
    from promo_scheduler.ledger import Ledger
    from promo_scheduler.plan import Key, WindowKey

What = Annotated[
    str,
    typer.Argument(
        metavar="CODE|KEY", help="A code such as E012, or a key as `promo events` lists them."
    ),
]


def explain(context: typer.Context, what: What, where: Where = None, output: Format = None) -> None:
    """Say what a code means, or tell the story of an event.

    The story of an event or window: its hours, state and audit entries.
    """
    door = door_of(context, where, output)
    if "/" in what:
        _explain_key(door, what)
    else:
        _explain_code(door, what.strip("[] ").upper())


def _explain_code(door: Door, code: str) -> None:
    from promo_scheduler.cli.printing import show, show_json
    from promo_scheduler.errors import WrongUsage
    from promo_scheduler.views.as_data import document
    from promo_scheduler.views.codes import every_code, explanation_text, near

    text = every_code().get(code)
    if text is None:
        close = near(code)
        raise WrongUsage(
            f'there is no code "{code}"',
            help=f"did you mean {', '.join(close)}?" if close else "codes look like E012 or W101",
        )
    if door.is_json:
        show_json(document(code=code, explanation=text))
    else:
        show(explanation_text(code, text))


def _explain_key(door: Door, text: str) -> None:
    from promo_scheduler.cli.door import existing_ledger, ledger_now
    from promo_scheduler.cli.printing import show, show_json
    from promo_scheduler.errors import LedgerAbsent
    from promo_scheduler.views.as_data import document, entry_data, record_data, window_data
    from promo_scheduler.views.event_story import event_story

    keys = _keys(text)
    try:
        with existing_ledger(door.standing_workspace()) as ledger:
            records, now = [r for key in keys for r in ledger.event(key)], ledger_now(ledger)
            entries = _entries(ledger, records) if records else []
            stands_on = ledger.stamp().tzdata
    except LedgerAbsent:
        records = []
    if not records:
        _explain_planned(door, keys[0].window, text)
    elif door.is_json:
        told = [{**record_data(r), "window": window_data(r.window)} for r in records]
        show_json(document(events=told, audit=[entry_data(entry) for entry in entries]))
    else:
        show(event_story(records, entries, now, stands_on))


def _explain_planned(door: Door, key: WindowKey, text: str) -> None:
    """What the workspace asks for and nobody has applied yet. Raises UnknownKey."""
    from promo_scheduler.cli.door import present
    from promo_scheduler.cli.printing import show, show_json
    from promo_scheduler.errors import UnknownKey
    from promo_scheduler.operations import preview
    from promo_scheduler.views.as_data import document, event_data, window_data
    from promo_scheduler.views.event_story import planned_story

    plan = preview(door.workspace(), present())
    window = next((each for each in plan.windows if each.key == key), None)
    if window is None:
        raise UnknownKey(
            f"neither the ledger nor the plan has the key {text}",
            help="`promo events` lists the ledger's, `promo preview -o json` the plan's",
        )
    events = [event for event in plan.events if event.key.window == key]
    if door.is_json:
        show_json(document(planned=window_data(window), events=[*map(event_data, events)]))
    else:
        show(planned_story(window, events, present()))


def _keys(text: str) -> list[Key]:
    """The event of a key, or all events of a window's key. Raises UnknownKey."""
    from promo_scheduler.plan import Action, Key, WindowKey

    if text.rpartition("/")[2] in set(Action):
        return [Key.parse(text)]
    window = WindowKey.parse(text)
    return [Key(window, action) for action in Action]


def _entries(ledger: Ledger, records: list[EventRecord]) -> list[AuditEntry]:
    """What the audit says of these events, and of their window as a whole."""
    window = str(records[0].window.key)
    wanted = {window, *(str(record.event.key) for record in records)}
    return [entry for entry in ledger.audit(key=window) if entry.key in wanted]
