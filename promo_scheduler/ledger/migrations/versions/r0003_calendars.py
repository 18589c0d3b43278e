"""The stamp tells the calendars' libraries too; empty where they are not known: before this."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """A column for each library."""
    for name in ("holidays", "hijridate", "astral"):
        op.add_column(
            "promo_stamp", sa.Column(name, sa.String(), nullable=False, server_default="")
        )
