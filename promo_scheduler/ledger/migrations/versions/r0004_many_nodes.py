"""Nodes with their leases, baselines of overwritten prices, and an audit that may be pruned."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

# A herd due at one instant has equal entries. PostgreSQL would keep them in lists, and could not
# pass over those of a list that are claimed by now.
_EACH_BY_ITSELF = {"deduplicate_items": "off"}
_BY_LANE = ["lane", "ready_at", "action", "due_at"]
_CLAIMABLE = "state IN ('pending', 'uncertain')"
_TO_BE_DONE = "state IN ('claimed', 'handed', 'pending', 'uncertain')"
_GENESIS = "0" * 64
# Entries may go only once the stamp names the last of them as pruned; who sets that without the
# key is found by `verify`, because no sealed entry names it too.
_SQLITE = (
    "DROP TRIGGER promo_audit_no_delete",
    """CREATE TRIGGER promo_audit_no_delete BEFORE DELETE ON promo_audit
        WHEN OLD.seq > (SELECT pruned_seq FROM promo_stamp)
        BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END""",
)
_POSTGRESQL = (
    """CREATE OR REPLACE FUNCTION promo_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN
            IF TG_OP = 'DELETE' THEN
                IF OLD.seq <= (SELECT pruned_seq FROM promo_stamp) THEN RETURN OLD; END IF;
            END IF;
            RAISE EXCEPTION 'the audit is append-only';
        END $$""",
)


def upgrade() -> None:
    """Create the tables and columns, and let pruned entries go."""
    _nodes()
    _baselines()
    op.add_column("promo_stamp", _big("pruned_seq", server_default="0"))
    op.add_column(
        "promo_stamp",
        sa.Column("pruned_seal", sa.String(), nullable=False, server_default=_GENESIS),
    )
    op.add_column("promo_stamp", _big("copied_at", nullable=True))
    for name in ("lease_until", "held_since"):  # told by the nodes' leases, and by the orders
        op.drop_column("promo_event", name)
    _partial("promo_event_claimed", ["lane"], "state = 'claimed'")
    _partial("promo_event_lane", _BY_LANE, _CLAIMABLE, postgresql_with=_EACH_BY_ITSELF)
    _partial("promo_event_handed", _BY_LANE, "state = 'handed'", postgresql_with=_EACH_BY_ITSELF)
    op.drop_index("promo_event_held", "promo_event")  # the first ledgers have it by lane alone
    _partial("promo_event_held", ["order_id", "lane"], "state = 'held'")
    _partial("promo_event_to_be_done", ["due_at", "action"], _TO_BE_DONE)
    _partial("promo_event_failed", ["due_at", "action"], "state = 'failed'")
    _partial("promo_window_live", ["start_at"], "standing IN ('ending', 'live')", "promo_window")
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)


def _nodes() -> None:
    op.create_table(
        "promo_node",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("engine", sa.String(), nullable=False),
        _big("started_at"),
        _big("lease_until"),
    )


def _baselines() -> None:
    op.create_table(
        "promo_baseline",
        sa.Column("lane", sa.String(), primary_key=True),
        sa.Column("sku", sa.String(), primary_key=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("baseline", sa.String(), nullable=False),
        sa.Column("written", sa.String(), nullable=False),
    )


def _big(name: str, *, nullable: bool = False, server_default: str | None = None) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable, server_default=server_default)


def _partial(
    name: str, columns: list[str], where: str, table: str = "promo_event", **options: Any
) -> None:
    condition = sa.text(where)
    op.create_index(
        name, table, columns, postgresql_where=condition, sqlite_where=condition, **options
    )
