"""Opening a workspace's ledger: its database, and the key that seals its audit."""

from __future__ import annotations

import getpass
import os
import secrets
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from promo_scheduler.errors import LedgerAbsent
from promo_scheduler.workspace import Workspace

if TYPE_CHECKING:
    from promo_scheduler.ledger import Ledger

KEY_FILE = ".promo/audit.key"
LOCK_FILE = ".promo/daemon.lock"


def actor() -> str:
    """Who is acting, for the audit: PROMO_ACTOR, else the user and machine."""
    return os.environ.get("PROMO_ACTOR") or f"{getpass.getuser()}@{socket.gethostname()}"


def installed_version() -> str:
    """Which promo this is."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("promo-scheduler")
    except PackageNotFoundError:
        return "from a checkout"


def open_ledger(workspace: Workspace, *, simulated: bool = False, create: bool = True) -> Ledger:
    """The workspace's ledger, created and migrated where needed.

    Raises LedgerUnavailable, LedgerAbsent, LedgerMismatch, MissingSecret.
    """
    from promo_scheduler.ledger import Access, Ledger

    access = Access(
        secret=audit_key(workspace, create=create),
        actor=actor(),
        root=workspace.root,
        simulated=simulated,
        create=create,
    )
    return Ledger.open(ledger_url(workspace), access)


def ledger_url(workspace: Workspace) -> str:
    """The database URL with its references resolved: it may hold a password, so never show it."""
    from promo_scheduler.source import resolve

    return resolve({"ledger": workspace.settings.ledger}, workspace.root)["ledger"]


def lock_path(workspace: Workspace) -> Path:
    """The file whose lock the ledger's daemon holds: beside the ledger, where that is a file."""
    from promo_scheduler.ledger.location import Location

    file = Location.parse(ledger_url(workspace), workspace.root).file
    return file.with_name(f"{file.name}.lock") if file else workspace.root / LOCK_FILE


def audit_key(workspace: Workspace, *, create: bool = True) -> bytes:
    """The key that seals the audit: from the settings, else a file made at the first use.

    Raises LedgerAbsent where that file is not there and is not to be made.
    """
    from promo_scheduler.source import resolve

    if reference := workspace.settings.audit_key:
        return resolve({"audit_key": reference}, workspace.root)["audit_key"].encode()
    path = workspace.root / KEY_FILE
    if not create and not path.exists():
        raise LedgerAbsent(
            f"no ledger yet: there is no audit key {KEY_FILE}",
            help="`promo apply` or `promo run` makes the ledger",
        )
    return _key_from_file(path)


def _key_from_file(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes().strip()
    key = secrets.token_hex(32).encode()
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(descriptor)
    return key
