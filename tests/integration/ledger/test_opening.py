"""Opening a ledger: created, migrated, known again, or refused in words that say what to do."""

import subprocess
import sys
from dataclasses import replace

import pytest
import sqlalchemy as sa

from promo_scheduler.audit import GENESIS
from promo_scheduler.clock import Versions
from promo_scheduler.errors import LedgerMismatch, LedgerUnavailable
from promo_scheduler.ledger import Access, Ledger
from promo_scheduler.ledger.chain import key_check
from promo_scheduler.ledger.connecting import Database
from promo_scheduler.ledger.location import Location
from promo_scheduler.ledger.migrations import upgrade
from promo_scheduler.ledger.tables import METADATA, REVISIONS
from promo_scheduler.plan import ChangeKind


def an_access(root, **more):
    return replace(Access(b"key", "ann", root), **more)


def run(script):
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_a_new_ledger_is_empty_and_stays_itself_when_opened_again(ledger_url, tmp_path):
    first = Ledger.open(ledger_url, an_access(tmp_path))
    stamp = first.stamp()
    first.close()
    assert (stamp.serial, stamp.revision, stamp.tzdata, stamp.head.seq) == (0, None, "", 0)
    again = Ledger.open(ledger_url, an_access(tmp_path, create=False))
    assert again.stamp() == stamp and len(stamp.id) == 32
    again.close()


def test_a_relative_path_is_taken_from_the_root_and_its_folder_made(tmp_path):
    ledger = Ledger.open("sqlite:///.promo/deep/ledger.db", an_access(tmp_path))
    ledger.close()
    assert (tmp_path / ".promo/deep/ledger.db").exists()


def test_an_absent_ledger_is_refused_where_it_is_not_to_be_created(ledger_url, tmp_path):
    with pytest.raises(LedgerUnavailable, match="no ledger at") as caught:
        Ledger.open(ledger_url, an_access(tmp_path, create=False))
    assert "promo apply" in caught.value.help
    assert not (tmp_path / "ledger.db").exists()


@pytest.mark.parametrize("simulated", [True, False])
def test_simulated_and_real_never_share_a_ledger(ledger_url, tmp_path, simulated):
    Ledger.open(ledger_url, an_access(tmp_path, simulated=simulated)).close()
    with pytest.raises(LedgerMismatch, match="simulated"):
        Ledger.open(ledger_url, an_access(tmp_path, simulated=not simulated))


def test_another_audit_key_is_refused_before_it_seals_anything(ledger_url, tmp_path):
    Ledger.open(ledger_url, an_access(tmp_path)).close()
    with pytest.raises(LedgerMismatch, match="another audit key"):
        Ledger.open(ledger_url, an_access(tmp_path, secret=b"other"))


def test_a_newer_schema_is_refused(desk):
    with desk.raw() as connection:
        connection.exec_driver_sql("UPDATE promo_revision SET version_num = '9999'")
    with pytest.raises(LedgerMismatch, match="schema 9999"):
        Ledger.open(desk.url, desk.access)


def test_a_ledger_of_the_second_schema_knows_its_zone_data_and_no_calendars(ledger_url, tmp_path):
    """Given a ledger made by the version before the calendars were stamped. When it is opened, then
    it stands on its zone data, and what its calendars were is not known.
    """
    database = Database(Location.parse(ledger_url, tmp_path))
    with database.writing() as connection:
        upgrade(connection, "0002")
        connection.exec_driver_sql(
            "INSERT INTO promo_stamp (id, ledger_id, key_check, serial, tzdata, config_digest,"
            " simulated, head_seq, head_seal) VALUES (1, 'abc', "
            f"'{key_check(b'key', 'abc')}', 7, '2026a', 'c0ffee', false, 0, '{GENESIS}')"
        )
    database.close()
    ledger = Ledger.open(ledger_url, an_access(tmp_path))
    stamp = ledger.stamp()
    ledger.close()
    assert (stamp.serial, stamp.versions) == (7, Versions("2026a"))
    assert stamp.versions.changed(Versions("2026a", "0.109")) == ("holidays ? → 0.109",)


