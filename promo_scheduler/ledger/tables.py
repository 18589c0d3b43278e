"""The tables, and the words in which their rows are kept.

Instants are microseconds since 1970-01-01T00:00Z in BIGINT, time spans microseconds too: exact,
the same on both databases, cheap to index and to compare. (An explicit `DateTime(timezone=True)`
comes back naive from SQLite.) `table=True` classes do not validate, so no row leaves this room;
what is written and read are Core statements over these tables.

There are no foreign keys: a window goes with its events alone, when it is pruned, and checking each
event's window again would cost an applied plan a fifth of its rate.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from promo_scheduler.audit import GENESIS
from promo_scheduler.firing import OPEN_STATES, EventState
from promo_scheduler.plan import Action, Standing

# The schema's revisions, oldest first; the last is the one that this code reads and writes.
REVISIONS = ("0001", "0002", "0003", "0004")
REVISION_TABLE = "promo_revision"

# At one instant endings come first, then what creates in advance, then starts (law 5).
ACTION_CODES = {Action.DEACTIVATE: 0, Action.STAGE: 1, Action.ACTIVATE: 2}
ACTIONS = {code: action for action, code in ACTION_CODES.items()}
ENDING = ACTION_CODES[Action.DEACTIVATE]
START = ACTION_CODES[Action.ACTIVATE]

CLAIMABLE = (EventState.PENDING, EventState.UNCERTAIN)
WAITING = (EventState.HANDED, *CLAIMABLE)  # `handed` ones wait for their job in a queue first
IN_FLIGHT = (EventState.CLAIMED, EventState.UNCERTAIN)
TO_BE_DONE = (
    EventState.CLAIMED,
    EventState.HANDED,
    EventState.PENDING,
    EventState.UNCERTAIN,
)
ON_SALE = (Standing.ENDING, Standing.LIVE)
OVER = (Standing.ENDED, Standing.CANCELLED, Standing.MISSED)

# SQLite counts rows by INTEGER alone, which is 64 bits wide there.
_ROW_NUMBER: Any = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ZERO = {"server_default": "0"}
_BY_LANE = ("lane", "ready_at", "action", "due_at")  # the last tells what law 5 lets through
_EMPTY = {"server_default": ""}


def one_of(column: sa.ColumnElement[Any], *words: str) -> sa.ColumnElement[bool]:
    """`column IN (…)`, or `=`, spelled out: a bound parameter would not match a partial index."""
    spelled: list[sa.ColumnElement[Any]] = [sa.literal_column(f"'{word}'") for word in words]
    return column == spelled[0] if len(spelled) == 1 else column.in_(spelled)


def begins(column: sa.ColumnElement[str], text: str) -> sa.ColumnElement[bool]:
    """That a column begins with a text; LIKE would not tell upper from lower case in SQLite."""
    return sa.func.substr(column, 1, len(text)) == text


def is_claimed(events: sa.FromClause) -> sa.ColumnElement[bool]:
    """That an event is claimed, in the words of the index over what is in flight."""
    return one_of(events.c.state, *IN_FLIGHT) & one_of(events.c.state, EventState.CLAIMED)


def partial(name: str, *columns: str, where: str) -> sa.Index:
    """An index over the rows that `where` names, on both databases."""
    condition = sa.text(where)
    return sa.Index(name, *columns, postgresql_where=condition, sqlite_where=condition)


def _in(words: tuple[str, ...] | list[str]) -> str:
    return "IN (" + ", ".join(f"'{word}'" for word in words) + ")"


class _Table(SQLModel, registry=registry(metadata=sa.MetaData())):
    """Our own metadata: other users of SQLModel in this process stay out of it."""


class StampRow(_Table, table=True):
    """What the ledger says of itself: one row."""

    __tablename__ = "promo_stamp"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    ledger_id: str
    key_check: str  # tells another audit key before it seals anything
    serial: int = Field(sa_type=sa.BigInteger)
    revision: str | None
    tzdata: str
    holidays: str = Field(sa_column_kwargs=_EMPTY)
    hijridate: str = Field(sa_column_kwargs=_EMPTY)
    astral: str = Field(sa_column_kwargs=_EMPTY)
    config_digest: str
    simulated: bool
    simulated_now: int | None = Field(sa_type=sa.BigInteger)
    head_seq: int = Field(sa_type=sa.BigInteger)
    head_seal: str
    pruned_seq: int = Field(sa_type=sa.BigInteger, sa_column_kwargs=_ZERO)
    pruned_seal: str = Field(sa_column_kwargs={"server_default": GENESIS})
    copied_at: int | None = Field(sa_type=sa.BigInteger)  # this is a backup, made then


class WindowRow(_Table, table=True):
    """A window: its key and hours in columns, all else of its content in `terms` (JSON)."""

    __tablename__ = "promo_window"
    __table_args__ = (
        partial("promo_window_standing", "end_at", where=f"standing NOT {_in(OVER)}"),
        sa.Index("promo_window_end", "end_at"),
        partial("promo_window_live", "start_at", where=f"standing {_in(ON_SALE)}"),
        partial("promo_window_taken", "taken_by", where="taken_by IS NOT NULL"),
    )

    id: int = Field(
        primary_key=True, sa_type=_ROW_NUMBER, sa_column_kwargs={"autoincrement": False}
    )
    key: str = Field(unique=True)
    campaign: str
    phase: str
    region: str
    zone: str
    occurrence: str
    slot: int
    channel: str
    start_at: int = Field(sa_type=sa.BigInteger)
    end_at: int = Field(sa_type=sa.BigInteger)
    start_wall: str | None
    end_wall: str | None
    terms: str
    standing: str
    generation: int
    touched: bool
    ref: str | None  # the channel's own name of the discount
    taken_by: int | None = Field(sa_type=sa.BigInteger)


class EventRow(_Table, table=True):
    """A trigger event. `due_at` is what the plan says, `ready_at` when it may next be tried: the
    same until a try fails. `lane` is channel and target, within which endings go first (law 5).
    `held_for` is the time after `due_at` that is not lateness, since a person sent it on by hand;
    what was spent under orders is told by the orders.
    """

    __tablename__ = "promo_event"
    __table_args__ = (
        sa.UniqueConstraint("window_id", "action", "generation", name="promo_event_once"),
        sa.Index("promo_event_due", "due_at"),
        partial("promo_event_ready", "ready_at", "action", where=f"state {_in(CLAIMABLE)}"),
        partial("promo_event_in_flight", "window_id", where=f"state {_in(IN_FLIGHT)}"),
        partial("promo_event_claimed", "lane", where="state = 'claimed'"),
        partial("promo_event_lane", *_BY_LANE, where=f"state {_in(CLAIMABLE)}"),
        partial("promo_event_to_be_done", "due_at", "action", where=f"state {_in(TO_BE_DONE)}"),
        partial("promo_event_failed", "due_at", "action", where="state = 'failed'"),
        partial("promo_event_handed", *_BY_LANE, where="state = 'handed'"),
        partial("promo_event_held", "order_id", "lane", where="state = 'held'"),
        partial(
            "promo_event_ending",
            "lane",
            "due_at",
            where=f"action = {ENDING} AND state {_in(sorted(OPEN_STATES))}",
        ),
    )

    id: int = Field(primary_key=True, sa_type=_ROW_NUMBER)
    window_id: int = Field(sa_type=sa.BigInteger)
    action: int = Field(sa_type=sa.SmallInteger)
    generation: int
    lane: str
    due_at: int = Field(sa_type=sa.BigInteger)
    ready_at: int = Field(sa_type=sa.BigInteger)
    state: str
    attempt: int = Field(sa_column_kwargs=_ZERO)
    fence: int = Field(sa_type=sa.BigInteger, sa_column_kwargs=_ZERO)
    owner: str = Field(sa_column_kwargs=_EMPTY)
    handed_at: int | None = Field(sa_type=sa.BigInteger)
    settled_at: int | None = Field(sa_type=sa.BigInteger)
    reason: str = Field(sa_column_kwargs=_EMPTY)
    order_id: int | None = Field(sa_type=sa.BigInteger)
    held_for: int = Field(sa_type=sa.BigInteger, sa_column_kwargs=_ZERO)


class NodeRow(_Table, table=True):
    """A daemon that is alive until `lease_until`, by the database's clock. `place` is the machine
    and lock file of an embedded one.
    """

    __tablename__ = "promo_node"

    name: str = Field(primary_key=True)
    place: str
    engine: str
    started_at: int = Field(sa_type=sa.BigInteger)
    lease_until: int = Field(sa_type=sa.BigInteger)


class BaselineRow(_Table, table=True):
    """The price of a SKU before ours, on a channel whose prices are overwritten; `written` are the
    prices that may stand there by our doing, parted by spaces, the last one on its way (see
    `pricing.Baseline`). Amounts are decimal text.
    """

    __tablename__ = "promo_baseline"

    lane: str = Field(primary_key=True)
    sku: str = Field(primary_key=True)
    currency: str
    baseline: str
    written: str


class OrderRow(_Table, table=True):
    """A hold or a stop."""

    __tablename__ = "promo_order"

    id: int = Field(primary_key=True, sa_type=_ROW_NUMBER)
    kind: str
    campaign: str | None
    phase: str | None
    region: str | None
    channel: str | None
    sku: str | None
    reason: str
    actor: str
    at: int = Field(sa_type=sa.BigInteger)
    released_at: int | None = Field(sa_type=sa.BigInteger)


class AuditRow(_Table, table=True):
    """A sealed entry. Triggers refuse every UPDATE, and every DELETE of what is not pruned."""

    __tablename__ = "promo_audit"

    seq: int = Field(
        primary_key=True, sa_type=_ROW_NUMBER, sa_column_kwargs={"autoincrement": False}
    )
    at: int = Field(sa_type=sa.BigInteger)
    actor: str
    kind: str
    key: str
    detail: str
    previous: str
    seal: str


METADATA = _Table.metadata
STAMP = METADATA.tables["promo_stamp"]
WINDOW = METADATA.tables["promo_window"]
EVENT = METADATA.tables["promo_event"]
ORDER = METADATA.tables["promo_order"]
AUDIT = METADATA.tables["promo_audit"]
NODE = METADATA.tables["promo_node"]
BASELINE = METADATA.tables["promo_baseline"]
