"""What Alembic runs: the revisions, on the connection that the ledger gave."""

from __future__ import annotations

from alembic import context

from promo_scheduler.ledger.tables import METADATA, REVISION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=REVISION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
