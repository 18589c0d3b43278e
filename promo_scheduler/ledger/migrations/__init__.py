"""The schema's history, shipped with the package and run by the ledger itself.

Imported only when a ledger is behind: Alembic is slow to load. To write a new revision, add a file
to `versions/` by hand (autogenerate knows no partial index) and its number to
`tables.REVISIONS`.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from promo_scheduler.ledger.tables import REVISIONS


def upgrade(connection: sa.Connection, revision: str = REVISIONS[-1]) -> None:
    """Bring the schema up to a revision, inside the connection's own transaction."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
