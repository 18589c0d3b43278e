"""A ledger of the first landed version (tests/cases/ledger-0001.db) goes on under today's code."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from promo_scheduler.audit import Head
from promo_scheduler.clock import Versions
from promo_scheduler.firing import EventState
from promo_scheduler.ledger import EventQuery, WindowQuery
from promo_scheduler.ledger.connecting import Database
from promo_scheduler.ledger.location import Location
from promo_scheduler.ledger.migrations import upgrade
from promo_scheduler.ledger.tables import METADATA
from promo_scheduler.plan import Action, Key, Standing, WindowKey

OLD = Path(__file__).parents[2] / "cases" / "ledger-0001.db"
TABLES = ("promo_stamp", "promo_window", "promo_event", "promo_order", "promo_audit")
STANDING = {
    "eve": Standing.ENDED,
    "early": Standing.MISSED,
    "double-11": Standing.LIVE,
    "teaser": Standing.PLANNED,
    "winter": Standing.ENDING,
    "flash": Standing.PLANNED,
    "friday": Standing.PLANNED,
}
HEAD = Head(20, "d93c02ed2baa43a1f90c2f13b8539b4aa345662a29fc4cfd5fb5c393419f9416")


def old_rows(query):
    with closing(sqlite3.connect(f"{OLD.as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(query)]


def load_into_postgresql(url, root):
    """The same rows in the same schema, built by the first migrations alone."""
    database = Database(Location.parse(url, root))
    with database.writing() as connection:
        upgrade(connection, "0002")
        known = sa.MetaData()
        known.reflect(connection)
        for name in TABLES:
            table, rows = known.tables[name], old_rows(f"SELECT * FROM {name}")
            flags = [c.name for c in table.columns if isinstance(c.type, sa.Boolean)]
            connection.execute(
                table.insert(), [row | {n: bool(row[n]) for n in flags} for row in rows]
            )
        for name in ("promo_event", "promo_order"):
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}"
            )
    database.close()


@pytest.fixture
def template():
    return "template1"


@pytest.fixture
def ledger_url(ledger_url, tmp_path):
    """The old ledger, in each kind of database in turn; `desk` opens it, and so migrates it."""
    if ledger_url.startswith("sqlite"):
        shutil.copy(OLD, tmp_path / "ledger.db")
    else:
        load_into_postgresql(ledger_url, tmp_path)
    return ledger_url


def test_it_keeps_every_window_event_order_and_entry(desk):
    windows = {s.window.key: s for s in desk.ledger.windows(WindowQuery())}
    wanted = old_rows("SELECT * FROM promo_window")
    assert {str(k): (s.standing, s.generation) for k, s in windows.items()} == {
        row["key"]: (row["standing"], row["generation"]) for row in wanted
    }
    touched = {key.campaign for key, standing in windows.items() if standing.touched}
    assert touched == {"eve", "double-11", "winter", "teaser"}  # the last is in flight
    assert {key.campaign: s.standing for key, s in windows.items()} == STANDING
    events = {str(e.event.key): (e.state, e.attempt) for e in desk.ledger.events(EventQuery())}
    actions = {0: Action.DEACTIVATE, 1: Action.STAGE, 2: Action.ACTIVATE}
    rows = old_rows("SELECT * FROM promo_event JOIN promo_window w ON w.id = window_id")
    assert events == {
        f"{row['key']}/{actions[row['action']]}": (row["state"], row["attempt"]) for row in rows
    }
    orders = [(o.id, str(o.scope), o.reason) for o in desk.ledger.orders(in_force=False)]
    assert orders == [
        (1, "campaign=nothing", "stock count"),
        (2, "campaign=flash", "stock count"),
        (3, "campaign=winter", "stock count"),
    ]
    assert [o.id for o in desk.ledger.orders()] == [2, 3]
    kinds = [row["kind"] for row in old_rows("SELECT kind FROM promo_audit ORDER BY seq")]
    assert desk.kinds() == kinds


def test_its_audit_verifies_against_the_head_of_then_and_is_append_only(desk):
    stamp = desk.ledger.stamp()
    assert (stamp.head, stamp.serial, stamp.versions) == (HEAD, 7, Versions("2026f"))
    assert (stamp.pruned, stamp.copied_at) == (Head(), None)
    assert desk.ledger.verify(HEAD) == []
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), desk.raw() as connection:
        connection.exec_driver_sql("DELETE FROM promo_audit WHERE seq = 1")


def test_what_was_in_flight_is_read_again_and_everything_goes_on(desk, window):
    """Given two claims of a daemon that is gone, and an order that took a window down."""
    ledger = desk.ledger
    desk.now = window().start  # noon, at which the old daemon stopped
    assert ledger.release_owner("", desk.now) == 2
    states = {
        e.event.key.window.campaign: e.state for e in ledger.events(EventQuery()) if e.attempt
    }
    assert states["teaser"] is EventState.UNCERTAIN
    # When what is due is done, a plan is applied, and the orders are released
    desk.run(desk.now)
    states = {s.window.key.campaign: s.standing for s in ledger.windows(WindowQuery())}
    assert (states["teaser"], states["winter"]) == (Standing.LIVE, Standing.ENDED)
    new = desk.create(window("cyber-monday"))
    for order in ledger.orders():
        ledger.release(order.id, desk.application())
    # Then it all holds together, to the last ending
    desk.run(desk.now.replace(day=12))
    over = {s.window.key.campaign: s.standing for s in ledger.windows(WindowQuery())}
    assert desk.standing(new).standing is Standing.ENDED
    assert over == {
        **dict.fromkeys(STANDING, Standing.ENDED),
        "cyber-monday": Standing.ENDED,
        "early": Standing.MISSED,
    }
    assert ledger.verify(HEAD) == []


def test_its_walls_and_offers_read_as_they_were_written(desk):
    key = WindowKey.parse("eve/launch/de/-/2026-11-10/1/shop")
    eve = next(s.window for s in desk.ledger.windows(WindowQuery()) if s.window.key == key)
    assert (str(eve.start_wall), str(eve.end_wall)) == ("2026-11-10T10:00", "2026-11-10T11:00")
    assert (eve.currency, eve.label, str(eve.offer.value.percent)) == ("EUR", "Double 11", "25")
    assert desk.record(eve, Action.STAGE).event.key == Key(key, Action.STAGE)


def test_it_has_the_columns_and_indexes_of_a_new_ledger(desk):
    with desk.raw() as connection:
        made = sa.inspect(connection)
        for table in METADATA.sorted_tables:
            columns = {c["name"]: c["nullable"] for c in made.get_columns(table.name)}
            assert columns == {c.name: c.nullable for c in table.columns}
            indexes = {i["name"]: i["column_names"] for i in made.get_indexes(table.name)}
            for index in table.indexes:
                assert indexes[index.name] == [column.name for column in index.columns]
