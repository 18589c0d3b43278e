"""Law 8: the audit is append-only and chained; an edit made without the key is found."""

import json
from dataclasses import replace

import pytest
import sqlalchemy as sa

from promo_scheduler.audit import Break, Head
from promo_scheduler.ledger import Ledger
from promo_scheduler.plan import Action


@pytest.fixture
def story(desk, window):
    """A ledger with a window's whole life and some notes: twelve entries."""
    made = desk.create(window())
    desk.run(made.end)
    for number in range(8):
        desk.ledger.note("daemon.noted", "", {"number": number}, desk.now, "ann")
    assert desk.ledger.verify() == []
    return desk


def test_a_note_is_an_entry_like_any_other(desk):
    desk.ledger.note("daemon.started", "", {"pid": 7, "hosts": ["a"]}, desk.now, "daemon-1")
    (entry,) = desk.ledger.audit()
    assert (entry.seq, entry.at, entry.actor) == (1, desk.now, "daemon-1")
    assert (entry.kind, entry.detail) == ("daemon.started", {"pid": 7, "hosts": ["a"]})
    assert desk.ledger.stamp().head == Head(1, entry.seal)


def test_entries_are_read_from_a_number_on_or_of_a_key(story, window):
    assert [e.seq for e in story.ledger.audit(since=10)] == [11, 12]
    key = window().key
    assert [e.kind for e in story.ledger.audit(key=f"{key}/{Action.ACTIVATE}")] == ["firing.done"]
    assert list(story.ledger.audit(key="Double-11")) == []
    for beneath in (key, "double-11/launch", "double-11"):
        assert len(list(story.ledger.audit(key=str(beneath)))) == 3
    assert list(story.ledger.audit(key="double")) == []


def test_an_audit_left_half_read_does_not_keep_others_from_writing(story):
    reader = story.ledger.audit()
    next(reader)
    story.ledger.note("daemon.noted", "", {}, story.now, "ann")
    reader.close()
    assert story.ledger.stamp().head.seq == 13


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE promo_audit SET actor = 'eve' WHERE seq = 3",
        "UPDATE promo_audit SET actor = 'eve'",
        "DELETE FROM promo_audit WHERE seq = 12",
        "DELETE FROM promo_audit",
        "INSERT INTO promo_audit SELECT * FROM promo_audit WHERE seq = 3",
    ],
)
def test_the_database_refuses_edits(story, statement):
    with pytest.raises(sa.exc.DBAPIError), story.raw() as connection:
        connection.exec_driver_sql(statement)
    assert story.ledger.verify() == []


def test_sqlite_refuses_a_replacement_and_postgresql_an_emptying(story):
    statement = "TRUNCATE promo_audit"
    if story.url.startswith("sqlite"):
        statement = "INSERT OR REPLACE INTO promo_audit SELECT * FROM promo_audit WHERE seq = 3"
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), story.raw() as connection:
        connection.exec_driver_sql(statement)


COPY = "SELECT {seq}, at, actor, kind, key, detail, previous, seal FROM promo_audit WHERE seq = 3"


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param(["UPDATE promo_audit SET actor = 'eve' WHERE seq = 3"], id="edit"),
        pytest.param(["UPDATE promo_audit SET at = at + 1 WHERE seq = 12"], id="edit of the last"),
        pytest.param(["UPDATE promo_audit SET detail = '{}' WHERE seq = 1"], id="emptied"),
        pytest.param(["UPDATE promo_audit SET detail = 'x' WHERE seq = 4"], id="unreadable"),
        pytest.param(["DELETE FROM promo_audit WHERE seq = 5"], id="delete"),
        pytest.param(["DELETE FROM promo_audit WHERE seq = 1"], id="delete the first"),
        pytest.param(["DELETE FROM promo_audit WHERE seq > 9"], id="cut"),
        pytest.param(["DELETE FROM promo_audit"], id="all gone"),
        pytest.param(
            [
                "UPDATE promo_audit SET seq = 99 WHERE seq = 3",
                "UPDATE promo_audit SET seq = 3 WHERE seq = 4",
                "UPDATE promo_audit SET seq = 4 WHERE seq = 99",
            ],
            id="swap",
        ),
        pytest.param(
            [
                "UPDATE promo_audit SET seq = 13 WHERE seq = 3",
                f"INSERT INTO promo_audit {COPY.format(seq=3).replace('seq = 3', 'seq = 4')}",
            ],
            id="swap for a copy",
        ),
        pytest.param([f"INSERT INTO promo_audit {COPY.format(seq=13)}"], id="insert at the end"),
        pytest.param([f"INSERT INTO promo_audit {COPY.format(seq=0)}"], id="insert at the front"),
        pytest.param(["UPDATE promo_stamp SET head_seq = 11"], id="stamp"),
    ],
)
def test_tampering_is_found(story, statements):
    with story.tampering() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    assert story.ledger.verify() != []


def test_the_break_names_the_entry(story):
    with story.tampering() as connection:
        connection.exec_driver_sql("UPDATE promo_audit SET kind = 'firing.missed' WHERE seq = 7")
    assert story.ledger.verify() == [Break(7, "its content does not match its seal")]


def test_a_cut_together_with_the_stamp_is_found_against_the_published_head(story):
    published = story.ledger.stamp().head
    assert story.ledger.verify(published) == []
    with story.tampering() as connection:
        connection.exec_driver_sql("DELETE FROM promo_audit WHERE seq > 9")
        connection.exec_driver_sql(
            "UPDATE promo_stamp SET head_seq = 9,"
            " head_seal = (SELECT seal FROM promo_audit WHERE seq = 9)"
        )
    assert story.ledger.verify() == []  # nothing inside can tell
    assert [b.seq for b in story.ledger.verify(published)] == [published.seq]


def test_an_older_published_head_still_verifies(story):
    third = next(e for e in story.ledger.audit() if e.seq == 3)
    assert story.ledger.verify(Head(3, third.seal)) == []
    assert story.ledger.verify(Head(0)) == []
    assert story.ledger.verify(Head(3, "f" * 64)) != []


def test_a_chain_sealed_with_another_key_does_not_verify(story):
    """Somebody who rewrites it all needs the key."""
    with story.raw() as connection:
        check = connection.exec_driver_sql("SELECT key_check FROM promo_stamp").scalar()
    assert "audit key" not in check
    story.ledger.close()
    forged = Ledger(
        Ledger.open(story.url, story.access)._database, replace(story.access, secret=b"eve")
    )
    assert len(forged.verify()) == 12
    forged.close()


def test_the_secret_reaches_neither_database_nor_words(story):
    assert "the audit key" not in repr(story.access)
    with story.raw() as connection:
        for table in ("promo_stamp", "promo_audit"):
            rows = connection.exec_driver_sql(f"SELECT * FROM {table}").all()
            assert "the audit key" not in json.dumps([list(map(str, row)) for row in rows])
