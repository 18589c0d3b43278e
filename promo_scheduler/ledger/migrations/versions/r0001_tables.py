"""The tables: stamp, windows, events, orders, audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create every table and its indexes."""
    _stamp()
    _window()
    _event()
    _order()
    _audit()


def _stamp() -> None:
    op.create_table(
        "promo_stamp",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        _text("ledger_id"),
        _text("key_check"),
        _big("serial"),
        _text("revision", nullable=True),
        _text("tzdata"),
        _text("config_digest"),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        _big("simulated_now", nullable=True),
        _big("head_seq"),
        _text("head_seal"),
    )


def _window() -> None:
    op.create_table(
        "promo_window",
        sa.Column("id", _ROW_NUMBER, primary_key=True, autoincrement=False),
        sa.Column("key", sa.String(), nullable=False, unique=True),
        *map(_text, ("campaign", "phase", "region", "zone", "occurrence")),
        sa.Column("slot", sa.Integer(), nullable=False),
        _text("channel"),
        _big("start_at"),
        _big("end_at"),
        _text("start_wall", nullable=True),
        _text("end_wall", nullable=True),
        _text("terms"),
        _text("standing"),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("touched", sa.Boolean(), nullable=False),
        _text("ref", nullable=True),
        _big("taken_by", nullable=True),
    )
    op.create_index("promo_window_end", "promo_window", ["end_at"])
    over = "('ended', 'cancelled', 'missed')"
    _partial("promo_window_standing", "promo_window", ["end_at"], f"standing NOT IN {over}")
    _partial("promo_window_taken", "promo_window", ["taken_by"], "taken_by IS NOT NULL")


def _event() -> None:
    op.create_table(
        "promo_event",
        sa.Column("id", _ROW_NUMBER, primary_key=True),
        _big("window_id"),
        sa.Column("action", sa.SmallInteger(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        _text("lane"),
        _big("due_at"),
        _big("ready_at"),
        _text("state"),
        sa.Column("attempt", sa.Integer(), nullable=False, server_default="0"),
        _big("fence", server_default="0"),
        _text("owner", server_default=""),
        *(_big(name, nullable=True) for name in ("lease_until", "handed_at", "settled_at")),
        _text("reason", server_default=""),
        *(_big(name, nullable=True) for name in ("order_id", "held_since")),
        _big("held_for", server_default="0"),
        sa.UniqueConstraint("window_id", "action", "generation", name="promo_event_once"),
    )
    _event_indexes()


def _event_indexes() -> None:
    claimable = "state IN ('pending', 'uncertain')"
    open_states = "'awaiting_approval', 'claimed', 'handed', 'held', 'pending', 'uncertain'"
    ending = f"action = 0 AND state IN ({open_states})"
    op.create_index("promo_event_due", "promo_event", ["due_at"])
    _partial("promo_event_ready", "promo_event", ["ready_at", "action"], claimable)
    in_flight = "state IN ('claimed', 'uncertain')"
    _partial("promo_event_in_flight", "promo_event", ["window_id"], in_flight)
    _partial("promo_event_held", "promo_event", ["order_id", "lane"], "state = 'held'")
    _partial("promo_event_ending", "promo_event", ["lane", "due_at"], ending)


def _order() -> None:
    op.create_table(
        "promo_order",
        sa.Column("id", _ROW_NUMBER, primary_key=True),
        _text("kind"),
        *(_text(n, nullable=True) for n in ("campaign", "phase", "region", "channel", "sku")),
        _text("reason"),
        _text("actor"),
        _big("at"),
        _big("released_at", nullable=True),
    )


def _audit() -> None:
    op.create_table(
        "promo_audit",
        sa.Column("seq", _ROW_NUMBER, primary_key=True, autoincrement=False),
        _big("at"),
        *map(_text, ("actor", "kind", "key", "detail", "previous", "seal")),
    )


def _text(
    name: str, *, nullable: bool = False, server_default: str | None = None
) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable, server_default=server_default)


def _big(name: str, *, nullable: bool = False, server_default: str | None = None) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable, server_default=server_default)


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, postgresql_where=condition, sqlite_where=condition)
