"""Where a ledger lives: reading its URL, and naming it without its password."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from promo_scheduler.errors import LedgerUnavailable

_WAY_OUT = "write sqlite:///path/to/ledger.db or postgresql://user:password@host/database"
_DRIVERS = {
    "sqlite": "sqlite+pysqlite",
    "sqlite+pysqlite": "sqlite+pysqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


@dataclass(frozen=True, slots=True)
class Location:
    """A database's address. `file` is given where it is SQLite; `str` never shows a password."""

    url: sa.URL
    file: Path | None

    @classmethod
    def parse(cls, text: str, root: Path) -> Location:
        """Read a database URL; a relative SQLite path is taken from `root`.

        Raises LedgerUnavailable where the URL cannot be read or names another database.
        """
        url = _with_driver(_read(text))
        if url.get_backend_name() != "sqlite":
            return cls(url, None)
        if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
            raise LedgerUnavailable("a ledger in SQLite needs a file's path", help=_WAY_OUT)
        file = (root / url.database).absolute()
        return cls(url.set(database=str(file)), file)

    def hide(self, message: str) -> str:
        """A driver's message without the password, should it quote it."""
        password = str(self.url.password or "")
        return message.replace(password, "***") if password else message

    def __str__(self) -> str:
        return str(self.file) if self.file else self.url.render_as_string(hide_password=True)


def _read(text: str) -> sa.URL:
    try:
        return sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):  # their text may quote the URL: it is not passed on
        raise LedgerUnavailable("the ledger's database URL cannot be read", help=_WAY_OUT) from None


def _with_driver(url: sa.URL) -> sa.URL:
    driver = _DRIVERS.get(url.drivername)
    if driver is None:
        raise LedgerUnavailable(
            f'a ledger lives in SQLite or PostgreSQL, not in "{url.drivername}"', help=_WAY_OUT
        )
    return url.set(drivername=driver)