def test_the_migrations_make_the_tables_that_the_code_uses(ledger_url, tmp_path):
    """From nothing, one revision after the other, to what tables.py says."""
    database = Database(Location.parse(ledger_url, tmp_path))
    for revision in REVISIONS:
        with database.writing() as connection:
            upgrade(connection, revision)
    with database.reading() as connection:
        made = sa.inspect(connection)
        for table in METADATA.sorted_tables:
            columns = {c["name"]: c["nullable"] for c in made.get_columns(table.name)}
            assert columns == {c.name: c.nullable for c in table.columns}
            indexes = {i["name"] for i in made.get_indexes(table.name)}
            assert {i.name for i in table.indexes} <= indexes
    database.close()


def test_opening_what_is_up_to_date_does_not_load_alembic(tmp_path):
    Ledger.open(f"sqlite:///{tmp_path}/ledger.db", an_access(tmp_path)).close()
    script = (
        "import sys; from pathlib import Path; from promo_scheduler.ledger import Access, Ledger\n"
        f"Ledger.open('sqlite:///ledger.db', Access(b'key', 'ann', Path({str(tmp_path)!r})))\n"
        "assert 'alembic' not in sys.modules"
    )
    assert run(script) == (0, "", "")


def test_the_requests_do_not_load_the_database_library():
    script = "import sys; import promo_scheduler.ledger; assert 'sqlalchemy' not in sys.modules"
    assert run(script) == (0, "", "")


def test_several_processes_may_create_one_ledger_at_once(ledger_url, tmp_path):
    script = (
        "import sys; from pathlib import Path; from promo_scheduler.ledger import Access, Ledger\n"
        "print(Ledger.open(sys.argv[1], Access(b'key', 'ann', Path('.'))).stamp().id)"
    )
    command = [sys.executable, "-c", script, ledger_url]
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    answers = [process.communicate(timeout=60) for process in started]
    assert [error for _, error in answers] == ["", "", ""]
    assert len({out for out, _ in answers}) == 1


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://root:hunter2@host/db", "not in"),
        ("no url at all hunter2", "cannot be read"),
        ("sqlite://", "file's path"),
        ("sqlite:///:memory:", "file's path"),
        ("postgresql://ann:hunter2@127.0.0.1:1/shop", "cannot be used"),
        ("postgres://ann:hunter2@127.0.0.1:1/shop", "cannot be used"),
    ],
)
def test_what_cannot_be_opened_says_why_and_never_shows_the_password(url, words, tmp_path):
    with pytest.raises(LedgerUnavailable, match=words) as caught:
        Ledger.open(url, an_access(tmp_path))
    assert "hunter2" not in caught.value.message + caught.value.help
    assert caught.value.help


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "ledger.db").write_text("this is a letter, not a database\n" * 200)
    with pytest.raises(LedgerUnavailable, match="not a database"):
        Ledger.open("sqlite:///ledger.db", an_access(tmp_path))


def test_a_folder_in_the_file_s_place_is_refused(tmp_path):
    (tmp_path / "ledger.db").mkdir()
    with pytest.raises(LedgerUnavailable):
        Ledger.open("sqlite:///ledger.db", an_access(tmp_path))


def test_a_ledger_locked_for_long_is_unavailable_and_nothing_is_recorded(desk, window):
    """Somebody else writes and does not stop; the patience is cut short in the URL."""
    short = "?timeout=0.1" if desk.url.startswith("sqlite") else "&options=-c%20lock_timeout%3D100"
    impatient = Ledger.open(desk.url + short, desk.access)
    change = desk.change(ChangeKind.CREATE, window())
    with desk.raw() as other:
        other.exec_driver_sql("UPDATE promo_stamp SET serial = serial")
        with pytest.raises(LedgerUnavailable, match="lock") as caught:
            impatient.apply(desk.application(change))
    assert "another process" in caught.value.help and "UPDATE" not in caught.value.message
    impatient.close()
    assert desk.ledger.stamp().serial == 0


def test_only_a_simulated_ledger_keeps_a_simulated_instant(ledger_url, tmp_path, desk):
    with pytest.raises(LedgerMismatch):
        desk.ledger.set_simulated_now(desk.now)
    other = Ledger.open("sqlite:///simulated.db", replace(desk.access, simulated=True))
    other.set_simulated_now(desk.now)
    assert other.stamp().simulated_now == desk.now
    other.close()
