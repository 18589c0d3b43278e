"""The audit refuses edits: triggers against UPDATE, DELETE and (PostgreSQL) TRUNCATE.

They stop mistakes, not somebody who owns the database: that is what the seals are for.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

# INSERT OR REPLACE deletes without firing DELETE triggers, so a taken number is refused as well.
_SQLITE = (
    """CREATE TRIGGER promo_audit_no_update BEFORE UPDATE ON promo_audit
        BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END""",
    """CREATE TRIGGER promo_audit_no_delete BEFORE DELETE ON promo_audit
        BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END""",
    """CREATE TRIGGER promo_audit_no_replace BEFORE INSERT ON promo_audit
        WHEN EXISTS (SELECT 1 FROM promo_audit WHERE seq = NEW.seq)
        BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END""",
)
_POSTGRESQL = (
    """CREATE FUNCTION promo_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$""",
    """CREATE TRIGGER promo_audit_no_edit BEFORE UPDATE OR DELETE ON promo_audit
        FOR EACH ROW EXECUTE FUNCTION promo_audit_refuse()""",
    """CREATE TRIGGER promo_audit_no_truncate BEFORE TRUNCATE ON promo_audit
        FOR EACH STATEMENT EXECUTE FUNCTION promo_audit_refuse()""",
)


def upgrade() -> None:
    """Create the triggers of the database at hand."""
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)
