"""Opening a ledger: it is created, brought up to date, and known to be the one that is meant."""

from __future__ import annotations

import uuid
from dataclasses import asdict

import sqlalchemy as sa

from promo_scheduler.audit import EMPTY
from promo_scheduler.clock import Versions
from promo_scheduler.errors import LedgerAbsent, LedgerMismatch
from promo_scheduler.ledger.chain import key_check
from promo_scheduler.ledger.connecting import Database, readable_faults
from promo_scheduler.ledger.location import Location
from promo_scheduler.ledger.requests import Access
from promo_scheduler.ledger.tables import REVISION_TABLE, REVISIONS, STAMP

_LATEST = REVISIONS[-1]
_VERSION = sa.select(sa.table(REVISION_TABLE, sa.column("version_num", sa.String())))
_ONE_AT_A_TIME = sa.text("SELECT pg_advisory_xact_lock(5741902)")  # a number of our own


def open_database(url: str, access: Access) -> Database:
    """The database behind a URL, ready for use.

    Raises LedgerAbsent where it is not to be created, LedgerUnavailable out of reach, and
    LedgerMismatch where it is of another kind, newer, or sealed with another key.
    """
    location = Location.parse(url, access.root)
    make_room(location, access)
    return open_at(location, access)


def open_at(location: Location, access: Access) -> Database:
    """The database at a place whose folder is there; raises as `open_database` does."""
    database = Database(location)
    try:
        _migrate_where_needed(database, access)
        _know_again(database, access)
    except BaseException:
        database.close()
        raise
    return database


def make_room(location: Location, access: Access) -> None:
    """Make the folder of a SQLite ledger that is to be created. Raises LedgerAbsent where not."""
    if location.file is None or location.file.exists():
        return
    if not access.create:
        raise _absent(location)
    with readable_faults(location):
        location.file.parent.mkdir(parents=True, exist_ok=True)


def _absent(location: Location) -> LedgerAbsent:
    return LedgerAbsent(
        f"there is no ledger at {location} yet",
        help="`promo apply` or `promo run` creates it; see `ledger:` in config/settings.yaml",
    )


def _migrate_where_needed(database: Database, access: Access) -> None:
    """Migrate where the stored revision is not ours; Alembic is loaded only then."""
    with database.reading() as connection:
        revision = known_revision(connection, database.location)
    if revision is None and not access.create:
        raise _absent(database.location)
    if revision != _LATEST:
        _migrate(database, access)


def known_revision(connection: sa.Connection, location: Location) -> str | None:
    """The schema that is there; None for no schema. Raises LedgerMismatch for a newer one."""
    revision = _revision(connection)
    if revision is not None and revision not in REVISIONS:
        raise LedgerMismatch(
            f"the ledger {location} has schema {revision}, this version knows {_LATEST}",
            help="a newer version of promo wrote it: install that one",
        )
    return revision


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table(REVISION_TABLE):
        return None
    found: str | None = connection.execute(_VERSION).scalar()
    return found


def _migrate(database: Database, access: Access) -> None:
    with database.writing() as connection:
        bring_up_to_date(connection)
        if connection.execute(sa.select(STAMP.c.id)).first() is None:
            connection.execute(STAMP.insert(), _first_stamp(access))


def bring_up_to_date(connection: sa.Connection) -> None:
    """Create the schema, or what is missing of it, in the transaction that is open."""
    from promo_scheduler.ledger.migrations import upgrade

    if connection.dialect.name == "postgresql":
        connection.execute(_ONE_AT_A_TIME)
    if _revision(connection) != _LATEST:  # else another process was quicker
        upgrade(connection)


def _first_stamp(access: Access) -> dict[str, object]:
    ledger_id = uuid.uuid4().hex
    return {
        "id": 1,
        "ledger_id": ledger_id,
        "key_check": key_check(access.secret, ledger_id),
        "serial": 0,
        **asdict(Versions()),
        "config_digest": "",
        "simulated": access.simulated,
        "head_seq": EMPTY.seq,
        "head_seal": EMPTY.seal,
    }


def _know_again(database: Database, access: Access) -> None:
    columns = (STAMP.c.ledger_id, STAMP.c.key_check, STAMP.c.simulated)
    with database.reading() as connection:
        stamp = connection.execute(sa.select(*columns)).one()
    if stamp.simulated != access.simulated:
        kinds = {True: "simulated", False: "real"}
        raise LedgerMismatch(
            f"the ledger {database.location} is {kinds[stamp.simulated]}, "
            f"a {kinds[access.simulated]} one is needed",
            help="name another ledger: simulated and real time never share one",
        )
    if stamp.key_check != key_check(access.secret, stamp.ledger_id):
        raise LedgerMismatch(
            f"the ledger {database.location} is sealed with another audit key",
            help="give the key it was created with (`audit_key:` in config/settings.yaml)",
        )
